"""A packet of charts: a sample of patients for a clinician to score, without any verdict of the service."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from heapq import nsmallest
from io import StringIO
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import msgspec

from service.fhir.bundles import kind_of
from service.fhir.resources import Resource
from service.population.files import write
from service.population.pages import page
from service.population.recorded import dated
from service.population.rows import decoded
from service.population.spill import SpilledRow

KEY = ("patient", "as_of", "item", "verdict", "reason")
"""The columns of a key; `service.validation.key` reads them."""

_HIDDEN = frozenset({"resourceType", "id", "meta", "subject", "patient", "encounter", "identifier"})
_ORDER = (
    "Patient",
    "Condition",
    "MedicationRequest",
    "MedicationDispense",
    "MedicationStatement",
    "MedicationAdministration",
    "Medication",
    "Observation",
    "QuestionnaireResponse",
    "AllergyIntolerance",
    "Procedure",
    "Device",
    "DeviceUseStatement",
    "ServiceRequest",
    "Encounter",
)
Cells = Mapping[str, Any]
_Entry = tuple[str, str, list[str]]


@dataclass(frozen=True, slots=True)
class ChartSample:
    """How many charts to draw, and the folder to write them into."""

    size: int
    folder: Path


def sampled(rows: Iterable[Cells], size: int, conclusion: str) -> Sequence[Cells]:
    """Return a sample of as many patients of each conclusion as there are, in an order that tells nothing.

    `conclusion` is the column that holds it. The same patients are drawn again from the same export.
    """
    groups: dict[str, list[Cells]] = {}
    for row in rows:
        if row[conclusion]:
            group = groups.setdefault(row[conclusion], [])
            group.append(row)
            if len(group) > 2 * size:
                group[:] = nsmallest(size, group, key=_lot)
    drawn = [nsmallest(size, groups[name], key=_lot) for name in sorted(groups)]
    in_turn = (row for row in chain.from_iterable(zip_longest(*drawn)) if row is not None)
    return sorted([row for row, _ in zip(in_turn, range(size), strict=False)], key=_lot)


def _lot(row: Cells) -> bytes:
    return sha256(f"{row['patient']} {row['as_of']}".encode()).digest()


def write_packet(folder: Path, sample: Sequence[Cells], charts: Mapping[str, Sequence[SpilledRow]]) -> None:
    """Write a page for each patient, a page that leads to them, and a key to fill in."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {f"{number:04}.html": row for number, row in enumerate(sample, start=1)}
    for name, row in pages.items():
        sections = list(_sections(row, charts[row["patient"]]))
        write(folder / name, page("chart.html").render(row=row, sections=sections).encode())
    write(folder / "index.html", page("packet.html").render(pages=pages).encode())
    written = StringIO()
    key = csv.writer(written, lineterminator="\n")
    key.writerow(KEY)
    key.writerows((row["patient"], row["as_of"], "conclusion", "", "") for row in sample)
    write(folder / "key.csv", written.getvalue().encode())


def _sections(row: Cells, chart: Sequence[SpilledRow]) -> Iterator[tuple[str, list[_Entry]]]:
    """Yield each type with its entries as they stood on the day: id, day, and lines of words."""
    received = [sent for each in chart if (sent := decoded(each.row).received)]
    entries: dict[str, list[_Entry]] = {}
    for each in dated(received):
        if each.day is None or each.day.first <= row["as_of"]:
            resource = each.sent.resource
            day = str(each.day or "")
            entries.setdefault(kind_of(resource), []).append((resource.id, day, list(_lines(resource))))
    for kind in _ORDER:
        if kind in entries:
            yield kind, sorted(entries[kind], key=lambda entry: entry[1])


def _lines(resource: Resource) -> Iterator[str]:
    """Yield each element of a resource in words, as it is written."""
    for name, value in msgspec.to_builtins(resource).items():
        if name not in _HIDDEN:
            yield f"{name}: {_words(value)}"


def _words(value: Any) -> str:
    """Return a value in words: a concept by its text and codes, all else by its parts."""
    if isinstance(value, list):
        return "; ".join(map(_words, value))
    if not isinstance(value, dict):
        return str(value)
    if "coding" in value or set(value) == {"text"}:
        codes = [_code(coding) for coding in value.get("coding", ())]
        return ", ".join(part for part in (value.get("text", ""), *codes) if part)
    if "value" in value:
        return " ".join(str(value[part]) for part in ("comparator", "value", "unit") if part in value)
    return ", ".join(f"{name} {_words(inner)}" for name, inner in value.items())


def _code(coding: Mapping[str, str]) -> str:
    system = coding.get("system", "").rpartition("/")[2]
    code = f"({system} {coding.get('code', '')})"
    return f"{coding.get('display', '')} {code}".strip()

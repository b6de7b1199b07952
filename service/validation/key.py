"""Reads a key: the verdicts that a clinician wrote into a CSV file."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from io import StringIO
from pathlib import Path

from msgspec import Struct

from service.clinical.assessment import Conclusion, TrialStatus
from service.validation.errors import KeyFileError

COLUMNS = ("patient", "as_of", "item", "verdict", "reason")
CONCLUSION = "conclusion"

_MOST_BYTES = 64 << 20
_GZIP = b"\x1f\x8b"
_VERDICTS = {True: tuple(Conclusion), False: tuple(TrialStatus)}
"""What may be said of the conclusion, and of a drug."""

Ingredient = Callable[[str], str | None]
"""What returns the antidepressant that a name means."""


class ScoredPatient(Struct, frozen=True):
    """A patient on a day."""

    patient: str
    as_of: date


class Scoring(Struct, frozen=True):
    """A verdict and why."""

    verdict: str
    reason: str = ""


Verdicts = Mapping[ScoredPatient, Mapping[str, Scoring]]
"""Of each patient the conclusion and each antidepressant that was judged, by the name of the item."""


class HandScoredKey(Struct, frozen=True):
    """What was scored; `empty` rows were left open."""

    scored: Verdicts
    empty: int


def read_key(path: Path, ingredient: Ingredient) -> HandScoredKey:
    """Return the key; raise KeyFileError where it does not fit."""
    scored: dict[ScoredPatient, dict[str, Scoring]] = {}
    empty = 0
    for place, row in _rows(path):
        who, item, scoring = _read(place, row, ingredient)
        if scoring is None:
            empty += 1
            continue
        items = scored.setdefault(who, {})
        if item in items:
            raise KeyFileError(f"{place}: {item} of this patient and day was scored in an earlier line too")
        items[item] = scoring
    if not scored:
        raise KeyFileError(f"{path}: expected a line with a verdict, found none")
    return HandScoredKey(scored, empty)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each row with its place."""
    text = _text(path)
    first = text.partition("\n")[0]
    reader = csv.reader(StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in COLUMNS if name not in head]:
            raise KeyFileError(f"{path}: line 1: expected a column {', '.join(missing)}")
        for row in reader:
            if any(cell.strip() for cell in row):
                cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
                yield f"{path}: line {reader.line_num}", cells
    except csv.Error as error:
        raise KeyFileError(f"{path}: line {reader.line_num}: expected CSV ({error})") from error


def _text(path: Path) -> str:
    with path.open("rb") as file:
        raw = file.read(_MOST_BYTES + 1)
    try:
        if raw.startswith(_GZIP):
            with gzip.open(path) as packed:
                raw = packed.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise KeyFileError(f"{path}: expected at most {_MOST_BYTES >> 20} MiB")
        return raw.decode("utf-8-sig")
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise KeyFileError(f"{path}: expected CSV in UTF-8, plain or packed with gzip") from error


def _read(
    place: str, row: Mapping[str, str], ingredient: Ingredient
) -> tuple[ScoredPatient, str, Scoring | None]:
    patient = row.get("patient", "").removeprefix("Patient/")
    if not patient:
        raise KeyFileError(f"{place}, patient: expected the id of a patient")
    try:
        who = ScoredPatient(patient, date.fromisoformat(row.get("as_of", "")))
    except ValueError as error:
        raise KeyFileError(f"{place}, as_of: expected a day, YYYY-MM-DD") from error
    named = row.get("item", "").lower()
    item = CONCLUSION if named == CONCLUSION else ingredient(named)
    if item is None:
        raise KeyFileError(f"{place}, item: expected {CONCLUSION} or the name of an antidepressant")
    verdict = row.get("verdict", "").lower()
    allowed = _VERDICTS[item == CONCLUSION]
    if verdict and verdict not in allowed:
        raise KeyFileError(f"{place}, verdict: expected {', '.join(allowed)} or nothing")
    return who, item, Scoring(verdict, row.get("reason", "")) if verdict else None

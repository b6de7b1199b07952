"""Exports for tests: the vignettes as patients of one population, as NDJSON by type or as Bundles."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pyarrow import parquet

from service.cli import main
from service.fhir.completeness import LISTS

Json = dict[str, Any]


def numbered(resources: Sequence[Json], number: int) -> list[Json]:
    """Return the resources of a patient with ids that no other patient of the population has."""
    text = json.dumps(resources)
    for name in {resource["id"] for resource in resources}:
        text = re.sub(rf'(?<=["/]){re.escape(name)}(?=")', f"{name}-{number}", text)
    changed: list[Json] = json.loads(text)
    return changed


def bundle_of(resources: Iterable[Json]) -> bytes:
    """Return the resources as a Bundle of type collection."""
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def write_export(folder: Path, patients: Iterable[Sequence[Json]]) -> Path:
    """Write the patients as one NDJSON file a type; a type that nobody has is an empty file."""
    lines: dict[str, list[str]] = {kind: [] for kind in LISTS}
    for resources in patients:
        for resource in resources:
            lines.setdefault(resource["resourceType"], []).append(json.dumps(resource))
    folder.mkdir(parents=True, exist_ok=True)
    for kind, found in lines.items():
        (folder / f"{kind}.ndjson").write_text("".join(f"{line}\n" for line in found), encoding="utf-8")
    return folder


def screened(*arguments: str | Path, code: int = 0) -> None:
    """Run `ketamine-cds screen` in this process, and expect its exit code."""
    assert main(["screen", *map(str, arguments)]) == code


def rows(out: Path, name: str = "patients") -> list[dict[str, Any]]:
    """Return the rows of a file of the answer."""
    found: list[dict[str, Any]] = parquet.read_table(out / f"{name}.parquet").to_pylist()
    return found


def by_patient(out: Path) -> dict[str, dict[str, Any]]:
    """Return the row of each patient."""
    return {row["patient"]: row for row in rows(out)}

"""Medications and devices that name no patient, kept on disk by what refers to them."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from service.fhir.resources import Medication, Reference, Resource, tail
from service.population.files import replaced
from service.population.rows import decoded
from service.population.spill import SpilledRow


def keep_shared(path: Path, rows: Iterable[tuple[str, SpilledRow]]) -> None:
    """Write the rows of all patients, by `Type/id`."""
    with replaced(path) as unfinished, closing(sqlite3.connect(unfinished)) as database, database:
        database.execute("CREATE TABLE shared (label TEXT, file TEXT, byte INTEGER, row BLOB)")
        database.executemany(
            "INSERT INTO shared VALUES (?, ?, ?, ?)",
            ((label, row.file, row.byte, row.row) for label, row in rows),
        )
        database.execute("CREATE INDEX by_label ON shared (label)")


class Shared:
    """What resources of patients refer to."""

    def __init__(self, path: Path) -> None:
        """Open the file that `keep_shared` wrote."""
        self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def referred(self, rows: Sequence[SpilledRow]) -> list[SpilledRow]:
        """Return what the rows of a patient refer to, and what that refers to."""
        found: dict[str, list[SpilledRow]] = {}
        asked = set(_references(rows))
        while asked:
            found |= {label: self._rows(label) for label in asked}
            asked = {
                label for kept in [found[label] for label in asked] for label in _references(kept)
            } - found.keys()
        return [row for label in sorted(found) for row in found[label]]

    def _rows(self, label: str) -> list[SpilledRow]:
        rows = self._database.execute("SELECT file, byte, row FROM shared WHERE label = ?", (label,))
        return [SpilledRow(*row) for row in rows]

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _references(rows: Iterable[SpilledRow]) -> Iterator[str]:
    for row in rows:
        resource = decoded(row.row).resource
        if resource is not None:
            yield from _of(resource)


def _of(resource: Resource) -> Iterator[str]:
    """Yield the labels of what a resource refers to and is of all patients."""
    parts = resource.ingredient if isinstance(resource, Medication) else ()
    items = [part.item_reference for part in parts]
    for reference in (getattr(resource, "medication_reference", None), *items):
        if isinstance(reference, Reference) and reference.reference:
            yield tail(reference.reference, "Medication")
    device = getattr(resource, "device", None)
    if isinstance(device, Reference) and device.reference:
        yield tail(device.reference, "Device")

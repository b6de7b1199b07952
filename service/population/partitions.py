"""Screening the patients of one partition: what is done again as a whole after a run was ended."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from service.population.files import write
from service.population.patient import PatientRows, Question, listed_rows, not_assessed, screen_patient
from service.population.shared import Shared
from service.population.spill import Patients, SpilledRow, SpillFile, spilled
from service.population.tables import FILES, writing

_TOO_LARGE, _FAILED = "too-large", "failed"


class Screened(msgspec.Struct, frozen=True, kw_only=True):
    """How many patients and rows of theirs a partition had, and `failures` by class of error."""

    patients: int
    rows: int
    failures: dict[str, int]


class Folders(msgspec.Struct, frozen=True):
    """Where rows and what refers to them lie, and where the parts of the answer are written."""

    rows: Path
    parts: Path

    @property
    def shared(self) -> Path:
        """What resources of several patients refer to."""
        return self.parts / "shared.sqlite"

    def part(self, partition: int, name: str) -> Path:
        """Return the part of an answer's file that a partition gives."""
        return self.parts / f"{partition:06}-{name}.parquet"

    def mark(self, partition: int) -> Path:
        """Return the file that says that a partition is finished."""
        return self.parts / f"{partition:06}.json"


def finished(partition: int, folders: Folders) -> Screened | None:
    """Return what a partition gave; None if it has not been screened to its end."""
    try:
        return msgspec.json.decode(folders.mark(partition).read_bytes(), type=Screened)
    except (OSError, msgspec.DecodeError):
        return None


def screen_partition(
    partition: int, parts: Sequence[SpillFile], question: Question, folders: Folders
) -> Screened:
    """Screen each patient of a partition, write the rows, and mark it as finished."""
    patients = Patients(spilled(folders.rows, parts, partition))
    names = patients.names()
    shared = Shared(folders.shared)
    failures: Counter[str] = Counter()
    rows = 0
    with writing({name: folders.part(partition, name) for name in FILES}, question.profiles) as tables:
        for owner in names:
            if owner in patients.too_large:
                rows += patients.too_large[owner]
                tables.add(not_assessed(owner, patients.too_large[owner], _TOO_LARGE, question))
                continue
            own = patients.rows.pop(owner)
            rows += len(own)
            tables.add(_screened(owner, own, shared, question, failures))
    shared.close()
    result = Screened(patients=len(names), rows=rows, failures=dict(failures))
    write(folders.mark(partition), msgspec.json.encode(result))
    return result


def _screened(
    owner: str, own: Sequence[SpilledRow], shared: Shared, question: Question, failures: Counter[str]
) -> PatientRows:
    """Return the rows of a patient; a fault of ours costs this patient's assessment, and says so."""
    try:
        return screen_patient(owner, [*own, *shared.referred(own)], question)
    except Exception as error:
        failures[type(error).__name__] += 1
        return not_assessed(owner, len(own), _FAILED, question)


def write_listed(partition: int, parts: Sequence[SpillFile], question: Question, folders: Folders) -> None:
    """Write the rows about lines that belong to nobody."""
    with writing({name: folders.part(partition, name) for name in FILES}, question.profiles) as tables:
        for _, row in spilled(folders.rows, parts, partition):
            tables.add(PatientRows(unreadable=list(listed_rows([row]))))

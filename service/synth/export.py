"""Writes a population into a folder: a FHIR Bulk Data export, and beside it what each patient should come to.

Patients are made in blocks of fixed size, each with files of its own, so that any number of processes writes
the same bytes. The folder appears whole or not at all.
"""

import csv
import gc
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import BinaryIO

from msgspec.json import encode, format

from service.synth.charts import synthetic_chart
from service.synth.medicines import products
from service.synth.tables import Population, load_population
from service.synth.truth import Truth

BLOCK = 5_000  # patients
TRUTH, KEY = "truth.ndjson", "key.csv"
KEY_COLUMNS = ("patient", "as_of", "item", "verdict", "reason")
KINDS = (
    "Patient", "Condition", "AllergyIntolerance", "Observation", "QuestionnaireResponse", "Medication",
    "MedicationRequest", "MedicationDispense", "MedicationStatement", "MedicationAdministration",
    "ServiceRequest", "Procedure", "Encounter", "DeviceUseStatement",
)  # fmt: skip
"""What the export was asked for: of a type without a file there is nothing."""

_BUFFER = 1 << 20
_LEVEL = 6
_GZIP = 31  # the window of zlib that writes a gzip file, without a date


class FolderTakenError(Exception):
    """There is something already where a population is to be written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PopulationOrder:
    """What is to be made: how many patients of which seed, where, and whether packed."""

    seed: int
    patients: int
    folder: Path
    packed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenFile:
    """A file of the export and the number of its lines."""

    kind: str
    name: str
    lines: int


def write_population(order: PopulationOrder) -> tuple[WrittenFile, ...]:
    """Write the population; return its files, or raise FolderTakenError."""
    folder = order.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTakenError(f"{folder}: expected a new or empty folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    begun = folder.parent / f".{folder.name}-{os.getpid()}"
    begun.mkdir()
    try:
        files = _written(order, begun)
        begun.replace(folder)
    except BaseException:
        shutil.rmtree(begun, ignore_errors=True)
        raise
    return files


def _written(order: PopulationOrder, folder: Path) -> tuple[WrittenFile, ...]:
    (folder / "truth").mkdir()
    blocks = range(-(-order.patients // BLOCK))
    tasks = [(order, folder, block) for block in blocks]
    if len(blocks) == 1:
        made = [_block(*tasks[0])]
    else:
        with ProcessPoolExecutor(min(len(blocks), os.cpu_count() or 1)) as pool:
            made = list(pool.map(_block, *zip(*tasks, strict=True)))
    files = tuple(file for files in made for file in files)
    _join(folder / "truth", order.packed)
    (folder / "manifest.json").write_bytes(format(encode(_manifest(order, files)), indent=2) + b"\n")
    return files


def _block(order: PopulationOrder, folder: Path, block: int) -> list[WrittenFile]:
    """Write one block of patients."""
    rows = load_population()
    first = block * BLOCK
    out = _Outputs(folder, block, packed=order.packed)
    gc.disable()  # nothing here refers to itself, and to look for it takes a quarter of the time
    try:
        if block == 0:
            for medication in products(rows):
                out.add("Medication", encode(medication))
        for number in range(first, min(first + BLOCK, order.patients)):
            chart = synthetic_chart(order.seed, number, rows)
            for resource in chart.resources:
                out.add(resource["resourceType"], encode(resource))
            out.tell(chart.truth)
    finally:
        gc.enable()
    return out.close()


class _Output:
    """A file of lines, packed as it grows."""

    def __init__(self, path: Path, *, packed: bool) -> None:
        self.path = path
        self.lines = 0
        self._file: BinaryIO = path.open("xb")
        self._packer = zlib.compressobj(_LEVEL, wbits=_GZIP) if packed else None
        self._waiting = bytearray()

    def add(self, line: bytes) -> None:
        """Append a line."""
        self.lines += 1
        self._waiting += line
        self._waiting += b"\n"
        if len(self._waiting) > _BUFFER:
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        if self._packer:
            self._file.write(self._packer.flush())
        self._file.close()

    def _flush(self) -> None:
        self._file.write(self._packer.compress(self._waiting) if self._packer else self._waiting)
        self._waiting.clear()


class _Outputs:
    """The files of one block."""

    def __init__(self, folder: Path, block: int, *, packed: bool) -> None:
        self._folder, self._block, self._packed = folder, block, packed
        self._kinds: dict[str, _Output] = {}
        self._truth = self._open(folder / "truth" / f"{block:06}.{TRUTH}")
        self._key = self._open(folder / "truth" / f"{block:06}.{KEY}")
        if block == 0:
            self._key.add(_line(KEY_COLUMNS))

    def _open(self, path: Path) -> _Output:
        return _Output(path.with_name(path.name + _ending(self._packed)), packed=self._packed)

    def add(self, kind: str, line: bytes) -> None:
        """Append a resource."""
        if kind not in self._kinds:
            self._kinds[kind] = self._open(self._folder / f"{kind}.{self._block:06}.ndjson")
        self._kinds[kind].add(line)

    def tell(self, truth: Truth) -> None:
        """Append what a patient was meant to be."""
        self._truth.add(encode(truth))
        for row in key_rows(truth):
            self._key.add(_line(row))

    def close(self) -> list[WrittenFile]:
        """Write what is left, and return the files."""
        for output in (*self._kinds.values(), self._truth, self._key):
            output.close()
        return [
            WrittenFile(kind=kind, name=output.path.name, lines=output.lines)
            for kind, output in sorted(self._kinds.items())
        ]


def key_rows(truth: Truth) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a patient in a key, as a clinician would fill it in."""
    yield truth.patient, truth.as_of, "conclusion", truth.conclusion, truth.why
    for course in truth.courses:
        yield truth.patient, truth.as_of, course.ingredient, course.status, course.why


def _line(row: Iterable[str]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue().encode()


def _ending(packed: bool) -> str:
    return ".gz" if packed else ""


def _join(folder: Path, packed: bool) -> None:
    """Make one file of those that all blocks told; packed ones follow each other as they are."""
    for name in (TRUTH + _ending(packed), KEY + _ending(packed)):
        parts = sorted(folder.glob(f"*.{name}"))
        with (folder / name).open("xb") as whole:
            for part in parts:
                with part.open("rb") as file:
                    shutil.copyfileobj(file, whole)
                part.unlink()


def _manifest(order: PopulationOrder, files: Iterable[WrittenFile]) -> dict[str, object]:
    rows: Population = load_population()
    return {
        "transactionTime": f"{rows.as_of}T00:00:00Z",
        "request": f"https://synthetic.invalid/fhir/$export?_type={','.join(KINDS)}",
        "requiresAccessToken": False,
        "output": [{"type": file.kind, "url": file.name, "count": file.lines} for file in files],
        "error": [],
        "extension": {
            "synthetic": "Made up by ketamine-cds synth: nobody is meant",
            "seed": order.seed,
            "patients": order.patients,
            "version": rows.version,
        },
    }

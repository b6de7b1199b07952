"""Rows on disk, as Parquet, parted by patient: what has been read need not fit into memory.

A task writes parts; a part has a row group for each partition that it has rows of. The partition of a patient
follows from the patient's reference, so the parts of all tasks together hold each patient whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from zlib import crc32

import msgspec
import pyarrow
from pyarrow import parquet

from service.population.files import replaced

MOST_BYTES = 48 * 1024 * 1024
"""Of narrow rows that a task holds before it writes them."""

LARGEST_PATIENT = 16 * 1024 * 1024
"""Bytes of narrow rows of one patient who is assessed: some three times what a hook takes as one request."""

_SCHEMA = pyarrow.schema(
    [
        ("owner", pyarrow.string()),
        ("file", pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
        ("byte", pyarrow.int64()),
        ("row", pyarrow.binary()),
    ]
)


class SpilledRow(msgspec.Struct, frozen=True, gc=False):
    """A narrow row, encoded, and the file and byte where its line begins."""

    file: str
    byte: int
    row: bytes


class SpillFile(msgspec.Struct, frozen=True, gc=False):
    """One file of spilled rows, by its name, and the partitions of its row groups in their order."""

    name: str
    partitions: tuple[int, ...]


def partition_of(owner: str, partitions: int) -> int:
    """Return the partition that a patient lies in."""
    return crc32(owner.encode()) % partitions


class SpillWriter:
    """Takes the rows of one task and writes them in parts of bounded size."""

    def __init__(self, folder: Path, task: str) -> None:
        """Write parts named after the task into the folder."""
        self._folder, self._task = folder, task
        self._held: dict[int, list[tuple[str, SpilledRow]]] = {}
        self._bytes = 0
        self.parts: list[SpillFile] = []

    def add(self, partition: int, owner: str, row: SpilledRow) -> None:
        """Take one row."""
        self._held.setdefault(partition, []).append((owner, row))
        self._bytes += len(row.row)
        if self._bytes >= MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is held, as one part."""
        if not self._held:
            return
        part = SpillFile(f"{self._task}-{len(self.parts):04}.parquet", tuple(sorted(self._held)))
        with (
            replaced(self._folder / part.name) as unfinished,
            parquet.ParquetWriter(unfinished, _SCHEMA, compression="zstd", compression_level=1) as writer,
        ):
            for partition in part.partitions:
                writer.write_table(_table(self._held[partition]), row_group_size=1 << 31)
        self._held, self._bytes = {}, 0
        self.parts.append(part)


def _table(rows: Sequence[tuple[str, SpilledRow]]) -> pyarrow.Table:
    columns = [
        pyarrow.array([owner for owner, _ in rows], pyarrow.string()),
        pyarrow.array([row.file for _, row in rows], pyarrow.string()).dictionary_encode(),
        pyarrow.array([row.byte for _, row in rows], pyarrow.int64()),
        pyarrow.array([row.row for _, row in rows], pyarrow.binary()),
    ]
    return pyarrow.Table.from_arrays(columns, schema=_SCHEMA)


def spilled(folder: Path, parts: Iterable[SpillFile], partition: int) -> Iterator[tuple[str, SpilledRow]]:
    """Yield the rows of a partition with their owners, part by part."""
    for part in parts:
        if partition not in part.partitions:
            continue
        with parquet.ParquetFile(folder / part.name) as file:
            group = file.read_row_group(part.partitions.index(partition))
        for batch in group.to_batches(max_chunksize=4096):
            columns = [column.to_pylist() for column in batch.columns]
            for owner, name, byte, row in zip(*columns, strict=True):
                yield owner, SpilledRow(name, byte, row)


class Patients:
    """The rows of one partition by patient. Of one who is too large only the count of rows is held."""

    def __init__(self, rows: Iterable[tuple[str, SpilledRow]]) -> None:
        """Group the rows."""
        self.rows: dict[str, list[SpilledRow]] = {}
        self.too_large: dict[str, int] = {}
        sizes: dict[str, int] = {}
        for owner, row in rows:
            if owner in self.too_large:
                self.too_large[owner] += 1
                continue
            held = self.rows.setdefault(owner, [])
            held.append(row)
            sizes[owner] = sizes.get(owner, 0) + len(row.row)
            if sizes[owner] > LARGEST_PATIENT:
                self.too_large[owner] = len(self.rows.pop(owner))

    def names(self) -> Sequence[str]:
        """Return every patient, in order."""
        return sorted({*self.rows, *self.too_large})

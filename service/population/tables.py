"""Rows to Parquet, with the columns of `columns`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from service.population.columns import PATIENTS, TRIALS, UNREADABLE, ColumnType, names
from service.population.files import replaced
from service.population.patient import Cells, PatientRows

FILES = {"patients": PATIENTS, "trials": TRIALS, "unreadable": UNREADABLE}
"""What a screening writes, as `NAME.parquet`."""

VERSION = "1"
"""Of the columns: it changes when one is renamed, dropped or means something else."""

_HELD = 2_000  # rows
_TYPES = {
    ColumnType.TEXT: pyarrow.string(),
    ColumnType.TEXTS: pyarrow.list_(pyarrow.string()),
    ColumnType.NUMBER: pyarrow.int64(),
    ColumnType.AMOUNT: pyarrow.float64(),
    ColumnType.DAY: pyarrow.date32(),
    ColumnType.YES_NO: pyarrow.bool_(),
}


def schema(name: str, profiles: Sequence[str]) -> pyarrow.Schema:
    """Return the columns of a file as Parquet has them."""
    fields = [(column, _TYPES[kind]) for column, kind in names(FILES[name], profiles)]
    return pyarrow.schema(fields, metadata={"ketamine-cds columns": VERSION})


class Tables:
    """Takes the rows of patients and writes them a few thousand at a time."""

    def __init__(self, writers: Mapping[str, parquet.ParquetWriter]) -> None:
        """Write with these, one for each file."""
        self._writers = writers
        self._held: dict[str, list[Cells]] = {name: [] for name in FILES}

    def add(self, answered: PatientRows) -> None:
        """Take the rows of one patient."""
        for name, rows in self._held.items():
            rows.extend(getattr(answered, name))
            if len(rows) >= _HELD:
                self._write(name)

    def flush(self) -> None:
        """Write what is held."""
        for name in FILES:
            self._write(name)

    def _write(self, name: str) -> None:
        writer = self._writers[name]
        if self._held[name]:
            writer.write_table(pyarrow.Table.from_pylist(self._held[name], schema=writer.schema))
            self._held[name] = []


@contextmanager
def writing(paths: Mapping[str, Path], profiles: Sequence[str]) -> Iterator[Tables]:
    """Yield what takes the rows; the files take their places when all of them are written."""
    with ExitStack() as stack:
        unfinished = {name: stack.enter_context(replaced(path)) for name, path in paths.items()}
        writers = {
            name: stack.enter_context(parquet.ParquetWriter(path, schema(name, profiles), compression="zstd"))
            for name, path in unfinished.items()
        }
        tables = Tables(writers)
        yield tables
        tables.flush()


def joined(parts: Iterable[Path], path: Path, name: str, profiles: Sequence[str]) -> int:
    """Write the rows of all parts into one file; return how many they are."""
    count = 0
    with (
        replaced(path) as unfinished,
        parquet.ParquetWriter(unfinished, schema(name, profiles), compression="zstd") as writer,
    ):
        for part in parts:
            with parquet.ParquetFile(part) as file:
                for batch in file.iter_batches():
                    writer.write_batch(batch)
                    count += batch.num_rows
    return count


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, a few thousand at a time in memory."""
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_HELD):
            yield from batch.to_pylist()

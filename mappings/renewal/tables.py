"""Reading and writing of the csv tables: notes of origin as comment lines, then a header and rows."""

import csv
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its file, the lines of provenance it opens with, its columns and rows."""

    file: str
    notice: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_rows(path: Traversable) -> list[Row]:
    """Return the rows of a csv table; lines that open with # are notes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def read_notice(path: Traversable) -> tuple[str, ...]:
    """Return the notes that a table opens with."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line.removeprefix("# ") for line in lines if line.startswith("#"))


def write_rows(path: Path, table: Table) -> None:
    """Write the table with its notice, Unix line ends and no trailing blanks."""
    with path.open("w", encoding="utf-8", newline="") as target:
        target.writelines(f"# {line}\n" for line in table.notice)
        writer = csv.DictWriter(target, table.columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(table.rows)

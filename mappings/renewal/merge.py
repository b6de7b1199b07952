"""The tables of a site: what the releases say, and what is left of the shipped tables beside it."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources.abc import Traversable

from mappings.renewal.tables import Row, Table, read_notice, read_rows
from mappings.renewal.valuesets import Fed, short_system
from mappings.tables import TableError
from mappings.terminology_tables import (
    CONCEPT_COLUMNS,
    CONDITION_COLUMNS,
    PROCEDURE_COLUMNS,
    SUBSTANCE_COLUMNS,
)

LEFT = "Codes that the release no longer holds are kept from the shipped table: they stand in old records."


def with_shipped(table: Table, shipped: Traversable, used_anew: frozenset[str] = frozenset()) -> Table:
    """Return a table of the release, with the shipped rows whose code or name the release does not hold.

    `used_anew` are codes that the release holds for something that is not in the table.
    """
    key = table.columns[0]
    before = (row for row in read_rows(shipped / table.file) if row[key] not in used_anew)
    rows = {row[key]: row for row in before} | {row[key]: row for row in table.rows}
    order = sorted(rows, key=int) if key == "rxcui" else sorted(rows)
    kept = tuple(rows[one] for one in order)
    return Table(file=table.file, notice=(*table.notice, LEFT), columns=table.columns, rows=kept)


def as_shipped(file: str, columns: Sequence[str], shipped: Traversable) -> Table:
    """Return a shipped table."""
    rows = tuple(read_rows(shipped / file))
    return Table(file=file, notice=read_notice(shipped / file), columns=tuple(columns), rows=rows)


def fed(codes: Iterable[Fed], known: Mapping[str, frozenset[str]], shipped: Traversable) -> list[Table]:
    """Return the tables of conditions, substances, measurements and procedures with the codes of a site.

    `known` are the names that each table may use; what a code can feed follows from its system and group.
    """
    rows = {file: {_key(row): row for row in read_rows(shipped / file)} for file in _TABLES}
    for code in codes:
        file = _file_of(code, known)
        _add(rows[file], code, file)
    return [
        Table(
            file=file,
            notice=read_notice(shipped / file),
            columns=columns,
            rows=tuple(rows[file][key] for key in sorted(rows[file])),
        )
        for file, (columns, _) in _TABLES.items()
    ]


def _key(row: Row) -> tuple[str, ...]:
    """Return the code; a procedure code may stand for several concepts."""
    return (row["system"], row["code"], row["concept"]) if "system" in row else (row["code"],)


# File: its columns, and the column that a ValueSet feeds.
_TABLES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "snomed_conditions.csv": (CONDITION_COLUMNS, "groups"),
    "snomed_drugs.csv": (SUBSTANCE_COLUMNS, "ingredients"),
    "loinc.csv": (CONCEPT_COLUMNS, "concept"),
    "procedures.csv": (PROCEDURE_COLUMNS, "concept"),
}


def _file_of(one: Fed, known: Mapping[str, frozenset[str]]) -> str:
    system = short_system(one.system)
    if system == "loinc" and one.group in known["loinc.csv"]:
        return "loinc.csv"
    if system != "loinc" and one.group in known["procedures.csv"]:
        return "procedures.csv"
    if system == "snomed":
        for file in ("snomed_conditions.csv", "snomed_drugs.csv"):
            if one.group in known[file]:
                return file
    raise TableError(f"{one.source}: {one.system} {one.code} cannot feed {one.group}")


def _add(rows: dict[tuple[str, ...], Row], one: Fed, file: str) -> None:
    """Add a code, or its group to those that it has."""
    columns, column = _TABLES[file]
    stated = {"code": one.code, column: one.group, "name": one.name, "source": one.source}
    if "system" in columns:
        stated["system"] = short_system(one.system)
    before = rows.setdefault(_key(stated), stated)
    if one.group in before[column].split("|"):
        return
    if column == "concept":
        raise TableError(f"{one.source}: {one.code} is {before[column]} already, not {one.group}")
    groups = "|".join(sorted({*before[column].split("|"), one.group}))
    rows[_key(stated)] = before | {column: groups, "source": f"{before['source']} {one.source}"}

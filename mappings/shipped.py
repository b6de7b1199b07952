"""Which rows the shipped tables have, so that one that is missing where the service runs is named.

`shipped_rows.txt` lists them; `make docs` writes it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mappings.tables import TABLES, Tables

LIST = "shipped_rows.txt"
NAMES = ("id", "ingredient", "name", "concept", "kind", "code", "version", "of", "question")
"""Keys of which the first that a row has is its name; a row without one goes by the first text in it."""


def missing_rows(tables: Tables) -> tuple[str, ...]:
    """Return the rows of the shipped tables that `tables` do not have, in their order."""
    there = frozenset(rows_of(tables))
    shipped = (TABLES / LIST).read_text(encoding="utf-8").splitlines()
    return tuple(row for row in shipped if row not in there)


def rows_of(tables: Tables) -> list[str]:
    """Return each table, and the name of each of its rows with the rows around it."""
    rows = (f"{file} {row}" for file, content in tables.items() for row in _rows(content, ""))
    return sorted((*tables, *rows))


def _rows(value: Mapping[str, Any], place: str) -> Iterator[str]:
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _rows(inner, f"{place}{key} ")
        elif isinstance(inner, list):
            yield from _listed([row for row in inner if isinstance(row, Mapping)], f"{place}{key}")


def _listed(rows: list[Mapping[str, Any]], place: str) -> Iterator[str]:
    seen: dict[str, int] = {}
    for row in rows:
        name = _name(row)
        seen[name] = seen.get(name, 0) + 1
        called = f"{place} {name}" + (f" ({seen[name]})" if seen[name] > 1 else "")
        yield called
        yield from _rows(row, f"{called}: ")


def _name(row: Mapping[str, Any]) -> str:
    texts = (row[key] for key in (*(key for key in NAMES if key in row), *row))
    return next((text for value in texts for text in _texts(value)), "")


def _texts(value: Any) -> Iterator[str]:
    entries = value if isinstance(value, list) else [value]
    yield from (" ".join(entry.split()) for entry in entries if isinstance(entry, str) and entry.strip())

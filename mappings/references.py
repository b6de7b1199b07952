"""The check that rows which one table names in another exist.

A member says by `Refers` beside its type what it names; every table is walked for such members.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from mappings.filling import row_name
from mappings.members import Key, Refers
from mappings.tables import TableError


@dataclass(frozen=True, slots=True)
class Place:
    """A member of a row that names something: where it stands, what it names and how."""

    path: tuple[str, ...]
    refers: Refers
    names: tuple[str, ...]


def check_references(tables: Mapping[str, Any], known: Mapping[str, AbstractSet[str]]) -> None:
    """Raise TableError at the first name of one of `tables` (by file) that is not among the `known` ones."""
    for file, table in tables.items():
        for place in _places(table, ()):
            for name in place.names:
                if name not in known[place.refers.what]:
                    where = " > ".join(place.path)
                    raise TableError(f"{file}: {where}: {name}: expected the name of {place.refers.what}")


def _places(value: Any, path: tuple[str, ...]) -> Iterator[Place]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for number, row in enumerate(value, 1):
            if is_dataclass(row):
                yield from _places(row, (*path, _row(number, row)))
    elif is_dataclass(value) and not isinstance(value, type):
        for name, key, refers in _members(type(value)):
            inner = getattr(value, name)
            if refers and inner:
                names = (inner,) if isinstance(inner, str) else tuple(sorted(inner))
                yield Place((*path, key), refers, names)
            yield from _places(inner, (*path, key))


def _row(number: int, row: Any) -> str:
    name = row_name(row)
    return f"row {number} ({name})" if name else f"row {number}"


@cache
def _members(row: type) -> tuple[tuple[str, str, Refers | None], ...]:
    """Return each member's name, its key in the file, and what it refers to."""
    hints = get_type_hints(row, include_extras=True)
    return tuple((member.name, *_said(member.name, hints[member.name])) for member in fields(row))


def _said(name: str, hint: Any) -> tuple[str, Refers | None]:
    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    keys = [extra.name for extra in extras if isinstance(extra, Key)]
    refers = [extra for extra in extras if isinstance(extra, Refers)]
    return (keys or [name])[0], refers[0] if refers else None

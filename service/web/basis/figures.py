"""Tables of figures, read from the very values that the engine reads."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from mappings.basis import Basis, Figure
from mappings.criteria import Criteria
from mappings.filling import ROW_NAMES, follow, row_name
from mappings.knowledge import Knowledge
from mappings.matching import NO_CODES, NO_WORDS, Codes, Words
from service.web.basis.page import BasisRow, BasisTable
from service.web.basis.values import Said, entries, is_wording, label, member_names

PROFILES = "criteria.*."
"""A place that every definition of resistance has: told side by side."""


def figure_table(figure: Figure, knowledge: Knowledge) -> BasisTable:
    """Return the table of figures at one place of the rule tables."""
    words = knowledge.basis.words
    if figure.of.startswith(PROFILES):
        return _compared(figure, knowledge.criteria, words)
    value = follow_knowledge(knowledge, figure.of)
    if isinstance(value, Mapping) and not all(map(is_dataclass, value.values())):
        return _table(figure, ("", ""), [_row((key,), (text,)) for key, text in value.items()])
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, Sequence):
        return listed(figure, value, knowledge.basis)
    return _table(figure, ("", ""), list(_section(value, words)))


def shown(figure: Figure, knowledge: Knowledge) -> Any:
    """Return the values that a figure shows, for the sources of their rows."""
    if figure.of.startswith(PROFILES):
        return knowledge.criteria
    return follow_knowledge(knowledge, figure.of)


def follow_knowledge(knowledge: Knowledge, path: str) -> Any:
    """Return the value at `path` in the tables; raise LookupError if there is none."""
    first, _, rest = path.partition(".")
    value = getattr(knowledge, first)
    return follow(value, rest) if rest else value


def _compared(figure: Figure, criteria: Mapping[str, Criteria], words: Said) -> BasisTable:
    """Return a table with one column for each definition of resistance."""
    path = figure.of.removeprefix(PROFILES)
    sides = [follow(profile, path) for profile in criteria.values()]
    rows = [
        row
        for name in member_names(sides[0])
        for row in _side_by_side(label(name, words), [getattr(side, name) for side in sides], words)
    ]
    return _table(figure, ("", *criteria), rows)


def _side_by_side(said: str, values: Sequence[Any], words: Said) -> Iterator[BasisRow]:
    """Yield a row for each member; a member that holds figures by name has a row for each name."""
    if not isinstance(values[0], Mapping):
        yield _row((said,), *(entries(value, words) for value in values))
        return
    for name in dict.fromkeys(name for value in values for name in value):
        yield _row((f"{said}: {name}",), *(entries(value.get(name), words) for value in values))


def _section(value: Any, words: Said, of: str = "") -> Iterator[BasisRow]:
    """Yield a row for each member; nested members get rows in the same way."""
    for name in member_names(value):
        member = getattr(value, name)
        if is_wording(member) or _is_list_of_rows(member):
            continue
        said = f"{of}{label(name, words)}"
        if _has_members(member):
            yield from _section(member, words, f"{said}: ")
        elif told := entries(member, words):
            yield _row((said,), told)


def _has_members(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, Codes | Words)


def _is_list_of_rows(value: Any) -> bool:
    """Tell whether a value is a list of rows, which get a separate table."""
    return isinstance(value, tuple) and any(map(is_dataclass, value))


def listed(figure: Figure, rows: Sequence[Any], basis: Basis) -> BasisTable:
    """Return a row for each row of the table, or of its rows within, that says more than its name."""
    if not rows:
        return _table(figure, ("",), ())
    words, lines = basis.words, list(_lines(figure, rows))
    names = [name for name in _columns(figure, rows[0]) if any(_says(line[name]) for line in lines)]
    sourced = hasattr(rows[0], "sources")
    made = [
        _row(
            *(entries(line[name], words) for name in names),
            *((line["sources"],) if sourced else ()),
            anchor=line[""],
        )
        for line in lines
        if any(_says(line[name]) for name in names if name not in ROW_NAMES)
    ]
    columns = (*(label(name, words) for name in names), *((basis.page["cited"],) if sourced else ()))
    return _table(figure, columns, made)


def _lines(figure: Figure, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        own = {member.name: getattr(row, member.name) for member in fields(row)}
        own[""] = row_name(row)
        for inner in getattr(row, figure.each) if figure.each else ():
            yield own | {name: getattr(inner, name) for name in member_names(inner)}
        if not figure.each:
            yield own


def _columns(figure: Figure, row: Any) -> tuple[str, ...]:
    own = figure.columns or member_names(row)
    return (*own, *_inner_names(row, figure.each)) if figure.each else own


def _inner_names(row: Any, each: str) -> tuple[str, ...]:
    (inner,) = get_args(get_type_hints(type(row))[each])[:1]
    return tuple(member.name for member in fields(inner))


def _says(value: Any) -> bool:
    return value not in (None, "", (), frozenset(), False, NO_CODES, NO_WORDS)


def _row(*cells: tuple[str, ...], anchor: str = "") -> BasisRow:
    return BasisRow(anchor=slug(anchor or (cells[0][0] if cells[0] else "")), cells=cells)


def _table(figure: Figure, columns: tuple[str, ...], rows: Sequence[BasisRow]) -> BasisTable:
    return BasisTable(
        anchor=f"figure-{slug(figure.heading)}", heading=figure.heading, columns=columns, rows=tuple(rows)
    )


def slug(text: str) -> str:
    """Return `text` as the name of a place in a page."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")

"""Sentences that name places in the rule tables, filled with what stands there.

`{profile.duration.qualifying_days}` is the figure of the definition in use, `{safety.days.answer}` one of
`safety.toml`. A row of a list is named by its id: `{scales.PHQ-9.referral}`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date
from string import Formatter
from typing import Any

ROW_NAMES = ("id", "ingredient", "name", "concept", "kind", "question")
"""Members by which a row is known, the first that it has."""


def follow(root: Any, path: str) -> Any:
    """Return the value at `path` below `root`; raise LookupError if there is none."""
    found = root
    for name in path.split("."):
        found = _member(found, name)
    return found


def _member(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value[name]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _row(value, name)
    if not is_dataclass(value) or not hasattr(value, name):
        raise LookupError(name)
    return getattr(value, name)


def _row(rows: Sequence[Any], name: str) -> Any:
    if name.isascii() and name.isdigit() and 0 < int(name) <= len(rows):
        return rows[int(name) - 1]
    found = next((row for row in rows if row_name(row) == name), None)
    if found is None:
        raise LookupError(name)
    return found


def row_name(row: Any) -> str:
    """Return the name of a row of a table, "" when it has none."""
    if isinstance(row, Mapping):
        return next((str(row[name]) for name in ROW_NAMES if name in row), "")
    return next((str(getattr(row, name)) for name in ROW_NAMES if hasattr(row, name)), "")


def plain(value: Any) -> str:
    """Return a number, a day, an answer, a text or a list of them as a reader writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, int | str | date):
        return str(value)
    return ", ".join(map(plain, sorted(value) if isinstance(value, frozenset) else value))


class _Filler(Formatter):
    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:
        return follow(kwargs, field_name), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        return f"{plain(round(value * 100, 6))} %" if format_spec == "percent" else plain(value)


def fill(sentence: str, places: Mapping[str, Any]) -> str:
    """Return `sentence` with the figures of `places`; raise LookupError if one is missing."""
    return _Filler().vformat(sentence, (), places)

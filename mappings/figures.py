"""Sentences of the rule tables, filled with the figures that stand in rows, so that a figure stands once.

`{flags.pressure.days}` is a figure of `flags.toml`, `{.days}` one of the row in which the sentence stands. A
row of a list is named by its id or its number: `{.condition.1.days}`. `:weeks` and `:months` tell days so,
`:percent` tells a fraction. Other places in braces are filled when a patient is assessed.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from mappings.filling import follow, plain, row_name

_PLACE = re.compile(r"\{([a-z_]*(?:\.[\w-]+)+)(?::(weeks|months|percent))?\}")
_UNTOUCHED = ("basis.toml",)
"""Its sentences name figures of the definition in use, which the pages fill in."""
_DAYS_OF_A_WEEK, _DAYS_OF_A_YEAR, _MONTHS_OF_A_YEAR = 7, 365, 12


def with_figures(file: str, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the content of `file` with its figures; raise LookupError about a place that is not there."""
    content = tables[file]
    if file in _UNTOUCHED:
        return dict(content)
    filled: dict[str, Any] = _filled(content, content, tables, ())
    return filled


def _filled(value: Any, row: Mapping[str, Any], tables: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(inner, value, tables, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        named = [(row_name(inner) if isinstance(inner, Mapping) else "", inner) for inner in value]
        return [_filled(inner, row, tables, (*path, name) if name else path) for name, inner in named]
    if not isinstance(value, str):
        return value
    return _PLACE.sub(partial(_figure, row=row, tables=tables, path=path), value)


def _figure(
    match: re.Match[str], row: Mapping[str, Any], tables: Mapping[str, Any], path: tuple[str, ...]
) -> str:
    place, spec = match.groups()
    root, _, rest = place.partition(".")
    table = tables.get(f"{root}.toml") if root else row
    if table is None:
        return match[0]
    try:
        return said(follow(table, rest), spec or "")
    except LookupError as error:
        raise LookupError(f"{' > '.join(path)}: {match[0]}: expected a figure of a table") from error


def said(figure: Any, spec: str) -> str:
    """Return a figure as people write it: whole weeks or months in place of days."""
    if spec == "percent":
        return f"{plain(round(figure * 100, 6))} %"
    if spec == "weeks" and figure % _DAYS_OF_A_WEEK == 0:
        return f"{figure // _DAYS_OF_A_WEEK} weeks"
    months = round(figure * _MONTHS_OF_A_YEAR / _DAYS_OF_A_YEAR) if spec == "months" else 0
    if months and figure == round(months * _DAYS_OF_A_YEAR / _MONTHS_OF_A_YEAR):
        return f"{months} months"
    return f"{plain(figure)} days" if spec else plain(figure)

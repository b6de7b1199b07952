"""The rule tables as of an earlier day: without the rows that hold since a later one.

A row has one version. One that was changed holds since its change, so that as of an earlier day it is
missing: what it said before is in the history of its table. Sections, and rows that others or the service
rely on, cannot be missing: then there are no rules as of that day.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import PurePath
from typing import Any

from mappings.tables import TableError, Tables


def tables_as_of(tables: Tables, day: date) -> dict[str, dict[str, Any]]:
    """Return `tables` as of `day`; raise TableError if an entire table or section holds only since later."""
    return {file: _as_of(content, day, file) for file, content in tables.items()}


def _as_of(content: Mapping[str, Any], day: date, file: str) -> dict[str, Any]:
    default, name = _since(content.get("review", {}), date.min), PurePath(file).name
    if (since := _since(content, date.min)) > day:
        raise TableError(f"{name}: holds since {since}: there are no rules as of {day}")
    return {key: _held(value, day, default, f"{name}: {key}") for key, value in content.items()}


def _held(value: Any, day: date, default: date, place: str) -> Any:
    if isinstance(value, list):
        rows = (row for row in value if not isinstance(row, Mapping) or _row_since(row, default) <= day)
        return [_held(row, day, default, place) for row in rows]
    if not isinstance(value, Mapping):
        return value
    if (since := _since(value, date.min)) > day:
        raise TableError(f"{place}: holds since {since}: there are no rules as of {day}")
    return {key: _held(inner, day, default, place) for key, inner in value.items()}


def _row_since(row: Mapping[str, Any], default: date) -> date:
    """Return the day since which a row holds; a row without sources is part of the row around it."""
    return _since(row, default if "sources" in row else date.min)


def _since(value: Mapping[str, Any], default: date) -> date:
    since = value.get("since")
    return since if isinstance(since, date) else default

"""The rule tables with something edited, as the loaders take them."""

import tomllib
from typing import Any

from mappings.tables import TABLES, rule_tables


def edited(file: str, written: str, instead: str) -> dict[str, dict[str, Any]]:
    """Return the content of every table, with the first `written` of `file` replaced."""
    text = (TABLES / file).read_text(encoding="utf-8")
    assert written in text
    return {**rule_tables(), file: tomllib.loads(text.replace(written, instead, 1))}


def without(file: str, rows: str, name: str) -> dict[str, dict[str, Any]]:
    """Return the content of every table, without the row `name` of `rows` in `file`."""
    tables = rule_tables()
    kept = [row for row in tables[file][rows] if name not in (row.get("id"), row.get("ingredient"))]
    assert len(kept) == len(tables[file][rows]) - 1
    return {**tables, file: {**tables[file], rows: kept}}

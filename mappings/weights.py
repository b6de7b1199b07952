"""Weights of flags that a site sets in a table of its own (R14.28).

The file is TOML: under `[weights]` the id of a flag and its weight, "clinical" or "planning". A weight that a
site sets holds for every finding of the flag; what decides where it comes together decides all the same, and
a contraindication always does.
"""

import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from mappings.flags import CLINICAL, PLANNING
from mappings.tables import TableError, Tables

_FLAGS = "flags.toml"


def with_weights(tables: Tables, file: Path) -> Tables:
    """Return the rule tables with the weights of the site; raise TableError when its file does not fit."""
    weights = _read(file)
    rows = tables[_FLAGS]["flag"]
    if unknown := sorted(set(weights) - {row["id"] for row in rows}):
        raise TableError(f"{file.name}: weights: no flag {unknown[0]}")
    weighed = [_weighed(row, weights[row["id"]]) if row["id"] in weights else row for row in rows]
    return {**tables, _FLAGS: {**tables[_FLAGS], "flag": weighed}}


def digest_of(file: Path) -> str:
    """Return what changes with a byte of the file: a part of the name of the rules that a site judges by."""
    return sha256(file.read_bytes()).hexdigest()[:8]


def _read(file: Path) -> dict[str, str]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TableError(f"{file.name}: not readable as TOML: {error}") from error
    weights = content.get("weights")
    if set(content) != {"weights"} or not isinstance(weights, dict):
        raise TableError(f"{file.name}: expected one table, [weights]")
    for flag, weight in weights.items():
        if weight not in (CLINICAL, PLANNING):
            raise TableError(f"{file.name}: weights: {flag}: expected {CLINICAL} or {PLANNING}")
    return weights


def _weighed(row: Mapping[str, Any], weight: str) -> dict[str, Any]:
    """Return the flag with `weight`, without the weights that its rules state."""
    made = {**row, "weight": weight}
    for kind in ("condition", "medicine"):
        if kind in row:
            made[kind] = [_plain(rule) for rule in row[kind]]
    return made


def _plain(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != "weight"}

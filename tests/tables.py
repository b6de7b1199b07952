"""The rule tables with something edited, as a loader takes them."""

import tomllib
from typing import Any

from mappings.tables import TABLES


def edited(file: str, written: str, instead: str) -> dict[str, dict[str, Any]]:
    """Return the content of the tables that `file` needs, with the first `written` replaced in it."""
    text = (TABLES / file).read_text(encoding="utf-8")
    assert written in text
    return {
        "entries.toml": tomllib.loads((TABLES / "entries.toml").read_text(encoding="utf-8")),
        file: tomllib.loads(text.replace(written, instead, 1)),
    }

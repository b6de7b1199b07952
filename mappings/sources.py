"""Where the rules come from: `sources.toml`, and the check that no table cites what is not listed there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from marshmallow import validate

from mappings.tables import Tables, read_table, table_error

READ = ("in the source", "second-hand", "unverified", "ours")


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRow:
    """A publication, label, policy or decision; `read` says how its figures were seen."""

    id: Annotated[str, validate.Regexp(r"[a-z0-9][a-z0-9.-]+\Z")]
    citation: Annotated[str, validate.Length(min=15)]
    link: Annotated[str, validate.URL(schemes={"https"})] = ""
    read: Annotated[str, validate.OneOf(READ)]
    checked_on: date
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceTable:
    """`sources.toml`."""

    version: str
    source: Annotated[Mapping[str, SourceRow], validate.Length(min=1)]


def load_sources(tables: Tables | None = None) -> Mapping[str, SourceRow]:
    """Return the sources by id; raise TableError when a row does not fit."""
    return read_table("sources.toml", SourceTable, tables).source


def check_citations(tables: Mapping[str, Any], known: Mapping[str, SourceRow]) -> None:
    """Raise TableError, naming file and row, when one of `tables` (by file) cites what is not `known`."""
    for file, content in tables.items():
        if unknown := _unknown(content, known):
            raise table_error(file, unknown, content)


def _unknown(content: Any, known: Mapping[str, SourceRow]) -> dict[Any, Any]:
    """Return the complaints by their place in `content`, as marshmallow reports them."""
    inner = content.items() if isinstance(content, dict) else enumerate(content)
    found: dict[Any, Any] = {}
    for key, value in inner:
        if key == "sources":
            missing = [source for source in value if source not in known]
            complaint: Any = [f"{', '.join(missing)}: not in sources.toml"] if missing else None
        else:
            complaint = _unknown(value, known) if isinstance(value, dict | list) else None
        if complaint:
            found[key] = complaint
    return found

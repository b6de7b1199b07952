"""Where the rules come from: `sources.toml`, and the check that no table cites what is not listed there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mappings.tables import TABLES, RowSchema, read_table, table_error

READ = ("in the source", "second-hand", "unverified", "ours")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A publication, label, policy or decision; `read` says how its figures were seen."""

    id: str
    citation: str
    read: str
    checked_on: date
    link: str = ""
    note: str = ""


class _Source(RowSchema):
    row = Source
    id = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9][a-z0-9.-]+\Z"))
    citation = fields.String(required=True, validate=validate.Length(min=15))
    read = fields.String(required=True, validate=validate.OneOf(READ))
    checked_on = fields.Date(required=True)
    link = fields.Url(schemes={"https"})
    note = fields.String(validate=validate.Length(min=1))


class _Table(RowSchema):
    row = dict
    version = fields.String(required=True)
    source = fields.List(fields.Nested(_Source), required=True, validate=validate.Length(min=1))

    @validates_schema
    def _once(self, values: dict[str, Any], **_: Any) -> None:
        ids = [source.id for source in values["source"]]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValidationError(f"listed twice: {', '.join(twice)}", "source")


def load_sources() -> dict[str, Source]:
    """Return the sources by id; raise TableError when a row does not fit."""
    return {source.id: source for source in read_table(TABLES / "sources.toml", _Table())["source"]}


def check_citations(tables: Mapping[str, Any], known: Mapping[str, Source]) -> None:
    """Raise TableError, naming file and row, when one of `tables` (by file) cites what is not `known`."""
    for file, content in tables.items():
        if unknown := _unknown(content, known):
            raise table_error(file, unknown, content)


def _unknown(content: Any, known: Mapping[str, Source]) -> dict[Any, Any]:
    """The complaints by their place in `content`, as marshmallow reports them."""
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

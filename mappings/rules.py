"""The rules in plain words, `rules.toml`, and the check that each rule that a row names is there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mappings.tables import TABLES, RowSchema, read_table, table_error


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule as a clinician can check it: what is looked at, what follows, and every boundary."""

    id: str
    title: str
    text: str


class _Rule(RowSchema):
    row = Rule
    id = fields.String(required=True, validate=validate.Regexp(r"R[0-9]+\.[0-9]+\Z"))
    title = fields.String(required=True, validate=validate.Length(min=1))
    text = fields.String(required=True)


class _Table(RowSchema):
    row = dict
    version = fields.String(required=True)
    rule = fields.List(fields.Nested(_Rule), required=True)

    @validates_schema
    def _once(self, values: dict[str, Any], **_: Any) -> None:
        ids = [rule.id for rule in values["rule"]]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValidationError(f"listed twice: {', '.join(twice)}", "rule")


def load_rules() -> dict[str, Rule]:
    """Return the rules by id, in their order; raise TableError when a row does not fit."""
    return {rule.id: rule for rule in read_table(TABLES / "rules.toml", _Table())["rule"]}


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a rule's text, each on one line."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def check_rules(tables: Mapping[str, Any], known: Mapping[str, Rule]) -> None:
    """Raise TableError, naming file and row, when a row of one of `tables` (by file) names no known rule."""
    for file, content in tables.items():
        if unknown := _unknown(content, known):
            raise table_error(file, unknown, content)


def _unknown(content: Any, known: Mapping[str, Rule]) -> dict[Any, Any]:
    """Return the complaints by their place in `content`, as marshmallow reports them."""
    return dict(_complaints(content, known))


def _complaints(content: Any, known: Mapping[str, Rule]) -> Iterator[tuple[Any, Any]]:
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        if key == "rule" and isinstance(value, str):
            if value not in known:
                yield key, [f"{value}: expected the id of a rule in rules.toml"]
        elif isinstance(value, dict | list) and (found := _unknown(value, known)):
            yield key, found

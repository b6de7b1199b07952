"""The rules in plain words, `rules.toml`, and the check that each rule that a row names is there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from marshmallow import validate

from mappings.tables import Tables, read_table, table_error


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule as a clinician can check it: what is looked at, what follows, and every boundary."""

    id: Annotated[str, validate.Regexp(r"R[0-9]+\.[0-9]+\Z")]
    title: str
    text: Annotated[str, validate.Regexp(r"\s*\S")]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleTable:
    """`rules.toml`."""

    version: str
    rule: Mapping[str, Rule]


def load_rules(tables: Tables | None = None) -> Mapping[str, Rule]:
    """Return the rules by id, in their order; raise TableError when a row does not fit."""
    return read_table("rules.toml", RuleTable, tables).rule


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

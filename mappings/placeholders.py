"""A sentence with places to fill in, and the check of it at start."""

from collections.abc import Iterable
from string import Formatter
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

SUMMARY_LENGTH = 139  # a CDS Hooks card summary has fewer than 140 characters
# Characters a summary keeps free for each placeholder.
ROOM = {
    "failed": 30,
    "possible": 11,
    "route": 11,
    "level": 16,
    "finding": 80,
    "drugs": 24,
    "reason": 90,
    "others": 3,
}
ROOM_OF_OTHERS = 30


class Sentence(fields.String):
    """A template whose {placeholders} are plain names out of `allowed`; a summary also has to fit."""

    def __init__(self, allowed: str, *, summary: bool = False) -> None:
        super().__init__(required=True, validate=validate.Length(min=1))
        self.allowed = frozenset(allowed.split())
        self.summary = summary

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        sentence = str(super()._deserialize(value, *args, **kwargs))
        used = _placeholders(sentence)
        if foreign := sorted(set(used) - self.allowed):
            expected = ", ".join(sorted(self.allowed)) or "none"
            raise ValidationError(f"unknown placeholder {foreign[0]!r}; allowed: {expected}")
        if self.summary:
            _check_room(sentence, used)
        return sentence


def _placeholders(sentence: str) -> list[str]:
    try:
        parts = list(Formatter().parse(sentence))
    except ValueError as error:
        raise ValidationError(f"braces do not match: {error}") from error
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise ValidationError("a placeholder is a plain name in braces, without ':' or '!'")
    return [name for _, name, _, _ in parts if name is not None]


def _check_room(sentence: str, used: list[str]) -> None:
    words = sum(len(text) for text, _, _, _ in Formatter().parse(sentence))
    longest = SUMMARY_LENGTH - sum(ROOM.get(name, ROOM_OF_OTHERS) for name in used)
    if words > longest:
        raise ValidationError(
            f"{words} characters beside the placeholders; at most {longest} leave room for them"
        )


def table_of(entries: Iterable[tuple[str, fields.Field[Any]]]) -> fields.Nested:
    """Return a field for a table that holds exactly these entries."""
    return fields.Nested(Schema.from_dict(dict(entries))(), required=True)

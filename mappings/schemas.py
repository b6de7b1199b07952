"""The schema of a table, made from the frozen dataclasses that its rows become.

A member's type says what a row may hold; `Annotated` adds what else must be true of it: a validator of
marshmallow, a field of its own, or the `Key` under which it stands in the file. What concerns several members
is checked where the row is made, by `__post_init__`, which raises ValidationError.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, is_dataclass
from dataclasses import fields as members_of
from datetime import date
from types import MappingProxyType, UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints

from marshmallow import Schema, ValidationError, fields, post_load, validate
from marshmallow.validate import Validator

from mappings.filling import row_name
from mappings.matching import Codes, CodesField, GroupsField, Words, WordsField
from mappings.members import ELSEWHERE, Key

UNIQUE = ("id", "ingredient", "code", "concept", "version")
"""Members of which the first that a row has tells it from every other row of its list."""


def is_one_line(text: str) -> None:
    """Raise ValidationError if `text` could end a line or hide or turn what stands around it."""
    if not text.isprintable():
        raise ValidationError("expected one line, without invisible characters")


Text = Annotated[str, validate.Length(min=1)]
OneLine = Annotated[str, validate.Length(min=1), is_one_line]
NoneOrOneLine = Annotated[str, is_one_line]
Positive = Annotated[int, validate.Range(min=1)]
Days = Positive
Fraction = Annotated[float, validate.Range(min=0, max=1)]
Quantity = Annotated[float, validate.Range(min=0, min_inclusive=False)]


class RowSchema(Schema):
    """A table row that becomes the frozen type `row`; lists become tuples, an unknown key is an error.

    Any row may name the `rule` that it follows; a type without such a member leaves it out. `given` are
    members that do not stand in the file.
    """

    row: ClassVar[type]
    given: Mapping[str, Any] = MappingProxyType({})
    rule: fields.Field[Any] = fields.String()

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Any:
        if isinstance(values.get("rule"), str) and not hasattr(self.row, "rule"):
            del values["rule"]
        members = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
        return self.row(**members, **self.given)


class Rows(fields.List[Any]):
    """A list of rows; two rows of one name are an error."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        rows = super()._deserialize(value, attr, data, **kwargs)
        names = [next((getattr(row, name) for name in UNIQUE if hasattr(row, name)), "") for row in rows]
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise ValidationError(f"listed twice: {', '.join(twice)}")
        return rows


class RowsByName(Rows):
    """Rows that become a mapping by their names."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return {row_name(row): row for row in super()._deserialize(value, attr, data, **kwargs)}


_MADE: dict[type, type[RowSchema]] = {}


def schema_of(row: type) -> type[RowSchema]:
    """Return the schema of the dataclass `row`: a member is required unless it has a default."""
    if row not in _MADE:
        _MADE[row] = _schema_of(row)
    return _MADE[row]


def _schema_of(row: type) -> type[RowSchema]:
    hints = get_type_hints(row, include_extras=True)
    members: dict[str, Any] = {
        member.name: _field(hints[member.name], required=_is_required(member))
        for member in members_of(row)
        if not _stands_elsewhere(hints[member.name])
    }
    return type(f"{row.__name__}Schema", (RowSchema,), {**members, "row": row})


def _is_required(member: Any) -> bool:
    return member.default is MISSING and member.default_factory is MISSING


def _stands_elsewhere(hint: Any) -> bool:
    return ELSEWHERE in get_args(hint)


def _field(hint: Any, **options: Any) -> fields.Field[Any]:
    """Return the field for a type, with the validators that stand beside the type."""
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        own = [extra for extra in extras if isinstance(extra, fields.Field)]
        if own:
            return own[0]
        validators = [extra for extra in extras if isinstance(extra, Validator) or callable(extra)]
        keys = [extra.name for extra in extras if isinstance(extra, Key)]
        options |= {"validate": validators} if validators else {}
        options |= {"data_key": keys[0]} if keys else {}
    return _plain_field(hint, options)


def _plain_field(hint: Any, options: dict[str, Any]) -> fields.Field[Any]:
    if hint in _SIMPLE:
        kind, defaults = _SIMPLE[hint]
        return kind(**{**defaults, **options})
    if get_origin(hint) in (UnionType, Union):  # a type or None
        return _field(get_args(hint)[0], **options)
    if is_dataclass(hint) and isinstance(hint, type):
        return fields.Nested(schema_of(hint), **options)
    if get_origin(hint) is tuple:
        entry = _entry(get_args(hint)[0])
        return (Rows if isinstance(entry, fields.Nested) else fields.List)(entry, **options)
    if get_origin(hint) in (dict, Mapping):
        return _mapping(get_args(hint)[1], options)
    raise TypeError(f"no field for {hint}")


def _mapping(value: Any, options: dict[str, Any]) -> fields.Field[Any]:
    if isinstance(value, type) and is_dataclass(value):
        return RowsByName(fields.Nested(schema_of(value)), **options)
    return fields.Dict(fields.String(), _entry(value), **options)


def _entry(hint: Any) -> fields.Field[Any]:
    """Return the field for an entry of a list, which may be an empty text."""
    return fields.String() if hint is str else _field(hint)


_SIMPLE: Mapping[Any, tuple[type[fields.Field[Any]], dict[str, Any]]] = {
    str: (fields.String, {"validate": validate.Length(min=1)}),
    int: (fields.Integer, {"strict": True, "validate": validate.Range(min=0)}),
    float: (fields.Float, {"validate": validate.Range(min=0)}),
    bool: (fields.Boolean, {}),
    date: (fields.Date, {}),
    Codes: (CodesField, {}),
    Words: (WordsField, {}),
    frozenset[str]: (GroupsField, {}),
}
"""The field of each plain type, and what holds unless the member says otherwise."""


def expect(names: Iterable[str], asked_for: Iterable[str], member: str) -> None:
    """Raise ValidationError about `member` when a row is not there that the code asks for by name."""
    there = frozenset(names)
    if missing := [name for name in asked_for if name not in there]:
        raise ValidationError(f"expected a row {missing[0]}: the service asks for it by its name", member)


def is_pattern(text: str) -> None:
    """Raise ValidationError unless `text` is a regular expression."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValidationError(f"expected a regular expression: {error}") from error

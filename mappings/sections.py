"""Schemas of plain table sections, made from the dataclass that a section becomes."""

from dataclasses import MISSING
from dataclasses import fields as members_of
from datetime import date
from typing import Any, get_type_hints

from marshmallow import fields, validate

from mappings.matching import Codes, CodesField, Finding, FindingSchema, Words, WordsField
from mappings.tables import RowSchema


def schema_of(row: type) -> type[RowSchema]:
    """Return the schema of the dataclass `row`: each member by its type, required unless it has a default."""
    hints = get_type_hints(row)
    required = {
        member.name: member.default is MISSING and member.default_factory is MISSING
        for member in members_of(row)
    }
    schema = {name: _field(hint, required[name]) for name, hint in hints.items()}
    return type(f"{row.__name__}Schema", (RowSchema,), {**schema, "row": row})


def _field(hint: Any, required: bool) -> fields.Field[Any]:
    text = validate.Length(min=1)
    made: dict[Any, fields.Field[Any]] = {
        str: fields.String(required=required, validate=text),
        int: fields.Integer(required=required, strict=True, validate=validate.Range(min=0)),
        float: fields.Float(required=required, validate=validate.Range(min=0)),
        tuple[str, ...]: fields.List(fields.String(), required=required),
        dict[str, str]: fields.Dict(fields.String(), fields.String(), required=required),
        date: fields.Date(required=required),
        Codes: CodesField(required=required),
        Words: WordsField(required=required),
        Finding: fields.Nested(FindingSchema, required=required),
    }
    if hint in made:
        return made[hint]
    return fields.List(fields.Nested(schema_of(hint.__args__[0])), required=required)

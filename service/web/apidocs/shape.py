"""A JSON Schema of the description, as a reader takes it in: what it is, its limits, what it is made of."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SCHEMAS = "#/components/schemas/"
LIMITS = {
    "format": "{}",
    "pattern": "pattern {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "from {}",
    "maximum": "to {}",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minProperties": "at least {} members",
}
CHOICES = {
    "anyOf": "any of",
    "oneOf": "one of",
    "allOf": "all of",
    "not": "not",
    "if": "if",
    "then": "then",
    "else": "else",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """`ref` names another schema of the page; `members` and `parts` are listed below it."""

    kind: str = ""
    ref: str = ""
    description: str = ""
    limits: tuple[str, ...] = ()
    members: tuple["Member", ...] = ()
    parts: tuple["ShapePart", ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A member of an object."""

    name: str
    required: bool
    shape: Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapePart:
    """A schema within a schema, and what it is to it: "each entry", "any of" or "if", say."""

    role: str
    shapes: tuple[Shape, ...]


def shape(schema: Any) -> Shape:
    """Return `schema` as a reader takes it in."""
    if not isinstance(schema, Mapping):
        return Shape(kind="anything" if schema else "nothing")
    reference = schema.get("$ref", "")
    return Shape(
        kind=_kind(schema),
        ref=reference.removeprefix(SCHEMAS),
        description=schema.get("description", ""),
        limits=tuple(_limits(schema)),
        members=tuple(_members(schema)),
        parts=tuple(_parts(schema)),
    )


def _kind(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return ", ".join(map(json.dumps, schema["enum"]))
    kinds = schema.get("type", "")
    return " or ".join(kinds) if isinstance(kinds, list) else kinds


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, said in LIMITS.items():
        if name in schema:
            yield said.format(schema[name])
    if schema.get("additionalProperties") is False:
        yield "no other members"


def _members(schema: Mapping[str, Any]) -> Iterator[Member]:
    required = schema.get("required", ())
    known = schema.get("properties", {})
    for name, inner in known.items():
        yield Member(name=name, required=name in required, shape=shape(inner))
    for name in required:
        if name not in known:
            yield Member(name=name, required=True, shape=Shape())


def _parts(schema: Mapping[str, Any]) -> Iterator[ShapePart]:
    if "items" in schema:
        yield ShapePart(role="each entry", shapes=(shape(schema["items"]),))
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield ShapePart(role="any other member", shapes=(shape(schema["additionalProperties"]),))
    for name, role in CHOICES.items():
        if name in schema:
            inner = schema[name]
            yield ShapePart(
                role=role, shapes=tuple(map(shape, inner if isinstance(inner, list) else [inner]))
            )

"""The content of the page from openapi.yaml: operations by topic, and the schemas that they name."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from service.web.apidocs.shape import SCHEMAS, Shape, shape

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A body, and what it is an example of; `sandbox` is the set-up of the sandbox that gets it, if any."""

    summary: str
    text: str
    sandbox: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DescribedBody:
    """A body of one media type."""

    media_type: str
    shape: Shape
    examples: tuple[Example, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A parameter of a request, or a header of an answer (`place` "header")."""

    name: str
    place: str
    required: bool
    description: str
    shape: Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class DescribedAnswer:
    """What is answered with one status."""

    status: str
    description: str
    headers: tuple[Field, ...]
    bodies: tuple[DescribedBody, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """A method of a path."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    bodies: tuple[DescribedBody, ...]
    answers: tuple[DescribedAnswer, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DescribedTopic:
    """Operations that belong together."""

    anchor: str
    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """The whole document."""

    title: str
    version: str
    summary: str
    description: str
    licence: str
    contact: str
    topics: tuple[DescribedTopic, ...]
    schemas: Mapping[str, Shape]


def read_description() -> Description:
    """Return the description that the service ships."""
    return describe(yaml.safe_load((files("service") / "openapi.yaml").read_bytes()))


def describe(document: Mapping[str, Any]) -> Description:
    """Return the content of the page for an OpenAPI document."""
    info = document["info"]
    return Description(
        title=info["title"],
        version=info["version"],
        summary=info.get("summary", ""),
        description=info.get("description", ""),
        licence=info.get("license", {}).get("name", ""),
        contact=info.get("contact", {}).get("name", ""),
        topics=tuple(_topics(document)),
        schemas={name: shape(schema) for name, schema in document["components"]["schemas"].items()},
    )


def _topics(document: Mapping[str, Any]) -> Iterator[DescribedTopic]:
    every = list(_operations(document))
    for tag in document["tags"]:
        yield DescribedTopic(
            anchor=slug(tag["name"]),
            name=tag["name"],
            description=tag.get("description", ""),
            operations=tuple(operation for tags, operation in every if tag["name"] in tags),
        )


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[list[str], Operation]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                yield (
                    operation["tags"],
                    _operation(document, method, path, operation, methods.get("parameters", ())),
                )


def _operation(
    document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any], shared: Any
) -> Operation:
    parameters = [_resolved(document, each) for each in (*shared, *operation.get("parameters", ()))]
    answers = {status: _resolved(document, each) for status, each in operation["responses"].items()}
    return Operation(
        anchor=slug(operation["operationId"]),
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=tuple(_field(each["name"], each["in"], each) for each in parameters),
        bodies=tuple(_bodies(document, _resolved(document, operation.get("requestBody", {})))),
        answers=tuple(_answer(document, str(status), each) for status, each in answers.items()),
    )


def _answer(document: Mapping[str, Any], status: str, answer: Mapping[str, Any]) -> DescribedAnswer:
    headers = {name: _resolved(document, each) for name, each in answer.get("headers", {}).items()}
    return DescribedAnswer(
        status=status,
        description=answer["description"],
        headers=tuple(_field(name, "header", each) for name, each in headers.items()),
        bodies=tuple(_bodies(document, answer)),
    )


def _field(name: str, place: str, described: Mapping[str, Any]) -> Field:
    return Field(
        name=name,
        place=place,
        required=described.get("required", False),
        description=described.get("description", ""),
        shape=shape(described.get("schema", {})),
    )


def _bodies(document: Mapping[str, Any], described: Mapping[str, Any]) -> Iterator[DescribedBody]:
    for media_type, content in described.get("content", {}).items():
        examples = {name: _resolved(document, each) for name, each in content.get("examples", {}).items()}
        yield DescribedBody(
            media_type=media_type,
            shape=shape(content.get("schema", {})),
            examples=tuple(
                Example(
                    summary=each.get("summary", name),
                    text=written(each["value"]),
                    sandbox=each.get("x-sandbox", ""),
                )
                for name, each in examples.items()
            ),
        )


def _resolved(document: Mapping[str, Any], described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the target of a reference; keep references to schemas, which are links within the page."""
    reference = described.get("$ref", SCHEMAS)
    if reference.startswith(SCHEMAS):
        return described
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return _resolved(document, found)


def written(value: Any) -> str:
    """Return an example as it is sent, line by line; text stays as it is."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)


def slug(name: str) -> str:
    """Return `name` as the name of a place in the page."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")

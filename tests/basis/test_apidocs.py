"""The API documentation tells all of openapi.yaml."""

from importlib.resources import files
from typing import Any

import yaml

from service.web.apidocs.description import METHODS, describe, read_description
from service.web.apidocs.routes import prose
from service.web.apidocs.shape import shape

DOCUMENT: dict[str, Any] = yaml.safe_load((files("service") / "openapi.yaml").read_bytes())
API = read_description()
OPERATIONS = [one for topic in API.topics for one in topic.operations]


def test_every_operation_is_told() -> None:
    """Each method of each path has its place, with every parameter and every status."""
    expected = {
        (method.upper(), path, tuple(map(str, methods[method]["responses"])))
        for path, methods in DOCUMENT["paths"].items()
        for method in METHODS
        if method in methods
    }
    assert {
        (one.method, one.path, tuple(answer.status for answer in one.answers)) for one in OPERATIONS
    } == expected


def test_every_schema_and_example_is_told() -> None:
    """Each schema has its place, and each example is shown where it belongs."""
    assert set(API.schemas) == set(DOCUMENT["components"]["schemas"])
    shown = {example.summary for one in OPERATIONS for body in one.bodies for example in body.examples}
    assert shown == {one["summary"] for one in DOCUMENT["components"]["examples"].values()}


def test_a_schema_is_told_whole() -> None:
    """Members, limits, entries and choices are told; a reference is a link."""
    told = shape(
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["a"],
            "properties": {
                "a": {"type": ["string", "null"], "maxLength": 3},
                "b": {"$ref": "#/components/schemas/B"},
            },
            "anyOf": [{"required": ["b"]}, {"not": {"const": 1}}],
        }
    )
    assert [(one.name, one.required, one.shape.kind, one.shape.ref) for one in told.members] == [
        ("a", True, "string or null", ""),
        ("b", False, "", "B"),
    ]
    assert told.limits == ("no other members",)
    assert told.members[0].shape.limits == ("at most 3 characters",)
    assert [(part.role, len(part.shapes)) for part in told.parts] == [("any of", 2)]


def test_text_of_the_description_is_escaped() -> None:
    """Markup in a description shows as text; words in backticks are code."""
    assert prose("a `b` <i>\n\nc") == "<p>a <code>b</code> &lt;i&gt;</p><p>c</p>"


def test_a_reference_is_followed_to_its_end() -> None:
    """A response that is a reference is told where it is used."""
    unauthorized = next(answer for one in OPERATIONS for answer in one.answers if answer.status == "401")
    assert unauthorized.headers[0].name == "WWW-Authenticate"
    assert describe(DOCUMENT) == API

"""A FHIR server that honours every parameter: what a template does not ask for does not come."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from tests.hooks.chart import PATIENT, Json, searchset

_ORDER = frozenset({"_sort"})


def answered(templates: Mapping[str, str], record: Sequence[Json]) -> Json:
    """The prefetch that a client makes of the templates."""
    return {key: _answer(template, record) for key, template in templates.items()}


def _answer(template: str, record: Sequence[Json]) -> Json | None:
    path, question, query = template.replace("{{context.patientId}}", PATIENT).partition("?")
    kind, _, identity = path.partition("/")
    listed = [one for one in record if one["resourceType"] == kind]
    if not question:
        return next((one for one in listed if one["id"] == identity), None)
    wanted = [(name, value) for name, value in parse_qsl(query) if name not in _ORDER]
    return searchset(kind, [one for one in listed if all(_fits(one, *each) for each in wanted)])


def _fits(resource: Json, name: str, value: str) -> bool:
    match name:
        case "patient":
            whose = resource.get("subject") or resource["patient"]
            return bool(whose["reference"] == f"Patient/{value}")
        case "code":
            return _has(_codes([resource.get("code")]), value)
        case "combo-code":
            parts = [one.get("code") for one in resource.get("component", ())]
            return _has(_codes([resource.get("code"), *parts]), value)
        case "class":
            return resource["class"]["code"] in value.split(",")
        case "category":
            return _has(_codes(resource.get("category", ())), value)
    raise AssertionError(f"this server does not know {name}")


def _codes(concepts: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for one in concepts:
        for coding in (one or {}).get("coding", ()):
            yield coding.get("system", ""), coding.get("code", "")


def _has(codings: Iterable[tuple[str, str]], wanted: str) -> bool:
    """Whether a coding is one of the tokens, each a code or `system|code`."""
    asked = set(wanted.split(","))
    return any(code in asked or f"{system}|{code}" in asked for system, code in codings)

"""What validators of CDS Hooks check in an answer: Inferno's rules and the closed schemas of the standard."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fhir.resources.R4B.servicerequest import ServiceRequest
from fhir.resources.R4B.task import Task

from tests.hooks.chart import PATIENT, Json

CARD = {
    "uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior", "overrideReasons",
    "links", "extension",
}  # fmt: skip
SOURCE = {"label", "url", "icon", "topic"}
SUGGESTION = {"label", "uuid", "isRecommended", "actions"}
ACTION = {"type", "description", "resource", "resourceId"}
LINK = {"label", "url", "type", "appContext", "autolaunchable"}


def complaints(answer: Any) -> list[str]:
    """Everything in the answer to a call that a validator would complain about."""
    found = [*_answer(answer)]
    return found or [complaint for card in answer["cards"] for complaint in _card(card)]


def hollow(value: Any, path: str = "$") -> Iterator[str]:
    """The paths of null, blank text, and empty arrays and objects."""
    if value is None or value in ({}, []) or (isinstance(value, str) and not value.strip()):
        yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, child in children:
        yield from hollow(child, f"{path}.{name}")


def _answer(answer: Any) -> Iterator[str]:
    if not isinstance(answer, dict) or not isinstance(answer.get("cards"), list):
        yield "W-04 cards is no array"
        return
    if set(answer) != {"cards"}:
        yield "R-02 R-07 only cards were agreed upon"
    yield from (f"R-03 hollow {path}" for path in hollow(answer) if path != "$.cards")
    cards = answer["cards"]
    named = [card.get("uuid") for card in cards]
    named += [one.get("uuid") for card in cards for one in card.get("suggestions", [])]
    if len(set(named)) != len(named) or any(str(UUID(one)) != one for one in named):
        yield "C-08 S-02 uuids are not unique lower-case UUIDs"
    if len(cards) > 2:
        yield "more than two cards"


def _card(card: Json) -> Iterator[str]:
    if set(card) - CARD:
        yield f"C-13 unlisted attributes {set(card) - CARD}"
    if (
        not isinstance(card.get("summary"), str)
        or not 0 < len(card["summary"]) < 140
        or "\n" in card["summary"]
    ):
        yield "C-01 summary"
    if card.get("indicator") not in ("info", "warning", "critical"):
        yield "C-02 indicator"
    if not isinstance(card.get("detail"), str):
        yield "W-07 detail"
    yield from _source(card.get("source"))
    yield from _suggestions(card)
    yield from _reasons(card.get("overrideReasons", []))
    for link in card.get("links", []):
        if set(link) - LINK or link.get("type") not in ("absolute", "smart") or not link.get("label"):
            yield "K-01 link"
        if link.get("type") == "absolute" and "appContext" in link:
            yield "K-02 appContext"
        if not _is_web(str(link.get("url"))):
            yield "W-11 url"
    if sum(link.get("type") == "absolute" for link in card.get("links", [])) > 3:
        yield "more than three pages"


def _source(source: Any) -> Iterator[str]:
    if not isinstance(source, dict) or set(source) - SOURCE or not isinstance(source.get("label"), str):
        yield "C-03 source"
        return
    if not _is_web(source["url"]):
        yield "C-04 url"
    if not {"code", "system", "display"} >= set(source["topic"]) >= {"code", "system"}:
        yield "C-06 C-12 topic"


def _suggestions(card: Json) -> Iterator[str]:
    suggestions = card.get("suggestions", [])
    behavior = card.get("selectionBehavior")
    if bool(suggestions) != (behavior in ("any", "at-most-one")):
        yield "C-09 selectionBehavior"
    if sum(bool(one.get("isRecommended")) for one in suggestions) > 1 and behavior != "any":
        yield "S-03 isRecommended"
    for one in suggestions:
        if set(one) - SUGGESTION or not one.get("label") or not one.get("actions"):
            yield "S-01 S-04 suggestion"
        yield from (complaint for action in one["actions"] for complaint in _action(action))


def _action(action: Json) -> Iterator[str]:
    if set(action) - ACTION or action.get("type") != "create" or not action.get("description"):
        yield "S-05 S-08 action"
    resource = action["resource"]
    drafted: dict[str, tuple[Any, str]] = {
        "ServiceRequest": (ServiceRequest, "subject"),
        "Task": (Task, "for"),
    }
    if resource.get("resourceType") not in drafted or "resourceId" in action or "id" in resource:
        yield "S-06 resource"
        return
    model, whose = drafted[resource["resourceType"]]
    model.model_validate(resource)
    if resource[whose]["reference"] != f"Patient/{PATIENT}" or resource["status"] != "draft":
        yield "S-09 subject"


def _reasons(reasons: list[Json]) -> Iterator[str]:
    if len(reasons) > 6 or len({one.get("code") for one in reasons}) != len(reasons):
        yield "more than six override reasons, or one twice"
    if any(
        not all(isinstance(one.get(key), str) for key in ("code", "system", "display")) for one in reasons
    ):
        yield "C-10 override reason"


def _is_web(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and bool(parts.hostname)

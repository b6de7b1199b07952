"""Feedback as EHRs send it: every accepted shape, and where a refusal says that the fault is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.hooks.chart import Json
from tests.hospital.callers import SECONDS, SIGN, VIEW, cards, posted, viewed
from tests.served import running

FEEDBACK = f"{VIEW}/feedback"
CARD, SUGGESTION = "4e0a3a1e-3f0a-4b0e-8f0a-0a6a35c1a001", "0c6b1d5e-4a3f-4d8e-8b7a-9e1f2d3c4b5a"
REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
OVERRIDDEN: Json = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": "2026-11-02T10:15:00Z"}
ACCEPTED = OVERRIDDEN | {"outcome": "accepted", "acceptedSuggestions": [{"id": SUGGESTION}]}
WRONG = "what-was-wrong"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where a service answers everyone."""
    with running({"KETAMINE_CDS_MODE": "development"}) as started:
        yield started.url


def because(**members: Any) -> Json:
    """An override with a reason."""
    return OVERRIDDEN | {"overrideReason": members}


def at(moment: Any) -> Json:
    """An override at a moment."""
    return OVERRIDDEN | {"outcomeTimestamp": moment}


TAKEN = {
    "a suggestion that was accepted": ACCEPTED,
    "two suggestions": ACCEPTED | {"acceptedSuggestions": [{"id": SUGGESTION}, {"id": CARD}]},
    "an override without a reason": OVERRIDDEN,
    "a reason as the card offers it": because(
        reason={"code": "need-more-info", "system": REASONS, "display": "More information"}
    ),
    "a reason without display": because(reason={"code": "need-more-info", "system": REASONS}),
    "a reason without system": because(reason={"code": "need-more-info"}),
    "a reason of the client's own": because(reason={"code": "busy", "system": "https://ehr.example/reasons"}),
    "a comment alone": because(userComment="seen yesterday"),
    "reason and comment": because(reason={"code": "need-more-info"}, userComment="seen yesterday"),
    "a null reason": because(reason=None, userComment="seen yesterday"),
    "nulls for what does not apply": OVERRIDDEN | {"overrideReason": None, "acceptedSuggestions": None},
    "no suggestions of an override": OVERRIDDEN | {"acceptedSuggestions": []},
    "a card in capitals": OVERRIDDEN | {"card": CARD.upper()},
    "an extension": OVERRIDDEN | {"extension": {"org.example": {"ward": 7}}},
    "a member that a later version may have": OVERRIDDEN | {"seen": True},
    "an offset": at("2026-11-02T12:15:00+02:00"),
    "a fraction": at("2026-11-02T10:15:00.123Z"),
    "nanoseconds": at("2026-11-02T10:15:00.123456789Z"),
    "long ago": at("2019-01-01T00:00:00-05:00"),
    "the future": at("2999-01-01T00:00:00Z"),
}

REFUSED: dict[str, tuple[Any, str]] = {
    "no object": ([], "$this"),
    "nothing": ({}, "feedback"),
    "null": ({"feedback": None}, "feedback"),
    "no array": ({"feedback": OVERRIDDEN}, "feedback"),
    "no items": ({"feedback": []}, "feedback"),
    "an item that is no object": ({"feedback": [WRONG]}, "feedback[0]"),
    "the second item": ({"feedback": [OVERRIDDEN, OVERRIDDEN | {"card": WRONG}]}, "feedback[1].card"),
    "no card": ({"feedback": [{}]}, "feedback[0].card"),
    "an unknown outcome": ({"feedback": [OVERRIDDEN | {"outcome": WRONG}]}, "feedback[0].outcome"),
    "an outcome that is never sent": (
        {"feedback": [OVERRIDDEN | {"outcome": "ignored"}]},
        "feedback[0].outcome",
    ),
    "a time without offset": ({"feedback": [at("2026-11-02T10:15:00")]}, "feedback[0].outcomeTimestamp"),
    "a day": ({"feedback": [at("2026-11-02")]}, "feedback[0].outcomeTimestamp"),
    "a day that is none": ({"feedback": [at("2026-02-30T10:15:00Z")]}, "feedback[0].outcomeTimestamp"),
    "a number for a time": ({"feedback": [at(1793613600)]}, "feedback[0].outcomeTimestamp"),
    "a time of another kind": ({"feedback": [at(WRONG)]}, "feedback[0].outcomeTimestamp"),
    "nothing that was accepted": (
        {"feedback": [ACCEPTED | {"acceptedSuggestions": []}]},
        "feedback[0].acceptedSuggestions",
    ),
    "a suggestion that is no object": (
        {"feedback": [ACCEPTED | {"acceptedSuggestions": [SUGGESTION]}]},
        "feedback[0].acceptedSuggestions[0]",
    ),
    "a suggestion that is no UUID": (
        {"feedback": [ACCEPTED | {"acceptedSuggestions": [{"id": SUGGESTION}, {"id": WRONG}]}]},
        "feedback[0].acceptedSuggestions[1].id",
    ),
    "a reason in words": (
        {"feedback": [OVERRIDDEN | {"overrideReason": WRONG}]},
        "feedback[0].overrideReason",
    ),
    "a reason that is no Coding": (
        {"feedback": [because(reason=WRONG)]},
        "feedback[0].overrideReason.reason",
    ),
    "a Coding without code": (
        {"feedback": [because(reason={"display": WRONG})]},
        "feedback[0].overrideReason.reason.code",
    ),
    "a comment that is no text": (
        {"feedback": [because(userComment=[WRONG])]},
        "feedback[0].overrideReason.userComment",
    ),
}


@pytest.mark.parametrize("shape", TAKEN)
def test_every_shape_is_taken(url: str, shape: str) -> None:
    """What was received is counted in the answer; the same again is no fault."""
    for _ in range(2):
        answer = posted(url, FEEDBACK, {"feedback": [TAKEN[shape]]})
        assert (answer.status_code, answer.json()) == (200, {"received": 1})


def test_many_items_come_in_one_call(url: str) -> None:
    """Of several cards, of one card twice, and of cards that were shown and that nobody knows."""
    shown = cards(posted(url, VIEW, viewed()))
    known = [OVERRIDDEN | {"card": card["uuid"]} for card in shown]
    items = [*known, *known, *TAKEN.values()]
    assert posted(url, FEEDBACK, {"feedback": items}).json() == {"received": len(items)}


def test_it_may_come_late_and_to_another_service(url: str) -> None:
    """A client that reports everything in one place is understood."""
    (card,) = cards(posted(url, VIEW, viewed()))
    answer = posted(url, f"{SIGN}/feedback", {"feedback": [OVERRIDDEN | {"card": card["uuid"]}]})
    assert answer.json() == {"received": 1}


@pytest.mark.parametrize("shape", REFUSED)
def test_a_refusal_names_the_place(url: str, shape: str) -> None:
    """400 with an OperationOutcome: the path of what is wrong, what was expected, and not what was sent."""
    body, path = REFUSED[shape]
    answer = posted(url, FEEDBACK, body)
    assert answer.status_code == 400
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert path in [place for issue in outcome["issue"] for place in issue["expression"]]
    assert all("expected" in issue["details"]["text"] for issue in outcome["issue"])
    assert WRONG not in answer.text


def test_all_or_nothing(url: str) -> None:
    """A call with one wrong item keeps none, so that the whole of it can be sent again."""
    items = [OVERRIDDEN, OVERRIDDEN, {}]
    assert figure(url) == figure(url)
    before = figure(url)
    assert posted(url, FEEDBACK, {"feedback": items}).status_code == 400
    assert figure(url) == before
    assert posted(url, FEEDBACK, {"feedback": items[:2]}).status_code == 200
    assert figure(url) == before + 2


def figure(url: str) -> float:
    """How many overrides the service has counted."""
    lines = requests.get(f"{url}/metrics", timeout=SECONDS).text.splitlines()
    named = 'ketamine_cds_feedback_total{outcome="overridden"} '
    return sum(float(line.removeprefix(named)) for line in lines if line.startswith(named))


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param("{", {}, 400, id="no JSON"),
        pytest.param('{"feedback": NaN}', {}, 400, id="no JSON of the standard"),
        pytest.param("{}", {"Content-Type": "text/plain"}, 415, id="another type"),
        pytest.param("{}", {"Content-Encoding": "br"}, 415, id="packed"),
        pytest.param(json.dumps({"feedback": [because()]}), {}, 400, id="an empty reason"),
        pytest.param(
            json.dumps({"feedback": [because(userComment="x" * 1_100_000)]}), {}, 413, id="too long"
        ),
    ],
)
def test_a_body_that_is_not_read(url: str, body: str, headers: dict[str, str], status: int) -> None:
    """The statuses are those of the services."""
    sent = {"Content-Type": "application/json"} | headers
    answer = requests.post(url + FEEDBACK, data=body, headers=sent, timeout=SECONDS)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_feedback_belongs_to_a_service(url: str) -> None:
    """An id that discovery does not list has none, and other methods than POST find nothing."""
    assert posted(url, "/cds-services/another/feedback", {"feedback": [OVERRIDDEN]}).status_code == 404
    answer = requests.get(url + FEEDBACK, timeout=SECONDS)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]

"""Lenient mode: what a call that does not fit its service is told; and the same where nothing is forgiven."""

import json
import re
from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mappings.knowledge import load_knowledge
from service.render.kinds import NotAssessed
from service.settings import read_settings
from service.store.database import open_database
from service.store.decisions import read_decision
from tests.hooks.chart import CHART, Json, call, prefetched
from tests.hooks.ehr import PATH, ehr
from tests.hooks.situations import ESKETAMINE
from tests.served import scratch

HOOKS = ("patient-view", "order-select", "order-sign")
WORDING = load_knowledge().wording
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HOOK, DRAFTS, SELECTIONS = "hook", "context.draftOrders", "context.selections"


@cache
def lenient() -> FlaskClient:
    """The service as it is set up for development."""
    return ehr()


@cache
def strict() -> FlaskClient:
    """The service of a developer who wants to see every fault refused."""
    return ehr(KETAMINE_CDS_LENIENT="false")


def whole(hook: str) -> Json:
    """A call with everything that any of the hooks wants."""
    body = call("order-select", prefetched(*CHART), [ESKETAMINE])
    return {**body, "hook": hook}


def lacking(hook: str, *members: str) -> Json:
    """A call of `hook` without these members of its context."""
    body = whole(hook)
    return {**body, "context": {key: value for key, value in body["context"].items() if key not in members}}


def cards(answer: TestResponse) -> list[Json]:
    """The cards of an answer, which has to be one."""
    assert answer.status_code == 200, answer.text
    found: list[Json] = json.loads(answer.data)["cards"]
    return found


def wrong_places(answer: TestResponse) -> list[str]:
    """The places in the call that a refusal names."""
    assert answer.status_code == 400, answer.text
    return [issue["expression"][0] for issue in json.loads(answer.data)["issue"]]


def places(card: Json) -> list[str]:
    """The places in the call that a card names, one an item of its list."""
    items = re.findall(r"^- (\S+): ", card["detail"], re.M)
    return [item.replace("\\", "") for item in items]


UNFIT = [
    *((hook, whole(other), [HOOK]) for hook in HOOKS for other in HOOKS if other != hook),
    ("order-sign", lacking("order-sign", "draftOrders"), [DRAFTS]),
    ("order-select", lacking("order-select", "draftOrders"), [DRAFTS]),
    ("order-select", lacking("order-select", "selections"), [SELECTIONS]),
    ("order-select", lacking("order-select", "selections", "draftOrders"), [DRAFTS, SELECTIONS]),
    ("order-sign", lacking("patient-view", "draftOrders"), [HOOK, DRAFTS]),
    ("order-select", lacking("patient-view", "selections", "draftOrders"), [HOOK, DRAFTS, SELECTIONS]),
]
each_unfit = pytest.mark.parametrize(
    ("hook", "body", "wrong"), UNFIT, ids=[f"{hook}: {' '.join(wrong)}" for hook, _, wrong in UNFIT]
)


@each_unfit
def test_a_call_that_does_not_fit_gets_a_card(hook: str, body: Json, wrong: list[str]) -> None:
    """One card for information says what was expected at which place, with reasons to override it."""
    (card,) = cards(lenient().post(PATH.format(hook=hook), json=body))
    assert (card["source"]["topic"]["code"], card["indicator"]) == ("not-assessed", "info")
    assert UUID.fullmatch(card["uuid"])
    assert WORDING.words["not_assessed"][NotAssessed.MISMATCH] in card["summary"]
    assert sorted(places(card)) == sorted(wrong)
    assert [each["code"] for each in card["overrideReasons"]] == [
        reason.code for reason in WORDING.overrides.of("not-assessed")
    ]
    assert "suggestions" not in card
    assert len(card["detail"]) < 1000


@each_unfit
def test_a_strict_service_refuses_it(hook: str, body: Json, wrong: list[str]) -> None:
    """400, with each place that the card would have named."""
    assert sorted(wrong_places(strict().post(PATH.format(hook=hook), json=body))) == sorted(wrong)


def test_each_card_is_a_new_one() -> None:
    """A client that hides cards whose uuid it has seen shows the next one too."""
    hook, body, _ = UNFIT[0]
    path = PATH.format(hook=hook)
    uuids = {cards(lenient().post(path, json=body))[0]["uuid"] for _ in range(3)}
    assert len(uuids) == 3


def spoilt(hook: str, place: str, value: Any) -> Json:
    """A call that does not fit its service, and is wrong at another place as well."""
    body = lacking(hook, "selections")
    if place.startswith("context."):
        body["context"] |= {place.removeprefix("context."): value}
    else:
        body |= {place: value}
    return {name: each for name, each in body.items() if each != "absent"} | {
        "context": {name: each for name, each in body["context"].items() if each != "absent"}
    }


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("hookInstance", "absent"),
        ("hookInstance", "x"),
        ("context.userId", "absent"),
        ("context.patientId", "absent"),
        ("context.patientId", None),
        ("context.draftOrders", "x"),
        ("context.draftOrders", None),
        ("context.encounterId", 5),
        ("prefetch", []),
        ("fhirServer", "ftp://ehr.example.org"),
    ],
)
@pytest.mark.parametrize("named", ["order-select", "patient-view"])
def test_other_faults_are_refused_everywhere(named: str, place: str, value: Any) -> None:
    """Whose call it is must be known, and what came must be what it says: 400 in both modes."""
    body = spoilt(named, place, value)
    for service in (lenient(), strict()):
        assert place in wrong_places(service.post(PATH.format(hook="order-select"), json=body))


@pytest.mark.parametrize("named", ["order-dispatch", "encounter-start", "PATIENT-VIEW", "", None, 7, ["x"]])
def test_hooks_that_are_not_ours_are_refused_everywhere(named: Any) -> None:
    """Another hook than our own stays 400, whatever else the call has or lacks."""
    for body in ({**whole("order-select"), "hook": named}, {**lacking("x", "selections"), "hook": named}):
        for service in (lenient(), strict()):
            assert wrong_places(service.post(PATH.format(hook="order-select"), json=body)) == ["hook"]


def test_no_word_of_the_call_is_on_the_card() -> None:
    """The card tells what was expected, never what came."""
    body = lacking("order-sign", "selections")
    body["context"]["patientId"] = "secret-1"
    body["context"]["userId"] = "Practitioner/secret-2"
    assert "secret" not in json.dumps(cards(lenient().post(PATH.format(hook="order-select"), json=body)))


def test_a_call_that_fits_is_answered_alike() -> None:
    """Lenient or not, a call in order gets the same cards."""
    path, body = PATH.format(hook="order-select"), whole("order-select")
    one, other = (cards(client.post(path, json=body)) for client in (lenient(), strict()))
    assert [card["summary"] for card in one] == [card["summary"] for card in other] != []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"KETAMINE_CDS_MODE": "development"}, True),
        ({"KETAMINE_CDS_MODE": "development", "KETAMINE_CDS_LENIENT": "false"}, False),
        ({}, False),
        ({"KETAMINE_CDS_LENIENT": "true"}, True),
    ],
)
def test_who_is_lenient(settings: dict[str, str], expected: bool) -> None:
    """Where people try the service out, unless told otherwise; never by itself where they rely on it."""
    assert read_settings(settings).lenient is expected


def test_it_is_counted_as_refused_and_told_by_card() -> None:
    """Figures and the decision record say that the call was refused, with 200 and the card."""
    hook, body, _ = UNFIT[0]
    database = scratch()["KETAMINE_CDS_DATABASE_URL"]
    client = ehr(KETAMINE_CDS_DATABASE_URL=database)
    client.application.extensions["start"]()
    before = refused_by_card(client, hook)
    answer = client.post(PATH.format(hook=hook), json=body)
    assert refused_by_card(client, hook) == before + 1
    client.application.extensions["close"]()
    opened = open_database(database, on_failure=lambda _: None)
    record = read_decision(opened, answer.headers["X-Request-Id"])
    opened.close()
    assert record is not None
    assert (record.outcome, record.status, record.patient_key, dict(record.verdict)) == (
        "refused",
        200,
        None,
        {},
    )
    assert [(card.uuid, card.topic, card.indicator) for card in record.cards] == [
        (cards(answer)[0]["uuid"], "not-assessed", "info")
    ]


def refused_by_card(client: FlaskClient, hook: str) -> float:
    """How many calls of a service were refused with status 200."""
    labels = f'outcome="refused",service="ketamine-referral-{hook}",status="200"'
    found = re.findall(rf"^ketamine_cds_calls_total\{{{labels}\}} (\S+)$", client.get("/metrics").text, re.M)
    return float(found[0]) if found else 0.0


def test_assessments_are_not_lenient() -> None:
    """A request that lacks what its hook wants is refused in both modes: nobody sees a card there."""
    for service in (lenient(), strict()):
        assert service.post("/assessments", json=lacking("order-select", "selections")).status_code == 400


def test_feedback_about_the_card_is_taken() -> None:
    """A tester who dismisses the card has done so like any other."""
    hook, body, _ = UNFIT[0]
    path = PATH.format(hook=hook)
    (card,) = cards(lenient().post(path, json=body))
    item = {
        "card": card["uuid"],
        "outcome": "overridden",
        "overrideReason": {"reason": {key: card["overrideReasons"][0][key] for key in ("code", "system")}},
        "outcomeTimestamp": "2026-11-02T10:00:00Z",
    }
    answer = lenient().post(f"{path}/feedback", json={"feedback": [item]})
    assert (answer.status_code, json.loads(answer.data)) == (200, {"received": 1})

"""The public CDS Hooks Sandbox: calls that its own code made of the published cases, kept in `calls/`.

They were captured from the page in a browser, in front of a FHIR server that does not know devices and is
asked for procedures and referrals by GET alone; the prefetch keys that failed are missing, as they were.
"""

import json
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.answer.services import OFFERED
from service.app import create_app
from service.settings import Settings, read_settings
from tests.hooks.chart import Json
from tests.hooks.ehr import kinds, knowledge
from tests.served import scratch
from tests.vignettes.cases import all_cases
from tests.vignettes.judge import card_differences

CAPTURED = date(2026, 11, 21)
CALLS = {
    path.stem: json.loads(path.read_text("utf-8")) for path in Path(__file__).parent.glob("calls/*.json")
}
CASES = {case.name: case for case in all_cases()}
OF_CASES = sorted(name for name, call in CALLS.items() if call["case"])
OTHERS = sorted(CALLS.keys() - OF_CASES)
PICKED = [name for name in OF_CASES if name.startswith("sertraline-")]


class _ThatDay(Settings):
    """Settings of a service that takes the day of the capture for today."""

    __slots__ = ()

    def today(self) -> date:
        """The day of the capture."""
        return CAPTURED


@cache
def service() -> FlaskClient:
    """The service as a tester starts it."""
    read = read_settings({"KETAMINE_CDS_MODE": "development", **scratch()})
    settings = _ThatDay(**{field.name: getattr(read, field.name) for field in fields(read)})
    return create_app(settings, knowledge()).test_client()


def answered(name: str, **changes: Any) -> Json:
    """The answer to one call, which has to be a success."""
    call = CALLS[name]
    answer = service().post(f"/cds-services/{call['service']}", json=call["request"] | changes)
    assert answer.status_code == 200, answer.text
    found: Json = json.loads(answer.data)
    return found


def test_there_are_enough() -> None:
    """Each published case with sertraline, every hook, and what else the sandbox does."""
    assert len(CALLS) >= 50
    assert len(PICKED) == 30
    assert {call["request"]["hook"] for call in CALLS.values()} == set(OFFERED)
    assert {call["captured_on"] for call in CALLS.values()} == {str(CAPTURED)}


@pytest.mark.parametrize("name", OF_CASES)
def test_the_case_gets_its_card(name: str) -> None:
    """What the case expects of a chart is told when an antidepressant is picked, too."""
    expected = CASES[CALLS[name]["case"]].expected
    assert card_differences(expected, "patient-view", answered(name)) == []


@pytest.mark.parametrize("name", OTHERS)
def test_other_calls_get_a_useful_answer(name: str) -> None:
    """Each of them is a success, with the cards that stand beside it."""
    assert kinds(answered(name)["cards"]) == CALLS[name]["cards"]


def test_the_calls_are_as_odd_as_the_sandbox_makes_them() -> None:
    """What the service has to live with is really in the calls."""
    drafts = [
        entry["resource"]
        for call in CALLS.values()
        for entry in call["request"]["context"].get("draftOrders", {}).get("entry", [])
    ]
    assert not any("encounterId" in call["request"]["context"] for call in CALLS.values())
    assert not any("type" in call["request"]["context"].get("draftOrders", {}) for call in CALLS.values())
    assert not any("deviceUses" in call["request"]["prefetch"] for call in CALLS.values())
    assert any(isinstance(draft.get("category"), dict) for draft in drafts)
    assert any(isinstance(draft.get("reasonCode"), dict) for draft in drafts)
    assert any("medicationCodeableConcept" not in draft and "intent" not in draft for draft in drafts)
    assert any("selections" not in call["request"]["context"] for call in CALLS.values())


def test_an_order_without_a_medicine_yet_interrupts_nobody() -> None:
    """At each pause while the name is typed there is no card, and a header says why."""
    call = CALLS["nothing-chosen"]
    answer = service().post(f"/cds-services/{call['service']}", json=call["request"])
    assert json.loads(answer.data) == {"cards": []}
    assert answer.headers["X-Nothing-Said"] == "Nothing said because the order form is empty"


def test_orders_of_an_earlier_fhir_are_not_passed_over() -> None:
    """By default the sandbox reads a DSTU2 server: such orders count as unread, ketamine is warned of."""
    call = CALLS["dstu2"]["request"]
    (entry,) = call["context"]["draftOrders"]["entry"]
    assert entry["resource"]["resourceType"] == "MedicationOrder"
    ketamine = entry["resource"] | {"medicationCodeableConcept": {"text": "ketamine 50 mg/mL injection"}}
    orders = {"resourceType": "Bundle", "entry": [{"resource": ketamine}]}
    found = answered("dstu2", context=call["context"] | {"draftOrders": orders})
    assert kinds(found["cards"]) == ["not-assessed warning"]


def test_no_card_has_a_uuid_that_was_there_before() -> None:
    """The sandbox hides a card whose uuid it was told to hide: the same call gets new ones."""
    once, again = (answered("sertraline-26")["cards"] for _ in range(2))
    uuids = [card["uuid"] for card in (*once, *again)]
    assert len(set(uuids)) == len(uuids) == 4


def test_markup_of_the_record_stays_text() -> None:
    """The sandbox renders HTML that stands in a detail: none may."""
    text = json.dumps(answered("markup")["cards"])
    assert "onerror" in text
    assert "<" not in text

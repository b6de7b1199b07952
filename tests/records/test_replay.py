"""Replay: the same call gives the same assessment again, or what has changed is named."""

import json
from dataclasses import replace
from typing import Any

import pytest

from service.answer.replay import Replayed, replay, replay_text
from service.records.record import DecisionRecord
from service.settings import Settings
from tests.hooks.chart import (
    ALCOHOL,
    ASKED_FOR,
    CHART,
    DAY,
    FOR_DEPRESSION,
    SPRAY,
    call,
    condition,
    drug,
    item_9,
    patient,
    prefetched,
    without,
)
from tests.hooks.ehr import knowledge
from tests.records.recorded import KEY, SETTINGS, edited, recorded, with_setting
from tests.vignettes.build import request
from tests.vignettes.cases import Case, all_cases

BODY = json.dumps(call("patient-view", prefetched(*CHART, condition(ALCOHOL)))).encode()


def recorded_call(
    body: bytes = BODY, hook: str = "patient-view", settings: Settings = SETTINGS
) -> DecisionRecord:
    """The record of a call."""
    service = recorded(DAY, settings)
    service.post(hook, body)
    return service.last


def replayed(record: DecisionRecord, body: bytes = BODY, **here: Any) -> Replayed:
    """What a replay finds."""
    given = {"settings": SETTINGS, "knowledge": knowledge(), "key": KEY, **here}
    return replay(body, record, **given)


@pytest.mark.parametrize("case", all_cases()[::10], ids=lambda case: case.name)
def test_vignettes_replay(case: Case) -> None:
    """Whatever a record holds, its call gives the same assessment and verdict when it is replayed."""
    hook = "order-sign" if case.drafts else "patient-view"
    body = json.dumps(request(case, DAY, hook, ASKED_FOR)).encode()
    record = recorded_call(body, hook)
    assert record.outcome == "answered"
    assert record.assessment_digest or hook == "order-sign"
    assert replayed(record, body) == Replayed(record_id=record.id, outcomes=())


def test_a_record_that_came_back_from_json_replays() -> None:
    """The verdict is the same whether it was just made or read from a JSON column."""
    record = recorded_call()
    assert record.verdict["flags"]
    assert replayed(replace(record, verdict=json.loads(json.dumps(record.verdict)))).same


def test_the_day_of_the_record_counts() -> None:
    """A call of long ago is replayed as of its own day, not of today."""
    long_ago = recorded(DAY.replace(year=DAY.year - 3, day=1))
    long_ago.post("patient-view", BODY)
    assert long_ago.last.assessment_digest != recorded_call().assessment_digest
    assert replayed(long_ago.last).same


def test_a_captured_call_replays_without_its_token() -> None:
    """Nobody has to keep the access token in order to replay."""
    bare = json.loads(BODY) | {"fhirServer": "https://ehr.example.org/fhir"}
    leave = {"access_token": "secret", "token_type": "Bearer", "expires_in": 300}
    whole = bare | {"fhirAuthorization": leave | {"scope": "patient/*.read", "subject": "cds"}}
    record = recorded_call(json.dumps(whole).encode())
    assert replayed(record, json.dumps(bare).encode()).same


@pytest.mark.parametrize("digit", [b'"birthDate": "1981', b'"valueInteger": 21', b'"patientId": "p1'])
def test_another_input_is_named(digit: bytes) -> None:
    """One other digit in the data is another input; its assessment is not compared."""
    assert digit in BODY
    found = replayed(recorded_call(), BODY.replace(digit, digit[:-1] + b"2"))
    assert found.changes == ("input: not the body that was recorded",)
    assert found.outcomes is None
    assert not found.same


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[]", b"\xff", b"{}"])
def test_what_is_no_call_is_another_input(body: bytes) -> None:
    """A file that holds something else is named as another input, without a failure."""
    assert replayed(recorded_call(), body).changes == ("input: not the body that was recorded",)


@pytest.mark.parametrize(
    ("here", "named"),
    [
        (
            {"knowledge": edited(rule_set="2026.12.0+0")},
            "rule set",
        ),
        ({"knowledge": edited(terminology="site+0")}, "terminology"),
        ({"settings": with_setting(profile="strict-payer")}, "profile"),
        ({"settings": with_setting(time_zone="Europe/Vienna")}, "time zone"),
    ],
)
def test_another_version_or_setting_is_named(here: dict[str, Any], named: str) -> None:
    """What decided then and decides now is named, and that the assessment is the same nevertheless."""
    found = replayed(recorded_call(), **here)
    assert [change.split(":")[0] for change in found.changes] == [named]
    assert found.outcomes == ()
    assert not found.same
    assert "the assessment is the same nevertheless" in replay_text(found)


def test_another_software_is_named() -> None:
    """A record of another release of the software tells both."""
    found = replayed(replace(recorded_call(), software="0.0.1"))
    assert found.changes == ("software: recorded with 0.0.1, here 0.1.0",)


def test_another_key_is_told_apart_from_another_input() -> None:
    """With another hash key nothing can be compared, and that is what is said."""
    found = replayed(recorded_call(), key=b"x" * 32)
    assert [change.split(":")[0] for change in found.changes] == ["hash key"]
    assert found.outcomes is None


def test_the_profile_of_the_record_is_used() -> None:
    """A call that was answered by another definition of resistance is replayed by that one."""
    record = recorded_call(settings=with_setting(profile="strict-payer"))
    assert record.assessment_digest != recorded_call().assessment_digest
    assert replayed(record, settings=with_setting(profile="strict-payer")).same
    assert replayed(record).outcomes == ()


def test_a_profile_that_is_gone_is_no_failure() -> None:
    """When the definition of the record does not exist any more, that is named."""
    found = replayed(replace(recorded_call(), profile="of-old"))
    assert found.changes == ("profile: recorded with of-old, here default",)
    assert found.outcomes == ("assessment: no longer made for this call",)


def test_rules_that_decide_otherwise_are_found_out() -> None:
    """Where other tables under the same name give another assessment, assessment and verdict are named."""
    table = knowledge().criteria["default"]
    stricter = replace(table, count=replace(table.count, trials_needed=3))
    found = replayed(recorded_call(), knowledge=replace(knowledge(), criteria={"default": stricter}))
    assert found.changes == ()
    assert found.outcomes is not None
    assert found.outcomes[0] == "assessment: not the one that was recorded"
    assert found.outcomes[1].startswith("verdict: not the one that was recorded in ")
    assert "conclusion" in found.outcomes[1]


@pytest.mark.parametrize("name", ["conclusion", "gate", "counts", "trials", "flags", "missing", "safety"])
def test_a_record_that_was_changed_is_found_out(name: str) -> None:
    """A verdict that somebody edited in the database does not pass."""
    record = recorded_call()
    found = replayed(replace(record, verdict={**record.verdict, name: "edited"}))
    assert found.outcomes == (f"verdict: not the one that was recorded in {name}",)


@pytest.mark.parametrize("state", ["fetched", "fetched-partly", "failed:timeout"])
def test_a_call_that_asked_the_ehr_is_not_replayable(state: str) -> None:
    """What an EHR answered is not kept, so such a call is said to be not replayable."""
    record = replace(recorded_call(), completeness={"patient": "sent", "conditions": state})
    found = replayed(record)
    assert not found.same
    assert replay_text(found) == (
        "not replayable: data were asked of the EHR, and what it answered is not kept: conditions "
        f"(record {record.id})"
    )


@pytest.mark.parametrize(
    "state",
    ["sent", "empty", "error", "first-page", "not-sent", "failed:not-allowed", "failed:other-patient"],
)
def test_what_was_only_sent_is_replayable(state: str) -> None:
    """A call that rests on what came with it, or was not allowed to ask for more, can be replayed."""
    assert replayed(replace(recorded_call(), completeness={"conditions": state})).same


def test_a_refused_call_is_not_replayable() -> None:
    """There is no assessment to compare with."""
    body = json.dumps(call("patient-view", None)).encode()
    assert replay_text(replayed(recorded_call(body), body)).startswith("not replayable: the call was refused")


def test_a_call_that_failed_is_not_replayable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The card that says that the service failed rests on no assessment."""
    monkeypatch.setattr("service.answer.cards.assess", lambda *_: 1 / 0)
    failed = recorded_call()
    monkeypatch.undo()
    assert replay_text(replayed(failed)).startswith("not replayable: the call failed")


@pytest.mark.parametrize(
    "orders",
    [
        [drug(SPRAY)],
        [drug("312938 sertraline 100 MG Oral Tablet", **FOR_DEPRESSION)],
        [drug("", text="amoxicillin 500 mg")],
        [drug(SPRAY, subject={"reference": "Patient/other"})],
        [],
    ],
)
def test_orders_replay(orders: list[dict[str, Any]]) -> None:
    """A call about orders gives the same again, also one that is no business of the service."""
    body = json.dumps(call("order-sign", prefetched(*CHART), orders)).encode()
    assert replayed(recorded_call(body, "order-sign"), body).same


def test_a_suppressed_card_does_not_change_the_assessment() -> None:
    """What was not shown again rests on the same assessment, so the call replays."""
    service = recorded(DAY, overridden=lambda keys: keys)
    service.post("patient-view", BODY)
    assert [card.suppressed for card in service.last.cards] == [True]
    assert replayed(service.last).same


def test_the_answer_is_one_line_when_all_is_the_same() -> None:
    """Who only wants to know reads one line."""
    record = recorded_call()
    assert replay_text(replayed(record)) == f"same assessment (record {record.id})"


def test_partly_sent_calls_replay() -> None:
    """A key that did not come, and one about somebody else, are part of the input."""
    chart = prefetched(*CHART, item_9(2, 3))
    for sent in (without("observations", chart), chart | {"patient": patient(id="p2")}):
        body = json.dumps(call("patient-view", sent)).encode()
        assert replayed(recorded_call(body), body).same

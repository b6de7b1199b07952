"""Decision records: what is written down about a call, and that nothing of the patient's is."""

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import pytest

from cds_hooks.service import Answered, CallOutcome
from cds_hooks.trust import CdsClient
from service.answer.read import assess_document
from service.records.record import CallTrace, DecisionRecord
from service.records.recording import decision_record, running_versions
from tests.cds_hooks.example import PATIENT_VIEW
from tests.hooks.chart import (
    ALCOHOL,
    CHART,
    DAY,
    SPRAY,
    call,
    condition,
    dispense,
    drug,
    item_9,
    prefetched,
    without,
)
from tests.hooks.ehr import knowledge
from tests.records.recorded import AT, KEY, PATH, SETTINGS, recorded

MARKER = "Zqx7Kv9"
KEPT_AS_IT_IS = {
    "hook",
    "resourceType",
    "system",
    "code",
    "status",
    "intent",
    "gender",
    "type",
    "use",
    "unit",
}
IDENTITIES = {"id", "reference", "fullUrl", "patientId", "encounterId", "selections", "userId"}
BUPROPION = dispense("993541 bupropion 150 MG Extended Release Oral Tablet", 180, 20)


def recorded_call(body: Any, hook: str = "patient-view") -> DecisionRecord:
    """The record of a call."""
    service = recorded(DAY)
    service.post(hook, json.dumps(body).encode())
    return service.last


def marked(value: Any, name: str = "", everywhere: bool = False) -> Any:
    """The value with MARKER in every text and every name of a member that means nothing to a program."""
    if isinstance(value, dict):
        return {name: marked(inner, name, everywhere) for name, inner in value.items()} | {MARKER: MARKER}
    if isinstance(value, list):
        return [marked(inner, name, everywhere) for inner in value]
    if not isinstance(value, str) or name in ("hook", "resourceType", "hookInstance"):
        return value
    if everywhere:
        return MARKER
    if name in KEPT_AS_IT_IS or name.lower().endswith(("date", "datetime", "handedover")):
        return value
    return f"{value}{MARKER}" if name in IDENTITIES else f"{MARKER} {value}"


def written(record: DecisionRecord) -> str:
    """Everything that a record holds, as the database may write it."""
    return json.dumps(asdict(record), default=str)


def disguises(marker: str) -> Iterator[str]:
    """The marker as it may be written, in lower case."""
    yield from (marker, marker[::-1], quote(marker), marker.encode().hex(), marker.encode("utf-16-le").hex())
    for padding in range(3):  # the same letters look different in base64 by where they begin
        encoded = base64.b64encode(b"x" * padding + marker.encode()).decode()
        yield encoded[4 if padding else 0 : -4]


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize(
    ("hook", "drafts"),
    [
        ("patient-view", ()),
        ("order-sign", (drug(SPRAY, note=[{"text": "he says"}]),)),
        ("order-select", (drug("", text="ketamine troche"),)),
    ],
)
def test_nothing_that_was_sent_is_written_down(
    hook: str, drafts: tuple[dict[str, Any], ...], everywhere: bool
) -> None:
    """No name, id, text, comment or display of a call is in its record, in whatever form."""
    chart = prefetched(*CHART, condition(ALCOHOL, note=[{"text": "his wife called"}]), item_9(2, 3))
    body = marked(call(hook, chart, drafts, encounterId="e1"), everywhere=everywhere)
    body["context"] |= {"userId": f"Practitioner/{MARKER}", "patientId": f"p1{MARKER}"}
    body["fhirServer"] = f"https://{MARKER}.example.org/fhir"
    body["fhirAuthorization"] = {
        "access_token": MARKER,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": f"patient/*.read {MARKER}",
        "subject": MARKER,
    }
    assert json.dumps(body).count(MARKER) > 100
    record = recorded_call(body, hook)
    assert record.status == 200
    assert everywhere or record.verdict["trials"]
    for disguise in disguises(MARKER):
        assert len(disguise) >= 4
        assert disguise.lower() not in written(record).lower()


def test_no_day_of_the_patients_is_written_down() -> None:
    """Dates of birth, prescriptions, scores and diagnoses stay out; the only days are those of the call."""
    body = call("patient-view", prefetched(*CHART, BUPROPION, item_9(2, 3)))
    days = {text[:10] for text in texts(body) if text[:4].isdigit() and text[4:5] == "-"}
    assert len(days) > 8
    record = written(recorded_call(body))
    assert [day for day in sorted(days) if day in record] == []


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_ids_of_resources_are_not_written_down() -> None:
    """Whoever reads the record cannot look up in the EHR what it rests on."""
    body = call("patient-view", prefetched(*CHART, condition(ALCOHOL)))
    record = recorded_call(body)
    assert record.verdict["flags"]
    assert [one["id"] for one in (*CHART, condition(ALCOHOL)) if f'"{one["id"]}"' in written(record)] == []
    assert "Condition/" not in written(record)


def test_the_record_of_an_answered_call() -> None:
    """The whole record of one call: who decided by what, the verdict in codes, and the cards by uuid."""
    service = recorded(DAY)
    body = json.dumps(call("patient-view", prefetched(*CHART, BUPROPION, condition(ALCOHOL)))).encode()
    path = PATH.format(hook="patient-view")
    answer = service.client.post(path, data=body, content_type="application/json")
    (card,) = json.loads(answer.data)["cards"]
    record, made = service.last, running_versions(SETTINGS, knowledge())
    assert (record.id, record.at) == ("record-0", AT)
    assert (record.service, record.hook) == ("ketamine-referral-patient-view", "patient-view")
    assert (record.outcome, record.status) == ("answered", 200)
    assert (record.issuer, record.tenant) == ("https://ehr.example.org", "clinic-1")
    assert (record.software, record.rule_set, record.terminology) == (
        made.software,
        knowledge().rule_set,
        knowledge().terminology.version,
    )
    assert (record.profile, record.time_zone, record.evaluated_on) == ("default", "UTC", DAY)
    assert record.verdict == {
        "conclusion": "caution",
        "gate": None,
        "assessable": True,
        "counts": {"counted": 2, "possible": 0, "lifetime": 2},
        "trials": [
            ["bupropion", "not-counted", "too-short"],
            ["sertraline", "counted", None],
            ["venlafaxine", "counted", None],
        ],
        "flags": [["SUD-ACT", "caution", "caution"]],
        "missing": ["LIVER-UNK", "PSY-UNK"],
        "safety": [],
        "unreadable": 0,
    }
    assert [(one.uuid, one.topic, one.indicator, one.suppressed) for one in record.cards] == [
        (card["uuid"], "caution", "warning", False)
    ]
    assert record.cards[0].suggestions == tuple(one["uuid"] for one in card["suggestions"])
    assert record.timings_ms["total"] > 0


def test_an_order_says_what_it_was_about() -> None:
    """The concern of the draft orders is a code beside the verdict; a chart has none."""
    about_agent = recorded_call(call("order-sign", prefetched(*CHART), [drug(SPRAY)]), "order-sign")
    assert about_agent.verdict["orders"] == "agent"
    assert "orders" not in recorded_call(call("patient-view", prefetched(*CHART))).verdict


def test_unreadable_entries_are_a_number() -> None:
    """How much could not be read is told, not what it was."""
    broken = condition(ALCOHOL, id="broken", code=7)
    assert recorded_call(call("patient-view", prefetched(*CHART, broken))).verdict["unreadable"] == 1


def test_a_record_stays_small_whatever_was_sent() -> None:
    """A hundred courses that are judged alike are one line of the verdict."""
    early = [
        dispense("312938 sertraline 100 MG Oral Tablet", 800 + 100 * n, 5, id=f"d{n}") for n in range(100)
    ]
    body = call("patient-view", prefetched(*CHART, *early))
    found = assess_document(json.dumps(body).encode(), knowledge(), profile="default", as_of=DAY)
    record = recorded_call(body)
    assert len(found.trials) > 100
    assert len(record.verdict["trials"]) < 5
    assert len(written(record)) < 3000


@pytest.mark.parametrize(
    ("body", "status", "digested"),
    [
        (json.dumps(call("patient-view", None)).encode(), 412, True),
        (json.dumps(without("context", call("patient-view", {}))).encode(), 400, False),
        (json.dumps(call("order-sign", {})).encode(), 400, False),
        (b'{"hook": "patient-view", ', 400, False),
        (b"[]", 400, False),
        (b"\xff", 400, False),
    ],
    ids=["no data", "no context", "no orders", "cut off", "a list", "not UTF-8"],
)
def test_a_refused_call_is_recorded_too(body: bytes, status: int, digested: bool) -> None:
    """A call that is refused leaves its status, and no verdict or cards."""
    service = recorded(DAY)
    assert service.post("patient-view", body) == status
    record = service.last
    assert (record.outcome, record.status) == ("refused", status)
    assert (dict(record.verdict), record.cards, record.assessment_digest) == ({}, (), None)
    assert (record.input_digest is not None) is digested


def test_the_record_of_a_412_says_what_did_not_come() -> None:
    """Else nobody could tell later why nothing was assessed."""
    service = recorded(DAY)
    service.post("patient-view", json.dumps(call("patient-view", None)).encode())
    assert set(service.last.completeness.values()) == {"not-sent"}


def test_a_call_that_failed_is_recorded_with_its_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """The card that says that nothing was assessed stands in the record; the text of the error does not."""

    def fail(*_: object) -> None:
        raise ValueError(f"{MARKER} born 1981-05-17")

    monkeypatch.setattr("service.answer.cards.assess", fail)
    record = recorded_call(call("patient-view", prefetched(*CHART)))
    assert (record.outcome, record.status) == ("failed", 200)
    assert [card.topic for card in record.cards] == ["not-assessed"]
    assert record.patient_key is not None
    assert dict(record.verdict) == {}
    assert MARKER not in written(record)
    assert "1981" not in written(record)


def test_a_card_that_was_not_shown_is_recorded_as_suppressed() -> None:
    """What was left out stands in the record under the key by which it was found, beside what was shown."""
    service = recorded(DAY)
    body = json.dumps(call("patient-view", prefetched(*CHART, item_9(2, 3)))).encode()
    service.post("patient-view", body)
    keys = {card.suppression_key for card in service.last.cards if card.suppression_key}
    again = recorded(DAY, overridden=lambda asked: keys & set(asked))
    again.post("patient-view", body)
    assert len(keys) == 1
    assert [(card.topic, card.suppressed) for card in service.last.cards] == [
        ("safety", False),
        ("caution", False),
    ]
    assert [(card.topic, card.suppressed, card.suppression_key in keys) for card in again.last.cards] == [
        ("safety", False, False),
        ("caution", True, True),
    ]


def test_keys_of_a_clients_own_are_not_written_down() -> None:
    """Which of our prefetch keys came is told; what a client calls its own keys is its own business."""
    ours = {"patient": "sent", "conditions": "failed:timeout", "medications": "fetched"}
    trace = CallTrace(sent={}, evaluated_on=DAY, completeness={**ours, "of Jane Doe": "sent"})
    assert dict(answered(trace).completeness) == ours


def test_times_are_milliseconds_by_what_they_were_spent_on() -> None:
    """The whole time of the call stands beside what the account tells."""
    trace = CallTrace(sent={}, evaluated_on=DAY, timings_ms={"fetch": 12.34567})
    assert dict(answered(trace, seconds=0.02).timings_ms) == {"fetch": 12.346, "total": 20.0}


def answered(trace: CallTrace, seconds: float = 0.0) -> DecisionRecord:
    """The record of a call of which the service tells this account."""
    told = Answered(
        service=PATIENT_VIEW,
        caller=CdsClient(),
        body=b"{}",
        request=None,
        outcome=CallOutcome.ANSWERED,
        status=200,
        cards=(),
        trace=trace,
        seconds=seconds,
    )
    return decision_record(
        told,
        record_id="r1",
        at=AT,
        versions=running_versions(SETTINGS, knowledge()),
        key=KEY,
        wording=knowledge().wording,
    )

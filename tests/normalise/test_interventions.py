"""Procedures, devices in use and referrals."""

import pytest

from tests.normalise.made import SNOMED, Json, concept, read, reasons

ECT = concept("23835007 Electroconvulsive therapy", SNOMED)
REFERRAL = concept("183524004 Referral to psychiatry service", SNOMED)


def procedure(code: Json = ECT, **members: object) -> Json:
    """A completed procedure."""
    return {
        "resourceType": "Procedure",
        "id": "x",
        "status": "completed",
        "code": code,
        "subject": {"reference": "Patient/p"},
        "performedDateTime": "2025-05-01",
    } | members


def referral(**members: object) -> Json:
    """An active referral to psychiatry."""
    return {
        "resourceType": "ServiceRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "code": REFERRAL,
        "subject": {"reference": "Patient/p"},
        "authoredOn": "2026-09-01",
    } | members


def test_a_procedure_is_known_by_its_code() -> None:
    """What was done, when, and how it went."""
    (found,) = read(procedure(outcome={"text": "no response"})).interventions
    assert (found.concepts, str(found.when), found.outcome) == (
        frozenset({"ect"}),
        "2025-05-01",
        "no response",
    )


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "preparation"])
def test_what_was_not_done_is_none(status: str) -> None:
    """Known not to have been done."""
    found = read(procedure(status=status))
    assert (found.interventions, found.unreadable) == ((), ())


def test_what_may_not_have_been_done_is_listed() -> None:
    """Without a status it is not known."""
    assert reasons(read(procedure(status=None))) == [
        "Procedure/x: status is missing or unknown: it may not have been done"
    ]


def test_a_procedure_in_words_keeps_its_words() -> None:
    """Rules look for positive airway pressure in the text."""
    (found,) = read(procedure(concept(text="CPAP titration"))).interventions
    assert (found.text, found.concepts) == ("CPAP titration", frozenset())


@pytest.mark.parametrize(
    ("told", "others"),
    [
        ({"device": {"display": "CPAP machine"}}, []),
        (
            {"device": {"reference": "Device/d"}},
            [{"resourceType": "Device", "id": "d", "type": {"text": "CPAP machine"}}],
        ),
        (
            {
                "device": {"reference": "#d"},
                "contained": [{"resourceType": "Device", "id": "d", "type": {"text": "CPAP machine"}}],
            },
            [],
        ),
    ],
)
def test_a_device_in_use_is_found(told: Json, others: list[Json]) -> None:
    """By display, by reference, or contained."""
    use = {
        "resourceType": "DeviceUseStatement",
        "id": "u",
        "status": "active",
        "subject": {"reference": "Patient/p"},
    }
    (found,) = read(use | told, *others).interventions
    assert found.text == "CPAP machine"


def test_a_referral_says_everything_in_its_text() -> None:
    """Code, details and reasons are searched for ketamine."""
    (found,) = read(referral(orderDetail=[{"text": "Spravato"}], reasonCode=[{"text": "TRD"}])).service_orders
    assert found.concepts == frozenset({"referral_psychiatry"})
    assert found.text == "Referral to psychiatry service; Spravato; TRD"
    assert (found.status, found.intent, str(found.authored)) == ("active", "order", "2026-09-01")


@pytest.mark.parametrize(
    "void", [{"status": "entered-in-error"}, {"doNotPerform": True}, {"authoredOn": "2027-01-01"}]
)
def test_void_and_future_referrals_are_none(void: Json) -> None:
    """Neither prohibitions nor mistakes nor what is not known yet."""
    assert read(referral(**void)).service_orders == ()

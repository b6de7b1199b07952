"""Draft orders in the words of the clinic."""

import json

import pytest

from service.clinical.facts import Purpose
from service.clinical.orders import DraftOrder
from service.fhir.draft_orders import read_drafts
from service.fhir.record import read_bundle
from service.normalise.drafts import draft_orders
from tests.normalise.made import (
    AS_OF,
    ICD10CM,
    SNOMED,
    Json,
    bundle,
    concept,
    condition,
    mg,
    patient,
    request,
    tables,
    terminology,
)


def drafted(*resources: Json, record: tuple[Json, ...] = ()) -> tuple[DraftOrder, ...]:
    """The draft orders in a Bundle of these resources, for patient p."""
    drafts = read_drafts(json.dumps(bundle(*resources)).encode())
    known = read_bundle(json.dumps(bundle(patient(), *record)).encode())
    return draft_orders(drafts, known, terminology(), tables(), AS_OF, "p")


def only(*resources: Json, record: tuple[Json, ...] = ()) -> DraftOrder:
    """The one draft order."""
    (found,) = drafted(*resources, record=record)
    return found


@pytest.mark.parametrize("status", ["draft", "active", "completed", None])
def test_a_draft_is_read_whatever_its_status(status: str | None) -> None:
    """Section G: 49 of 51 drafts come as active."""
    found = only(request(status=status, dosageInstruction=[mg(100)]))
    assert (found.ingredients, found.doses[0].daily_mg, found.as_needed) == (("sertraline",), 100, False)


def test_a_draft_is_read_without_intent_and_with_objects_for_lists() -> None:
    """Real drafts fail R4; they are read, and what is invalid is named without its values."""
    found = only(
        request(intent=None, category=concept(text="outpatient"), reasonCode=concept("F33.2", ICD10CM))
    )
    assert found.ingredients == ("sertraline",)
    assert [r.purpose for r in found.reasons] == [Purpose.DEPRESSION]
    assert any(path.startswith("category") for path in found.invalid)
    assert not any("outpatient" in path for path in found.invalid)


def test_a_valid_draft_is_invalid_in_nothing() -> None:
    """The judgement of fhir.resources on a valid order."""
    assert only(request()).invalid == ()


def test_a_draft_without_a_medicine_is_an_order_of_nothing_known() -> None:
    """No medication yet: identified as nothing, and it says so."""
    found = only(request(medicationCodeableConcept=None))
    assert (found.product, found.fault) == (None, "medicine not identified: no usable code or name")


def test_the_medication_may_be_among_the_drafts_or_in_the_record() -> None:
    """References are followed over everything that was sent."""
    medication = {"resourceType": "Medication", "id": "m", "code": concept("6130 ketamine")}
    order = request(medicationCodeableConcept=None, medicationReference={"reference": "Medication/m"})
    assert only(order, medication).ingredients == ("ketamine",)
    assert only(order, record=(medication,)).ingredients == ("ketamine",)


def test_a_referral_says_what_it_is_for() -> None:
    """Codes as concepts, everything in words, and the codes of its reasons."""
    told = {
        "resourceType": "ServiceRequest",
        "id": "r",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "code": concept("183524004 Referral to psychiatry service", SNOMED),
        "note": [{"text": "ketamine?"}],
        "reasonReference": [{"reference": "Condition/c"}],
    }
    found = only(told, record=(condition("370143000 Major depressive disorder", SNOMED),))
    assert found.concepts == frozenset({"referral_psychiatry"})
    assert found.text == "Referral to psychiatry service; Major depressive disorder; ketamine?"
    assert found.reason_groups >= {"mdd"}
    assert [r.purpose for r in found.reasons] == [Purpose.DEPRESSION]


def test_as_needed_and_prohibitions_are_marked() -> None:
    """The order-time rules leave them out."""
    assert only(request(dosageInstruction=[mg(50) | {"asNeededBoolean": True}])).as_needed
    assert only(request(doNotPerform=True)).do_not_perform


def test_a_draft_for_another_patient_is_marked() -> None:
    """An order about somebody else is not answered from this record."""
    assert only(request(subject={"reference": "Patient/q"})).foreign
    assert not only(request()).foreign

"""The draft orders of an order hook."""

import json

import pytest

from service.fhir.draft_orders import read_drafts
from service.fhir.resources import Drafts
from tests.normalise.made import Json, bundle, concept, request

REFERRAL = {
    "resourceType": "ServiceRequest",
    "id": "sr",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/p"},
}


def drafts(*resources: Json, selections: list[str] | None = None) -> Drafts:
    """The drafts in a Bundle without a type."""
    raw = json.dumps({"resourceType": "Bundle", "entry": bundle(*resources)["entry"]}).encode()
    return read_drafts(raw, selections)


def labels(found: Drafts) -> list[str]:
    """The orders read."""
    return [draft.row.label for draft in found.orders]


def test_orders_are_read_and_others_counted() -> None:
    """Section G: nutrition orders and messages are no orders of this service."""
    diet = {"resourceType": "NutritionOrder", "id": "n"}
    device = {"resourceType": "Procedure", "id": "x", "status": "preparation"}
    found = drafts(request(), REFERRAL, diet, device)
    assert (labels(found), found.others) == (["MedicationRequest/rx", "ServiceRequest/sr"], 1)


def test_medications_among_the_drafts_are_no_orders() -> None:
    """They only say what an order refers to."""
    medication = {"resourceType": "Medication", "id": "m", "code": concept("6130 ketamine")}
    found = drafts(request(), medication)
    assert (labels(found), found.others) == (["MedicationRequest/rx"], 0)
    assert "Medication/m" in found.record.found


@pytest.mark.parametrize(
    "selection", ["MedicationRequest/b", "https://ehr.example.org/fhir/MedicationRequest/b"]
)
def test_only_selected_drafts_are_answered(selection: str) -> None:
    """order-select names entries as Type/id; full addresses are met too."""
    found = drafts(request(id="a"), request(id="b"), selections=[selection])
    assert labels(found) == ["MedicationRequest/b"]


def test_the_keys_are_of_all_drafts() -> None:
    """A draft that is not selected is still no past use."""
    found = drafts(request(id="a"), request(id="b"), selections=["MedicationRequest/a"])
    assert found.keys == {"MedicationRequest/a", "MedicationRequest/b"}


def test_what_is_invalid_is_named_by_its_path() -> None:
    """Paths, no values: nothing of the record gets into a message."""
    (draft,) = drafts(request(category={"text": "secret"}, subject=None, nonsense="secret")).orders
    assert draft.invalid
    assert "secret" not in "".join(draft.invalid)


def test_an_unknown_resource_inside_a_draft_breaks_nothing() -> None:
    """fhir.resources raises KeyError on an unknown contained type."""
    (draft,) = drafts(request(contained=[{"resourceType": "NopeType", "id": "x"}])).orders
    assert draft.invalid == ("MedicationRequest",)


@pytest.mark.parametrize(
    "raw",
    [b"null", b"{}", b"[]", b'{"resourceType":"Bundle"}', b'{"resourceType":"Bundle","entry":[null,5,{}]}'],
)
def test_what_holds_no_drafts_holds_none(raw: bytes) -> None:
    """Nothing is raised on hostile drafts."""
    assert read_drafts(raw).orders == ()


def test_a_broken_draft_is_set_aside_and_the_others_are_read() -> None:
    """One broken order does not silence the answer to the other."""
    found = drafts(request(id="a", status={"x": 1}), request(id="b"))
    assert labels(found) == ["MedicationRequest/b"]
    assert [one.reference for one in found.record.set_aside] == ["MedicationRequest/a"]

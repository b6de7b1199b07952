"""Prefetch: what it holds is judged by the resources in it, and lists that did not come say so."""

import json
from typing import Any

import pytest

from service.clinical.facts import Completeness
from service.fhir.decode import read_replies
from service.fhir.prefetch import Asked
from service.fhir.received import as_sent
from service.fhir.record import read_prefetch
from service.fhir.resources import Record
from tests.normalise.made import Json, bundle, condition, patient, request

OWN = {
    "patient": "Patient",
    "conditions": "Condition",
    "medications": "MedicationRequest",
    "allergies": "AllergyIntolerance",
}
ASKED = Asked(templates={key: f"{kind}?patient=p" for key, kind in OWN.items()}, essential=())
COMPLETE, FIRST_PAGE, NOT_RETRIEVABLE = (
    Completeness.COMPLETE,
    Completeness.FIRST_PAGE,
    Completeness.NOT_RETRIEVABLE,
)
ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
SELF = "https://ehr.example.org/fhir/Condition?patient=p"


def prefetched(**values: Any) -> Record:
    """The record in this prefetch."""
    sent = read_replies({key: json.dumps(value).encode() for key, value in values.items()})
    return read_prefetch(as_sent(sent, ASKED))


def searchset(*resources: Json, relation: str = "self", url: str = SELF) -> Json:
    """A search result with one link."""
    return bundle(*resources) | {"type": "searchset", "link": [{"relation": relation, "url": url}]}


def test_a_list_that_is_not_mentioned_did_not_come() -> None:
    """Clinical rule 12: a key that is absent and not fetched is not retrievable."""
    assert prefetched(patient=patient()).lists["Condition"] is NOT_RETRIEVABLE


@pytest.mark.parametrize("value", [None, bundle(), {"resourceType": "Bundle"}, searchset(url="")])
def test_nothing_found_is_an_empty_list(value: Any) -> None:
    """Clinical rule 12 and section G: null, an empty Bundle, a Bundle without a type."""
    assert prefetched(conditions=value).lists["Condition"] is COMPLETE


@pytest.mark.parametrize("value", [ERROR, {}, {"x": 1}, 5, "text", []])
def test_something_else_in_place_of_a_list_is_no_list(value: Any) -> None:
    """Section G: an error, or an object without a type, under our own key."""
    assert prefetched(conditions=value).lists["Condition"] is NOT_RETRIEVABLE


def test_a_warning_in_place_of_a_list_is_no_error() -> None:
    """Only errors make a list not retrievable."""
    remark = {"resourceType": "OperationOutcome", "issue": [{"severity": "information"}]}
    assert prefetched(conditions=remark).lists["Condition"] is COMPLETE


def test_a_single_resource_stands_for_a_bundle() -> None:
    """Section G: sixteen published requests do so."""
    found = prefetched(conditions=condition())
    assert (len(found.conditions), found.lists["Condition"]) == (1, COMPLETE)


def test_foreign_keys_are_judged_by_what_they_hold() -> None:
    """Section G: `item1` to `itemN`, and a Bundle of mixed types."""
    found = prefetched(item1=patient(), item2=bundle(condition(), request()))
    assert (len(found.patients), len(found.conditions), len(found.requests)) == (1, 1, 1)
    assert [found.lists[kind] for kind in ("Patient", "Condition", "MedicationRequest")] == [COMPLETE] * 3
    assert found.lists["AllergyIntolerance"] is NOT_RETRIEVABLE


def test_an_empty_result_under_a_foreign_key_is_known_by_its_address() -> None:
    """The type is taken from link.self."""
    assert prefetched(item1=searchset()).lists["Condition"] is COMPLETE
    assert prefetched(item1=bundle()).lists["Condition"] is NOT_RETRIEVABLE
    assert prefetched(item1=None).lists["Condition"] is NOT_RETRIEVABLE


def test_an_error_under_a_foreign_key_is_about_the_type_it_names() -> None:
    """issue.expression, else it is about a list that cannot be told."""
    named = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "expression": ["Condition"]}],
    }
    assert prefetched(item1=named, item2=condition()).lists["Condition"] is NOT_RETRIEVABLE
    assert prefetched(item1=ERROR, item2=condition()).lists["Condition"] is COMPLETE


def test_a_next_link_is_a_first_page() -> None:
    """The list came, but not all of it."""
    found = prefetched(conditions=searchset(condition(), relation="next"))
    assert (len(found.conditions), found.lists["Condition"]) == (1, FIRST_PAGE)


def test_an_error_inside_a_search_result_without_any_entry() -> None:
    """Nothing came but the error."""
    assert prefetched(conditions=bundle(ERROR)).lists["Condition"] is NOT_RETRIEVABLE


def test_a_search_result_whose_entries_are_no_list_did_not_come() -> None:
    """What cannot be read as a list is no empty list."""
    found = prefetched(conditions={"resourceType": "Bundle", "entry": 5})
    assert found.lists["Condition"] is NOT_RETRIEVABLE
    assert [one.reason for one in found.set_aside] == ["has no list of entries"]


def test_resources_sent_along_do_not_make_their_list_complete() -> None:
    """A Condition included with an order says nothing of the problem list."""
    entries = [{"resource": request()}, {"resource": condition(), "search": {"mode": "include"}}]
    found = prefetched(medications={"resourceType": "Bundle", "entry": entries})
    assert (len(found.conditions), found.lists["Condition"]) == (1, NOT_RETRIEVABLE)


def test_a_resource_under_two_keys_is_one() -> None:
    """Keys overlap."""
    assert len(prefetched(conditions=bundle(condition()), item1=condition()).conditions) == 1


def test_a_broken_value_is_named_by_its_key() -> None:
    """And the other values are read."""
    found = prefetched(conditions={"x": 1}, patient=patient())
    assert [(one.reference, one.reason) for one in found.set_aside] == [("conditions", "has no resourceType")]
    assert len(found.patients) == 1


def test_a_long_key_is_cut_short() -> None:
    """A key is chosen by the client and stands in a sentence."""
    found = prefetched(**{"k" * 500: {"x": 1}})
    assert len(found.set_aside[0].reference) == 40

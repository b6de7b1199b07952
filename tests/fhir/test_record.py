"""A Bundle as a record: typed, each resource once, tolerant entry by entry."""

import json
from itertools import permutations
from typing import Any

import pytest

from service.clinical.facts import Completeness
from service.fhir.record import NotARecordError, read_bundle
from service.fhir.resources import Record, find
from tests.normalise.made import Json, bundle, condition, dispense, observation, patient, request


def record(*resources: Json) -> Record:
    """The record in a Bundle of these resources."""
    return read_bundle(json.dumps(bundle(*resources)).encode())


def of_entries(*entries: Any, **members: Any) -> Record:
    """The record in a Bundle with these entries."""
    return read_bundle(json.dumps({"resourceType": "Bundle", "entry": list(entries)} | members).encode())


def aside(found: Record) -> list[tuple[str, str]]:
    """Reference and reason of what was set aside."""
    return [(one.reference, one.reason) for one in found.set_aside]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"", "$"),
        (b"{", "$"),
        (b"null", "$"),
        (b"[]", "$"),
        (b'{"resourceType": "Bundle", "entry": NaN}', "$"),
        (b'{"resourceType": "Bundle", "entry": 5}', "$"),
        (b'{"resourceType": "Bundle", "x": "\xff"}', "$"),
        (b'{"resourceType": "Bundle", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "$"),
        (b"{}", "resourceType"),
        (b'{"resourceType": "Patient"}', "resourceType"),
        (b'{"resourceType": 5}', "resourceType"),
    ],
)
def test_what_is_no_bundle_is_refused_with_its_place(raw: bytes, path: str) -> None:
    """Malformed JSON, NaN, other encodings, absurd nesting and other resources: one clear error."""
    with pytest.raises(NotARecordError) as refused:
        read_bundle(raw)
    assert refused.value.path == path
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("entry", [None, [], {}, "x"])
def test_a_bundle_without_resources_holds_nothing(entry: Any) -> None:
    """A Bundle is a Bundle, although none of its entries holds anything."""
    found = read_bundle(json.dumps({"resourceType": "Bundle", "entry": entry}).encode())
    assert found.conditions == ()


def test_one_broken_resource_costs_nothing_but_itself() -> None:
    """The broken one is named with its element; everything else is read."""
    found = record(patient(), condition(verificationStatus="refuted"), request(), observation("44261-6"))
    assert (len(found.patients), len(found.requests), len(found.observations)) == (1, 1, 1)
    assert aside(found) == [("Condition/c", "verificationStatus is not of the type that FHIR defines")]


def test_an_unusable_element_is_left_out_and_named() -> None:
    """A problem with an onset that is a number is still a problem."""
    found = record(condition(recordedDate={"year": 2020}))
    assert len(found.conditions) == 1
    assert aside(found) == [("Condition/c", "recordedDate is not of the type that FHIR defines")]


@pytest.mark.parametrize("element", ["status", "intent", "doNotPerform", "subject"])
def test_an_element_that_decides_is_not_left_out(element: str) -> None:
    """Without a readable status, intent or prohibition an order could come to count that must not."""
    broken: Json = {element: [1, 2]}
    found = record(request(**broken))
    assert found.requests == ()
    assert [reference for reference, _ in aside(found)] == ["MedicationRequest/rx"]


@pytest.mark.parametrize(
    "odd",
    [
        {"reasonCode": {"text": "depression"}},
        {"reasonCode": [None, {"text": "depression"}]},
        {"category": None, "reasonCode": [{"text": "depression", "coding": None}]},
        {"dispenseRequest": {"numberOfRepeatsAllowed": "2"}, "reasonCode": [{"text": "depression"}]},
        {"_authoredOn": {"extension": []}, "fhir_comments": ["x"], "reasonCode": [{"text": "depression"}]},
    ],
)
def test_departures_that_lose_nothing_are_put_right(odd: Json) -> None:
    """Quirk 108: null, objects for lists, numbers as text, primitive extensions."""
    found = record(request(**odd))
    assert found.requests[0].resource.reason_code[0].text == "depression"
    assert found.set_aside == ()


def test_a_numeric_id_is_an_id() -> None:
    """fhir.resources rejects it; the record keeps it."""
    assert record(condition(id=7)).conditions[0].label == "Condition/7"


def test_unknown_types_and_empty_entries_are_passed_over() -> None:
    """What no rule reads is no fault, and hides nothing."""
    found = of_entries(
        {"resource": {"resourceType": "Practitioner", "id": "x"}}, {}, None, {"resource": condition()}
    )
    assert (len(found.conditions), found.set_aside) == (1, ())


@pytest.mark.parametrize("entry", [5, "x", [1]])
def test_what_is_no_entry_is_named(entry: Any) -> None:
    """Something stands there and cannot be read."""
    assert aside(of_entries(entry, {"resource": condition()})) == [("entry 1", "is not a Bundle entry")]


@pytest.mark.parametrize("resource", [{}, {"id": "x"}, {"resourceType": 5}, [], "x"])
def test_a_resource_without_a_type_is_named(resource: Any) -> None:
    """It might have been anything."""
    assert aside(of_entries({"resource": condition()}, {"resource": resource})) == [
        ("entry 2", "has no resourceType")
    ]


def test_a_resource_without_an_id_is_named_by_its_place() -> None:
    """Quirk 105: two of them are two."""
    found = record(condition(id=None), condition(id=None))
    assert [row.label for row in found.conditions] == ["Condition (entry 1)", "Condition (entry 2)"]


def test_a_resource_without_an_id_is_named_by_its_address() -> None:
    """The fullUrl carries the id as well."""
    found = of_entries(
        {"fullUrl": "https://ehr.example.org/fhir/Condition/9", "resource": condition(id=None)}
    )
    assert found.conditions[0].label == "Condition/9"


def test_the_same_resource_twice_is_one() -> None:
    """Two searches may find the same resource."""
    assert len(record(condition(), condition()).conditions) == 1


def test_of_two_versions_the_later_is_kept() -> None:
    """A copy that was corrected later stands, in whatever order they come."""
    old = condition("F33.1", meta={"lastUpdated": "2026-01-01T00:00:00Z"})
    new = condition("F33.2", meta={"lastUpdated": "2026-02-01T00:00:00Z"})
    for pair in ((old, new), (new, old)):
        code = record(*pair).conditions[0].resource.code
        assert code is not None
        assert code.coding[0].code == "F33.2"


def test_of_two_copies_the_one_that_says_more_is_kept() -> None:
    """A search that leaves elements out, before or after one that does not."""
    whole, cut = condition("F33.1", onsetDateTime="2026-01-01"), condition("F33.1")
    for pair in ((whole, cut), (cut, whole)):
        (row,) = record(*pair).conditions
        assert row.resource.onset_date_time == "2026-01-01"


def test_two_resources_of_one_id_and_different_drugs_or_days_are_two() -> None:
    """An id given twice by mistake takes away no fill; the same fill twice stays one."""
    fills = [
        dispense(drug, whenHandedOver=day, id="f")
        for drug, day in (("312938", "2026-01-01"), ("314111", "2026-01-01"), ("312938", "2026-02-01"))
    ]
    for order in permutations(fills):
        found = record(*order, order[0])
        assert [(row.label, row.resource.when_handed_over) for row in found.dispenses] == [
            ("MedicationDispense/f", "2026-01-01"),
            ("MedicationDispense/f (3)", "2026-01-01"),
            ("MedicationDispense/f (2)", "2026-02-01"),
        ]


def test_the_order_of_the_entries_does_not_matter() -> None:
    """Resources stand by their date, then their id."""
    rows = [condition("F33.1", id=f"c{n}", recordedDate=f"2026-01-{20 - n}") for n in range(3)]
    for order in permutations(rows):
        assert [row.label for row in record(*order).conditions] == [
            "Condition/c2",
            "Condition/c1",
            "Condition/c0",
        ]


def test_one_id_on_two_servers_is_two_resources() -> None:
    """An id is unique on its server only."""
    urls = ("https://a.example.org/fhir/Condition/c", "https://b.example.org/fhir/Condition/c")
    assert len(of_entries(*({"fullUrl": url, "resource": condition()} for url in urls)).conditions) == 2


@pytest.mark.parametrize(
    "reference",
    ["Condition/c", "https://other.example.org/Condition/c", "urn:uuid:1-2-3", "Condition/c/_history/4"],
)
def test_references_of_every_form_are_followed(reference: str) -> None:
    """Relative, absolute (of any server), urn:uuid and versioned."""
    found = of_entries({"fullUrl": "urn:uuid:1-2-3", "resource": condition()})
    assert find(found, reference, "Condition") is found.conditions[0].resource
    assert find(found, "Condition/other", "Condition") is None


def test_a_bundle_in_a_bundle_is_read_and_deeper_ones_are_named() -> None:
    """A batch response holds search results; nothing deeper is met."""
    inner = bundle(condition())
    found = of_entries({"resource": inner}, {"resource": bundle(bundle(request()))})
    assert (len(found.conditions), found.requests) == (1, ())
    assert [reason for _, reason in aside(found)] == ["is inside a Bundle in a Bundle"]


def outcome(severity: str, *expression: str) -> Json:
    """An OperationOutcome of one issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "expression": list(expression)}],
    }


def test_an_absent_type_is_an_empty_list() -> None:
    """Clinical rule 12: in a Bundle nothing of a type is an empty list."""
    assert record(patient()).lists.get("AllergyIntolerance", Completeness.COMPLETE) is Completeness.COMPLETE


@pytest.mark.parametrize("severity", ["error", "fatal"])
def test_an_error_that_names_a_type_makes_its_list_not_retrievable(severity: str) -> None:
    """Clinical rule 12: issue.expression names the list."""
    found = record(condition(), outcome(severity, "AllergyIntolerance"), outcome("error", "Condition.code"))
    assert found.lists["AllergyIntolerance"] is Completeness.NOT_RETRIEVABLE
    assert found.lists["Condition"] is Completeness.NOT_RETRIEVABLE
    assert len(found.conditions) == 1


def test_warnings_and_errors_about_nothing_change_nothing() -> None:
    """Section H: searches end with remarks of the server."""
    found = record(condition(), outcome("warning", "Condition"), outcome("error"))
    assert found.lists["Condition"] is Completeness.COMPLETE


def test_a_next_page_makes_its_lists_first_pages() -> None:
    """Clinical rule 12: what came counts, and the rest is not there."""
    found = of_entries({"resource": condition()}, link=[{"relation": "next", "url": "https://x/?page=2"}])
    assert found.lists["Condition"] is Completeness.FIRST_PAGE

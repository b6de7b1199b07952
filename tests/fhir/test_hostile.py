"""Reading never breaks, whatever is done to a record."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.clinical.facts import Completeness
from service.fhir.decode import read_replies
from service.fhir.draft_orders import read_drafts
from service.fhir.received import as_sent
from service.fhir.record import NotARecordError, read_bundle, read_prefetch
from service.normalise import facts
from service.normalise.drafts import draft_orders
from tests.asked import ASKED
from tests.normalise.made import (
    AS_OF,
    ICD10CM,
    Json,
    administration,
    bundle,
    concept,
    condition,
    dispense,
    mg,
    observation,
    patient,
    quantity,
    request,
    statement,
    tables,
    terminology,
)

COMPLETE = bundle(
    patient(),
    condition(onsetDateTime="2025-01-01", stage=[{"summary": {"text": "severe"}}]),
    request(
        dosageInstruction=[
            mg(
                100,
                boundsPeriod={"start": "2026-01-10", "end": "2026-03-01"},
                frequency=1,
                period=1,
                periodUnit="d",
            )
        ],
        dispenseRequest={
            "quantity": quantity(30),
            "expectedSupplyDuration": quantity(30, "d"),
            "numberOfRepeatsAllowed": 2,
        },
        reasonCode=[concept("F33.2", ICD10CM)],
        statusReason={"text": "ineffective"},
        contained=[{"resourceType": "Medication", "id": "m"}],
    ),
    dispense(
        daysSupply=quantity(30),
        quantity=quantity(30, "tablet"),
        dosageInstruction=[{"text": "1 tablet daily"}],
    ),
    statement(effectivePeriod={"start": "2024-01", "end": "2024"}, dosage=[{"text": "20 mg daily"}]),
    administration(dosage={"dose": quantity(50, "mg")}),
    observation("44261-6", id="o1", valueInteger=20),
    observation(
        "85354-9",
        id="o2",
        component=[{"code": concept("8480-6", "http://loinc.org"), "valueQuantity": quantity(120)}],
    ),
    {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/p"},
        "code": {"text": "ketamine"},
    },
    {
        "resourceType": "Procedure",
        "id": "x",
        "status": "completed",
        "code": {"text": "ECT"},
        "performedDateTime": "2025",
    },
    {
        "resourceType": "ServiceRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "code": {"text": "referral"},
    },
    {
        "resourceType": "QuestionnaireResponse",
        "id": "q",
        "status": "completed",
        "authored": "2026-10-20",
        "item": [{"linkId": "/44261-6", "answer": [{"valueInteger": 17}]}],
    },
)

JUNK: list[Any] = [
    None,
    0,
    -1,
    1e308,
    True,
    "",
    "x",
    "nan",
    "1e999",
    "½",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"value": 1e308},
    {"coding": None},
    10**30,
    "9999-12-31",
    "2024-02-30",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "#",
    "urn:uuid:",
    "Patient/",
    {"reference": "Patient/q"},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def changed(document: Json, index: int, how: int, junk: Any) -> None:
    """Change one place: take it away, wrap it in a list, or put something else there."""
    paths = [path for path in places(document) if path]
    if not paths:
        return
    *way, last = paths[index % len(paths)]
    parent: Any = document
    for step in way:
        parent = parent[step]
    if how == 0:
        del parent[last]
    else:
        parent[last] = [parent[last]] if how == 1 else deepcopy(junk)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 3), st.sampled_from(JUNK)), min_size=1, max_size=6
    )
)
def test_a_record_with_anything_wrong_in_it_is_read_or_refused(changes: list[tuple[int, int, Any]]) -> None:
    """No mutation of a record raises anything but the reader's own error, and what is listed has a reason."""
    document = deepcopy(COMPLETE)
    for index, how, junk in changes:
        changed(document, index, how, junk)
    raw = json.dumps(document).encode()
    try:
        record = read_bundle(raw)
    except NotARecordError:
        return
    found = facts(record, terminology(), tables(), AS_OF, patient_id="p")
    assert all(one.reference and one.reason for one in found.unreadable)
    draft_orders(read_drafts(raw), record, terminology(), tables(), AS_OF, "p")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Noise is refused with the reader's own error."""
    try:
        read_bundle(raw)
    except NotARecordError as refused:
        assert refused.expected  # noqa: PT017 - most inputs are refused, some are not


@settings(max_examples=100, deadline=None)
@given(st.permutations(COMPLETE["entry"]))
def test_the_order_of_resources_means_nothing(entries: list[Json]) -> None:
    """The same resources in any order are the same facts."""

    def read(of: list[Json]) -> tuple[frozenset[object], ...]:
        record = read_bundle(json.dumps({"resourceType": "Bundle", "entry": of}).encode())
        found = facts(record, terminology(), tables(), AS_OF)
        rows = (found.exposures, found.problems, found.pressures, found.scores, found.labs, found.allergies)
        return tuple(
            frozenset(row) for row in (*rows, found.interventions, found.service_orders, found.unreadable)
        )

    assert read(entries) == read(COMPLETE["entry"])


@pytest.mark.parametrize("entry", ["1", '""', '{"resource":1}'])
def test_a_flood_of_entries_that_are_none_is_not_named_one_by_one(entry: str) -> None:
    """The list counts as not retrieved: nobody can tell what was meant to be in it."""
    flood = f'{{"resourceType":"Bundle","entry":[{",".join([entry] * 100_000)}]}}'
    record = read_prefetch(as_sent(read_replies({"conditions": flood.encode()}), ASKED))
    assert record.lists["Condition"] is Completeness.NOT_RETRIEVABLE
    assert len(record.set_aside) == 1


def test_a_few_entries_that_are_none_are_named() -> None:
    """As many as an EHR may send by mistake."""
    few = f'{{"resourceType":"Bundle","entry":[{",".join(["1"] * 50)}]}}'
    assert len(read_prefetch(as_sent(read_replies({"conditions": few.encode()}), ASKED)).set_aside) == 50

"""Laws of the days of supply, on whole records: what is told twice or taken back changes nothing."""

import json
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.knowledge import load_knowledge
from service.assess import assess
from service.fhir.record import read_bundle
from service.normalise import facts
from tests.normalise.made import bundle

Json = dict[str, Any]
AS_OF = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
DRUGS = {"312938": "sertraline 100 MG Oral Tablet", "314111": "mirtazapine 30 MG Oral Tablet"}

_FILLS = st.lists(
    st.tuples(st.sampled_from(sorted(DRUGS)), st.integers(1, 400), st.sampled_from([14, 30, 90])),
    min_size=1,
    max_size=6,
    unique=True,
)


def _fill(name: str, drug: str, ago: int, days: int) -> Json:
    unit = {"unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}
    coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": drug, "display": DRUGS[drug]}
    return {
        "resourceType": "MedicationDispense",
        "id": name,
        "status": "completed",
        "medicationCodeableConcept": {"coding": [coding]},
        "subject": {"reference": "Patient/1"},
        "whenHandedOver": str(AS_OF - timedelta(days=ago)),
        "daysSupply": {"value": days, **unit},
        "quantity": {"value": abs(days)},
        "dosageInstruction": [{"text": "Take 1 tablet daily"}],
    }


def _judged(fills: list[Json]) -> list[tuple[object, ...]]:
    """What is made of the courses, without the names of the resources."""
    person = {"resourceType": "Patient", "id": "1", "birthDate": "1980-01-01"}
    record = read_bundle(json.dumps(bundle(person, *fills)).encode())
    known = facts(record, KNOWLEDGE.terminology, KNOWLEDGE.reading, AS_OF)
    found = assess(known, KNOWLEDGE, "default", AS_OF)
    return [(t.ingredient, t.start, t.status, t.shortfalls, t.covered_days, t.steps) for t in found.trials]


@given(_FILLS, st.data())
@settings(max_examples=25, deadline=None)
def test_a_fill_told_twice_changes_nothing_and_one_taken_back_never_was(
    fills: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    """A second feed adds no day; a reversal with negative amounts leaves what was there without its fill."""
    given_ = [_fill(f"f{place}", *fill) for place, fill in enumerate(fills)]
    drug, ago, days = data.draw(st.sampled_from(fills))
    twin = _fill("again", drug, ago, days)
    assert _judged([*given_, twin]) == _judged(given_)
    reversal = {**twin, "id": "reversal", "quantity": {"value": -days}}
    others = [one for one, fill in zip(given_, fills, strict=True) if fill != (drug, ago, days)]
    assert _judged([*given_, reversal]) == _judged(others)

"""The work of reading a record grows with the number of its entries and no faster, whatever they are."""

import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from types import FrameType

import pytest

from service.fhir.record import read_bundle
from service.normalise import facts
from tests.normalise.made import (
    AS_OF,
    LOINC,
    Json,
    administration,
    bundle,
    concept,
    condition,
    dispense,
    observation,
    patient,
    quantity,
    request,
    statement,
    tables,
    terminology,
)

MMHG = [
    {"code": concept(code, LOINC), "valueQuantity": quantity(value, "mm[Hg]")}
    for code, value in (("8480-6", 132), ("8462-4", 84))
]
ABOUT = {"subject": {"reference": "Patient/p"}, "patient": {"reference": "Patient/p"}, "status": "completed"}
PHQ9 = {"linkId": "/44260-8", "answer": [{"valueInteger": 1}]}
DAYS = [str(date(2020, 1, 1) + timedelta(days=n)) for n in range(2400)]
WORDS = "possible brain aneurysm, no stroke"

# One entry of each kind; `day` counts the days, so that no two entries are alike.
KINDS: dict[str, Callable[[int, str], Json]] = {
    "problems by code": lambda n, day: condition(recordedDate=day),
    "problems by words": lambda n, day: condition(code={"text": f"{WORDS} {n}"}, recordedDate=day),
    "orders": lambda n, day: request(authoredOn=day, reasonCode=[{"text": "Depression"}]),
    "orders of no rule": lambda n, day: request("29046 lisinopril", authoredOn=day),
    "dispenses": lambda n, day: dispense(whenHandedOver=day, quantity=quantity(30)),
    "dispenses of one day": lambda n, day: dispense(quantity=quantity(30 + n)),
    "reversals": lambda n, day: dispense(whenHandedOver=day, quantity=quantity(30 if n % 2 else -30)),
    "reports": lambda n, day: statement(effectivePeriod={"start": day}, dosage=[{"text": f"{n} tablets"}]),
    "administrations of one day": lambda n, day: administration(),
    "panels of blood pressure": lambda n, day: observation(
        "85354-9", effectiveDateTime=day, component=MMHG * 3
    ),
    "halves of one time": lambda n, day: observation(
        ("8480-6", "8462-4")[n % 2], valueQuantity=quantity(80 + n % 40, "mm[Hg]")
    ),
    "totals": lambda n, day: observation("44261-6", effectiveDateTime=day, valueInteger=n % 27),
    "measurements of no rule": lambda n, day: observation(f"{n}-0 thing {n}", valueInteger=n),
    "words about risk": lambda n, day: observation("", code={"text": f"suicidal {n}?"}, valueString="yes"),
    "forms": lambda n, day: (
        ABOUT | {"resourceType": "QuestionnaireResponse", "authored": day, "item": [PHQ9]}
    ),
    "allergies": lambda n, day: (
        ABOUT | {"resourceType": "AllergyIntolerance", "code": {"text": f"ketamine {n}"}}
    ),
    "procedures": lambda n, day: (
        ABOUT | {"resourceType": "Procedure", "code": {"text": f"{WORDS} {n}"}, "performedDateTime": day}
    ),
    "referrals": lambda n, day: (
        ABOUT | {"resourceType": "ServiceRequest", "intent": "order", "code": {"text": f"{n}"}}
    ),
    "others' entries": lambda n, day: condition(subject={"reference": f"Patient/{n}"}, recordedDate=day),
}


def steps(kind: Callable[[int, str], Json], first: int, number: int) -> int:
    """Return how many functions are called to read so many entries; none of another `first` is like them."""
    entries = [kind(n, DAYS[n % len(DAYS)]) | {"id": f"e{n}"} for n in range(first, first + number)]
    record, called = read_bundle(json.dumps(bundle(patient(), *entries)).encode()), 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal called
        called += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        facts(record, terminology(), tables(), AS_OF)
    finally:
        sys.setprofile(None)
    return called


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_twice_the_entries_are_twice_the_work(kind: Callable[[int, str], Json]) -> None:
    """From n entries to 2n as many steps are added as belong to n more, and from 2n to 4n twice as many."""
    steps(kind, 0, 2)  # what is read once a process
    work = [steps(kind, 1000 * number, number) for number in (50, 100, 200)]
    assert work[1] - work[0] > 0
    assert work[2] - work[1] < 2.3 * (work[1] - work[0])

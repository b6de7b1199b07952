"""Records that grow in one kind of entry, and the steps that it takes to answer a call about them."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from types import CodeType, FrameType
from typing import Any

Json = dict[str, Any]
DAY = date(2026, 11, 2)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
PATIENT = {"reference": "Patient/p"}
SERTRALINE = ("312941", "sertraline 50 MG Oral Tablet")
DRUGS = (
    SERTRALINE,
    ("313581", "venlafaxine 75 MG Oral Tablet"),
    ("310384", "fluoxetine 10 MG Oral Capsule"),
    ("314111", "mirtazapine 15 MG Oral Tablet"),
    ("282401", "lithium carbonate 300 MG"),
    ("312077", "olanzapine 5 MG"),
    ("197591", "diazepam 5 MG Oral Tablet"),
    ("197361", "amlodipine 5 MG Oral Tablet"),
)


def ago(days: int) -> str:
    """The day so many days before the day of evaluation."""
    return (DAY - timedelta(days=days)).isoformat()


def resource(kind: str, number: int, **members: Any) -> Json:
    """A resource about the patient, with an id of its own."""
    return {"resourceType": kind, "id": f"{kind.lower()}-{number}", "subject": PATIENT, **members}


def concept(system: str, code: str, text: str) -> Json:
    """A coded concept with its words."""
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def drug(number: int, drugs: tuple[tuple[str, str], ...]) -> Json:
    """A medicine, one of several in turn."""
    return concept(RXNORM, *drugs[number % len(drugs)])


def dose() -> list[Json]:
    """One tablet a day."""
    text = "Take 1 tablet by mouth daily"
    return [{"text": text, "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}]


def condition(number: int, code: str, text: str, **members: Any) -> Json:
    """An entry of the problem list; with a code, if it is not ""."""
    named = concept(ICD, code, text) if code else {"text": text}
    status = {"coding": [{"code": "active"}]}
    given = {"code": named, "clinicalStatus": status, "onsetDateTime": ago(10 + number % 1500)}
    return resource("Condition", number, **{**given, **members})


def observation(number: int, code: str, value: Any, **members: Any) -> Json:
    """A measurement of one of the last days."""
    when = f"{ago(number // 20)}T{number % 20:02}:00:00Z"
    given = {
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "status": "final",
        "effectiveDateTime": when,
    }
    return resource("Observation", number, **given, **({"valueQuantity": value} if value else {}), **members)


def pressure(number: int) -> Json:
    """A blood pressure, in turn whole and in part."""
    parts = [("8480-6", 130 + number % 60), ("8462-4", 80 + number % 30)][: 1 + number % 2]
    component = [
        {
            "code": {"coding": [{"system": LOINC, "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg"},
        }
        for code, value in parts
    ]
    return observation(number, "85354-9", None, component=component)


def order(number: int, drugs: tuple[tuple[str, str], ...], **members: Any) -> Json:
    """An order of a medicine with a supply."""
    given = {
        "status": ("active", "completed", "stopped")[number % 3],
        "intent": "order",
        "medicationCodeableConcept": drug(number, drugs),
        "authoredOn": ago(10 + 3 * number % 40_000),
        "dosageInstruction": dose(),
        "dispenseRequest": {"expectedSupplyDuration": {"value": 30, "unit": "days", "code": "d"}},
    }
    return resource("MedicationRequest", number, **{**given, **members})


def dispense(number: int, drugs: tuple[tuple[str, str], ...], every: int = 1) -> Json:
    """A fill of thirty days."""
    return resource(
        "MedicationDispense",
        number,
        status="completed",
        medicationCodeableConcept=drug(number, drugs),
        whenHandedOver=ago(10 + every * number % 40_000),
        daysSupply={"value": 30, "unit": "days"},
        dosageInstruction=dose(),
    )


def administration(number: int, drugs: tuple[tuple[str, str], ...], last: int = 1500) -> Json:
    """A dose that was given."""
    return resource(
        "MedicationAdministration",
        number,
        status="completed",
        medicationCodeableConcept=drug(number, drugs),
        effectiveDateTime=ago(number % last),
        dosage={"dose": {"value": 50, "unit": "mg"}},
    )


def statement(number: int, drugs: tuple[tuple[str, str], ...]) -> Json:
    """A medicine as it was told."""
    return resource(
        "MedicationStatement",
        number,
        status="active",
        medicationCodeableConcept=drug(number, drugs),
        effectivePeriod={"start": ago(20 + number % 1500), "end": ago(number % 20)},
        dosage=dose(),
    )


def coded_answer(number: int, code: str, value: int) -> Json:
    """An answer of a form."""
    return observation(number, code, None, valueInteger=value)


KINDS: Mapping[str, Callable[[int], Json]] = {
    "depression": lambda n: condition(n, "F33.2", "Major depressive disorder, recurrent severe"),
    "alcohol use, in turn in remission": lambda n: condition(
        n, ("F10.20", "F10.21")[n % 2], ("Alcohol dependence", "Alcohol dependence, in remission")[n % 2]
    ),
    "alcohol use that has ended": lambda n: {
        **KINDS["alcohol use, in turn in remission"](n),
        "onsetDateTime": ago((100, 20)[n % 2]),
    },
    "aneurysm": lambda n: condition(n, "I71.4", "Abdominal aortic aneurysm"),
    "pregnancies": lambda n: condition(n, ("O14.90", "Z34.90", "O80")[n % 3], "pregnancy"),
    "suicide attempts": lambda n: condition(n, "", ("suicide attempt", "suicidal ideation")[n % 2]),
    "texts never seen": lambda n: condition(n, "", f"history of stroke number {n}, no aneurysm"),
    "liver": lambda n: condition(n, "K74.60", "Cirrhosis", stage=[{"summary": {"text": "Child-Pugh B"}}]),
    "visits": lambda n: condition(
        n,
        "F32.9",
        "Depression",
        clinicalStatus=None,
        category=[{"coding": [{"code": "encounter-diagnosis"}]}],
    ),
    "pressures": pressure,
    "scores": lambda n: observation(n, "44261-6", {"value": n % 27}),
    "item 9": lambda n: coded_answer(n, "44260-8", n % 4),
    "liver enzymes": lambda n: observation(n, "1742-6", {"value": 20 + 300 * (n % 2), "unit": "U/L"}),
    "pregnancy tests": lambda n: observation(n, "2106-3", None, valueString=("positive", "negative")[n % 2]),
    "urine screens": lambda n: observation(n, "3879-4", None, valueString="positive"),
    "any measurement": lambda n: observation(n, "2947-0", {"value": 140, "unit": "mmol/L"}),
    "eGFR": lambda n: observation(n, "33914-3", {"value": 60, "unit": "mL/min"}),
    "fills of one drug": lambda n: dispense(n, (SERTRALINE,)),
    "fills of one drug, apart": lambda n: dispense(n, (SERTRALINE,), every=97),
    "fills of two strengths": lambda n: dispense(
        n, (SERTRALINE, ("861064", "sertraline 100 MG Oral Tablet"))
    ),
    "fills of many drugs": lambda n: dispense(n, DRUGS, every=31),
    "orders of one drug": lambda n: order(n, (SERTRALINE,)),
    "orders of many drugs": lambda n: order(n, DRUGS, reasonCode=[{"text": "bipolar disorder"}]),
    "open orders": lambda n: order(n, DRUGS, status="active", dispenseRequest=None),
    "doses given": lambda n: administration(n, (SERTRALINE,)),
    "ketamine given": lambda n: administration(n, (("1741187", "ketamine 10 MG/ML Injectable Solution"),)),
    "statements": lambda n: statement(n, DRUGS),
    "allergies": lambda n: {
        **resource("AllergyIntolerance", n, code=concept(RXNORM, "6130", "ketamine")),
        "patient": PATIENT,
        "reaction": [{"manifestation": [{"text": ("rash", "nausea")[n % 2]}]}],
    },
    "procedures": lambda n: resource(
        "Procedure",
        n,
        status="completed",
        code={"text": "electroconvulsive therapy"},
        performedDateTime=ago(n % 900),
    ),
    "service requests": lambda n: resource(
        "ServiceRequest",
        n,
        status="active",
        intent="order",
        code={"text": "referral for esketamine"},
        authoredOn=ago(n),
    ),
    "forms": lambda n: resource(
        "QuestionnaireResponse",
        n,
        status="completed",
        authored=ago(n % 900),
        item=[
            {
                "linkId": "44260-8",
                "text": "Thoughts that you would be better off dead",
                "answer": [{"valueInteger": n % 4}],
            },
            {"linkId": f"/{n}", "text": f"question {n}", "answer": [{"valueString": f"answer {n}"}]},
        ],
    ),
    "devices": lambda n: resource(
        "DeviceUseStatement", n, status="active", bodySite={"text": f"vagus nerve stimulator {n}"}
    ),
    "encounters": lambda n: resource(
        "Encounter",
        n,
        status="finished",
        **{"class": {"code": "IMP"}},
        period={"start": ago(n + 2), "end": ago(n)},
    ),
}


_ONE_DAY = {"effectiveDateTime": ago(3)}
_ALL = tuple(KINDS.values())
MIXED: Mapping[str, Callable[[int], Json]] = {
    "all in turn": lambda n: _ALL[n % len(_ALL)](n),
    "pressures of one day": lambda n: {**pressure(2 * n + 1), **_ONE_DAY},
    "pressures of one hour": lambda n: {**pressure(2 * n + 1), "effectiveDateTime": f"{ago(3)}T10:00:00Z"},
    "pressures in part of one day": lambda n: {**pressure(n), **_ONE_DAY},
    "answers of one day": lambda n: {
        **coded_answer(n, ("93246-7", "93247-5", "44260-8")[n % 3], 1),
        **_ONE_DAY,
    },
    "old answers": lambda n: {
        **coded_answer(n, "44260-8", (n % 3) and 1),
        "effectiveDateTime": ago(300 - n % 200),
    },
    "courses, scores": lambda n: (KINDS["scores"], KINDS["fills of one drug, apart"])[n % 2](n),
    "courses, eGFR": lambda n: (KINDS["eGFR"], KINDS["fills of one drug, apart"])[n % 2](n),
    "courses of many drugs, scores": lambda n: (KINDS["scores"], KINDS["fills of many drugs"])[n % 2](n),
    "courses of many drugs, orders": lambda n: (KINDS["orders of many drugs"], KINDS["fills of many drugs"])[
        n % 2
    ](n),
    "courses of many drugs, other fills": lambda n: (
        dispense(n, DRUGS, every=31),
        dispense(n, (DRUGS[-1],)),
        order(n, DRUGS),
    )[n % 3],
    "urine screens, opioids": lambda n: (KINDS["urine screens"], lambda n: order(n, DRUGS))[n % 2](n),
    "courses, augmentations": lambda n: dispense(
        n, (SERTRALINE, ("282401", "lithium carbonate 300 MG")), every=97
    ),
    "lithium, levels": lambda n: (
        dispense(n, (("282401", "lithium carbonate 300 MG"),), every=97)
        if n % 2
        else observation(n, "14334-7", {"value": 0.7, "unit": "mmol/L"})
    ),
    "ketamine apart": lambda n: administration(
        97 * n, (("1741187", "ketamine 10 MG/ML Injectable Solution"),), last=40_000
    ),
    "attempts, answers": lambda n: (KINDS["suicide attempts"], KINDS["item 9"])[n % 2](n),
    "ketamine given, encounters": lambda n: (
        KINDS["ketamine given"],
        KINDS["encounters"],
        KINDS["procedures"],
    )[n % 3](n),
    "pregnancies, tests": lambda n: (KINDS["pregnancies"], KINDS["pregnancy tests"])[n % 2](n),
}
GROWING = {**KINDS, **MIXED}


def record(kind: str, number: int) -> bytes:
    """A Bundle of one patient with depression, and so many entries of a kind."""
    base = [
        {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1981-05-17"},
        condition(100_000, "F33.2", "Major depressive disorder, recurrent severe"),
        dispense(100_000, (SERTRALINE,)),
    ]
    entries = [*base, *(GROWING[kind](one) for one in range(number))]
    return json.dumps(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {"resource": {name: value for name, value in one.items() if value is not None}}
                for one in entries
            ],
        }
    ).encode()


class Steps:
    """How many steps each function took: lines begun, again in each round of a loop."""

    def __init__(self) -> None:
        self.taken: Counter[CodeType] = Counter()

    def count(self, frame: FrameType, event: str, _value: object) -> Any:
        """Count one event of the interpreter, and those within it."""
        self.taken[frame.f_code] += 1
        return self.count


@contextmanager
def counted() -> Iterator[Steps]:
    """Count the steps of what is done within."""
    steps, before = Steps(), sys.gettrace()
    sys.settrace(steps.count)
    try:
        yield steps
    finally:
        sys.settrace(before)

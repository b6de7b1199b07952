"""A chart in FHIR R4 and the calls that an EHR makes with it, for tests to change.

CHART is a man in his forties in a recurrent severe depression with two failed trials, a score, a blood
pressure and nothing against ketamine or esketamine, so that on DAY his card is `recommend`.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.asked import ASKED_FOR as ASKED_FOR

Json = dict[str, Any]

DAY = datetime.now(UTC).date()
PATIENT = "p1"
SUBJECT: Json = {"reference": f"Patient/{PATIENT}"}
SERVER = "https://ehr.example.org/fhir"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
TERMS = "http://terminology.hl7.org/CodeSystem"
SEVERE_DEPRESSION = "F33.2 Major depressive disorder, recurrent severe without psychotic features"
ANEURYSM = "I71.40 Abdominal aortic aneurysm, without rupture, unspecified"
ALCOHOL = "F10.20 Alcohol dependence, uncomplicated"


def ago(days: int) -> str:
    """The day that many days before DAY."""
    return str(DAY - timedelta(days=days))


def concept(said: str, system: str = ICD10) -> Json:
    """A CodeableConcept from `CODE name`."""
    code, _, name = said.partition(" ")
    return {"coding": [{"system": system, "code": code, "display": name}]}


def state(system: str, code: str) -> Json:
    """A CodeableConcept of one of FHIR's own state code systems."""
    return {"coding": [{"system": f"{TERMS}/{system}", "code": code}]}


def condition(said: str, **members: Any) -> Json:
    """An active, confirmed problem, since 500 days."""
    return {
        "resourceType": "Condition",
        "id": f"condition-{said.split()[0].replace('.', '-')}",
        "subject": SUBJECT,
        "clinicalStatus": state("condition-clinical", "active"),
        "verificationStatus": state("condition-ver-status", "confirmed"),
        "code": concept(said),
        "onsetDateTime": ago(500),
        **members,
    }


def dispense(said: str, begun: int, days: int, **members: Any) -> Json:
    """One tablet a day of an RxNorm drug, handed over for that many days."""
    return {
        "resourceType": "MedicationDispense",
        "id": f"dispense-{said.split()[0]}-{begun}",
        "status": "completed",
        "subject": SUBJECT,
        "medicationCodeableConcept": concept(said, RXNORM),
        "whenHandedOver": ago(begun),
        "daysSupply": {"value": days, "unit": "days"},
        "dosageInstruction": [{"text": "Take 1 tablet daily"}],
        **members,
    }


def score(total: int, days_ago: int) -> Json:
    """The total of a PHQ-9."""
    return observation("44261-6 PHQ-9 total score", days_ago, valueInteger=total)


def item_9(answer: int, days_ago: int) -> Json:
    """Item 9 of a PHQ-9: thoughts of death or self-harm."""
    return observation("44260-8 PHQ-9 item 9", days_ago, valueInteger=answer)


def observation(said: str, days_ago: int, **members: Any) -> Json:
    """A final observation with a LOINC code."""
    return {
        "resourceType": "Observation",
        "id": f"observation-{said.split()[0]}-{days_ago}",
        "status": "final",
        "subject": SUBJECT,
        "code": concept(said, LOINC),
        "effectiveDateTime": ago(days_ago),
        **members,
    }


def blood_pressure(systolic: int, diastolic: int, days_ago: int) -> Json:
    """A blood pressure with both components."""
    parts = (("8480-6 Systolic blood pressure", systolic), ("8462-4 Diastolic blood pressure", diastolic))
    components = [
        {"code": concept(said, LOINC), "valueQuantity": {"value": value, "unit": "mmHg"}}
        for said, value in parts
    ]
    return observation("85354-9 Blood pressure panel", days_ago, component=components)


def patient(**members: Any) -> Json:
    """The patient."""
    return {
        "resourceType": "Patient",
        "id": PATIENT,
        "gender": "male",
        "birthDate": "1981-05-17",
        **members,
    }


NO_KNOWN_ALLERGY: Json = {
    "resourceType": "AllergyIntolerance",
    "id": "allergy",
    "patient": SUBJECT,
    "clinicalStatus": state("allergyintolerance-clinical", "active"),
    "verificationStatus": state("allergyintolerance-verification", "confirmed"),
    "code": concept("716186003 No known allergy", SNOMED),
}
SERTRALINE = dispense("312938 sertraline 100 MG Oral Tablet", 400, 90)
VENLAFAXINE = dispense("313581 24 HR venlafaxine 150 MG Extended Release Oral Capsule", 300, 100)
CHART: tuple[Json, ...] = (
    patient(),
    condition(SEVERE_DEPRESSION),
    SERTRALINE,
    VENLAFAXINE,
    score(21, 400),
    score(19, 315),
    score(18, 205),
    score(20, 5),
    blood_pressure(122, 78, 5),
    item_9(0, 5),
    NO_KNOWN_ALLERGY,
)


def searchset(kind: str, resources: Sequence[Json], links: Iterable[Mapping[str, str]] = ()) -> Json:
    """The answer of a search; without matches it has no entries."""
    entries = [{"fullUrl": f"{SERVER}/{kind}/{one['id']}", "resource": one} for one in resources]
    itself = {"relation": "self", "url": f"{SERVER}/{kind}?patient={PATIENT}"}
    found: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return found | {"link": [itself, *links]} | ({"entry": entries} if entries else {})


def prefetched(*resources: Json) -> Json:
    """Everything that the services ask for, answered from these resources."""
    found: Json = {
        key: searchset(kind, [one for one in resources if one["resourceType"] == kind])
        for key, kind in ASKED_FOR.items()
        if kind != "Patient"
    }
    people = [one for one in resources if one["resourceType"] == "Patient"]
    return ({"patient": people[0]} if people else {}) | found


def without(key: str, chart: Json) -> Json:
    """A prefetch that lacks a key."""
    return {name: value for name, value in chart.items() if name != key}


def refused(kind: str) -> Json:
    """What a server answers that cannot give a list."""
    issue = {"severity": "error", "code": "exception", "expression": [kind]}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def drug(said: str, *, text: str = "", system: str = RXNORM, **members: Any) -> Json:
    """A draft of a medicine, by `CODE name` or, without a code, by its text alone."""
    coded = concept(said, system) if said else {}
    named = coded | ({"text": text} if text else {})
    return {
        "resourceType": "MedicationRequest",
        "id": "draft",
        "status": "draft",
        "intent": "order",
        "subject": SUBJECT,
        "medicationCodeableConcept": named,
        **members,
    }


def service(said: str = "", *, text: str = "", **members: Any) -> Json:
    """A draft of a referral or procedure, by SNOMED CT `CODE name` or by its text alone."""
    coded = concept(said, SNOMED) if said else {}
    return {
        "resourceType": "ServiceRequest",
        "id": "draft",
        "status": "draft",
        "intent": "order",
        "subject": SUBJECT,
        "code": coded | ({"text": text} if text else {}),
        **members,
    }


SPRAY = "2119387 esketamine 140 MG/ML Nasal Spray [Spravato]"
VIALS = "238082 ketamine 10 MG/ML Injectable Solution"
FOR_DEPRESSION: Json = {"reasonCode": [concept(SEVERE_DEPRESSION)]}


def reason(said: str) -> Json:
    """The member that gives an order a reason in words."""
    return {"reasonCode": [{"text": said}]}


def call(
    hook: str,
    prefetch: Json | None,
    drafts: Sequence[Json] = (),
    selections: Sequence[str] | None = None,
    **context: Any,
) -> Json:
    """The body of a call; in order-select everything is selected unless `selections` says otherwise."""
    members: Json = {"userId": "Practitioner/dr", "patientId": PATIENT, **context}
    if hook != "patient-view":
        entries = [{"resource": one} for one in drafts]
        members["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    if hook == "order-select":
        every = [f"{one['resourceType']}/{one['id']}" for one in drafts]
        members["selections"] = list(every if selections is None else selections)
    body: Json = {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": members}
    return body if prefetch is None else body | {"prefetch": prefetch}

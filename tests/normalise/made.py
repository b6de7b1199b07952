"""Small FHIR resources for the tests, and the facts that a record of them holds."""

import json
from datetime import date
from functools import cache
from typing import Any

from mappings.reading import ReadingTables, load_reading
from mappings.terminology import Terminology, load_terminology
from service.clinical.facts import Exposure, PatientFacts
from service.fhir.record import read_bundle
from service.normalise import facts

AS_OF = date(2026, 11, 2)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
NDC = "http://hl7.org/fhir/sid/ndc"
SERTRALINE_100 = "312938 sertraline 100 MG Oral Tablet"
SERTRALINE_50 = "312941 sertraline 50 MG Oral Tablet"

Json = dict[str, Any]


@cache
def terminology() -> Terminology:
    """The shipped terminology, read once."""
    return load_terminology()


@cache
def tables() -> ReadingTables:
    """The shipped reading tables, read once."""
    return load_reading()


def concept(coded: str = "", system: str = RXNORM, text: str = "") -> Json:
    """A CodeableConcept of one coding, written as "code display"."""
    code, _, display = coded.partition(" ")
    coding: Json = {"system": system, "code": code}
    if display:
        coding["display"] = display
    return ({"coding": [coding]} if coded else {}) | ({"text": text} if text else {})


def patient(**members: Any) -> Json:
    """The patient everything is about."""
    return {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-05-17"} | members


def mg(value: float, **repeat: Any) -> Json:
    """A dosage of so many mg, once a day unless told otherwise."""
    return {
        "timing": {"repeat": repeat or {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": value, "unit": "mg"}}],
    }


def request(drug: str = SERTRALINE_100, **members: Any) -> Json:
    """An active order of 2026-01-10."""
    return {
        "resourceType": "MedicationRequest",
        "id": "rx",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "authoredOn": "2026-01-10",
        "medicationCodeableConcept": concept(drug),
    } | members


def dispense(drug: str = SERTRALINE_100, **members: Any) -> Json:
    """A supply handed over on 2026-01-10."""
    return {
        "resourceType": "MedicationDispense",
        "id": "disp",
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "whenHandedOver": "2026-01-10",
        "medicationCodeableConcept": concept(drug),
    } | members


def statement(drug: str = SERTRALINE_100, **members: Any) -> Json:
    """A report of use without any date."""
    return {
        "resourceType": "MedicationStatement",
        "id": "st",
        "status": "active",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": concept(drug),
    } | members


def administration(drug: str = SERTRALINE_100, **members: Any) -> Json:
    """One giving on 2026-01-10."""
    return {
        "resourceType": "MedicationAdministration",
        "id": "adm",
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-01-10T08:00:00Z",
        "medicationCodeableConcept": concept(drug),
    } | members


def condition(coded: str = "F33.2 MDD, recurrent, severe", system: str = ICD10CM, **members: Any) -> Json:
    """A confirmed, active problem without a date."""
    return {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/p"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": concept(coded, system),
    } | members


def observation(coded: str, **members: Any) -> Json:
    """A final observation of 2026-10-20, coded in LOINC."""
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-10-20T09:30:00-05:00",
        "code": concept(coded, LOINC),
    } | members


def quantity(value: float, unit: str = "") -> Json:
    """A Quantity."""
    return {"value": value} | ({"unit": unit} if unit else {})


def bundle(*resources: Json) -> Json:
    """A Bundle of these resources."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def read(*resources: Json, as_of: date = AS_OF, patient_id: str | None = None) -> PatientFacts:
    """The facts in a record of these resources and, unless one is among them, the patient."""
    people = [] if any(r["resourceType"] == "Patient" for r in resources) else [patient()]
    raw = json.dumps(bundle(*people, *resources)).encode()
    return facts(read_bundle(raw), terminology(), tables(), as_of, patient_id=patient_id)


def exposure(resource: Json, *others: Json) -> Exposure:
    """The only exposure that a medication resource gives, others helping."""
    (only,) = read(resource, *others).exposures
    return only


def daily(*dosages: Json, drug: str = SERTRALINE_100) -> list[float | None]:
    """Milligrams a day, step by step, of an order with these dosages."""
    return [dose.daily_mg for dose in exposure(request(drug, dosageInstruction=list(dosages))).doses]


def reasons(found: PatientFacts) -> list[str]:
    """Why resources were set aside, each with its reference."""
    return [f"{one.reference}: {one.reason}" for one in found.unreadable]

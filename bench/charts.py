"""Makes charts as EHRs send them: US-Core-like resources of about 1.85 kB, the same for the same seed.

A third has narrative text, half an identifier. Nothing here is a rule: the codes are those of common entries.
"""

import random
import uuid
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

Json = dict[str, Any]

SHARES = {
    "AllergyIntolerance": 0.03,
    "Condition": 0.10,
    "MedicationRequest": 0.15,
    "MedicationStatement": 0.05,
    "MedicationDispense": 0.15,
}  # the rest are observations
WITH_CONTEXT = ("MedicationStatement", "MedicationDispense")  # where others have an encounter
PATIENT = "p1"
PER_COURSE = 4  # resources: an order, and three monthly dispenses
YEARS_OF_DAYS = 700  # so far back a chart goes
RXNORM, ICD, LOINC = (
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://loinc.org",
)
HL7 = "http://terminology.hl7.org/CodeSystem"
ANTIDEPRESSANTS = (
    ("312941", "sertraline 50 MG Oral Tablet"),
    ("312938", "sertraline 100 MG Oral Tablet"),
    ("310385", "fluoxetine 20 MG Oral Capsule"),
    ("313580", "venlafaxine 100 MG Oral Tablet"),
)
OTHER_DRUGS = (
    ("197361", "amlodipine 5 MG Oral Tablet"),
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("617312", "atorvastatin 20 MG Oral Tablet"),
    ("860975", "metformin hydrochloride 500 MG Oral Tablet"),
)
DEPRESSION = ("F33.2", "Major depressive disorder, recurrent severe without psychotic features")
PROBLEMS = (
    ("I10", "Essential (primary) hypertension"),
    ("E11.9", "Type 2 diabetes mellitus without complications"),
    ("M54.50", "Low back pain, unspecified"),
    ("J45.909", "Unspecified asthma, uncomplicated"),
    ("K21.9", "Gastro-esophageal reflux disease without esophagitis"),
    ("E78.5", "Hyperlipidemia, unspecified"),
    ("I71.40", "Abdominal aortic aneurysm, without rupture, unspecified"),
    ("Q28.2", "Arteriovenous malformation of cerebral vessels"),
)
ALLERGENS = (
    ("7980", "penicillin G"),
    ("2670", "codeine"),
    ("10180", "sulfamethoxazole"),
    ("6130", "ketamine"),
)
RARE = 0.05  # how often the last ones of PROBLEMS and ALLERGENS are taken, which say something
MEASURED = (
    ("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", 70, 200),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.5, 1.6),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 9, 17),
    ("29463-7", "Body weight", "kg", 45, 120),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 132, 146),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3.2, 5.4),
    ("39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", 18, 38),
    ("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]", "{score}", 0, 27),
)
PANEL = ("85354-9", "Blood pressure panel with all children optional")
DAILY = {
    "text": "Take 1 tablet by mouth daily",
    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
    "route": {"coding": [{"system": "http://snomed.info/sct", "code": "26643006", "display": "Oral route"}]},
    "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
}
SUBJECT = {"reference": f"Patient/{PATIENT}", "display": "Made-up Patient"}


class ChartMaker:
    """Makes the resources of one patient, as the chart stands on `today`.

    `courses` is how many antidepressant courses it holds, each prescribed, dispensed monthly and ended; None
    lets a third of the medicines be antidepressants at random. `narrative` multiplies the texts. `unseen`
    gives each name and sentence words of its own, and no codes.
    """

    def __init__(
        self,
        today: date,
        seed: int = 1,
        *,
        courses: int | None = None,
        narrative: int = 1,
        unseen: bool = False,
    ) -> None:
        self._today, self._random = today, random.Random(seed)
        self._courses, self._narrative, self._unseen, self._seed = courses, narrative, unseen, seed

    def chart(self, resources: int) -> dict[str, list[Json]]:
        """Return so many resources by type, and never less than its courses and one of each type."""
        resources -= PER_COURSE * (self._courses or 0)
        counts = {kind: max(1, int(resources * share)) for kind, share in SHARES.items()}
        counts["Observation"] = max(1, resources - sum(counts.values()))
        makers: Mapping[str, Callable[[int], Json]] = {
            "AllergyIntolerance": self._allergy,
            "Condition": self._condition,
            "MedicationRequest": lambda n: self._medicine("MedicationRequest", n),
            "MedicationStatement": lambda n: self._medicine("MedicationStatement", n),
            "MedicationDispense": lambda n: self._medicine("MedicationDispense", n),
            "Observation": self._observation,
        }
        made = {kind: [make(n) for n in range(counts[kind])] for kind, make in makers.items()}
        for number in range(self._courses or 0):
            self._add_course(made, number)
        return made

    def _day(self, days_ago: int) -> str:
        return (self._today - timedelta(days=days_ago)).isoformat()

    def _base(self, kind: str, number: int, text: str, **members: Any) -> Json:
        chance = self._random
        resource: Json = {
            "resourceType": kind,
            "id": f"{kind.lower()}-{number}",
            "meta": {
                "versionId": "1",
                "lastUpdated": f"{self._day(number % YEARS_OF_DAYS)}T10:00:00Z",
                "source": "#0aZ3bTq9wXk1LmN4",
                "profile": [f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{kind.lower()}"],
                "tag": [
                    {"system": f"{HL7}/v3-ObservationValue", "code": "SUBSETTED", "display": "subsetted"}
                ],
            },
            "extension": [
                {"url": f"https://ehr.example.org/fhir/StructureDefinition/{name}", "valueString": value}
                for name, value in (("source-system", "ward 4 east"), ("entry-method", "clinician entered"))
            ],
            "context" if kind in WITH_CONTEXT else "encounter": {
                "reference": f"Encounter/e{number % 97}",
                "display": "Outpatient visit, adult psychiatry",
            },
            "note": [
                {"time": f"{self._day(3)}T09:00:00Z", "text": "Reviewed with the patient at the visit."}
            ],
        }
        if chance.random() < 0.5:
            value = str(uuid.UUID(int=chance.getrandbits(128)))
            resource["identifier"] = [{"system": "urn:oid:1.2.36.146.595.217.0.1", "value": value}]
        if self._narrative > 1 or chance.random() < 0.3:
            resource["text"] = _narrative(text, self._narrative)
        return resource | members

    def _coded(self, system: str, code: str, name: str) -> Json:
        text = f"{name} ({self._seed} {self._random.getrandbits(40)})" if self._unseen else name
        coding = {"system": system, "code": code, "display": name}
        return {"coding": [] if self._unseen else [coding], "text": text}

    def _allergy(self, number: int) -> Json:
        code, name = self._one_of(ALLERGENS, 1)
        return self._base(
            "AllergyIntolerance", number, name,
            clinicalStatus=_status(f"{HL7}/allergyintolerance-clinical", "active"),
            verificationStatus=_status(f"{HL7}/allergyintolerance-verification", "confirmed"),
            code=self._coded(RXNORM, code, name), patient=SUBJECT,
            recordedDate=self._day(self._random.randrange(2000)),
            reaction=[{"manifestation": [{"text": "hives"}]}],
        )  # fmt: skip

    def _condition(self, number: int) -> Json:
        code, name = self._one_of(PROBLEMS, 2) if number else DEPRESSION
        return self._base(
            "Condition", number, name,
            clinicalStatus=_status(f"{HL7}/condition-clinical", "active"),
            verificationStatus=_status(f"{HL7}/condition-ver-status", "confirmed"),
            category=[_status(f"{HL7}/condition-category", "problem-list-item")],
            code=self._coded(ICD, code, name), subject=SUBJECT,
            onsetDateTime=self._day(self._random.randrange(30, YEARS_OF_DAYS)),
            recordedDate=self._day(self._random.randrange(YEARS_OF_DAYS)),
        )  # fmt: skip

    def _one_of(self, rows: tuple[tuple[str, str], ...], rare: int) -> tuple[str, str]:
        """One row; one of the last few, the `rare`, seldom."""
        chance = self._random
        return chance.choice(rows[-rare:] if chance.random() < RARE else rows[:-rare])

    def _medicine(self, kind: str, number: int) -> Json:
        chance = self._random
        drugs = OTHER_DRUGS if self._courses is not None else (*ANTIDEPRESSANTS[:2], *OTHER_DRUGS)
        code, name = chance.choice(drugs)
        begun = chance.randrange(10, YEARS_OF_DAYS)
        return self._supply(
            kind, number, code, name, begun, chance.choice(("active", "completed", "stopped"))
        )

    def _supply(self, kind: str, number: int, code: str, name: str, begun: int, status: str) -> Json:
        medicine = self._coded(RXNORM, code, name)
        dosage = [
            DAILY | {"text": f"{DAILY['text']} {self._random.getrandbits(40)}"} if self._unseen else DAILY
        ]
        members: Json = {"medicationCodeableConcept": medicine, "subject": SUBJECT}
        if kind == "MedicationRequest":
            members |= {"status": status, "intent": "order", "authoredOn": self._day(begun)}
            members |= {"requester": {"reference": "Practitioner/1"}, "dosageInstruction": dosage}
            supply = {"value": 30, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}
            members["dispenseRequest"] = {
                "numberOfRepeatsAllowed": 1, "quantity": {"value": 30}, "expectedSupplyDuration": supply,
            }  # fmt: skip
        elif kind == "MedicationDispense":
            members |= {"status": "completed", "whenHandedOver": self._day(begun)}
            members |= {
                "quantity": {"value": 30, "unit": "tablet"},
                "daysSupply": {"value": 30, "unit": "days"},
            }
            members["dosageInstruction"] = dosage
        else:
            members |= {"status": "active", "dosage": dosage}
            members["effectivePeriod"] = {"start": self._day(begun), "end": self._day(max(begun - 60, 0))}
        return self._base(kind, number, name, **members)

    def _add_course(self, made: dict[str, list[Json]], course: int) -> None:
        """Add one course; they follow each other back in time."""
        code, name = ANTIDEPRESSANTS[course % len(ANTIDEPRESSANTS)]
        begun = 100 + 95 * course
        order = self._supply("MedicationRequest", 9000 + course, code, name, begun, "completed")
        made["MedicationRequest"].append(order)
        for month in range(3):
            number = 9000 + 3 * course + month
            fill = self._supply("MedicationDispense", number, code, name, begun - 30 * month, "completed")
            made["MedicationDispense"].append(fill)

    def _observation(self, number: int) -> Json:
        chance = self._random
        members: Json = {
            "status": "final", "subject": SUBJECT, "performer": [{"reference": "Practitioner/1"}],
            "effectiveDateTime": f"{self._day(chance.randrange(YEARS_OF_DAYS))}T08:30:{number % 60:02}Z",
            "issued": f"{self._day(3)}T09:00:00Z",
        }  # fmt: skip
        if chance.random() < 0.1 or number == 0:
            members["category"] = [_status(f"{HL7}/observation-category", "vital-signs")]
            members["code"] = _coded(LOINC, *PANEL)
            members["component"] = [
                _component("8480-6", "Systolic blood pressure", chance.randrange(110, 150)),
                _component("8462-4", "Diastolic blood pressure", chance.randrange(60, 88)),
            ]
            return self._base("Observation", number, PANEL[1], **members)
        code, name, unit, low, high = chance.choice(MEASURED)
        members["category"] = [_status(f"{HL7}/observation-category", "laboratory")]
        members["code"] = self._coded(LOINC, code, name)
        value = chance.randrange(28) if unit == "{score}" else round(chance.uniform(low, high), 1)
        members["valueQuantity"] = _quantity(value, unit)
        return self._base("Observation", number, name, **members)


def _coded(system: str, code: str, name: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": name}], "text": name}


def _status(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def _component(code: str, name: str, value: int) -> Json:
    return {"code": _coded(LOINC, code, name), "valueQuantity": _quantity(value, "mm[Hg]")}


def _narrative(text: str, times: int) -> Json:
    cells = f"<td>{text}</td>" * (12 * times)
    table = f"<p><b>Generated Narrative</b></p><table><tr>{cells}</tr></table>"
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{table}</div>'}

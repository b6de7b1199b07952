"""The typed reading held against fhir.resources (R4B, which equals R4 for these resources)."""

import json
from typing import Any

import msgspec
import pytest
from fhir.resources.R4B import get_fhir_model_class

from service.fhir.record import read_bundle
from service.normalise.dates import when
from tests.normalise.made import (
    ICD10CM,
    LOINC,
    SNOMED,
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
)

VALID: list[Json] = [
    patient(
        identifier=[{"system": "http://hospital.example.org/mrn", "value": "D-1"}], deceasedBoolean=False
    ),
    condition(
        recordedDate="2025-06-20",
        onsetPeriod={"start": "2010", "end": "2011-05"},
        abatementString="some years ago",
        encounter={"reference": "Encounter/e"},
        stage=[{"summary": {"text": "severe"}}],
    ),
    condition(onsetAge={"value": 31, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}),
    request(
        authoredOn="2026-01-10T09:30:00.123456-05:00",
        reportedBoolean=False,
        statusReason=concept("sintol", "urn:x", "rash"),
        category=[concept("community", "urn:x")],
        reasonCode=[concept("F33.2", ICD10CM)],
        reasonReference=[{"reference": "Condition/c"}],
        dosageInstruction=[
            mg(
                100,
                boundsPeriod={"start": "2026-01-10", "end": "2026-03-01"},
                frequency=1,
                period=1,
                periodUnit="d",
                when=["HS"],
            )
            | {
                "sequence": 1,
                "text": "1 tablet at bedtime",
                "asNeededBoolean": False,
                "route": concept("26643006", SNOMED),
            },
            {
                "sequence": 2,
                "asNeededCodeableConcept": {"text": "sleep"},
                "doseAndRate": [{"doseRange": {"low": quantity(25, "mg")}}],
                "timing": {
                    "code": concept("BID", "urn:x"),
                    "repeat": {"boundsDuration": quantity(7, "d"), "timeOfDay": ["09:00:00"]},
                },
            },
        ],
        dispenseRequest={
            "validityPeriod": {"start": "2026-01-10"},
            "numberOfRepeatsAllowed": 3,
            "quantity": quantity(30, "tablet"),
            "expectedSupplyDuration": quantity(30, "days"),
        },
    ),
    dispense(
        authorizingPrescription=[{"reference": "MedicationRequest/rx"}],
        daysSupply=quantity(30, "days"),
        quantity=quantity(30, "tablet"),
        whenPrepared="2026-01-09",
        statusReasonCodeableConcept={"text": "x"},
    ),
    statement(
        effectivePeriod={"start": "2024-01", "end": "2024-06"},
        informationSource={"reference": "Patient/p"},
        dosage=[{"text": "20 mg"}],
    ),
    administration(
        dosage={"text": "50 mg", "dose": quantity(50, "mg")}, request={"reference": "MedicationRequest/rx"}
    ),
    observation("44261-6", valueInteger=17, referenceRange=[{"high": quantity(27)}]),
    observation(
        "44260-8", valueCodeableConcept=concept("LA6568-5 Not at all", LOINC), dataAbsentReason={"text": "x"}
    ),
    observation(
        "85354-9", component=[{"code": concept("8480-6", LOINC), "valueQuantity": quantity(126.5, "mmHg")}]
    ),
    {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/p"},
        "type": "allergy",
        "criticality": "high",
        "code": concept("6130 ketamine"),
        "reaction": [{"manifestation": [concept("39579001 Anaphylaxis", SNOMED)]}],
    },
    {
        "resourceType": "Procedure",
        "id": "x",
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "code": {"text": "ECT"},
        "performedPeriod": {"start": "2025-01-01", "end": "2025-02-01"},
        "outcome": {"text": "no response"},
    },
    {
        "resourceType": "ServiceRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "code": concept("183524004", SNOMED),
        "orderDetail": [{"text": "ketamine"}],
        "note": [{"text": "soon"}],
    },
    {
        "resourceType": "QuestionnaireResponse",
        "id": "q",
        "status": "completed",
        "authored": "2026-10-20",
        "item": [
            {"linkId": "/44249-1", "item": [{"linkId": "/44261-6", "answer": [{"valueDecimal": 17.0}]}]}
        ],
    },
    {
        "resourceType": "Medication",
        "id": "m",
        "code": {"text": "infusion"},
        "ingredient": [
            {
                "itemCodeableConcept": concept("6130 ketamine"),
                "strength": {"numerator": quantity(40, "mg"), "denominator": quantity(100, "mL")},
            },
        ],
    },
]


def agree(ours: Any, theirs: Any) -> bool:
    """Whether all that we read is what the reference implementation read."""
    if isinstance(ours, dict):
        return all(
            _empty(v) or (isinstance(theirs, dict) and agree(v, theirs.get(k))) for k, v in ours.items()
        )
    if isinstance(ours, list):
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(agree, ours, theirs))
    if isinstance(ours, str) and isinstance(theirs, str) and when(ours) is not None:
        return when(ours) == when(theirs)
    if isinstance(ours, float):
        return ours == float(theirs)
    return bool(ours == theirs)


def _empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_empty, value.values()))
    return value in (None, "", [], False)


@pytest.mark.parametrize("resource", VALID, ids=lambda r: r["resourceType"])
def test_both_readings_hold_the_same_values(resource: Json) -> None:
    """Every element that is read has the value that fhir.resources gives it."""
    theirs = json.loads(
        get_fhir_model_class(resource["resourceType"]).model_validate(resource).model_dump_json()
    )
    (row,) = {id(r): r for r in read_bundle(json.dumps(bundle(resource)).encode()).found.values()}.values()
    ours = json.loads(msgspec.json.encode(row.resource))
    assert {key for key, value in resource.items() if not _empty(value)} <= {
        key for key, value in ours.items() if not _empty(value)
    }
    assert agree(ours, theirs)

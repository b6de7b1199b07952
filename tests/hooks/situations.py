"""Calls that between them draw every kind of card."""

from tests.hooks.chart import (
    ALCOHOL,
    ANEURYSM,
    CHART,
    FOR_DEPRESSION,
    SPRAY,
    VENLAFAXINE,
    VIALS,
    Json,
    call,
    condition,
    drug,
    item_9,
    observation,
    patient,
    prefetched,
    refused,
    service,
)

MIRTAZAPINE = drug("311725 mirtazapine 15 MG Oral Tablet")
ESKETAMINE = drug(SPRAY, **FOR_DEPRESSION)
KETAMINE = drug(VIALS, **FOR_DEPRESSION)
REFERRAL = service(text="Referral for esketamine treatment")
PLAIN = prefetched(*CHART)
ONE_TRIAL = prefetched(*(one for one in CHART if one is not VENLAFAXINE))
NOT_DEPRESSED = prefetched(*(one for one in CHART if one["resourceType"] != "Condition"))
ANEURYSMATIC = prefetched(*CHART, condition(ANEURYSM))
DRINKING = prefetched(*CHART, condition(ALCOHOL))
GRAVE = prefetched(*CHART, item_9(2, 1))
WORRYING = prefetched(*(one for one in CHART if one["id"] != "observation-44260-8-5"), item_9(1, 1))
DECEASED = prefetched(patient(deceasedBoolean=True), *CHART[1:], condition(ANEURYSM), item_9(2, 1))
UNMEASURED = prefetched(*(one for one in CHART if not one["id"].startswith("observation-85354")))
PREGNANT = prefetched(
    patient(gender="female"),
    *CHART[1:],
    observation("82810-3 Pregnancy status", 20, valueCodeableConcept={"coding": [{
        "system": "http://snomed.info/sct", "code": "77386006", "display": "Pregnant"}]}),
)  # fmt: skip
BLIND = {**PLAIN, "medicationRequests": refused("MedicationRequest")} | {
    key: refused(kind)
    for key, kind in (
        ("medicationDispenses", "MedicationDispense"),
        ("medicationStatements", "MedicationStatement"),
    )
}

SITUATIONS: dict[str, Json] = {
    "recommend": call("patient-view", PLAIN),
    "caution": call("patient-view", DRINKING),
    "both routes": call("patient-view", ANEURYSMATIC),
    "insufficient-data": call("patient-view", UNMEASURED),
    "safety, caution": call("patient-view", GRAVE),
    "safety warning": call("patient-view", WORRYING),
    "not-assessed": call("patient-view", BLIND),
    "nothing": call("patient-view", NOT_DEPRESSED),
    "order-check info": call("order-sign", PLAIN, [ESKETAMINE]),
    "order-check warning": call("order-select", ONE_TRIAL, [KETAMINE]),
    "order-check critical": call("order-sign", ANEURYSMATIC, [ESKETAMINE, {**KETAMINE, "id": "second"}]),
    "referral": call("order-sign", PLAIN, [REFERRAL]),
    "safety, order-check": call("order-select", GRAVE, [ESKETAMINE]),
    "for the depression": call("order-sign", PLAIN, [MIRTAZAPINE]),
    "unrelated": call("order-sign", PLAIN, [drug("308182 amoxicillin 250 MG Oral Capsule")]),
}

"""Quirks of medicines: which drug it is (A), and whether it is a real, wanted order (B)."""

import copy
import re
from typing import Any

from tests.corpus.writing import (
    FILLS,
    ORDERS,
    SUPPLIED,
    Change,
    Json,
    Quirk,
    add,
    ago,
    bounded,
    drop,
    each,
    edit,
    first,
    in_turn,
    inside,
    made,
    order,
    other,
    put,
    resources,
    same,
    where,
)
from tests.vignettes.fhir import RXNORM, coded, concept

CONCEPT = "medicationCodeableConcept"
NDC = "http://hl7.org/fhir/sid/ndc"
SNOMED = "http://snomed.info/sct"
LEVELS = {  # code of the product in the vignettes -> ingredient, component, branded product
    "312938": ("36437", "328670", "208149"),  # sertraline 100 MG Oral Tablet
    "313581": ("39786", "331427", "729931"),  # 24 HR venlafaxine 150 MG Extended Release Oral Capsule
    "197528": ("2598", "315700", "206159"),  # clonazepam 1 MG Oral Tablet
}
MIRTAZAPINE = ("311725", "mirtazapine 15 MG Oral Tablet")
ADHERENCE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-medication-adherence"
NOT_TAKEN = {"url": "medicationAdherence", "valueCodeableConcept": {"text": "non-compliance of drug therapy"}}


def _named(drug: Json) -> str:
    return str(drug["text"])


def contained(medicine: Json) -> None:
    """The medicine in a Medication that the resource contains."""
    if CONCEPT in medicine:
        drug = {"resourceType": "Medication", "id": "med", "code": medicine.pop(CONCEPT)}
        medicine |= {"contained": [drug], "medicationReference": {"reference": "#med"}}


def by_ingredient_list(medicine: Json) -> None:
    """The medicine in a contained Medication that lists its ingredients with their strength."""
    code = _product(medicine)
    if code not in LEVELS:
        return
    name = _named(medicine.pop(CONCEPT))
    mg = float(re.findall(r"([\d.]+) MG", name)[0])
    ingredient = {
        "itemCodeableConcept": {"coding": [{"system": RXNORM, "code": LEVELS[code][0]}]},
        "strength": {"numerator": {"value": mg, "unit": "mg"}, "denominator": {"value": 1, "unit": "tablet"}},
    }
    drug = {"resourceType": "Medication", "id": "med", "ingredient": [ingredient]}
    medicine |= {"contained": [drug], "medicationReference": {"reference": "#med"}}


def beside(reference: str, full_url: str = "") -> Change:
    """The medicine in a Medication of its own; `{}` in the reference stands for its id."""

    def rewrite(record: Json) -> None:
        for number, medicine in enumerate(resources(record, SUPPLIED)):
            name = f"med-{number}"
            drug = {"resourceType": "Medication", "id": name, "code": medicine.pop(CONCEPT)}
            medicine["medicationReference"] = {"reference": reference.format(name)}
            url = {"fullUrl": full_url.format(name)} if full_url else {}
            record["entry"].append({**url, "resource": drug})

    return rewrite


def to_nowhere(medicine: Json) -> None:
    """The medicine in a Medication that was not sent, with its name."""
    name = _named(medicine.pop(CONCEPT))
    medicine["medicationReference"] = {"reference": "Medication/elsewhere", "display": name}


def at_level(level: int, alone: bool) -> Change:
    """The code of another level of RxNorm, in place of that of the product or before it."""

    def rewrite(medicine: Json) -> None:
        code = _product(medicine)
        if code in LEVELS:
            coding = {"system": RXNORM, "code": LEVELS[code][level]}
            codings = medicine[CONCEPT]["coding"]
            medicine[CONCEPT] = {"coding": [coding, *([] if alone else codings)]}

    return rewrite


def ingredient_named_as_product(medicine: Json) -> None:
    """The code of the ingredient under the name of the product; the dose in tablets."""
    code = _product(medicine)
    if code in LEVELS:
        medicine[CONCEPT] = coded(RXNORM, LEVELS[code][0], _named(medicine[CONCEPT]))


def weaker_than_named(medicine: Json) -> None:
    """The code of 25 mg tablets under the name of 50 mg tablets, taken as tablets."""
    if _product(medicine) == "312938":
        medicine[CONCEPT] = coded(RXNORM, "312940", "Sertraline 50 MG Oral Tablet")
        for directions in medicine["dosageInstruction"]:
            directions["doseAndRate"] = [{"doseQuantity": {"value": 1, "unit": "tablet"}}]


def _product(medicine: Json) -> str:
    codings = medicine.get(CONCEPT, {}).get("coding", [])
    return next((str(coding["code"]) for coding in codings), "")


def mirtazapine(name: str, **members: Any) -> Json:
    """An order of 15 mg of mirtazapine a day that would be a trial if it were wanted and taken."""
    return order(name, *MIRTAZAPINE, dosageInstruction=bounded(190, 100, 15), **members)


def fill(name: str, **members: Any) -> Json:
    """A supply of mirtazapine for 90 days."""
    return made(
        FILLS,
        name,
        medicationCodeableConcept=coded(RXNORM, *MIRTAZAPINE),
        whenHandedOver=ago(190),
        daysSupply={"value": 90, "unit": "days"},
        dosageInstruction=bounded(190, 100, 15),
        **members,
    )


def reordered(medicine: Json) -> None:
    """A second, local name and code after those of the product."""
    medicine[CONCEPT]["coding"].append(
        {"system": "urn:oid:1.2.3", "code": "4711", "display": "FORMULARY ITEM"}
    )


def carried_out(record: Json) -> None:
    """Beside each order the instance order that carries it out."""
    for parent in copy.deepcopy(resources(record, ORDERS)):
        parent |= {"basedOn": [{"reference": f"MedicationRequest/{parent['id']}"}]}
        parent |= {"id": f"{parent['id']}-instance", "intent": "instance-order"}
        record["entry"].append({"resource": parent})


def smoking_cessation(record: Json) -> None:
    """A long course of bupropion against smoking."""
    reason: Json = {"reasonCode": [concept("F17.210 Nicotine dependence, cigarettes, uncomplicated")]}
    drug = ("993503", "12 HR bupropion hydrochloride 100 MG Extended Release Oral Tablet")
    added = order("quit", *drug, dosageInstruction=bounded(190, 100, 300), status="completed", **reason)
    record["entry"].append({"resource": added})


WHICH_DRUG = (
    same("A1", "a contained Medication holds the code", each(SUPPLIED, contained)),
    same("A1", "a contained Medication holds only a list of ingredients", each(SUPPLIED, by_ingredient_list)),
    same("A2", "a Medication by relative reference", beside("Medication/{}")),
    same("A2", "a Medication by version", beside("Medication/{}/_history/3")),
    same(
        "A2",
        "a Medication by absolute reference",
        beside("https://x.example/r4/Medication/{}", "https://x.example/r4/Medication/{}"),
    ),
    same("A2", "a Medication by urn:uuid", beside("urn:uuid:{}", "urn:uuid:{}")),
    same("A3", "the reference leads nowhere, its display names the product", each(SUPPLIED, to_nowhere)),
    other(
        "A4",
        "the reference leads nowhere and has no display",
        each(SUPPLIED, to_nowhere, inside("medicationReference", drop("display"))),
        tells="MedicationDispense/fill-0-0",
    ),
    same("A5", "text and no coding", each(SUPPLIED, inside(CONCEPT, drop("coding")))),
    same(
        "A5",
        "text in capitals and no coding",
        each(SUPPLIED, inside(CONCEPT, drop("coding"), edit("text", str.upper))),
    ),
    same("A6", "codings and no text", each(SUPPLIED, inside(CONCEPT, drop("text")))),
    same("A7", "a local coding stands first", each(SUPPLIED, inside(CONCEPT, edit("coding", first("4711"))))),
    same("A7", "a local coding stands last", each(SUPPLIED, reordered)),
    same("A7", "the ingredient stands first", each(SUPPLIED, at_level(0, alone=False))),
    same("A7", "the component stands first", each(SUPPLIED, at_level(1, alone=False))),
    same("A7", "the branded product stands first", each(SUPPLIED, at_level(2, alone=False))),
    same(
        "A8",
        "a code without any name",
        each(SUPPLIED, inside(CONCEPT, drop("text")), inside(f"{CONCEPT}.coding", drop("display"))),
    ),
    same(
        "A9",
        "an NDC that no table holds, and text",
        each(SUPPLIED, inside(f"{CONCEPT}.coding", put(system=NDC, code="00000-0000-00"), drop("display"))),
    ),
    same(
        "A9",
        "an NDC with the digits of another drug's RxNorm code",
        each(SUPPLIED, inside(f"{CONCEPT}.coding", put(system=NDC, code="321988"), drop("display"))),
    ),
    same(
        "A9",
        "a SNOMED CT code that no table holds, and text",
        each(SUPPLIED, inside(f"{CONCEPT}.coding", put(system=SNOMED, code="999000001"), drop("display"))),
    ),
    same("A10", "the code of the ingredient alone", each(SUPPLIED, at_level(0, alone=True))),
    same("A10", "the code of the branded product alone", each(SUPPLIED, at_level(2, alone=True))),
    same("A11", "the code of the component alone", each(SUPPLIED, at_level(1, alone=True))),
    same(
        "A12",
        "a Medication with several codings",
        in_turn(each(SUPPLIED, at_level(0, alone=False)), beside("Medication/{}")),
    ),
    other("A13", "the code says 25 mg, its name 50 mg", each(SUPPLIED, weaker_than_named), tells="P-DOSE"),
    same(
        "A13",
        "the code of the ingredient under the product's name",
        each(SUPPLIED, ingredient_named_as_product),
    ),
    other(
        "A4",
        "a medicine that is neither named nor coded",
        add(order("odd", "", "")),
        tells="MedicationRequest/odd",
    ),
)

UNWANTED = ("cancelled", "draft", "entered-in-error")
NOT_HANDED_OVER = (
    "preparation",
    "in-progress",
    "declined",
    "stopped",
    "on-hold",
    "cancelled",
    "entered-in-error",
)

REAL_ORDER = (
    same("B14", "orders stay active for years", each(ORDERS, put(status="active"))),
    same(
        "B15",
        "orders that ended say stopped",
        each(ORDERS, where(lambda o: o["status"] == "completed", put(status="stopped"))),
    ),
    same("B16", "all orders say completed", each(ORDERS, put(status="completed"))),
    *(
        same("B17", f"an order that is {status}", add(mirtazapine("odd", status=status)))
        for status in UNWANTED
    ),
    other("B17", "an order that is on hold", add(mirtazapine("odd", status="on-hold"))),
    *(
        same("B18", f"a supply that is {status}", add(fill("odd", status=status)))
        for status in NOT_HANDED_OVER
    ),
    same(
        "B19",
        "an administration that was not done",
        add(
            made(
                "MedicationAdministration",
                "odd",
                status="not-done",
                medicationCodeableConcept=coded(RXNORM, *MIRTAZAPINE),
                effectiveDateTime=ago(20),
            )
        ),
    ),
    same("B20", "a plan is no order", add(mirtazapine("odd", intent="plan"))),
    *(
        same("B20", f"a {intent} is no order", add(mirtazapine("odd", intent=intent)))
        for intent in ("proposal", "option")
    ),
    other(
        "B20",
        "a plan that the patient reported is history",
        add(order("odd", *MIRTAZAPINE, intent="plan", reportedBoolean=True)),
        tells="P-HX",
    ),
    *(
        same("B21", f"the intent is {intent}", each(ORDERS, put(intent=intent)))
        for intent in ("original-order", "reflex-order", "filler-order")
    ),
    same("B21", "each order has its instance order", carried_out),
    same("B22", "an order not to give a medicine", add(mirtazapine("odd", doNotPerform=True))),
    same("B23", "doNotPerform is stated to be false", each(ORDERS, put(doNotPerform=False))),
    same("B24", "reportedBoolean is stated to be false", each(ORDERS, put(reportedBoolean=False))),
    other("B24", "orders are reported by the patient", each(ORDERS, put(reportedBoolean=True))),
    other(
        "B25", "orders say why they are as they are", each(ORDERS, put(statusReason={"text": "see chart"}))
    ),
    other(
        "B26",
        "the medicine was not taken as ordered",
        each(ORDERS, put(extension=[{"url": ADHERENCE, "extension": [NOT_TAKEN]}])),
        tells="P-ADH",
    ),
    same("B27", "a category", each(ORDERS, put(category=[{"coding": [{"code": "community"}]}]))),
    other(
        "B28", "orders of a hospital stay", each(ORDERS, put(category=[{"coding": [{"code": "inpatient"}]}]))
    ),
    other("B29", "bupropion against smoking", smoking_cessation),
    other(
        "B29",
        "a reason that leads nowhere",
        each(ORDERS, put(reasonReference=[{"reference": "Condition/none"}])),
    ),
)

QUIRKS: tuple[Quirk, ...] = (*WHICH_DRUG, *REAL_ORDER)

"""Ways of writing a record anew that change nothing it says."""

import copy
import json
import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

Json = dict[str, Any]
Rewriting = Callable[[Json, date], tuple[Json, date]]

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
INGREDIENTS = {"sertraline ": "36437", "venlafaxine ": "39786", "mirtazapine ": "15996"}


def in_another_order(record: Json, day: date) -> tuple[Json, date]:
    """The entries of the Bundle shuffled."""
    shuffled = copy.deepcopy(record)
    random.Random(7).shuffle(shuffled["entry"])
    return shuffled, day


def at_another_time(record: Json, day: date) -> tuple[Json, date]:
    """Every date, and the evaluation day, 400 days earlier."""
    earlier = timedelta(days=-400)

    def moved(found: re.Match[str]) -> str:
        return str(date.fromisoformat(found.group()) + earlier)

    text = re.sub(r'(?<=")\d{4}-\d\d-\d\d', moved, json.dumps(record))
    return json.loads(text), day + earlier


def with_other_ids(record: Json, day: date) -> tuple[Json, date]:
    """Every id, and with it every reference, another one."""
    text = json.dumps(record)
    for resource in _resources(record):
        text = re.sub(rf'(?<=["/]){re.escape(resource["id"])}(?=")', f"other-{resource['id']}", text)
    return json.loads(text), day


def in_smaller_fills(record: Json, day: date) -> tuple[Json, date]:
    """Each dispense of an even number of days as two of half of it, handed over one after the other."""
    changed = copy.deepcopy(record)
    for entry in list(changed["entry"]):
        dispense = entry["resource"]
        days = dispense.get("daysSupply", {}).get("value", 1)
        if dispense["resourceType"] != "MedicationDispense" or days % 2:
            continue
        first = dispense["whenHandedOver"][:10]
        later = date.fromisoformat(first) + timedelta(days=days // 2)
        if later > day:
            continue
        dispense["daysSupply"]["value"] = days // 2
        if "quantity" in dispense:
            dispense["quantity"]["value"] /= 2
        rest = copy.deepcopy(dispense)
        rest |= {"id": f"{dispense['id']}-b", "whenHandedOver": str(later)}
        changed["entry"].append({"resource": rest})
    return changed, day


def with_erroneous_copies(record: Json, day: date) -> tuple[Json, date]:
    """Beside each resource a copy of it that was entered in error."""
    changed = copy.deepcopy(record)
    for resource in _resources(record):
        wrong = copy.deepcopy(resource) | {"id": f"{resource['id']}-error"}
        if resource["resourceType"] in ("Condition", "AllergyIntolerance"):
            wrong.pop("clinicalStatus", None)
            wrong["verificationStatus"] = {"coding": [{"system": VERIFICATION, "code": "entered-in-error"}]}
        elif "status" in resource:
            wrong["status"] = "entered-in-error"
        else:
            continue
        changed["entry"].append({"resource": wrong})
    return changed, day


def with_orders_as_statements_too(record: Json, day: date) -> tuple[Json, date]:
    """Beside each dated order the statement that it was taken."""
    changed = copy.deepcopy(record)
    for order in _resources(record):
        if order["resourceType"] != "MedicationRequest" or "dosageInstruction" not in order:
            continue
        period = order["dosageInstruction"][0].get("timing", {}).get("repeat", {}).get("boundsPeriod", {})
        if "end" not in period:
            continue
        kept = ("subject", "medicationCodeableConcept", "reasonCode")
        statement = {name: order[name] for name in kept if name in order}
        statement |= {
            "resourceType": "MedicationStatement",
            "id": f"{order['id']}-taken",
            "status": "completed",
            "effectivePeriod": period,
            "dosage": order["dosageInstruction"],
        }
        changed["entry"].append({"resource": statement})
    return changed, day


def with_a_second_code(record: Json, day: date) -> tuple[Json, date]:
    """Before the code of a product the code of its ingredient."""
    changed = copy.deepcopy(record)
    for resource in _resources(changed):
        codings: list[Json] = resource.get("medicationCodeableConcept", {}).get("coding", [])
        named = " ".join(coding.get("display", "").lower() for coding in codings)
        added = [code for name, code in INGREDIENTS.items() if named.startswith(name)]
        codings[:0] = [{"system": RXNORM, "code": code} for code in added]
    return changed, day


def with_contained_medications(record: Json, day: date) -> tuple[Json, date]:
    """The medicine of each order and dispense in a Medication contained in it."""
    changed = copy.deepcopy(record)
    for resource in _resources(changed):
        if "medicationCodeableConcept" in resource:
            drug = {
                "resourceType": "Medication",
                "id": "m",
                "code": resource.pop("medicationCodeableConcept"),
            }
            resource |= {"contained": [drug], "medicationReference": {"reference": "#m"}}
    return changed, day


def with_referenced_medications(record: Json, day: date) -> tuple[Json, date]:
    """The medicine of each order and dispense in a Medication beside it."""
    changed = copy.deepcopy(record)
    for number, resource in enumerate(_resources(changed)):
        if "medicationCodeableConcept" in resource:
            name = f"medicine-{number}"
            drug = {
                "resourceType": "Medication",
                "id": name,
                "code": resource.pop("medicationCodeableConcept"),
            }
            resource["medicationReference"] = {"reference": f"Medication/{name}"}
            changed["entry"].append({"resource": drug})
    return changed, day


def _resources(record: Json) -> list[Json]:
    return [entry["resource"] for entry in record["entry"]]


REWRITINGS: tuple[Rewriting, ...] = (
    in_another_order,
    at_another_time,
    with_other_ids,
    in_smaller_fills,
    with_erroneous_copies,
    with_orders_as_statements_too,
    with_a_second_code,
    with_contained_medications,
    with_referenced_medications,
)

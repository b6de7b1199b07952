"""Courses of medicines as orders, dispenses and statements; drafted orders."""

from dataclasses import dataclass

from tests.vignettes.cases import Row
from tests.vignettes.fhir import (
    CODES,
    RXNORM,
    TERMS,
    UCUM,
    Dialect,
    Json,
    Writer,
    coded,
    concept,
    offset,
    quantity,
    subject,
    whole,
)  # fmt: skip

ORDER_ONLY = ("order", "home list", "plan")
PLANS = ("home list", "plan")
PATTERNS = {  # how it is taken: times, in a period, its unit
    "once a day": (1, 1, "d"),
    "twice a day": (2, 1, "d"),
    "every other day": (1, 2, "d"),
    "weekly": (1, 1, "wk"),
}
DAYS = {"d": 1, "wk": 7}
UNITS = (1, 2, 3, 4, 5, 6, 8, 1.5, 0.5)  # of a product in one dose: whole ones first


@dataclass(frozen=True, kw_only=True, slots=True)
class Supply:
    """A product, and how many units of it are one dose."""

    concept: Json
    unit: str
    units: float


def supply(drug: str, mg: float) -> Supply:
    """The product that makes up a dose with the fewest units; half tablets only if nothing else does."""
    products = CODES["drugs"][drug]
    for units in UNITS:
        for strength, code, name in products:
            if abs(strength * units - mg) < 0.00001:
                return Supply(concept=coded(RXNORM, code, name), unit=_form(name), units=units)
    raise ValueError(f"no product of {drug} makes up {mg} mg: see codes.toml")


def _form(name: str) -> str:
    forms = {"capsule": "capsule", "transdermal": "patch", "spray": "spray", "nasal": "spray", "inject": "mL"}
    return next((form for word, form in forms.items() if word in name.lower()), "tablet")


def course(row: Row, n: int, writer: Writer) -> list[Json]:
    """The order, dispenses or statement that witness one row of the history."""
    seen = row.get("seen in") or "dispense"
    if seen in ("named", "statement"):
        return [_statement(row, n, writer)]
    if seen == "ward":
        return _given(row, n, writer)
    order = _order(row, n, writer)
    if seen in ORDER_ONLY:
        return [order]
    fills = _dispenses(row, n, writer)
    return fills if seen == "dispense only" else [order, *fills]


def _given(row: Row, n: int, writer: Writer) -> list[Json]:
    """An administration on each day."""
    days = range(offset(row["from"]), offset(row["to"]) + 1)
    return [
        {
            "resourceType": "MedicationAdministration",
            "id": f"given-{n}-{day}",
            "status": "completed",
            "subject": subject(),
            "medicationCodeableConcept": _medicine(row),
            "effectiveDateTime": writer.date(f"D{day}"),
            "dosage": {"dose": quantity(_dose(row), "mg")},
        }
        for day in days
    ]


def _pattern(row: Row) -> tuple[int, int, str]:
    return PATTERNS.get(row.get("how", ""), PATTERNS["once a day"])


def _dose(row: Row) -> float:
    """mg taken at one time: the column says mg a day, but for what is taken once a week."""
    times, period, unit = _pattern(row)
    return float(row["mg/day"]) * (period if unit == "d" else 1) / times


def _medicine(row: Row) -> Json:
    """The product of the dose, or the bare name where no dose is known."""
    return supply(row["drug"], _dose(row)).concept if row.get("mg/day") else {"text": row["drug"]}


def _dosage(row: Row, writer: Writer) -> list[Json]:
    """One dosage entry: mg, or units of the product in the awkward dialect and where mg would be unclear."""
    if not row.get("mg/day") or row.get("how") == "no directions":
        return []
    product = supply(row["drug"], _dose(row))
    times, period, unit = _pattern(row)
    in_units = writer.dialect is Dialect.AWKWARD or "/" in row["drug"] or "-bup" in row["drug"]
    amount = {"value": product.units, "unit": product.unit} if in_units else quantity(_dose(row), "mg")
    found: Json = {"text": _directions(product, row.get("how") or "once a day")}
    found["timing"] = {"repeat": {"frequency": times, "period": period, "periodUnit": unit}}
    found["doseAndRate"] = [{"doseQuantity": amount}]
    return [found | ({"asNeededBoolean": True} if row.get("how") == "as needed" else {})]


def _directions(product: Supply, how: str) -> str:
    """`Take 2 tablets once a day`."""
    verb = "Apply" if product.unit == "patch" else "Take"
    plural = {"patch": "patches", "mL": "mL"}.get(product.unit, f"{product.unit}s")
    return f"{verb} {product.units:g} {product.unit if product.units == 1 else plural} {how}"


def _order(row: Row, n: int, writer: Writer) -> Json:
    """A MedicationRequest with the days of use it states."""
    seen, start = row.get("seen in"), row.get("from")
    usual = "active" if not row.get("to") else "stopped" if row.get("stopped for") else "completed"
    order: Json = {"resourceType": "MedicationRequest", "id": f"order-{n}", "subject": subject()}
    order |= {"status": row.get("status") or usual, "intent": "plan" if seen in PLANS else "order"}
    order["medicationCodeableConcept"] = _medicine(row)
    order |= {"authoredOn": writer.when(start)} if start else {}
    order |= {"reportedBoolean": True} if seen == "home list" else {}
    order |= {"doNotPerform": True} if row.get("how") == "do not perform" else {}
    if doses := _dosage(row, writer):
        if start and not row.get("supply"):
            doses[0]["timing"]["repeat"]["boundsPeriod"] = _period(row, writer)
        order["dosageInstruction"] = doses
    return order | _allowed(row) | _explained(row)


def _period(row: Row, writer: Writer) -> Json:
    bounds = {"start": row.get("from"), "end": row.get("to")}
    return {key: writer.date(day) for key, day in bounds.items() if day}


def _allowed(row: Row) -> Json:
    """The supply that an order allows: `30 x 3` as stated, else what its fills need."""
    if row.get("supply"):
        days, _, times = row["supply"].partition(" x ")
        fills = [(0, int(days))] * int(times)
    elif row.get("from") and row.get("seen in") not in ORDER_ONLY:
        fills = handed_over(row)
    else:
        return {}
    repeats = {"numberOfRepeatsAllowed": len(fills) - 1} if len(fills) > 1 else {}
    return {"dispenseRequest": {"expectedSupplyDuration": _days(max(days for _, days in fills)), **repeats}}


def _days(days: int) -> Json:
    return {"value": days, "unit": "days", "system": UCUM, "code": "d"}


def _explained(row: Row) -> Json:
    """Reason and stop reason of an order."""
    found: Json = {"reasonCode": [concept(row["reason"])]} if row.get("reason") else {}
    return found | ({"statusReason": _stop_reason(row["stopped for"])} if row.get("stopped for") else {})


def _stop_reason(text: str) -> Json:
    code = CODES["stop_reasons"].get(text)
    coding = {"coding": [{"system": TERMS + "medicationrequest-status-reason", "code": code}]} if code else {}
    return {**coding, "text": text}


def handed_over(row: Row) -> list[tuple[int, int]]:
    """Day (from D0) and days of supply of every fill: one after the other, or as `filled on` says."""
    size = int(row.get("fills") or 30)
    if row.get("filled on"):
        return [(offset(day), size) for day in row["filled on"].split()]
    first, last = offset(row["from"]), offset(row["to"]) if row.get("to") else None
    starts = range(first, (0 if last is None else last) + 1, size)
    return [(start, size if last is None else min(size, last - start + 1)) for start in starts]


def _dispenses(row: Row, n: int, writer: Writer) -> list[Json]:
    """The fills of one course."""
    return [_fill(row, f"fill-{n}-{k}", n, fill, writer) for k, fill in enumerate(handed_over(row))]


def _fill(row: Row, name: str, n: int, fill: tuple[int, int], writer: Writer) -> Json:
    start, days = fill
    found: Json = {"resourceType": "MedicationDispense", "id": name, "status": "completed"}
    found |= {"subject": subject(), "medicationCodeableConcept": _medicine(row)}
    found |= {"whenHandedOver": writer.when(f"D{start:+}" if start else "D0"), "daysSupply": _days(days)}
    if row.get("mg/day"):
        product, (times, period, unit) = supply(row["drug"], _dose(row)), _pattern(row)
        found["quantity"] = {
            "value": whole(product.units * times * days / (period * DAYS[unit])),
            "unit": product.unit,
        }
    if doses := _dosage(row, writer):
        found["dosageInstruction"] = doses
    if row.get("seen in") != "dispense only":
        found["authorizingPrescription"] = [{"reference": f"MedicationRequest/order-{n}"}]
    return found


def _statement(row: Row, n: int, writer: Writer) -> Json:
    """What the patient reports: with dose and dates, or no more than a name."""
    usual = "active" if row.get("from") and not row.get("to") else "completed"
    told: Json = {"resourceType": "MedicationStatement", "id": f"statement-{n}", "subject": subject()}
    told |= {"status": row.get("status") or usual, "medicationCodeableConcept": _medicine(row)}
    told |= {"informationSource": subject(), "dateAsserted": writer.when("D-5")}
    told |= {"effectivePeriod": _period(row, writer)} if row.get("from") else {}
    told |= {"dosage": doses} if (doses := _dosage(row, writer)) else {}
    return told | ({"reasonCode": [concept(row["reason"])]} if row.get("reason") else {})


def draft(row: Row, n: int, writer: Writer) -> Json:
    """A drafted medicine if codes.toml knows it or `medicine:` says so, else a drafted service."""
    common: Json = {"id": f"draft-{n}", "status": row.get("status") or "draft", "intent": "order"}
    common |= {"subject": subject(), "authoredOn": writer.date("D0")}
    common |= {"reasonCode": [concept(row["reason"])]} if row.get("reason") else {}
    kind, _, text = row["order"].partition("medicine: ")
    if text:
        return {"resourceType": "MedicationRequest", **common, "medicationCodeableConcept": {"text": text}}
    if kind not in CODES["drugs"]:
        return {"resourceType": "ServiceRequest", **common, "code": concept(kind)}
    strength = str(CODES["drugs"][kind][0][0])
    taken = {**row, "drug": kind, "mg/day": row.get("mg/day") or strength}
    order: Json = {
        "resourceType": "MedicationRequest",
        **common,
        "medicationCodeableConcept": _medicine(taken),
    }
    return order | {"dosageInstruction": _dosage(taken, writer)}

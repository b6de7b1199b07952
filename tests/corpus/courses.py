"""Quirks of courses: from when to when (C), and how much (D)."""

import copy
import re
from datetime import date, timedelta
from typing import Any

from tests.corpus.medicines import MIRTAZAPINE
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
    in_turn,
    inside,
    made,
    move,
    order,
    other,
    put,
    remove,
    resources,
    same,
    where,
)
from tests.vignettes.fhir import RXNORM, coded

DIRECTIONS = "dosageInstruction"
REPEAT = f"{DIRECTIONS}.timing.repeat"
PERIOD = f"{REPEAT}.boundsPeriod"
DOSE = f"{DIRECTIONS}.doseAndRate"
QUANTITY = f"{DOSE}.doseQuantity"
SUPPLY = "dispenseRequest"
DURATION = f"{SUPPLY}.expectedSupplyDuration"
GTS = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"


def seen_at_an_encounter(record: Json) -> None:
    """Orders without any date of their own, written at an encounter that has one."""
    for request in resources(record, ORDERS):
        name = f"visit-{request['id']}"
        period = {"start": request.pop("authoredOn"), "end": ago(0)}
        inside(REPEAT, drop("boundsPeriod"))(request)
        request["encounter"] = {"reference": f"Encounter/{name}"}
        visit = {"resourceType": "Encounter", "id": name, "status": "finished", "period": period}
        record["entry"].append({"resource": visit})


def in_weeks_and_days(record: Json) -> None:
    """Each supply of 30 days as one of 4 weeks and, when that is used up, one of 2 days."""
    for supply in list(resources(record, FILLS)):
        if supply["daysSupply"]["value"] != 30:
            continue
        rest = copy.deepcopy(supply) | {"id": f"{supply['id']}-rest", "daysSupply": {"value": 2, "unit": "d"}}
        handed_over = date.fromisoformat(supply["whenHandedOver"]) + timedelta(days=28)
        if str(handed_over) >= ago(0):
            continue
        rest["whenHandedOver"] = str(handed_over)
        supply["daysSupply"] = {"value": 4, "unit": "weeks", "code": "wk"}
        supply["quantity"]["value"] *= 28 / 30
        rest["quantity"]["value"] *= 2 / 30
        record["entry"].append({"resource": rest})


def valid_from_the_order(request: Json) -> None:
    """The day of the order as the start of a period of validity without an end."""
    request.setdefault(SUPPLY, {})["validityPeriod"] = {"start": request.pop("authoredOn")}


def statement(name: str, **members: Any) -> Json:
    """A report of mirtazapine, 30 mg a day."""
    directions = bounded(190, 100, 30)
    directions[0]["timing"]["repeat"].pop("boundsPeriod")
    drug = {"medicationCodeableConcept": coded(RXNORM, *MIRTAZAPINE)}
    return made("MedicationStatement", name, status="active", dosage=directions, **drug, **members)


def ordered_on(drug: tuple[str, str], days: tuple[int, ...], **members: Any) -> tuple[Json, ...]:
    """An order of a drug on each of these days ago."""
    return tuple(order(f"odd-{drug[0]}-{day}", *drug, authoredOn=ago(day), **members) for day in days)


ESCITALOPRAM = ("349332", "escitalopram 10 MG Oral Tablet")
CITALOPRAM = ("200371", "citalopram 20 MG Oral Tablet")
MONTH: Json = {SUPPLY: {"expectedSupplyDuration": {"value": 30, "unit": "days"}}}

DATES = (
    same("C30", "orders without a date, but with bounds", each(ORDERS, drop("authoredOn"))),
    other(
        "C30",
        "orders without any date",
        each(ORDERS, drop("authoredOn"), inside(REPEAT, drop("boundsPeriod"))),
        tells="MedicationRequest/order-0",
    ),
    other("C30", "orders dated by their encounter", seen_at_an_encounter),
    same("C31", "orders without a dispenseRequest", each(ORDERS, drop(SUPPLY))),
    other(
        "C31",
        "orders alone that say nothing of an end",
        in_turn(remove(FILLS), each(ORDERS, drop(SUPPLY), inside(REPEAT, drop("boundsPeriod")))),
        tells="P-DUR",
    ),
    other(
        "C32",
        "orders alone with a supply",
        in_turn(remove(FILLS), each(ORDERS, inside(REPEAT, drop("boundsPeriod")))),
    ),
    same("C33", "supplies in weeks", in_weeks_and_days),
    same(
        "C33",
        "the supply of an order in weeks",
        each(ORDERS, inside(DURATION, put(value=4, unit="wk", code="wk"))),
    ),
    same(
        "C33",
        "supplies in hours",
        each(FILLS, inside("daysSupply", edit("value", lambda n: n * 24), put(unit="h", code="h"))),
    ),
    same("C34", "supplies in `days` as code", each(FILLS, inside("daysSupply", put(code="days")))),
    same(
        "C34", "supplies in `Day`", each(FILLS, inside("daysSupply", drop("code", "system"), put(unit="Day")))
    ),
    same("C34", "supplies without a unit", each(FILLS, inside("daysSupply", drop("code", "system", "unit")))),
    same("C35", "twelve repeats allowed", each(ORDERS, inside(SUPPLY, put(numberOfRepeatsAllowed=12)))),
    same(
        "C36",
        "orders with a quantity in place of a supply",
        each(ORDERS, put(dispenseRequest={"quantity": {"value": 30, "unit": "tablet"}})),
    ),
    same(
        "C37",
        "a validity without an end",
        each(ORDERS, inside(SUPPLY, put(validityPeriod={"start": ago(600)}))),
    ),
    same("C37", "a validity for the date of the order", each(ORDERS, valid_from_the_order)),
    same(
        "C38",
        "bounds end at 23:59:59",
        each(ORDERS, inside(PERIOD, edit("end", lambda day: f"{day}T23:59:59Z"))),
    ),
    same(
        "C38",
        "bounds start at 00:00",
        each(ORDERS, inside(PERIOD, edit("start", lambda day: f"{day}T00:00:00-05:00"))),
    ),
    other("C38", "bounds without an end", each(ORDERS, inside(PERIOD, drop("end")))),
    same("C39", "supplies without days, from quantity and dose", each(FILLS, drop("daysSupply"))),
    other(
        "C39",
        "supplies without days and quantity",
        in_turn(
            each(FILLS, drop("daysSupply", "quantity")),
            each(ORDERS, drop(SUPPLY), inside(REPEAT, drop("boundsPeriod"))),
        ),
        tells="P-DUR",
    ),
    same("C40", "supplies with the day of preparation", each(FILLS, move("whenHandedOver", "whenPrepared"))),
    other(
        "C41",
        "supplies without a day",
        each(FILLS, drop("whenHandedOver")),
        tells="MedicationDispense/fill-0-0",
    ),
    other("C42", "a report for one point in time", add(statement("odd", effectiveDateTime=ago(150)))),
    other("C43", "a report without a time", add(statement("odd"))),
    other(
        "C44",
        "a report of a period without an end",
        add(statement("odd", effectivePeriod={"start": ago(190)})),
    ),
    other(
        "C45",
        "a supply of 30 days every 85 days",
        add(*ordered_on(ESCITALOPRAM, (380, 295, 210, 125), **MONTH)),
    ),
    other("C46", "orders years apart", add(*ordered_on(CITALOPRAM, (1500, 900, 450)))),
    other(
        "C47",
        "two antidepressants on the same days",
        add(*ordered_on(ESCITALOPRAM, (400, 340), **MONTH), *ordered_on(CITALOPRAM, (400, 340), **MONTH)),
    ),
)


def units(unit: str) -> Change:
    """The dose as a number of product units, as the text has it."""

    def rewrite(directions: Json) -> None:
        taken = re.match(r"(?:Take|Apply) ([\d.]+) ", directions.get("text", ""))
        if taken:
            quantity = {"value": float(taken[1])} | ({"unit": unit} if unit else {})
            directions["doseAndRate"] = [{"doseQuantity": quantity}]

    return rewrite


def weighed(unit: str, factor: float) -> Change:
    """The dose in another unit of weight."""
    return in_turn(edit("value", lambda mg: mg * factor), put(unit=unit, code=unit))


def from_to(dose: Json) -> None:
    """The dose as the low end of a range."""
    low = dose.pop("doseQuantity")
    dose["doseRange"] = {"low": low, "high": low | {"value": low["value"] * 2}}


def morning_and_evening(medicine: Json) -> None:
    """The daily dose in two halves, an entry each."""
    for directions in medicine.get(DIRECTIONS, []):
        directions.pop("text", None)
        inside("doseAndRate.doseQuantity", edit("value", lambda mg: mg / 2))(directions)
    halves = [copy.deepcopy(medicine.get(DIRECTIONS, [])) for _ in range(2)]
    for half, time in zip(halves, ("MORN", "EVE"), strict=True):
        inside("timing.repeat", put(when=[time]))({"timing": [one["timing"] for one in half]})
    medicine[DIRECTIONS] = [*halves[0], *halves[1]]


def titrated(medicine: Json) -> None:
    """The first week at half the dose."""
    whole = medicine.get(DIRECTIONS, [])
    week = copy.deepcopy(whole)
    for part in (*week, *whole):
        part.pop("text", None)
    inside("doseAndRate.doseQuantity", edit("value", lambda mg: mg / 2))(
        {"doseAndRate": [w["doseAndRate"] for w in week]}
    )
    for part in week:
        part["timing"]["repeat"].pop("boundsPeriod", None)
        part["timing"]["repeat"]["boundsDuration"] = {"value": 1, "unit": "wk", "code": "wk"}
    for number, part in enumerate((*week, *whole), 1):
        part["sequence"] = number
    medicine[DIRECTIONS] = [*week, *whole]


def coded_once(directions: Json) -> None:
    """Once a day as a code, without numbers."""
    if directions["timing"]["repeat"]["frequency"] == 1:
        drop("frequency", "period", "periodUnit")(directions["timing"]["repeat"])
        directions["timing"]["code"] = {"coding": [{"system": GTS, "code": "QD"}]}


def _is_once_a_day(repeat: Json) -> bool:
    return bool(repeat["frequency"] == 1)


def _daily(row: str, says: str, change: Change) -> Quirk:
    """A quirk of the timing of what is taken once a day that changes nothing."""
    return same(row, says, each(SUPPLIED, inside(REPEAT, where(_is_once_a_day, change))))


ANY_DOSE = in_turn(drop(DIRECTIONS), drop("quantity"))
TABLETS = ("TAB", "tablet", "tablet(s)", "Capsule", "Oral Tablets", "{tbl}")
BARE_TEXT = inside(
    DIRECTIONS, drop("doseAndRate"), inside("timing.repeat", drop("frequency", "period", "periodUnit"))
)

AMOUNTS = (
    same("D48", "no dosage: strength and quantity tell", each(SUPPLIED, drop(DIRECTIONS))),
    other("D48", "no dosage and no quantity", each(SUPPLIED, ANY_DOSE), tells="P-DOSE"),
    same("D49", "directions in words alone", each(SUPPLIED, BARE_TEXT)),
    same(
        "D49",
        "directions in words with repeated mg",
        each(SUPPLIED, inside(DIRECTIONS, lambda d: put(text=f"{d.get('text')} by mouth")(d))),
    ),
    other(
        "D49",
        "directions in words that say no dose",
        each(SUPPLIED, drop("quantity"), BARE_TEXT, inside(DIRECTIONS, put(text="as directed"))),
        tells="P-DOSE",
    ),
    other(
        "D50",
        "a frequency without a dose",
        each(SUPPLIED, drop("quantity"), inside(DIRECTIONS, drop("doseAndRate", "text"))),
        tells="P-DOSE",
    ),
    same("D51", "a dose without a unit", each(SUPPLIED, inside(DIRECTIONS, units("")))),
    *(same("D52", f"a dose in {unit}", each(SUPPLIED, inside(DIRECTIONS, units(unit)))) for unit in TABLETS),
    same(
        "D52",
        "a dose in tablet/day",
        each(
            SUPPLIED,
            inside(DIRECTIONS, where(lambda d: _is_once_a_day(d["timing"]["repeat"]), units("tablet/day"))),
        ),
    ),
    same("D53", "a dose in g", each(SUPPLIED, inside(QUANTITY, weighed("g", 0.001)))),
    same("D53", "a dose in ug", each(SUPPLIED, inside(QUANTITY, weighed("ug", 1000)))),
    same(
        "D53",
        "a dose in mg, without code and system",
        each(SUPPLIED, inside(QUANTITY, drop("code", "system"))),
    ),
    same("D54", "a range of doses", each(SUPPLIED, inside(DIRECTIONS, drop("text")), inside(DOSE, from_to))),
    same(
        "D55",
        "half in the morning, half in the evening",
        each(SUPPLIED, where(lambda m: DIRECTIONS in m, morning_and_evening)),
    ),
    other("D55", "a first week at half the dose", each(SUPPLIED, where(lambda m: DIRECTIONS in m, titrated))),
    other(
        "D56", "as needed", each(SUPPLIED, inside(DIRECTIONS, put(asNeededBoolean=True))), tells="as-needed"
    ),
    other(
        "D56",
        "as needed for a reason",
        each(SUPPLIED, inside(DIRECTIONS, put(asNeededCodeableConcept={"text": "insomnia"}))),
        tells="as-needed",
    ),
    same(
        "D56",
        "as needed is stated to be false",
        each(SUPPLIED, inside(DIRECTIONS, put(asNeededBoolean=False))),
    ),
    _daily("D57", "once in 24 hours", put(period=24, periodUnit="h")),
    _daily("D57", "seven times a week", put(frequency=7, period=1, periodUnit="wk")),
    _daily("D57", "once in 1440 minutes", put(period=1440, periodUnit="min")),
    same("D58", "a code for the timing", each(SUPPLIED, inside(DIRECTIONS, coded_once))),
    same(
        "D58",
        "a local code beside the timing",
        each(SUPPLIED, inside(f"{DIRECTIONS}.timing", put(code={"text": "0900"}))),
    ),
    _daily("D59", "count", put(count=365)),
    _daily("D59", "when", put(when=["HS"])),
    _daily("D59", "timeOfDay", put(timeOfDay=["09:00:00"])),
    _daily("D59", "dayOfWeek", put(dayOfWeek=["mon", "tue", "wed", "thu", "fri", "sat", "sun"])),
    other("D59", "frequencyMax", each(SUPPLIED, inside(REPEAT, put(frequencyMax=3)))),
    other("D59", "periodMax", each(SUPPLIED, inside(REPEAT, put(periodMax=2)))),
    other("D59", "duration", each(SUPPLIED, inside(REPEAT, put(duration=30, durationUnit="min")))),
)

QUIRKS: tuple[Quirk, ...] = (*DATES, *AMOUNTS)

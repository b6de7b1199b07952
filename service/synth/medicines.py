"""Writes down the medicines that a made-up patient took, as the sites of each dialect do."""

from collections.abc import Iterator

from mappings.systems import SystemId
from service.synth.history import DoseStretch, MedicineTaken
from service.synth.tables import DrugRow, Population
from service.synth.writing import ATC_DE, META, Json, Writer, coded, days_of, split, uri

_SUPPLY = 90  # days of one supply of an order that goes on
_TIMES_OF_DAY = {1: "1-0-0-0", 2: "1-0-1-0", 3: "1-1-1-0"}
_OVER, _STOPPED, _ACTIVE = "completed", "stopped", "active"


def medicines(writer: Writer) -> Iterator[Json]:
    """Yield the orders, dispenses or statements of all medicines."""
    history = writer.history
    taken = [use for c in history.courses for use in (c.use, c.added) if use is not None]
    write = _statement if history.dialect.id == "statements" else _order
    for use in (*taken, *history.others):
        for stretch in use.stretches:
            yield from write(writer, use, stretch)


def products(rows: Population) -> Iterator[Json]:
    """Yield the Medications to which orders of all patients refer."""
    for drug in (*rows.antidepressant, *rows.augmentation, *rows.medicine):
        for product in drug.products:
            code = coded(uri(SystemId.RXNORM), product)
            yield {"resourceType": "Medication", "id": _product_id(product), "meta": META, "code": code}


def _product_id(product: str) -> str:
    return f"rxnorm-{split(product)[0]}"


def _named(drug: DrugRow, mg: float, dialect: str) -> Json:
    """Return the members that name a medicine."""
    if dialect == "words":
        return {"medicationCodeableConcept": {"text": drug.words.format(mg=f"{mg:g}")}}
    if dialect == "german":
        code, name = split(drug.atc)
        coding = {"system": ATC_DE, "code": code, "display": name}
        return {"medicationCodeableConcept": {"coding": [coding], "text": drug.german.format(mg=f"{mg:g}")}}
    product = drug.product(mg)
    concept = coded(uri(SystemId.RXNORM), product)
    if dialect == "referenced":
        reference = f"Medication/{_product_id(product)}"
        return {"medicationReference": {"reference": reference, "display": split(product)[1]}}
    if dialect == "orders-only":
        contained = {"resourceType": "Medication", "id": "m", "code": concept}
        return {"contained": [contained], "medicationReference": {"reference": "#m"}}
    return {"medicationCodeableConcept": concept}


def _instructed(writer: Writer, use: MedicineTaken, stretch: DoseStretch, over: bool) -> Json:
    """Return the instruction of one stretch."""
    units, dialect = stretch.units, writer.history.dialect.id
    unit = "capsule" if "Capsule" in use.drug.product(stretch.mg) else "tablet"
    many = f"{units:g} {unit}{'s' if units > 1 else ''}"
    if dialect == "german":
        return {"text": _TIMES_OF_DAY[int(units)]}
    if dialect == "words":
        return {"text": f"{units:g} {unit[:3]}{'s' if units > 1 else ''} PO daily"}
    if dialect == "referenced":
        return {"text": f"Take {many} by mouth once daily"}
    bounds = {"start": writer.day(stretch.start)}
    if over:
        bounds["end"] = writer.day(stretch.end)
    repeat = {"boundsPeriod": bounds, "frequency": 1, "period": 1, "periodUnit": "d"}
    if dialect == "orders-only":
        if not over:
            del repeat["boundsPeriod"]
        return {"text": f"{many} daily", "timing": {"repeat": repeat}}
    dose = {"doseQuantity": {"value": units, "unit": unit}}
    return {"text": f"Take {many} daily", "timing": {"repeat": repeat}, "doseAndRate": [dose]}


def _state(use: MedicineTaken, stretch: DoseStretch) -> str:
    if stretch is not use.stretches[-1]:
        return _OVER
    if use.running:
        return _ACTIVE
    return _STOPPED if use.stopped_for else _OVER


def _order(writer: Writer, use: MedicineTaken, stretch: DoseStretch) -> Iterator[Json]:
    dialect, state = writer.history.dialect, _state(use, stretch)
    named = _named(use.drug, stretch.mg, dialect.id)
    members: Json = {
        "status": state,
        "intent": "order",
        **named,
        "authoredOn": writer.day(stretch.start),
        "dosageInstruction": [_instructed(writer, use, stretch, state != _ACTIVE)],
    }
    if state == _STOPPED:
        members["statusReason"] = {"text": use.stopped_for}
    if state == _ACTIVE and not dialect.fills:
        repeats = -stretch.start // _SUPPLY
        supply: Json = {"numberOfRepeatsAllowed": repeats, "expectedSupplyDuration": days_of(_SUPPLY)}
        members["dispenseRequest"] = supply
    order = writer.resource("MedicationRequest", members)
    yield order
    if dialect.fills:
        for day, days in stretch.fills:
            yield _dispense(writer, order["id"], named, stretch, day, days)


def _dispense(writer: Writer, order: str, named: Json, stretch: DoseStretch, day: int, days: int) -> Json:
    members: Json = {
        "status": "completed",
        **named,
        "authorizingPrescription": [{"reference": f"MedicationRequest/{order}"}],
        "quantity": {"value": stretch.units * days, "unit": "tbl" if writer.german else "each"},
    }
    if not writer.german:
        members["daysSupply"] = days_of(days)
    members["whenHandedOver"] = writer.day(day)
    return writer.resource("MedicationDispense", members)


def _statement(writer: Writer, use: MedicineTaken, stretch: DoseStretch) -> Iterator[Json]:
    state = _state(use, stretch)
    period = {"start": writer.day(stretch.start)}
    if state != _ACTIVE:
        period["end"] = writer.day(stretch.end)
    members: Json = {
        "status": state,
        **_named(use.drug, stretch.mg, "statements"),
        "effectivePeriod": period,
        "dateAsserted": writer.day(min(stretch.end, -1)),
        "dosage": [{"text": f"{stretch.mg * stretch.units:g} mg by mouth once daily"}],
    }
    if state == _STOPPED:
        members["statusReason"] = [{"text": use.stopped_for}]
    yield writer.resource("MedicationStatement", members)

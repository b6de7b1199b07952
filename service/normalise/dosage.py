"""Dosage instructions to milligrams a day of each ingredient, step by step; unknown stays unknown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mappings.dosage import DosageTable
from mappings.terminology import Product
from service.clinical.facts import Dose
from service.fhir.resources import Dosage, Quantity
from service.normalise.amounts import (
    Amount,
    amount_of,
    mg,
    same,
    spoken_amount,
    stated,
    strength,
    unit_kind,
    units,
    weekly,
)
from service.normalise.schedules import assumes_once, lasting, per_day, times_of_day
from service.normalise.sig import Spoken, as_needed, spoken

READ_FROM_TEXT = "dose read from the text"
_DISAGREE = "its statements of one dose disagree: dose unknown"
_ODD_SCHEDULE = "its schedule is not understood: dose unknown"
_MISFIT = "text and structured dosage do not fit together: dose unknown"
_UNCLEAR = "several instructions that do not fit together: dose unknown"
_ADDED = "doses of one day added up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One instruction: so much, so often a day; a step of a titration lasts `days`."""

    amount: Amount | None = None
    per_day: float | None = None
    days: int | None = None
    times: frozenset[str] = frozenset()
    order: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Regimen:
    """All instructions of a resource: steps in their order, the parts of a step taken on one day.

    `contradictory`: more than one dose is stated, so that none can be believed.
    """

    steps: tuple[tuple[Part, ...], ...] = ()
    as_needed: bool = False
    contradictory: bool = False
    notes: tuple[str, ...] = ()


def regimen(dosages: Sequence[Dosage], product: Product, table: DosageTable) -> Regimen:
    """What the instructions say together; those to be taken as needed count for nothing beside others."""
    scheduled = [dosage for dosage in dosages if not _as_needed(dosage)]
    if not scheduled:
        return Regimen(as_needed=bool(dosages))
    read = [_one(dosage, len(scheduled) > 1, product, table) for dosage in scheduled]
    return read[0] if len(read) == 1 else _together(read)


def spoken_regimen(text: str, product: Product, table: DosageTable) -> Regimen:
    """What a text alone says; nothing unless it states both an amount and a schedule."""
    said = spoken(text)
    if not said or any(one.amount is None or one.per_day is None for step in said for one in step):
        return Regimen()
    steps = tuple(tuple(_part(one, product, table) for one in step) for step in said)
    return Regimen(steps=steps, notes=(READ_FROM_TEXT,))


def doses(plan: Regimen, product: Product, ingredient: str, table: DosageTable) -> tuple[Dose, ...]:
    """Milligrams a day of `ingredient` of the product, step by step.

    A single step has no length of its own: the course says how long it is.
    """
    found = tuple(
        Dose(daily_mg=_added(_daily_mg(part, product, ingredient, table) for part in step), days=step[0].days)
        for step in plan.steps
    )
    return (Dose(daily_mg=found[0].daily_mg),) if len(found) == 1 else found


def units_a_day(plan: Regimen, product: Product) -> float | None:
    """Tablets, mL or patches used in a day, where all steps use the same number."""
    used = {_added(_daily_units(part, product) for part in step) for step in plan.steps}
    return (used.pop() or None) if len(used) == 1 else None


def supplied_mg(
    product: Product, ingredient: str, quantity: Quantity | None, days: int | None, table: DosageTable
) -> float | None:
    """Milligrams a day as strength x quantity / days of supply, for want of an instruction."""
    one, count = strength(product, ingredient), amount_of(quantity, table)
    if one is None or count is None or not days or count.kind != unit_kind(product):
        return None
    return weekly(product, ingredient, one * count.value / days, table)


def _as_needed(dosage: Dosage) -> bool:
    return dosage.as_needed_boolean or dosage.as_needed_codeable_concept is not None or as_needed(dosage.text)


def _one(dosage: Dosage, among_others: bool, product: Product, table: DosageTable) -> Regimen:
    """One instruction: its structured elements, completed by its text where they are silent."""
    amount, disagree = stated(dosage.dose_and_rate, product, table)
    often, odd = per_day(dosage.timing, table)
    part = Part(
        amount=amount,
        per_day=often,
        days=lasting(dosage.timing, table),
        times=times_of_day(dosage.timing),
        order=dosage.sequence,
    )
    if disagree or odd:
        return _contradiction(part, _DISAGREE if disagree else _ODD_SCHEDULE)
    complete = amount is not None and often is not None
    assumed = assumes_once(dosage.timing)
    if complete and not among_others and not assumed:
        return Regimen(steps=((part,),))
    said = spoken(dosage.text) or spoken(dosage.patient_instruction)
    if assumed and len(said) == 1 and len(said[0]) == 1 and said[0][0].per_day is not None:
        part = replace(part, per_day=said[0][0].per_day)
    if not said or complete:
        return Regimen(steps=((_timed(part, said),),))
    if len(said) == 1 and len(said[0]) == 1:
        return _completed(part, _part(said[0][0], product, table), product)
    if amount is not None or often is not None:
        return _contradiction(part, _MISFIT)
    steps = tuple(tuple(_part(one, product, table) for one in step) for step in said)
    return Regimen(steps=steps, notes=(READ_FROM_TEXT,))


def _timed(part: Part, said: tuple[tuple[Spoken, ...], ...]) -> Part:
    """A complete instruction with the length and the times of day that only its text states."""
    if len(said) != 1 or len(said[0]) != 1:
        return part
    return replace(part, days=part.days or said[0][0].days, times=part.times or said[0][0].times)


def _completed(part: Part, said: Part, product: Product) -> Regimen:
    """The structured elements with the text's words for what they leave out; they must not contradict."""
    if part.per_day is not None and said.per_day is not None and not same([part.per_day, said.per_day]):
        return _contradiction(part, _MISFIT)
    if part.amount is not None and said.amount is not None:
        both = [mg(amount, product, product.ingredients[0]) for amount in (part.amount, said.amount)]
        known = [value for value in both if value is not None]
        if len(known) == 2 and not same(known):
            return _contradiction(part, _MISFIT)
    whole = replace(
        part,
        amount=part.amount or said.amount,
        per_day=said.per_day if part.per_day is None else part.per_day,
        days=part.days or said.days,
        times=part.times or said.times,
    )
    return Regimen(steps=((whole,),), notes=(READ_FROM_TEXT,) if whole.amount is not None else ())


def _part(said: Spoken, product: Product, table: DosageTable) -> Part:
    amount = spoken_amount(said, product, table)
    return Part(amount=amount, per_day=said.per_day, days=said.days, times=said.times)


def _contradiction(part: Part, note: str) -> Regimen:
    unknown = Part(days=part.days, order=part.order, times=part.times)
    return Regimen(steps=((unknown,),), contradictory=True, notes=(note,))


def _together(read: Sequence[Regimen]) -> Regimen:
    """Several instructions: steps of a titration, or parts of one day; unknown if neither is plain."""
    notes = tuple(dict.fromkeys(note for one in read for note in one.notes))
    if any(len(one.steps) != 1 or len(one.steps[0]) != 1 for one in read):
        return _contradiction(Part(), _UNCLEAR)
    parts = [one.steps[0][0] for one in read]
    contradictory = any(one.contradictory for one in read)
    if len(set(parts)) == 1:
        return Regimen(steps=((parts[0],),), contradictory=contradictory, notes=notes)
    if _parts_of_one_day(parts):
        return Regimen(steps=(tuple(parts),), contradictory=contradictory, notes=(*notes, _ADDED))
    steps = _titration(parts)
    if steps is None:
        return _contradiction(Part(), _UNCLEAR)
    return Regimen(steps=steps, contradictory=contradictory, notes=notes)


def _parts_of_one_day(parts: Sequence[Part]) -> bool:
    """Different times of one day, or one place in the sequence, which FHIR defines as concurrent."""
    if len({part.days for part in parts}) > 1:
        return False
    times = [time for part in parts for time in part.times]
    apart = all(part.times for part in parts) and len(times) == len(set(times))
    orders = {part.order for part in parts}
    return apart or (len(orders) == 1 and None not in orders)


def _titration(parts: Sequence[Part]) -> tuple[tuple[Part, ...], ...] | None:
    """The steps in their order, if each but the last says how long it lasts."""
    orders = [part.order for part in parts]
    if len(set(orders)) not in (1, len(orders)):
        return None
    ordered = sorted(parts, key=lambda part: 0.0 if part.order is None else part.order)
    return tuple((part,) for part in ordered) if all(part.days for part in ordered[:-1]) else None


def _daily_mg(part: Part, product: Product, ingredient: str, table: DosageTable) -> float | None:
    amount = mg(part.amount, product, ingredient) if part.amount else None
    if amount is None or part.amount is None:
        return None
    often = 1.0 if part.amount.a_day else part.per_day
    if product.form == "patch" and often is not None and often <= 1:
        return amount  # a strength of a patch is what it gives in 24 hours, however long it stays on
    if often is None or (product.form == "weekly" and often > 1 / 3):
        return None
    return weekly(product, ingredient, round(amount * often, 6), table)


def _daily_units(part: Part, product: Product) -> float | None:
    if part.amount is None or part.per_day is None:
        return None
    used = units(part.amount, product)
    return used * (1.0 if part.amount.a_day else part.per_day) if used is not None else None


def _added(values: Iterable[float | None]) -> float | None:
    listed = list(values)
    known = [value for value in listed if value is not None]
    return sum(known) if known and len(known) == len(listed) else None

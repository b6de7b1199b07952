"""Dosage instructions to milligrams a day of each ingredient, step by step; unknown stays unknown."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mappings.dosage import DosageTable
from mappings.remarks import Remark, say
from mappings.terminology import Product
from service.clinical.facts import Dose
from service.fhir.resources import Dosage, Quantity
from service.normalise.amounts import (
    Amount,
    amount_in_words,
    mg,
    same,
    stated,
    strength,
    supplied_amount,
    unit_kind,
    units,
    weekly,
)
from service.normalise.schedules import assumes_once, lasting, per_day, times_of_day
from service.normalise.sig import Sig, Step, understood
from service.normalise.sig_amounts import SigStep

_SHOWN = 80  # characters of a text that a note shows


class DosageStep(Struct, frozen=True, kw_only=True, gc=False):
    """One instruction: so much, so often a day; a step of a titration lasts `days`."""

    amount: Amount | None = None
    per_day: float | None = None
    days: int | None = None
    times: frozenset[str] = frozenset()
    order: float | None = None


class Regimen(Struct, frozen=True, kw_only=True, gc=False):
    """All instructions of a resource: steps in their order, the parts of a step taken on one day.

    `contradictory`: more than one dose is stated, so that none can be believed. `days`: how long it lasts
    where there are no steps. `stops`: nothing is taken when the steps are over.
    """

    steps: tuple[tuple[DosageStep, ...], ...] = ()
    as_needed: bool = False
    contradictory: bool = False
    notes: tuple[str, ...] = ()
    days: int | None = None
    stops: bool = False

    @property
    def lasts(self) -> int | None:
        """The stated days: of all steps in sequence, counting concurrent parts once."""
        lengths = [step[0].days for step in self.steps]
        known = [days for days in lengths if days]
        return sum(known) if lengths and len(known) == len(lengths) else self.days


def regimen(
    dosages: Sequence[Dosage], product: Product, table: DosageTable, names: frozenset[str] = frozenset()
) -> Regimen:
    """Return the instructions together; those "as needed" are ignored beside others.

    `names` are words that only name the medicine.
    """
    sigs = [(dosage, _sig(dosage, table, names)) for dosage in dosages]
    scheduled = [(dosage, sig) for dosage, sig in sigs if not _as_needed(dosage, sig)]
    if not scheduled:
        lengths = [_lasts(dosage, sig, table) for dosage, sig in sigs]
        return Regimen(as_needed=bool(dosages), days=max((d for d in lengths if d), default=None))
    read = [_one(dosage, sig, product, table) for dosage, sig in scheduled]
    whole = read[0] if len(read) == 1 else _together(read)
    return replace(whole, stops=any(sig.stops for _, sig in scheduled))


def regimen_in_words(
    text: str, product: Product, table: DosageTable, names: frozenset[str] = frozenset()
) -> Regimen:
    """Return the regimen of a text alone; an empty one unless it states an amount and a schedule."""
    steps = understood(text, table, names).steps
    if not steps or any(part.amount is None or part.per_day is None for step in steps for part in step):
        return Regimen()
    return _of_text(steps, product, table)


def doses(plan: Regimen, product: Product, ingredient: str, table: DosageTable) -> tuple[Dose, ...]:
    """Return milligrams a day of `ingredient` of the product, step by step.

    A single step has no length of its own: the course says how long it is.
    """
    found = tuple(
        Dose(daily_mg=_added(_daily_mg(part, product, ingredient, table) for part in step), days=step[0].days)
        for step in plan.steps
    )
    return (Dose(daily_mg=found[0].daily_mg),) if len(found) == 1 else found


def units_a_day(plan: Regimen, product: Product) -> float | None:
    """Return the tablets, mL or patches used in a day, where all steps use the same number."""
    used = {_added(_daily_units(part, product) for part in step) for step in plan.steps}
    return (used.pop() or None) if len(used) == 1 else None


def supplied_mg(
    product: Product, ingredient: str, quantity: Quantity | None, days: int | None, table: DosageTable
) -> float | None:
    """Return milligrams a day without an instruction: strength x quantity / days of supply."""
    per_unit, count = strength(product, ingredient), supplied_amount(quantity, table)
    if per_unit is None or count is None or not days or count.kind != unit_kind(product):
        return None
    return weekly(product, ingredient, per_unit * count.value / days, table)


def _sig(dosage: Dosage, table: DosageTable, names: frozenset[str]) -> Sig:
    """Return the reading of the text, else of the instruction for the patient."""
    text = understood(dosage.text, table, names)
    if text.steps or not dosage.patient_instruction:
        return text
    patient_sig = understood(dosage.patient_instruction, table, names)
    return replace(
        text, steps=patient_sig.steps, as_needed=text.as_needed or (not dosage.text and patient_sig.as_needed)
    )


def _lasts(dosage: Dosage, sig: Sig, table: DosageTable) -> int | None:
    days = sig.steps[0][0].days if len(sig.steps) == 1 else None
    return lasting(dosage.timing, table) or days


def _as_needed(dosage: Dosage, sig: Sig) -> bool:
    return dosage.as_needed_boolean or dosage.as_needed_codeable_concept is not None or sig.as_needed


def _one(dosage: Dosage, sig: Sig, product: Product, table: DosageTable) -> Regimen:
    """Return one instruction: its structured elements, completed by its text."""
    amount, disagree = stated(dosage.dose_and_rate, product, table)
    often, odd = per_day(dosage.timing, table)
    part = DosageStep(
        amount=amount,
        per_day=often,
        days=lasting(dosage.timing, table),
        times=times_of_day(dosage.timing),
        order=dosage.sequence,
    )
    if disagree or odd:
        return _contradiction(part, say(Remark.DOSES_DISAGREE) if disagree else say(Remark.SCHEDULE_UNCLEAR))
    if not sig.steps:
        unread = sig.unclear and (amount is None or often is None)
        return _contradiction(part, say(Remark.TEXT_UNCLEAR)) if unread else Regimen(steps=((part,),))
    if amount is None and often is None:
        return _of_text(sig.steps, product, table, part)
    if len(sig.steps) > 1 or len(sig.steps[0]) > 1:
        return _of_several(part, dosage, sig.steps, product, table)
    return _completed(part, sig.steps[0][0], dosage, product, table)


def _of_text(
    steps: Sequence[Step], product: Product, table: DosageTable, part: DosageStep | None = None
) -> Regimen:
    """Return the steps of a text; without a dose if any but the last has no length."""
    read = tuple(tuple(_part(sig_step, product, table) for sig_step in step) for step in steps)
    if any(step[0].days is None for step in read[:-1]):
        return _contradiction(part or DosageStep(), say(Remark.STEP_WITHOUT_LENGTH))
    if part is not None and len(read) == 1:
        read = (tuple(_with(dosage_step, part) for dosage_step in read[0]),)
    return Regimen(steps=read, notes=(say(Remark.DOSE_FROM_TEXT),))


def _with(step: DosageStep, part: DosageStep) -> DosageStep:
    """Return a part of a text with the length and the place in the order that its structure states."""
    return replace(step, days=part.days or step.days, order=part.order, times=part.times or step.times)


def _of_several(
    part: DosageStep, dosage: Dosage, steps: Sequence[Step], product: Product, table: DosageTable
) -> Regimen:
    """Return the steps of a text beside one structured dose, if that is the dose of one of them."""
    ingredient = product.ingredients[0]
    structured = _daily_mg(part, product, ingredient, table)
    of_text = _of_text(steps, product, table)
    doses_in_text = [
        _added(_daily_mg(dosage_step, product, ingredient, table) for dosage_step in step)
        for step in of_text.steps
    ]
    if (
        of_text.contradictory
        or structured is None
        or not any(d and same([d, structured]) for d in doses_in_text)
    ):
        return _contradiction(part, _misfit(part, dosage))
    return of_text


def _completed(
    part: DosageStep, words: SigStep, dosage: Dosage, product: Product, table: DosageTable
) -> Regimen:
    """Return the structured elements completed by the text, unless the two contradict each other."""
    in_text = _part(words, product, table)
    if assumes_once(dosage.timing) and in_text.per_day is not None:
        part = replace(part, per_day=in_text.per_day)
    if _contradicts(part, in_text, words, product, table):
        return _contradiction(part, _misfit(part, dosage))
    whole = replace(
        part,
        amount=part.amount or in_text.amount,
        per_day=in_text.per_day if part.per_day is None else part.per_day,
        days=part.days or in_text.days,
        times=part.times or in_text.times,
    )
    complete = part.amount is not None and part.per_day is not None
    read = whole.amount is not None and not complete
    return Regimen(steps=((whole,),), notes=(say(Remark.DOSE_FROM_TEXT),) if read else ())


def _contradicts(
    part: DosageStep, in_text: DosageStep, words: SigStep, product: Product, table: DosageTable
) -> bool:
    """Tell whether structure and text state different doses a day, or different halves of one."""
    ingredient = product.ingredients[0]
    structured, spoken = (_daily_mg(dose, product, ingredient, table) for dose in (part, in_text))
    if structured is not None and spoken is not None:
        most = spoken * (words.most or 0.0) / (words.amount or 1.0)
        return not same([structured, spoken]) and not spoken <= structured <= most
    if part.per_day is not None and in_text.per_day is not None and not same([part.per_day, in_text.per_day]):
        return True
    if part.amount is None or in_text.amount is None:
        return False
    known = [mg(amount, product, ingredient) for amount in (part.amount, in_text.amount)]
    stated_mg = [value for value in known if value is not None]
    return len(stated_mg) == 2 and not same(stated_mg)


def _misfit(part: DosageStep, dosage: Dosage) -> str:
    """Return the note that names a structured dose and the text that contradicts it."""
    amount = part.amount
    structured, often = "", ""
    if amount is not None:
        unit = amount.kind if amount.kind in ("mg", "mL") else say(Remark.UNITS)
        structured = f"{amount.value:g} {unit}"
    if part.per_day is not None:
        often = say(Remark.TIMES_A_DAY, times=f"{part.per_day:g}")
    text = (dosage.text or dosage.patient_instruction).strip()[:_SHOWN]
    return say(
        Remark.DOSE_AND_TEXT_DISAGREE, structured=", ".join(filter(None, (structured, often))), text=text
    )


def _part(sig_step: SigStep, product: Product, table: DosageTable) -> DosageStep:
    amount = amount_in_words(sig_step, product, table)
    return DosageStep(amount=amount, per_day=sig_step.per_day, days=sig_step.days, times=sig_step.times)


def _contradiction(part: DosageStep, note: str) -> Regimen:
    unknown = DosageStep(days=part.days, order=part.order, times=part.times)
    return Regimen(steps=((unknown,),), contradictory=True, notes=(note,))


def _together(read: Sequence[Regimen]) -> Regimen:
    """Return several instructions as a titration or parts of one day; unknown if neither is plain."""
    notes = tuple(dict.fromkeys(note for instruction in read for note in instruction.notes))
    if any(len(instruction.steps) != 1 or len(instruction.steps[0]) != 1 for instruction in read):
        return _contradiction(DosageStep(), say(Remark.INSTRUCTIONS_UNCLEAR))
    parts = [instruction.steps[0][0] for instruction in read]
    longest = DosageStep(days=max((part.days for part in parts if part.days), default=None))
    contradictory = any(instruction.contradictory for instruction in read)
    if len(set(parts)) == 1:
        return Regimen(steps=((parts[0],),), contradictory=contradictory, notes=notes)
    if _parts_of_one_day(parts):
        return Regimen(
            steps=(tuple(parts),), contradictory=contradictory, notes=(*notes, say(Remark.DOSES_ADDED))
        )
    steps = _titration(parts)
    if steps is None:
        return _contradiction(longest, say(Remark.INSTRUCTIONS_UNCLEAR))
    return Regimen(steps=steps, contradictory=contradictory, notes=notes)


def _parts_of_one_day(parts: Sequence[DosageStep]) -> bool:
    """Tell whether the instructions have different times of day, or one place in the sequence."""
    if len({part.days for part in parts}) > 1:
        return False
    times = [time for part in parts for time in part.times]
    apart = all(part.times for part in parts) and len(times) == len(set(times))
    orders = {part.order for part in parts}
    return apart or (len(orders) == 1 and None not in orders)


def _titration(parts: Sequence[DosageStep]) -> tuple[tuple[DosageStep, ...], ...] | None:
    """Return the steps in order, if each but the last states its length."""
    orders = [part.order for part in parts]
    if len(set(orders)) not in (1, len(orders)):
        return None
    ordered = sorted(parts, key=lambda part: 0.0 if part.order is None else part.order)
    return tuple((part,) for part in ordered) if all(part.days for part in ordered[:-1]) else None


def _daily_mg(part: DosageStep, product: Product, ingredient: str, table: DosageTable) -> float | None:
    amount = mg(part.amount, product, ingredient) if part.amount else None
    if amount is None or part.amount is None:
        return None
    often = 1.0 if part.amount.a_day else part.per_day
    if product.form == "patch" and often is not None and often <= 1:
        return amount  # a strength of a patch is what it gives in 24 hours, however long it stays on
    if often is None or (product.form == "weekly" and often > 1 / 3):
        return None
    return weekly(product, ingredient, round(amount * often, 6), table)


def _daily_units(part: DosageStep, product: Product) -> float | None:
    if part.amount is None or part.per_day is None:
        return None
    used = units(part.amount, product)
    return used * (1.0 if part.amount.a_day else part.per_day) if used is not None else None


def _added(values: Iterable[float | None]) -> float | None:
    listed = list(values)
    known = [value for value in listed if value is not None]
    return sum(known) if known and len(known) == len(listed) else None

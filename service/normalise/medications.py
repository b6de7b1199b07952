"""Medication resources to exposures: who witnesses which medicine, from when, how long, how much."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from mappings.dosage import DosageTable
from mappings.remarks import Remark, say
from mappings.terminology import Product
from service.clinical.facts import Dose, Exposure, OtherMedicine, Source, Unreadable
from service.clinical.when import When
from service.fhir.resources import AnyMedication, Row
from service.normalise.amounts import amount_of
from service.normalise.context import Context, unreadable
from service.normalise.dates import plus
from service.normalise.dosage import (
    Part,
    Regimen,
    doses,
    regimen,
    spoken_regimen,
    supplied_mg,
)
from service.normalise.fills import real_fills
from service.normalise.identify import Identity, Said, identified, said_by
from service.normalise.purposes import denies_use
from service.normalise.supplies import supply
from service.normalise.uses import (
    OVER,
    Use,
    administration_use,
    dispense_use,
    request_use,
    statement_use,
)

_MOST_DAYS = 36525  # a century: more is no supply


@dataclass(frozen=True, slots=True)
class Unrelated:
    """Medicines that no rule knows: what was handed over, and what was given."""

    dispensed: list[OtherMedicine] = field(default_factory=list)
    given: list[OtherMedicine] = field(default_factory=list)


M = TypeVar("M", bound=AnyMedication)


def exposures(
    context: Context, drafts: frozenset[str], unread: list[Unreadable], unrelated: Unrelated
) -> tuple[Exposure, ...]:
    """Every use of a medicine that a rule may look at; what cannot be read is added to `unread`.

    Prefetched copies of the draft orders are no use. Medicines that no rule knows are added to
    `unrelated`: those handed over show that the record holds dispenses.
    """
    record = context.record
    known: dict[Said, Identity] = {}
    orders = [row for row in record.requests if row.label not in drafts]
    given = _read(record.administrations, administration_use, context, known, unread, unrelated.given)
    return (
        *_read(orders, request_use, context, known, unread),
        *real_fills([*_read(record.dispenses, dispense_use, context, known, unread, unrelated.dispensed)]),
        *_read(record.statements, statement_use, context, known, unread),
        *_by_day(list(given)),
    )


def components(product: Product, table: DosageTable) -> tuple[tuple[str, str], ...]:
    """Each exposure of a product: its ingredient, and the component that its dose is counted in."""
    whole = next((c for c in table.combination if set(c.ingredients) == set(product.ingredients)), None)
    if whole is not None:
        return ((whole.name, whole.dose_of),)
    return tuple((name, name) for name in dict.fromkeys(product.ingredients))


def _read(
    rows: Iterable[Row[M]],
    read: Callable[[M, Context], Use | str | None],
    context: Context,
    known: dict[Said, Identity],
    unread: list[Unreadable],
    unrelated: list[OtherMedicine] | None = None,
) -> Iterator[Exposure]:
    for row in rows:
        use = read(row.resource, context)
        if use is None or (isinstance(use, Use) and context.later(use.start)):
            continue
        said = said_by(row.resource, context)
        if said not in known:
            known[said] = identified(said, context)
        identity = known[said]
        if isinstance(use, Use) and use.source is Source.STATEMENT and _denied(said, use, context):
            continue
        fault = identity.fault or (use if isinstance(use, str) else "")
        if identity.product is None and not identity.fault:
            if unrelated is not None and isinstance(use, Use) and use.start and not use.reversal:
                unrelated.append(OtherMedicine(name=identity.name, when=use.start))
            continue
        if fault or identity.product is None or isinstance(use, str):
            unread.append(unreadable(row.label, fault))
            continue
        if use.undated:
            unread.append(unreadable(row.label, say(Remark.NOT_PLACED)))
        yield from _exposures(row.label, use, identity, identity.product, context, unread)


def _denied(said: Said, use: Use, context: Context) -> bool:
    """Whether a report says of the medicine that it was not used."""
    return denies_use((*said.names, *(dosage.text for dosage in use.dosage)), context.tables.reasons)


def _exposures(
    label: str,
    use: Use,
    identity: Identity,
    product: Product,
    context: Context,
    unread: list[Unreadable],
) -> Iterator[Exposure]:
    table, names = context.tables.dosage, context.vocabulary.own_words(product.ingredients)
    plan = _plan(use, product, identity.name, table, names)
    end = use.end or _end_by_instruction(use, plan)
    used = regimen(use.ordered, product, table, names) if use.ordered else plan
    days, absurd = supply(use, used, product, table)
    if absurd:
        unread.append(unreadable(label, absurd))
    use = replace(use, supply_days=days if use.supply_days else None)
    for ingredient, component in components(product, table):
        yield Exposure(
            reference=label,
            source=use.source,
            ingredient=ingredient,
            product=product,
            status=use.status,
            start=use.start,
            end=end,
            supply_days=days,
            quantity=use.quantity.value if use.quantity else None,
            refills=use.refills,
            doses=_doses(use, plan, product, component, table),
            as_needed=plan.as_needed,
            reasons=use.reasons,
            stopped_for=use.stopped_for,
            stopped_on=use.stopped_on or (end if _over(use) else None),
            reversal=use.reversal,
            order=use.order,
            patient_reported=use.patient_reported,
            non_adherent=use.non_adherent,
            in_stay=use.in_stay,
            notes=tuple(dict.fromkeys((*identity.notes, *plan.notes, *use.notes))),
        )


def _over(use: Use) -> bool:
    return use.source in (Source.ORDER, Source.STATEMENT) and use.status in OVER


def _end_by_instruction(use: Use, plan: Regimen) -> When | None:
    """The last day of an order or report whose instruction says how long it lasts; of a fill, if it stops."""
    lasting = plan.lasts if plan.stops or use.source in (Source.ORDER, Source.STATEMENT) else None
    return plus(use.start, lasting - 1) if lasting and use.start is not None else None


def _plan(use: Use, product: Product, name: str, table: DosageTable, names: frozenset[str]) -> Regimen:
    """The instruction of a resource; what was given at once stands for itself.

    Without any instruction the name may hold one: "nortriptyline 50 mg qhs".
    """
    amount = amount_of(use.given, table)
    if amount is not None:
        return Regimen(steps=((Part(amount=amount, per_day=1.0),),))
    if use.dosage:
        return regimen(use.dosage, product, table, names)
    return spoken_regimen(name, product, table, names)


def _doses(use: Use, plan: Regimen, product: Product, component: str, table: DosageTable) -> tuple[Dose, ...]:
    found = _stated_or_supplied(use, plan, product, component, table)
    return tuple(replace(dose, daily_mg=_plausible(dose.daily_mg, table)) for dose in found)


def _plausible(daily_mg: float | None, table: DosageTable) -> float | None:
    """The dose, or None for one that nobody takes; also for one beyond what a number can hold."""
    return daily_mg if daily_mg is not None and 0 <= daily_mg <= table.most_mg_a_day else None


def _stated_or_supplied(
    use: Use, plan: Regimen, product: Product, component: str, table: DosageTable
) -> tuple[Dose, ...]:
    stated = doses(plan, product, component, table)
    if plan.as_needed or plan.contradictory or len(stated) > 1 or any(d.daily_mg is not None for d in stated):
        return stated
    supplied = supplied_mg(product, component, use.quantity, use.supply_days, table)
    return (Dose(daily_mg=supplied),) if supplied is not None else stated


def _by_day(given: Sequence[Exposure]) -> Iterator[Exposure]:
    """Administrations, each with the dose of its whole day: two of 50 mg on one day are 100 mg a day."""
    days: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for one in given:
        days[(one.ingredient, str(one.start))].append(one.doses[0].daily_mg if one.doses else None)
    for one in given:
        stated = [mg for mg in days[(one.ingredient, str(one.start))] if mg is not None]
        yield replace(one, doses=(Dose(daily_mg=sum(stated)),) if stated else one.doses)

"""How much of a medicine is taken and how long a supply lasts: what instruction, supply and product give."""

from msgspec import Struct

from mappings.dosage import DosageTable
from mappings.remembering import remembered
from mappings.terminology import Product
from service.clinical.facts import Dose, SourceKind
from service.normalise.amounts import amount_of, days_of
from service.normalise.context import Vocabulary
from service.normalise.dosage import DosageStep, Regimen, doses, regimen, regimen_in_words, supplied_mg
from service.normalise.identify import Identity
from service.normalise.supplies import supply
from service.normalise.uses import StatedUse


class Taken(Struct, frozen=True, kw_only=True, gc=False):
    """`ingredients` are the doses of each; `lasts` the days that the instruction of an order or report lasts.

    That of a fill says nothing of its end, unless it says that the medicine is stopped then.

    `supply_days` is what one supply lasts; `absurd` says why it cannot be believed, "" if it can.
    """

    ingredients: tuple[tuple[str, tuple[Dose, ...]], ...] = ()
    as_needed: bool = False
    lasts: int | None = None
    supply_days: int | None = None
    absurd: str = ""
    notes: tuple[str, ...] = ()


def components(product: Product, table: DosageTable) -> tuple[tuple[str, str], ...]:
    """Return the ingredient of each exposure of a product, and the component that its dose is counted in."""
    whole = next((c for c in table.combination if set(c.ingredients) == set(product.ingredients)), None)
    if whole is not None:
        return ((whole.name, whole.dose_of),)
    return tuple((name, name) for name in dict.fromkeys(product.ingredients))


@remembered
def taken(stated: StatedUse, identity: Identity, vocabulary: Vocabulary, table: DosageTable) -> Taken:
    """Return the combined statements about a medicine, without ingredients if no rule uses it."""
    product = identity.product
    if product is None:
        return Taken()
    names = vocabulary.own_words(product.ingredients)
    plan = _plan(stated, product, identity.name, table, names)
    used = regimen(stated.ordered, product, table, names) if stated.ordered else plan
    length = days_of(stated.supply, table, "d" if stated.source is SourceKind.DISPENSE else "")
    days, absurd = supply(stated, length, used, product, table)
    return Taken(
        ingredients=tuple(
            (ingredient, _doses(stated, plan, product, component, days if length else None, table))
            for ingredient, component in components(product, table)
        ),
        as_needed=plan.as_needed,
        lasts=plan.lasts if plan.stops or stated.source in (SourceKind.ORDER, SourceKind.STATEMENT) else None,
        supply_days=days,
        absurd=absurd,
        notes=(*identity.notes, *plan.notes),
    )


def _plan(
    stated: StatedUse, product: Product, name: str, table: DosageTable, names: frozenset[str]
) -> Regimen:
    """Return the instruction of a resource, or the dose given at once.

    Without any instruction the name may hold one: "nortriptyline 50 mg qhs".
    """
    amount = amount_of(stated.given, table)
    if amount is not None:
        return Regimen(steps=((DosageStep(amount=amount, per_day=1.0),),))
    if stated.dosage:
        return regimen(stated.dosage, product, table, names)
    return regimen_in_words(name, product, table, names)


def _doses(
    stated: StatedUse, plan: Regimen, product: Product, component: str, days: int | None, table: DosageTable
) -> tuple[Dose, ...]:
    found = _stated_or_supplied(stated, plan, product, component, days, table)
    return tuple(Dose(daily_mg=_plausible(dose.daily_mg, table), days=dose.days) for dose in found)


def _plausible(daily_mg: float | None, table: DosageTable) -> float | None:
    """Return the dose, or None for an implausible or infinite one."""
    return daily_mg if daily_mg is not None and 0 <= daily_mg <= table.most_mg_a_day else None


def _stated_or_supplied(
    stated: StatedUse, plan: Regimen, product: Product, component: str, days: int | None, table: DosageTable
) -> tuple[Dose, ...]:
    instructed = doses(plan, product, component, table)
    if (
        plan.as_needed
        or plan.contradictory
        or len(instructed) > 1
        or any(d.daily_mg is not None for d in instructed)
    ):
        return instructed
    supplied = supplied_mg(product, component, stated.quantity, days, table)
    return (Dose(daily_mg=supplied),) if supplied is not None else instructed

"""Amounts of medicine: the meaning of a Quantity, and its milligrams of an ingredient."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from mappings.dosage import DosageTable
from mappings.terminology import Product
from service.fhir.resources import DoseAndRate, Quantity
from service.normalise.codes import texts
from service.normalise.sig_amounts import SigStep

_UNITLESS = frozenset({"", "1"})  # of UCUM: a number alone
_SAME = 0.01  # relative: 33.3 mg and 33.333 mg are one amount
_PLAIN_COUNTS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)


class Amount(Struct, frozen=True, kw_only=True, gc=False):
    """What is taken at once, or in a day: mg as stated, or a number of tablets or mL of the product."""

    kind: str
    value: float
    a_day: bool = False


def amount_of(quantity: Quantity | None, table: DosageTable) -> Amount | None:
    """Return a Quantity as an amount of medicine; None if it is not exact or its unit is not known.

    >>> from mappings.dosage import load_dosage
    >>> amount_of(Quantity(value=0.1, unit="g"), load_dosage())
    Amount(kind='mg', value=100.0, a_day=False)
    """
    if quantity is None or quantity.value is None or quantity.value <= 0 or quantity.comparator:
        return None
    units = [word for word in (quantity.code.strip().lower(), quantity.unit.strip().lower()) if word] or [""]
    meant = {table.amounts[word] for word in units if word in table.amounts}
    if len({kind for kind, _ in meant}) != 1:
        return None
    kind, factor = next(table.amounts[word] for word in units if word in table.amounts)
    value = quantity.value * factor
    return Amount(kind=kind.removesuffix(" a day"), value=value, a_day=kind.endswith(" a day"))


def supplied_amount(quantity: Quantity | None, table: DosageTable) -> Amount | None:
    """Return a supplied quantity as an amount of medicine; None also for one that may be a pack.

    >>> from mappings.dosage import load_dosage
    >>> supplied_amount(Quantity(value=30), load_dosage())
    Amount(kind='unit', value=30.0, a_day=False)
    >>> supplied_amount(Quantity(value=1), load_dosage())
    """
    unitless = quantity is not None and {quantity.unit.strip(), quantity.code.strip()} <= _UNITLESS
    if quantity is not None and unitless and quantity.value == table.may_be_packs:
        return None
    return amount_of(quantity, table)


def days_of(quantity: Quantity | None, table: DosageTable, unit: str = "") -> int | None:
    """Return a duration in whole days, rounded down; `unit` is what a missing unit means ("" is unknown).

    >>> from mappings.dosage import load_dosage
    >>> days_of(Quantity(value=4, unit="weeks"), load_dosage())
    28
    """
    if quantity is None or quantity.value is None or quantity.value <= 0 or quantity.comparator:
        return None
    words = [word.strip().lower() for word in (quantity.code, quantity.unit) if word.strip()] or [unit]
    length = next((table.durations[word] for word in words if word in table.durations), None)
    days = int(min(quantity.value, 36525) * length + 1e-9) if length is not None else 0
    return days if 0 < days < 36525 else None


def stated(
    repeated: Iterable[DoseAndRate], product: Product, table: DosageTable
) -> tuple[Amount | None, bool]:
    """Return the amount of one dose, which may be repeated in other units; True if repeats disagree.

    mg is preferred, then what is marked as ordered; a range is taken at its low end.

    >>> from mappings.dosage import load_dosage
    >>> twice = [DoseAndRate(dose_quantity=Quantity(value=value, unit="mg")) for value in (50, 100)]
    >>> stated(twice, Product(ingredients=("sertraline",)), load_dosage())
    (None, True)
    """
    read = [(a, _is_ordered(dose)) for dose in repeated if (a := _one(dose, table)) is not None]
    if not read:
        return None, False
    read.sort(key=lambda pair: (pair[0].kind != "mg", not pair[1]))
    if len(read) == 1:
        return read[0][0], False
    kinds = {(amount.kind, amount.value) for amount, _ in read}
    in_mg = [m for amount, _ in read if (m := mg(amount, product, product.ingredients[0])) is not None]
    twice = len(kinds) > len({kind for kind, _ in kinds})
    if twice or (len(product.ingredients) == 1 and in_mg and not same(in_mg)):
        return None, True
    return read[0][0], False


def amount_in_words(step: SigStep, product: Product, table: DosageTable) -> Amount | None:
    """Return the amount in a text; two statements of it must agree.

    >>> from mappings.dosage import load_dosage
    >>> of_50_mg = Product(ingredients=("sertraline",), strengths=(50.0,), unit="tablet")
    >>> step = SigStep(amount=2, unit="tablets", again=100, again_unit="mg", again_is="total")
    >>> amount_in_words(step, of_50_mg, load_dosage())
    Amount(kind='mg', value=100.0, a_day=False)
    """
    if step.amount is None or (not step.unit and step.amount > table.most_units_at_once):
        return None
    first = amount_of(Quantity(value=step.amount, unit=step.unit), table)
    if step.again is None or first is None:
        return first
    second = amount_of(Quantity(value=step.again, unit=step.again_unit), table)
    if second is None or (first.kind == "mg") == (second.kind == "mg"):
        return None
    weight, counted = (first, second) if first.kind == "mg" else (second, first)
    return _agreed(weight, counted, step.again_is, product)


def _agreed(weight: Amount, counted: Amount, again_is: str, product: Product) -> Amount | None:
    """Return the mg of a weight stated beside a count, of all units or of each; None if ambiguous."""
    each = Amount(kind="mg", value=weight.value * counted.value)
    per_unit = strength(product, product.ingredients[0]) if len(product.ingredients) == 1 else None
    if per_unit is None:
        unsure = again_is == "beside" and counted.value != 1
        return None if unsure else each if again_is == "each" else weight
    total = same([weight.value, per_unit * counted.value])
    if again_is == "each":
        return each if same([weight.value, per_unit]) else None
    if total:
        return weight
    return each if again_is in ("", "beside") and same([weight.value, per_unit]) else None


def mg(amount: Amount, product: Product, ingredient: str) -> float | None:
    """Return the milligrams of one ingredient in an amount; of a combination only where that is plain.

    >>> of_50_mg = Product(ingredients=("sertraline",), strengths=(50.0,), unit="tablet")
    >>> mg(Amount(kind="unit", value=2), of_50_mg, "sertraline")
    100.0
    """
    per_unit = strength(product, ingredient)
    if amount.kind != "mg":
        return amount.value * per_unit if per_unit is not None and amount.kind == unit_kind(product) else None
    if len(product.ingredients) == 1:
        return amount.value
    counts = {amount.value / s for s in (*product.strengths, sum(product.strengths)) if s}
    plain = counts & set(_PLAIN_COUNTS)
    return per_unit * plain.pop() if per_unit is not None and len(plain) == 1 else None


def units(amount: Amount, product: Product) -> float | None:
    """Return how many tablets, patches or mL of the product an amount is.

    >>> of_50_mg = Product(ingredients=("sertraline",), strengths=(50.0,), unit="tablet")
    >>> units(Amount(kind="mg", value=25), of_50_mg)
    0.5
    """
    if amount.kind == unit_kind(product):
        return amount.value
    per_unit = strength(product, product.ingredients[0]) if len(product.ingredients) == 1 else None
    return amount.value / per_unit if per_unit and amount.kind == "mg" else None


def weekly(product: Product, ingredient: str, daily_mg: float, table: DosageTable) -> float:
    """Return the daily dose equivalent to a dose of a once-weekly product.

    >>> from mappings.dosage import load_dosage
    >>> weekly(Product(ingredients=("fluoxetine",), form="weekly"), "fluoxetine", 90 / 7, load_dosage())
    20.0
    """
    row = next((w for w in table.weekly if w.ingredient == ingredient), None)
    if row is None or (product.form != "weekly" and abs(daily_mg * 7 - row.weekly_mg) > _SAME):
        return daily_mg
    return round(daily_mg * 7 / row.weekly_mg * row.daily_mg, 6)


def strength(product: Product, ingredient: str) -> float | None:
    """Return the milligrams of an ingredient in one unit of the product.

    >>> strength(Product(ingredients=("sertraline",), strengths=(50.0,)), "sertraline")
    50.0
    """
    if len(product.strengths) != len(product.ingredients) or ingredient not in product.ingredients:
        return None
    return product.strengths[product.ingredients.index(ingredient)]


def unit_kind(product: Product) -> str:
    """Return whether the strengths of a product are per mL or per tablet, patch or device.

    >>> unit_kind(Product(ingredients=("sertraline",), unit="capsule"))
    'unit'
    """
    return "mL" if product.unit.lower() == "ml" else "unit"


def same(values: Sequence[float]) -> bool:
    """Tell whether all values are one amount.

    >>> same([33.3, 33.333]), same([25.0, 50.0])
    (True, False)
    """
    return max(values) - min(values) <= _SAME * max(values)


def _one(repeated: DoseAndRate, table: DosageTable) -> Amount | None:
    """Return one stated amount; a small number without a unit counts tablets."""
    quantity = repeated.dose_quantity or (repeated.dose_range.low if repeated.dose_range else None)
    amount = amount_of(quantity, table)
    bare = quantity is not None and not (quantity.code.strip() or quantity.unit.strip())
    return None if amount is not None and bare and amount.value > table.most_units_at_once else amount


def _is_ordered(repeated: DoseAndRate) -> bool:
    concept = repeated.type
    return concept is not None and any(
        word.lower() == "ordered" for word in (*texts(concept), *(c.code for c in concept.coding))
    )

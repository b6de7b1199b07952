"""How long a supply lasts, and which figures are implausible."""

from mappings.dosage import DosageTable
from mappings.remarks import Remark, say
from mappings.terminology import Product
from service.clinical.facts import SourceKind
from service.fhir.resources import Quantity
from service.normalise.amounts import supplied_amount, unit_kind
from service.normalise.dosage import Regimen, units_a_day
from service.normalise.uses import OVER, StatedUse


def supply(
    stated: StatedUse, length: int | None, plan: Regimen, product: Product, table: DosageTable
) -> tuple[int | None, str]:
    """Return the days of one supply, its stated `length` or how long its quantity lasts.

    They are None, with the reason, if the figures are absurd.
    """
    lasts = _quantity_lasts(stated.quantity, plan, product, table)
    if length is None and _beyond_counting(stated.supply, table):
        return (
            None,
            say(Remark.SUPPLY_TOO_LONG, supply=_figure(stated.supply), most=table.most_supply_days),
        )
    days = length or (int(lasts + 1e-9) if lasts and lasts >= 1 else None)
    if days is None:
        return None, ""
    if days > table.most_supply_days:
        figure = (
            _figure(stated.supply)
            if length
            else say(Remark.SUPPLY_OF_DAYS, quantity=_figure(stated.quantity), days=days)
        )
        return None, say(Remark.SUPPLY_TOO_LONG, supply=figure, most=table.most_supply_days)
    if length and lasts and _far_apart(days, lasts, table.most_supply_factor):
        return None, (
            say(Remark.SUPPLY_UNLIKELY, quantity=_figure(stated.quantity), lasts=f"{lasts:.3g}", days=days)
        )
    total = days * (1 + stated.refills)
    if stated.source is SourceKind.ORDER and stated.status not in OVER and total > table.most_order_days:
        return None, (
            say(
                Remark.ORDER_TOO_LONG,
                days=days,
                repeats=stated.refills,
                total=total,
                most=table.most_order_days,
            )
        )
    return days, ""


def _quantity_lasts(
    quantity: Quantity | None, plan: Regimen, product: Product, table: DosageTable
) -> float | None:
    """Return how many days a quantity lasts at the stated use."""
    amount, used = supplied_amount(quantity, table), units_a_day(plan, product)
    if amount is None or used is None or amount.kind != unit_kind(product):
        return None
    return amount.value / used


def _beyond_counting(stated: Quantity | None, table: DosageTable) -> bool:
    """Tell whether a stated length is so long that it was not read as days at all."""
    return stated is not None and stated.value is not None and stated.value > table.most_supply_days


def _far_apart(one: float, other: float, factor: float) -> bool:
    return max(one, other) > factor * min(one, other)


def _figure(quantity: Quantity | None) -> str:
    if quantity is None or quantity.value is None:
        return ""
    return f"{quantity.value:.10g} {(quantity.unit or quantity.code).strip()[:20]}".strip()

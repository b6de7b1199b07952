"""A recorded stop ends the supply of its fills (clinical rules 7.2 and 14)."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from mappings.terminology import Product
from service.clinical.facts import Exposure, SourceKind
from service.clinical.partial_date import on

Kind = tuple[tuple[float, ...], str]
_OVER = frozenset({"completed", "stopped"})
_OPEN = date.max.toordinal()


def with_stops(exposures: Sequence[Exposure], renewal_days: int) -> list[Exposure]:
    """Return the exposures of one ingredient, each dispense with the day on which its order was stopped.

    A stop cuts the fills that name it; of those that name no order on record, the fills of its product that
    were handed over before it while no other order stood. A renewal undoes it.
    """
    stopping = _not_renewed(exposures, renewal_days)
    if not stopping:
        return list(exposures)
    by_name = {exposure.reference: exposure for exposure in stopping}
    known = {exposure.reference for exposure in exposures if exposure.source is SourceKind.ORDER}
    standing = _standing(exposures)
    index = _by_product(stopping, _stop_day)

    def stop_of(fill: Exposure) -> int | None:
        if fill.source is not SourceKind.DISPENSE or fill.start is None:
            return None
        if fill.order in known or fill.order in by_name:
            return _stop_day(by_name[fill.order]) if fill.order in by_name else None
        day = fill.start.last.toordinal()
        orders = standing[day]
        if not orders:
            return _next_stop(index, fill.product, day)
        alone = by_name.get(orders[0].reference) if len(orders) == 1 else None
        fits = alone is not None and _stop_day(alone) > day and _same(alone.product, fill.product)
        return _stop_day(alone) if alone and fits else None

    stops = ((fill, stop_of(fill)) for fill in exposures)
    return [fill if stop is None else replace(fill, end=on(date.fromordinal(stop))) for fill, stop in stops]


def _stop_day(exposure: Exposure) -> int:
    assert exposure.stopped_on is not None, "only what was stopped is asked"
    return exposure.stopped_on.first.toordinal()


def _not_renewed(exposures: Sequence[Exposure], renewal_days: int) -> list[Exposure]:
    """Return the stopped exposures that no new order of the product replaced at about that time."""
    orders = [exposure for exposure in exposures if exposure.source is SourceKind.ORDER and exposure.start]
    begun = _by_product(orders, _start)
    found = []
    for exposure in exposures:
        if exposure.stopped_on is None:
            continue
        first, last = _stop_day(exposure) - renewal_days, _stop_day(exposure) + renewal_days
        itself = exposure.source is SourceKind.ORDER and exposure.start and first <= _start(exposure) <= last
        about = sum(
            bisect_right(days, last) - bisect_left(days, first) for days in begun.of(exposure.product)
        )
        if about <= bool(itself):
            found.append(exposure)
    return found


def _start(exposure: Exposure) -> int:
    return exposure.start.first.toordinal() if exposure.start else 0


class DaysByProduct(Struct, frozen=True, gc=False):
    """Days in order, by product, and by product with strength or form left open."""

    own: dict[Kind, list[int]] = field(default_factory=lambda: defaultdict(list))
    wide: dict[Kind, list[int]] = field(default_factory=lambda: defaultdict(list))

    def of(self, product: Product) -> Iterator[list[int]]:
        """Yield the lists of days that fit a product; an unknown strength or form fits any."""
        yield self.wide.get(_kind(product), [])
        yield from (self.own.get(kind, []) for kind in _wider(product) if kind != _kind(product))


def _by_product(exposures: Sequence[Exposure], day_of: Callable[[Exposure], int]) -> DaysByProduct:
    found = DaysByProduct()
    for exposure in sorted(exposures, key=day_of):
        found.own[_kind(exposure.product)].append(day_of(exposure))
        for kind in _wider(exposure.product):
            found.wide[kind].append(day_of(exposure))
    return found


def _standing(exposures: Sequence[Exposure]) -> Mapping[int, Sequence[Exposure]]:
    """Return for each day of a fill up to two orders of the ingredient in force on it."""
    orders = sorted((e for e in exposures if e.source is SourceKind.ORDER and e.start), key=_start)
    days = sorted(
        {e.start.last.toordinal() for e in exposures if e.source is SourceKind.DISPENSE and e.start}
    )
    found: dict[int, Sequence[Exposure]] = {}
    place = 0
    held: list[Exposure] = []
    for day in days:
        while place < len(orders) and _start(orders[place]) <= day:
            # Of the orders begun so far the two that stand longest tell whether none, one or more stand.
            held = sorted((*held, orders[place]), key=_stands_until, reverse=True)[:2]
            place += 1
        found[day] = [order for order in held if _stands_until(order) >= day]
    return found


def _stands_until(order: Exposure) -> int:
    ended = order.end or order.stopped_on
    if ended is not None:
        return ended.last.toordinal()
    if order.status not in _OVER:
        return _OPEN
    return _start(order) + max((order.supply_days or 1) * (1 + order.refills), 1) - 1


def _next_stop(stops: DaysByProduct, product: Product, day: int) -> int | None:
    """Return the first stop of the product after a day."""
    later = [days[place] for days in stops.of(product) if (place := bisect_right(days, day)) < len(days)]
    return min(later, default=None)


def _kind(product: Product) -> Kind:
    return product.strengths, product.form


def _wider(product: Product) -> Iterator[Kind]:
    """Yield the product, also with strength, form or both left open."""
    for strengths in {product.strengths, ()}:
        for form in {product.form, ""}:
            yield strengths, form


def _same(product: Product, other: Product) -> bool:
    """Tell whether two products may be the same; an unknown strength or form fits any."""
    strengths = not product.strengths or not other.strengths or product.strengths == other.strengths
    return strengths and (not product.form or not other.form or product.form == other.form)

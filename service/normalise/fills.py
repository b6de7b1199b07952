"""The fills among the reported dispenses: duplicates count once, reversed ones not at all."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct, field

from service.clinical.facts import Exposure

Key = tuple[object, ...]


def real_fills(dispenses: Sequence[Exposure]) -> tuple[Exposure, ...]:
    """Return the fills that were handed over and kept, in their given order."""
    once = _once(sorted(dispenses, key=_richest_first))
    taken_back = _reversed(
        [fill for fill in once if not fill.reversal], [fill for fill in once if fill.reversal]
    )
    kept = {id(fill) for fill in once if not fill.reversal} - taken_back
    return tuple(dispense for dispense in dispenses if id(dispense) in kept)


def _richest_first(exposure: Exposure) -> tuple[bool, bool, bool, str]:
    dosed = any(dose.daily_mg is not None for dose in exposure.doses)
    return exposure.supply_days is None, exposure.order is None, not dosed, exposure.reference


def _once(dispenses: Sequence[Exposure]) -> list[Exposure]:
    """Return the fills without duplicates: same product and day, and quantity or days of supply.

    Only those of a day on which there is another one are compared: that takes half of the time of a use.
    """
    seen, alike = _Index(), Counter(map(_moment, dispenses))
    found = []
    for dispense in dispenses:
        when = _moment(dispense)
        if when is None or alike[when] == 1:
            found.append(dispense)
        elif not any(seen.lists(dispense, when)):
            found.append(dispense)
            seen.add(dispense, when)
    return found


def _moment(dispense: Exposure) -> tuple[date, date, bool] | None:
    start = dispense.start
    return (start.first, start.last, dispense.reversal) if start else None


def _reversed(fills: Sequence[Exposure], reversals: Sequence[Exposure]) -> set[int]:
    """Return the fills that were taken back: of each product and amount the latest one up to the reversal."""
    if not reversals:
        return set()
    index = _Index()
    for fill in sorted(fills, key=_day):
        index.add(fill, None)
    gone: set[int] = set()
    for reversal in sorted(reversals, key=_day):
        latest = max(index.candidates(reversal, _day(reversal), gone), key=_day, default=None)
        if latest is not None:
            gone.add(id(latest))
    return gone


def _day(exposure: Exposure) -> date:
    return exposure.start.last if exposure.start else date.min


class _Index(Struct, frozen=True, gc=False):
    """Dispenses by product and amount; an unknown strength or form fits every one."""

    own: dict[Key, list[Exposure]] = field(default_factory=lambda: defaultdict(list))
    widened: dict[Key, list[Exposure]] = field(default_factory=lambda: defaultdict(list))

    def add(self, exposure: Exposure, when: object) -> None:
        for amount in _amounts(exposure):
            self.own[(*_product(exposure), amount, when)].append(exposure)
            for product in _wider(exposure):
                self.widened[(*product, amount, when)].append(exposure)

    def lists(self, exposure: Exposure, when: object) -> Iterator[list[Exposure]]:
        for amount in _amounts(exposure):
            yield self.widened.get((*_product(exposure), amount, when), [])
            for product in _wider(exposure):
                yield self.own.get((*product, amount, when), [])

    def candidates(self, exposure: Exposure, until: date, gone: set[int]) -> Iterator[Exposure]:
        """Yield the latest of each list up to a day; those that are gone are dropped on the way."""
        for found in self.lists(exposure, None):
            place = bisect_right(found, until, key=_day)
            while place and id(found[place - 1]) in gone:
                place -= 1
                del found[place]
            if place:
                yield found[place - 1]


def _amounts(exposure: Exposure) -> Iterator[Key]:
    if exposure.quantity is not None:
        yield ("quantity", exposure.quantity)
    if exposure.supply_days is not None:
        yield ("days", exposure.supply_days)


def _product(exposure: Exposure) -> Key:
    return exposure.ingredient, exposure.product.strengths, exposure.product.form


def _wider(exposure: Exposure) -> Iterator[Key]:
    """Yield the product, also with strength, form or both left open."""
    for strengths in {exposure.product.strengths, ()}:
        for form in {exposure.product.form, ""}:
            yield exposure.ingredient, strengths, form

"""Whether a medicine is, or may still be, in use.

An active order that states no end is in use, however old it is: nothing says that it ended. A stated end
wins over the status. A dispense lasts for its days of supply. An order that ended, or a supply of unknown
length, without a last day leaves a doubt: use may go on for a while after the start.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from service.assess.recency import may_be_within
from service.clinical.facts import Exposure, SourceKind

# FHIR statuses: what is not taken at all, and what is over.
_NOT_TAKEN = frozenset(
    {"on-hold", "not-taken", "intended", "cancelled", "draft", "entered-in-error", "declined"}
)
_OVER = frozenset({"completed", "stopped"})


def running(exposure: Exposure, as_of: date, within_days: int) -> bool:
    """Tell whether the medicine is in use, or was within `within_days` days before `as_of`."""
    if not_taken(exposure):
        return False
    end = last_day(exposure)
    if end is not None:
        return end >= as_of - timedelta(days=within_days)
    started_lately = exposure.start is not None and may_be_within(exposure.start, within_days, as_of)
    return started_lately or not ends_unknown(exposure)


def may_be_running(exposure: Exposure, dispensed: frozenset[str], as_of: date, doubt_days: int) -> bool:
    """Tell whether the medicine, of which no last day is known, may still be in use.

    An order among those `dispensed` leaves no doubt: its dispenses show how long it lasted.
    """
    if not_taken(exposure) or last_day(exposure) is not None or not ends_unknown(exposure):
        return False
    if exposure.source is SourceKind.ORDER and exposure.reference in dispensed:
        return False
    return exposure.start is None or may_be_within(exposure.start, doubt_days, as_of)


def not_taken(exposure: Exposure) -> bool:
    """Tell whether the entry says that the medicine was not, or is not yet, taken."""
    return exposure.status in _NOT_TAKEN


def last_day(exposure: Exposure) -> date | None:
    """Return the last possible day of use; None when the record states or implies none."""
    if exposure.end is not None:
        return exposure.end.last
    if exposure.source is SourceKind.ADMINISTRATION:
        return exposure.start.last if exposure.start else None
    return _supplied_until(exposure)


def ends_unknown(exposure: Exposure) -> bool:
    """Tell whether use has ended, or is limited by a supply, but the last day is unknown."""
    return exposure.status in _OVER or exposure.source in (SourceKind.DISPENSE, SourceKind.ADMINISTRATION)


def _supplied_until(exposure: Exposure) -> date | None:
    """Return the last supplied day of a dispense or an order that is over; None for an active order."""
    open_order = exposure.source is not SourceKind.DISPENSE and exposure.status not in _OVER
    if exposure.supply_days is None or exposure.start is None or open_order:
        return None
    fills = 1 if exposure.source is SourceKind.DISPENSE else 1 + exposure.refills
    return exposure.start.last + timedelta(days=max(exposure.supply_days * fills - 1, 0))


def dispensed_orders(exposures: Iterable[Exposure]) -> frozenset[str]:
    """Return the references of the orders with a dispense on record."""
    return frozenset(
        exposure.order for exposure in exposures if exposure.source is SourceKind.DISPENSE and exposure.order
    )

"""How long ago something was, even where the record does not name the day.

Two questions differ. May it lie within the window (the last possible day decides)? That is asked of
findings, so that an unknown day never reads as long ago. Does it surely lie within the window (the first
possible day decides)? That is asked of measurements that are to settle a question.
"""

from datetime import date, timedelta

from service.clinical.partial_date import PartialDate


def may_be_within(when: PartialDate, days: int, as_of: date) -> bool:
    """Tell whether `when` may be at most `days` days before `as_of`."""
    return when.last >= as_of - timedelta(days=days)


def surely_within(when: PartialDate, days: int, as_of: date) -> bool:
    """Tell whether every day that `when` may mean is at most `days` days before `as_of`."""
    return when.first >= as_of - timedelta(days=days)


def surely_after(later: PartialDate, earlier: PartialDate) -> bool:
    """Tell whether `later` is certainly after `earlier`, by the hour where both are known."""
    if later.instant is not None and earlier.instant is not None:
        return later.instant > earlier.instant
    return later.first > earlier.last


def surely_before(earlier: PartialDate, later: PartialDate) -> bool:
    """Tell whether `earlier` is certainly before `later`."""
    return surely_after(later, earlier)


def same_day_or_after(later: PartialDate, earlier: PartialDate) -> bool:
    """Tell whether `later` is on the day of `earlier` or after it, and not at an earlier hour."""
    if later.exact and earlier.exact and later.first == earlier.first:
        return not surely_before(later, earlier)
    return surely_after(later, earlier)

"""Several moments asked at once: whether one of them is after another moment, and which is the first to be.

To hold every moment of one list against every moment of another costs the square of their number, and a
record may hold thousands. The answers are those of `recency`, asked of each.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate
from math import inf
from typing import Any

from msgspec import Struct

from service.clinical.partial_date import PartialDate


class Moments(Struct, frozen=True, gc=False):
    """Several moments: whether any of them is after another.

    `timed` is the latest known hour, `untimed` the latest first day without an hour, `first` that of all;
    `hours` the latest hour of each known day, endless for one without an hour.
    """

    timed: float
    untimed: date
    first: date
    hours: Mapping[date, float]

    def any_surely_after(self, earlier: PartialDate) -> bool:
        """Tell whether one of the moments is certainly after `earlier`."""
        if earlier.instant is None:
            return self.first > earlier.last
        return self.timed > earlier.instant or self.untimed > earlier.last

    def any_same_day_or_after(self, earlier: PartialDate) -> bool:
        """Tell whether any of the moments is on the day of `earlier` or after it."""
        return self.any_later_the_same_day(earlier) or self.any_surely_after(earlier)

    def any_later_the_same_day(self, earlier: PartialDate) -> bool:
        """Tell whether one of the moments is on the one day of `earlier`, and not at an earlier hour."""
        known = earlier.instant if earlier.instant is not None else -inf
        return earlier.exact and earlier.first in self.hours and self.hours[earlier.first] >= known


def moments(several: Iterable[PartialDate]) -> Moments:
    """Return the moments prepared for comparison."""
    timed, untimed, first, hours = -inf, date.min, date.min, dict[date, float]()
    for moment in several:
        first = max(first, moment.first)
        if moment.instant is None:
            untimed = max(untimed, moment.first)
        else:
            timed = max(timed, moment.instant)
        if moment.exact:
            hour = inf if moment.instant is None else moment.instant
            hours[moment.first] = max(hours.get(moment.first, -inf), hour)
    return Moments(timed, untimed, first, hours)


class FirstAfter(Struct, frozen=True, gc=False):
    """Several moments, prepared for finding the first on or after another moment."""

    several: Moments
    by_hour: "_Least"
    by_untimed_day: "_Least"
    by_day: "_Least"

    def day(self, earlier: PartialDate) -> date | None:
        """Return the last possible day of the first moment on the day of `earlier` or after, if any."""
        if earlier.instant is None:
            found = [self.by_day.after(earlier.last)]
        else:
            found = [self.by_hour.after(earlier.instant), self.by_untimed_day.after(earlier.last)]
        if self.several.any_later_the_same_day(earlier):
            found.append(earlier.first)
        return min((day for day in found if day), default=None)


def first_after(several: Sequence[PartialDate]) -> FirstAfter:
    """Return the moments prepared for finding the first on or after another."""
    timed = [moment for moment in several if moment.instant is not None]
    untimed = [moment for moment in several if moment.instant is None]
    return FirstAfter(
        several=moments(several),
        by_hour=_least((moment.instant, moment.last) for moment in timed),
        by_untimed_day=_least((moment.first, moment.last) for moment in untimed),
        by_day=_least((moment.first, moment.last) for moment in several),
    )


class _Least(Struct, frozen=True, gc=False):
    """The earliest day for each key and all greater ones; keys are in order."""

    keys: Sequence[Any]
    days: Sequence[date]

    def after(self, key: Any) -> date | None:
        """Return the earliest of the days whose key is greater; None for none."""
        place = bisect_right(self.keys, key)
        return self.days[place] if place < len(self.keys) else None


def _least(pairs: Iterable[tuple[Any, date]]) -> _Least:
    ranked = sorted(pairs, key=lambda pair: pair[0])
    days = list(accumulate((day for _, day in reversed(ranked)), min))
    return _Least([key for key, _ in ranked], days[::-1])

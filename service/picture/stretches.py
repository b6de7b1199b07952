"""The time that the axis shows: of many years only those stretches in which something happened."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from service.picture.rows import Days

_ALL_SHOWN = 4 * 366  # days; so many are never broken up
_LEFT_OUT = 366  # days in which nothing happens
_AROUND = 45  # days before and after what happens
_MOST_BREAKS = 8


def stretches(first: date, last: date, busy: Iterable[Days]) -> tuple[Days, ...]:
    """Return the stretches of the axis from `first` to `last`; `busy` are runs of days to be shown."""
    if (last - first).days <= _ALL_SHOWN:
        return ((first, last),)
    edges = [(first, first), *busy, (last, last)]
    found: list[Days] = []
    for start, end in sorted(_around(run, first, last) for run in edges):
        if found and (start - found[-1][1]).days <= _LEFT_OUT:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return _joined(found)


def shows(shown: Iterable[Days], days: Days) -> bool:
    """Tell whether any of the `days` lies in a stretch."""
    return any(days[1] >= first and days[0] <= last for first, last in shown)


def _around(run: Days, first: date, last: date) -> Days:
    start, end = (min(max(day, first), last) for day in run)
    before, after = min((start - first).days, _AROUND), min((last - end).days, _AROUND)
    return start - timedelta(days=before), end + timedelta(days=after)


def _joined(found: list[Days]) -> tuple[Days, ...]:
    """Return the stretches with the closest ones joined, so that only the longest breaks are left."""
    gaps = sorted(((after[0] - before[1]).days for before, after in pairwise(found)), reverse=True)
    shortest = gaps[_MOST_BREAKS] if len(gaps) > _MOST_BREAKS else 0
    joined = found[:1]
    for run in found[1:]:
        if (run[0] - joined[-1][1]).days <= shortest:
            joined[-1] = (joined[-1][0], run[1])
        else:
            joined.append(run)
    return tuple(joined)

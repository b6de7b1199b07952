"""FHIR dates to days: a partial date is the interval it may mean, a day is the local day as written."""

import calendar
import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from service.clinical.partial_date import PartialDate
from service.fhir.resources import Period

_WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:[Tt ](?P<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)"
    r"(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?)?)?)?",
    re.ASCII,
)
_DAY, _MOMENT = len("2024-02-29"), len("2024-02-29T08:30:00.000000+01:00")


def when(text: str) -> PartialDate | None:
    """Return the meaning of a FHIR date, dateTime or instant; None if absent or not a date.

    Time zones only order readings: the day is the one written, whatever the zone.

    >>> february = when("2024-02")
    >>> str(february.first), str(february.last)
    ('2024-02-01', '2024-02-29')
    """
    if not text:
        return None
    return _day(text) if len(text) <= _DAY else _moment(text) if len(text) <= _MOMENT else _read(text)


def _read(text: str) -> PartialDate | None:
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return None
    try:
        first, last = _days(match["year"], match["month"], match["day"])
        return PartialDate(
            first, last, _instant(first, match["time"], match["zone"]), (match["time"] or "")[:5]
        )
    except (ValueError, OverflowError):
        return None


# Days come again in every record, the times of a day within one: neither makes the other forgotten.
_day = lru_cache(maxsize=8192)(_read)
_moment = lru_cache(maxsize=2048)(_read)


def readable(text: str) -> bool:
    """Tell whether a date is absent or readable; False for text that is not a date.

    >>> readable(""), readable("last spring")
    (True, False)
    """
    return not text.strip() or when(text) is not None


def earliest(period: Period | None) -> PartialDate | None:
    """Return the start of a period.

    >>> str(earliest(Period(start="2024-01-05")).first)
    '2024-01-05'
    """
    return when(period.start) if period else None


def latest(period: Period | None) -> PartialDate | None:
    """Return the end of a period, a day of the period whatever time of day is written.

    >>> str(latest(Period(start="2024-01-05", end="2024-02-01T00:00:00Z")).last)
    '2024-02-01'
    """
    return when(period.end) if period else None


def within(period: Period | None) -> PartialDate | None:
    """Return the interval of an event that FHIR dates with a period.

    >>> happened = within(Period(start="2024-01-05", end="2024-01-07"))
    >>> str(happened.first), str(happened.last)
    ('2024-01-05', '2024-01-07')
    """
    first, last = earliest(period), latest(period)
    if first is None or last is None or last.last < first.first:
        return first
    return PartialDate(first.first, last.last)


def plus(start: PartialDate, days: int) -> PartialDate | None:
    """Return the interval `days` later; None beyond the end of the calendar.

    >>> str(plus(when("2024-02-28"), 2).first)
    '2024-03-01'
    """
    try:
        step = timedelta(days=days)
        return PartialDate(start.first + step, start.last + step)
    except OverflowError:
        return None


def _days(year: str, month: str | None, day: str | None) -> tuple[date, date]:
    if month is None:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    if day is None:
        last = calendar.monthrange(int(year), int(month))[1]
        return date(int(year), int(month), 1), date(int(year), int(month), last)
    only = date(int(year), int(month), int(day))
    return only, only


def _instant(day: date, time: str | None, zone: str | None) -> float | None:
    """Return seconds since 1970; None without a time and zone, as values are then not comparable."""
    if time is None or zone is None:
        return None
    return datetime.fromisoformat(f"{day}T{time}{zone.upper()}").timestamp()

"""FHIR dates as real systems write them."""

from datetime import date

import pytest

from service.fhir.resources import Period
from service.normalise.dates import readable, when, within


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023", date(2023, 1, 1), date(2023, 12, 31)),
        ("2024-01-05T08:00:00+01:00", date(2024, 1, 5), date(2024, 1, 5)),
        ("2024-01-05T23:59:59-11:00", date(2024, 1, 5), date(2024, 1, 5)),
        ("2024-01-05T00:30:00+14:00", date(2024, 1, 5), date(2024, 1, 5)),
        ("2024-01-05T08:00:00.123456Z", date(2024, 1, 5), date(2024, 1, 5)),
        ("2024-01-05T08:00:00.1234567+0200", date(2024, 1, 5), date(2024, 1, 5)),
        ("2024-01-05T08:00", date(2024, 1, 5), date(2024, 1, 5)),
        (" 2024-01-05 ", date(2024, 1, 5), date(2024, 1, 5)),
        ("2024-01-05 08:00:00", date(2024, 1, 5), date(2024, 1, 5)),
    ],
)
def test_a_date_is_the_local_days_it_may_mean(written: str, first: date, last: date) -> None:
    """Quirks 100 to 103: days as written, partial dates as intervals, microseconds, any offset."""
    read = when(written)
    assert read is not None
    assert (read.first, read.last) == (first, last)


def test_offsets_order_readings_of_one_day() -> None:
    """Quirk 102: instants are compared, although days are counted as written."""
    early, late = when("2024-01-05T08:00:00+02:00"), when("2024-01-05T07:00:00Z")
    assert early is not None
    assert late is not None
    assert early.instant is not None
    assert late.instant is not None
    assert late.instant - early.instant == 3600


def test_a_time_without_a_zone_is_no_instant() -> None:
    """Two local times of unknown zones cannot be compared."""
    read = when("2024-01-05T08:00:00")
    assert read is not None
    assert read.instant is None


@pytest.mark.parametrize(
    "written",
    ["", "2024-02-30", "2024-13", "0000", "today", "05/06/2024", "2024-1-5", "2024-01-05T25:00:00Z"],
)
def test_what_is_no_date_is_unknown(written: str) -> None:
    """An absent or impossible date is None, never a guess."""
    assert when(written) is None


def test_an_impossible_date_is_told_from_an_absent_one() -> None:
    """Something that stands where a date belongs and is none is not readable."""
    assert readable("")
    assert readable("2024")
    assert not readable("2024-02-30")


def test_an_onset_period_is_the_interval_in_which_it_began() -> None:
    """Quirk 70: both ends of a period may be partial."""
    read = within(Period(start="2010", end="2011-05"))
    assert read is not None
    assert (read.first, read.last) == (date(2010, 1, 1), date(2011, 5, 31))

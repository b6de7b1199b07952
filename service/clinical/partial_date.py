"""Dates as the record writes them: a day, a month or a year is the interval of days it may mean."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from mappings.remarks import Remark, say


@dataclass(frozen=True, slots=True)
class PartialDate:
    """The local days, first to last, that a FHIR date or dateTime as written may mean.

    `2024-03` is 1 to 31 March 2024. `instant` is seconds since 1970 UTC when the value has a time of
    day and a zone: it orders readings within one day and is never used to count days. `time` is the local
    time of day as written, for display.
    """

    first: date
    last: date
    instant: float | None = None
    time: str = field(default="", compare=False)

    @property
    def exact(self) -> bool:
        """Tell whether the value names one day."""
        return self.first == self.last

    def __str__(self) -> str:
        return str(self.first) if self.exact else say(Remark.BETWEEN, first=self.first, last=self.last)

    @property
    def written(self) -> str:
        """The day, month or year as FHIR writes it; "" for any other interval.

        >>> PartialDate(date(2024, 2, 1), date(2024, 2, 29)).written
        '2024-02'
        """
        if self.exact:
            return self.first.isoformat()
        after = self.last + timedelta(days=1) if self.last < date.max else self.last
        if self.first.day != 1 or after.day != 1:
            return ""
        if (after.year, after.month) == (self.first.year + self.first.month // 12, self.first.month % 12 + 1):
            return f"{self.first:%Y-%m}"
        whole_year = self.first.month == 1 and after == date(self.first.year + 1, 1, 1)
        return f"{self.first:%Y}" if whole_year else ""

    def with_time(self) -> str:
        """Return the day, and the time of day where it is known."""
        return f"{self}, {self.time}" if self.time else str(self)


def on(day: date) -> PartialDate:
    """Return the one day `day`.

    >>> on(date(2026, 11, 2)).exact
    True
    """
    return PartialDate(day, day)


def age_on(born: date, day: date) -> int:
    """Return the completed years of life on `day`.

    >>> age_on(date(1960, 2, 29), date(2025, 2, 28)), age_on(date(1960, 2, 29), date(2025, 3, 1))
    (64, 65)
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

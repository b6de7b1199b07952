"""Days as places: one time axis for the whole picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

LEFT, RIGHT = 176.0, 652.0
_CLOSEST = 46.0  # from one tick to the next, so that their words stay apart


@dataclass(frozen=True, slots=True)
class Axis:
    """From the day `first` at the left to the end of the day before `last` at the right."""

    first: date
    last: date

    @property
    def per_day(self) -> float:
        """Width of one day."""
        return (RIGHT - LEFT) / max((self.last - self.first).days, 1)

    def place(self, day: date) -> float:
        """Return where `day` begins, at the edge when it lies beyond."""
        return min(max(LEFT + (day - self.first).days * self.per_day, LEFT), RIGHT)

    def after(self, day: date) -> float:
        """Return where `day` ends."""
        return self.place(day + timedelta(days=1))

    def ticks(self) -> list[tuple[float, str]]:
        """Return places with words: years, and quarters or months where there is room."""
        months = next((step for step in (1, 3, 6, 12, 24) if step * 30.4 * self.per_day >= _CLOSEST), 48)
        return [
            (self.place(day), str(day.year) if months >= 12 else f"{day:%Y-%m}")
            for day in _firsts(self.first, self.last, months)
        ]


def _firsts(first: date, last: date, months: int) -> Iterator[date]:
    """Yield the first days of every so many months, January among them."""
    number = first.year * 12 + first.month
    number += -number % months
    while (day := date(number // 12, number % 12 + 1, 1)) < last:
        yield day
        number += months

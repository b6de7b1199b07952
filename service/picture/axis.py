"""Days as places: one time axis for the whole picture, broken where years are left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from service.picture.rows import Days

LEFT = 164.0
BREAK = 18.0  # from the end of one stretch to the start of the next
_STEPS = (1, 3, 6, 12, 24, 60, 120, 240)  # months from one tick to the next
_CLOSEST = 58.0  # from one tick to the next, so that their words stay apart


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days `first` to before `last`, by their ordinals, from `left` to `right`."""

    first: int
    last: int
    left: float
    right: float

    def place(self, day: int) -> float:
        """Return where `day` begins."""
        return self.left + (day - self.first) * (self.right - self.left) / max(self.last - self.first, 1)


@dataclass(frozen=True, slots=True)
class Axis:
    """From the first day at the left to the end of the day before the last at the `right`."""

    stretches: tuple[Stretch, ...]
    per_day: float
    right: float

    def place(self, day: date) -> float:
        """Return where `day` begins: at the edge if it lies beyond, in the break if it is left out."""
        return self._place(day.toordinal())

    def after(self, day: date) -> float:
        """Return where `day` ends."""
        return self._place(day.toordinal() + 1)

    def words(self, place: float, width: float, reach: float) -> float | None:
        """Return the place for the words of a tick: beside it, from `reach` on, or None.

        In a stretch with room for no other they may stand before their tick.
        """
        stretch = next(each for each in self.stretches if place <= each.right)
        beside, latest = place + 3, stretch.right - width
        x = min(beside, latest) if latest - stretch.left < width else beside
        return x if max(stretch.left, reach) <= x <= latest else None

    def breaks(self) -> list[tuple[float, float]]:
        """Return the start and the end of each break in the axis."""
        return [(before.right, after.left) for before, after in pairwise(self.stretches)]

    def ticks(self) -> list[tuple[float, str]]:
        """Return places with words: years, and quarters or months where there is room."""
        months = next((step for step in _STEPS if step * 30.4 * self.per_day >= _CLOSEST), _STEPS[-1])
        return [tick for stretch in self.stretches for tick in _ticks(stretch, months)]

    def _place(self, day: int) -> float:
        earlier = self.stretches[0]
        for stretch in self.stretches:
            if day < stretch.first:
                return earlier.right + (stretch.left - earlier.right) / 2 if earlier is not stretch else LEFT
            if day <= stretch.last:
                return stretch.place(day)
            earlier = stretch
        return self.right


def axis_of(stretches: Sequence[Days], right: float) -> Axis:
    """Return the axis that ends at `right`; each day of it is as wide as another."""
    days = [(first.toordinal(), last.toordinal()) for first, last in stretches]
    room = right - LEFT - BREAK * (len(days) - 1)
    per_day = room / max(sum(last - first for first, last in days), 1)
    left, made = LEFT, []
    for first, last in days:
        made.append(Stretch(first, last, left, left + (last - first) * per_day))
        left = made[-1].right + BREAK
    return Axis(tuple(made), per_day, right)


def _ticks(stretch: Stretch, months: int) -> Iterator[tuple[float, str]]:
    """Yield the first day of every so many months, January included; the start if there is no such day."""
    start, end = date.fromordinal(stretch.first), date.fromordinal(stretch.last)
    number = start.year * 12 + start.month
    number += -number % months
    found = []
    while (day := date(number // 12, number % 12 + 1, 1)) < end:
        found.append(day)
        number += months
    for day in found or [start]:
        in_years = months >= 12 and bool(found)
        yield stretch.place(day.toordinal()), str(day.year) if in_years else f"{day:%Y-%m}"

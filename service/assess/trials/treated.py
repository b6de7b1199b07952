"""When the patient was treated with any antidepressant, and where treatment broke off."""

from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct

from service.assess.trials.examined import ExaminedCourse

_EVER = 10**7  # days: beyond any calendar


class Treatment(Struct, frozen=True, gc=False):
    """The stretches of more than `longest` days without a covered antidepressant day, in order of time."""

    stretches: tuple[tuple[int, int], ...]
    longest: int

    def broke_off(self, after: int, before: int) -> bool:
        """Tell whether such a stretch lies strictly between two days."""
        place = bisect_right([last for _, last in self.stretches], after)
        for first, last in self.stretches[place : place + 3]:
            if min(last, before - 1) - max(first, after + 1) + 1 > self.longest:
                return True
        return False


def treatment(found: Iterable[ExaminedCourse], longest: int) -> Treatment:
    """Return when treatment paused for more than `longest` days: days at an accepted dose are treated."""
    runs = sorted(run for examined in found if examined.exclusion is None for run in examined.whole.accepted)
    stretches, free_from = [], -_EVER
    for first, last in runs:
        if first - free_from > longest:
            stretches.append((free_from, first - 1))
        free_from = max(free_from, last + 1)
    return Treatment((*stretches, (free_from, _EVER)), longest)

"""How many days of a course count, and what falls short (clinical rules 7.2 steps 6 and 7, and 12)."""

from collections.abc import Callable
from dataclasses import dataclass

from mappings.criteria import Criteria
from service.assess.trials.courses import Course, last_dose
from service.assess.trials.doses import Limits
from service.assess.trials.spans import Span
from service.clinical.assessment import Shortfall

LimitsOf = Callable[[Span], Limits]
# The order in which the first of several shortfalls is named (clinical rule 12).
RANK = (Shortfall.P_IND, Shortfall.P_EPI, Shortfall.P_DOSE, Shortfall.P_DUR, Shortfall.P_ADH, Shortfall.P_OUT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """The days of one course by dose, within a window of days.

    `qualifying` are days at or above the minimum, `accepted` also those in the borderline band, and
    `undosed` those without a known dose. `adherence` is the proportion of days covered from the first
    to the last qualifying day.
    """

    qualifying: tuple[tuple[int, int], ...]
    accepted: tuple[tuple[int, int], ...]
    undosed: tuple[tuple[int, int], ...]
    adherence: float | None

    @property
    def qualifying_days(self) -> int:
        """Days at or above the minimum dose."""
        return count(self.qualifying)


def count(runs: tuple[tuple[int, int], ...]) -> int:
    """Number of days in runs of days, both ends included."""
    return sum(last - first + 1 for first, last in runs)


def nth_day(runs: tuple[tuple[int, int], ...], number: int) -> int | None:
    """The day on which the `number`-th day of the runs falls."""
    for first, last in runs:
        if number <= last - first + 1:
            return first + number - 1
        number -= last - first + 1
    return None


def measure(course: Course, limits_of: LimitsOf, since: int = 0) -> Measure:
    """Measure the days of `course` on or after the day `since`."""

    def runs(fits: Callable[[Span], bool]) -> tuple[tuple[int, int], ...]:
        return tuple((max(s.first, since), s.last) for s in course.spans if s.last >= since and fits(s))

    qualifying = runs(lambda span: limits_of(span).qualifies(span.daily_mg))
    return Measure(
        qualifying=qualifying,
        accepted=runs(lambda span: limits_of(span).accepts(span.daily_mg)),
        undosed=runs(lambda span: span.daily_mg is None),
        adherence=_adherence(course, qualifying),
    )


def _adherence(course: Course, qualifying: tuple[tuple[int, int], ...]) -> float | None:
    if not qualifying:
        return None
    first, last = qualifying[0][0], qualifying[-1][1]
    covered = sum(max(0, min(s.last, last) - max(s.first, first) + 1) for s in course.spans)
    return covered / (last - first + 1)


def length_shortfalls(measured: Measure, criteria: Criteria) -> tuple[Shortfall, ...] | None:
    """Return what is missing in dose and days; None when it is too little to be a trial at all.

    Each shortfall must lie inside its own band: borderline or unknown dose, 28 days up to the minimum.
    """
    needed, borderline = criteria.duration.qualifying_days, criteria.duration.borderline_days
    if measured.qualifying_days >= needed:
        return ()
    reachable = count(measured.accepted) + count(measured.undosed)
    dose = () if reachable == measured.qualifying_days else (Shortfall.P_DOSE,)
    if reachable >= needed:
        return dose
    if measured.qualifying_days >= borderline:
        # The days at the minimum dose alone are already in the band: only days are missing.
        return (Shortfall.P_DUR,)
    return (*dose, Shortfall.P_DUR) if reachable >= borderline else None


def typical_dose(course: Course, limits_of: LimitsOf) -> tuple[float | None, Limits | None]:
    """The dose of the last qualifying day, else of the last covered day, with its limits."""
    if not course.spans:
        stated = last_dose(course)
        return (stated.daily_mg if stated else None), None
    qualifying = [span for span in course.spans if limits_of(span).qualifies(span.daily_mg)]
    last = (qualifying or course.spans)[-1]
    return last.daily_mg, limits_of(last)

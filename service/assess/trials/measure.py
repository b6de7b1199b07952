"""How many days of a course count, and where it falls short (clinical rules 7.2 steps 6 and 7, and 12)."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from mappings.criteria import Criteria
from service.assess.trials.courses import Course, last_dose
from service.assess.trials.doses import DoseLimits
from service.assess.trials.spans import Span
from service.clinical.assessment import Shortfall

LimitsOf = Callable[[Span], DoseLimits]
Shown = tuple[float | None, DoseLimits | None]
# The order in which the first of several shortfalls is named (clinical rule 12).
RANK = (Shortfall.P_IND, Shortfall.P_EPI, Shortfall.P_DOSE, Shortfall.P_DUR, Shortfall.P_ADH, Shortfall.P_OUT)


class Measure(Struct, frozen=True, kw_only=True, gc=False):
    """The days of one course by dose, within a window of days.

    `qualifying` are days at or above the minimum, `accepted` also those in the borderline band, and
    `undosed` those without a known dose. `adherence` is the proportion of days covered from the first
    to the last qualifying day. `unproven` counts further days that may have been covered, at the minimum
    dose (`unproven_qualifying`), an accepted or an unknown one.
    """

    qualifying: tuple[tuple[int, int], ...]
    accepted: tuple[tuple[int, int], ...]
    undosed: tuple[tuple[int, int], ...]
    adherence: float | None
    unproven_qualifying: int = 0
    unproven: int = 0

    @property
    def qualifying_days(self) -> int:
        """Days at or above the minimum dose."""
        return count(self.qualifying)


def count(runs: tuple[tuple[int, int], ...]) -> int:
    """Return the number of days in runs of days, both ends included."""
    return sum(last - first + 1 for first, last in runs)


def nth_day(runs: tuple[tuple[int, int], ...], number: int) -> int | None:
    """Return the day on which the `number`-th day of the runs falls."""
    for first, last in runs:
        if number <= last - first + 1:
            return first + number - 1
        number -= last - first + 1
    return None


def measure(course: Course, limits_of: LimitsOf, since: int = 0) -> Measure:
    """Measure the days of `course` on or after the day `since`."""
    qualifying, accepted, undosed = [], [], []
    for span in course.spans:
        if span.last < since:
            continue
        days = (max(span.first, since), span.last)
        if span.daily_mg is None:
            undosed.append(days)
            continue
        limits = limits_of(span)
        if limits.qualifies(span.daily_mg):
            qualifying.append(days)
        if limits.accepts(span.daily_mg):
            accepted.append(days)
    unproven = [(max(span.first, since), span) for span in course.unproven if span.last >= since]
    return Measure(
        unproven_qualifying=sum(
            span.last - first + 1 for first, span in unproven if limits_of(span).qualifies(span.daily_mg)
        ),
        unproven=sum(
            span.last - first + 1
            for first, span in unproven
            if span.daily_mg is None or limits_of(span).accepts(span.daily_mg)
        ),
        qualifying=tuple(qualifying),
        accepted=tuple(accepted),
        undosed=tuple(undosed),
        adherence=_adherence(course, tuple(qualifying)),
    )


def _adherence(course: Course, qualifying: tuple[tuple[int, int], ...]) -> float | None:
    if not qualifying:
        return None
    given = {span.first for span in course.spans if span.given}
    supplied = [run for run in qualifying if run[0] not in given] or qualifying
    first, last = supplied[0][0], supplied[-1][1]
    covered = sum(max(0, min(s.last, last) - max(s.first, first) + 1) for s in course.spans)
    return covered / (last - first + 1)


def length_shortfalls(measured: Measure, criteria: Criteria) -> tuple[Shortfall, ...] | None:
    """Return the shortfalls in dose and days; None when it is too little to be a trial at all.

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
    if reachable >= borderline:
        return (*dose, Shortfall.P_DUR)
    if measured.qualifying_days + measured.unproven_qualifying >= borderline:
        return (Shortfall.P_DUR,)
    return (Shortfall.P_DOSE, Shortfall.P_DUR) if reachable + measured.unproven >= borderline else None


def shown_dose(course: Course, measured: Measure, limits_of: LimitsOf, days: int) -> Shown:
    """Return the dose that represents a course, with its limits.

    The highest dose that was reached or exceeded on at least `days` of the days that count, else the one of
    the most days, the earlier of two. Where no day counts, the dose of the most covered days.
    """
    if not course.spans:
        stated = last_dose(course)
        return (stated.daily_mg if stated else None), None
    counting = _spans_on(course, measured.qualifying) or _spans_on(course, measured.accepted)
    by_dose: dict[float | None, int] = {}
    for span in counting or course.spans:
        by_dose[span.daily_mg] = by_dose.get(span.daily_mg, 0) + span.days
    chosen = _highest_for(by_dose, days) if counting else None
    daily_mg = chosen if chosen is not None else max(by_dose, key=lambda mg: by_dose[mg])
    return daily_mg, limits_of(next(span for span in course.spans if span.daily_mg == daily_mg))


def _spans_on(course: Course, runs: tuple[tuple[int, int], ...]) -> list[Span]:
    firsts = {first for first, _ in runs}
    return [span for span in course.spans if span.first in firsts]


def _highest_for(by_dose: Mapping[float | None, int], days: int) -> float | None:
    total = 0
    for mg in sorted((mg for mg in by_dose if mg is not None), reverse=True):
        total += by_dose[mg]
        if total >= days:
            return mg
    return None

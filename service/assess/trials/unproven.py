"""Days that may have been covered: repeats of an order that is over, dates known to the month or year."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from service.assess.trials.courses import OVER, Course, covers
from service.assess.trials.examined import ExaminedCourse
from service.assess.trials.measure import measure
from service.assess.trials.spans import Span
from service.clinical.facts import Exposure, SourceKind


def with_unproven(found: Sequence[ExaminedCourse], as_of: date) -> list[ExaminedCourse]:
    """Return the courses, each with the further days that it may have covered."""
    yesterday = as_of.toordinal() - 1
    events = _events(found)
    return [
        _examined(examined, tuple(_days(examined.course, events[examined.course.ingredient], yesterday)))
        for examined in found
    ]


def _examined(examined: ExaminedCourse, unproven: tuple[Span, ...]) -> ExaminedCourse:
    if not unproven:
        return examined
    course = replace(examined.course, unproven=unproven)
    return replace(examined, course=course, whole=measure(course, examined.limits_of))


def _events(found: Sequence[ExaminedCourse]) -> Mapping[str, list[int]]:
    """Return for each drug the days on which it was ordered or another antidepressant began."""
    starts = [
        (examined.course.ingredient, examined.course.start)
        for examined in found
        if examined.exclusion is None and examined.course.start is not None
    ]
    events: dict[str, set[int]] = defaultdict(set)
    for examined in found:
        events[examined.course.ingredient].update(_ordered_on(examined.course.exposures))
    return {
        drug: sorted({*own, *(day for other, day in starts if other != drug)}) for drug, own in events.items()
    }


def _ordered_on(exposures: Sequence[Exposure]) -> Iterator[int]:
    return (e.start.first.toordinal() for e in exposures if e.source is SourceKind.ORDER and e.start)


def _days(course: Course, events: Sequence[int], yesterday: int) -> Iterator[Span]:
    for exposure in course.exposures:
        fill = covers(exposure)
        if (
            fill is None
            or exposure.start is None
            or (course.dispensed and exposure.source is SourceKind.ORDER)
        ):
            continue
        dose = exposure.doses[-1].daily_mg if exposure.doses else None
        for first, last in (
            _repeats(exposure, fill.first + fill.days, events, yesterday),
            _earlier(exposure, fill.first, fill.days, yesterday),
        ):
            if first <= last:
                yield Span(first, last, dose, exposure.product, fill.first)


def _repeats(order: Exposure, begin: int, events: Sequence[int], yesterday: int) -> tuple[int, int]:
    """Return the days that the repeats of an order that is over may have covered, up to the next event."""
    over = order.source is SourceKind.ORDER and order.status in OVER and order.end is None
    place = bisect_right(events, begin - (order.supply_days or 0))
    if not over or order.stopped_on or order.supply_days is None or place == len(events):
        return 0, -1
    last = begin + order.supply_days * order.refills - 1
    return begin, min(last, events[place] - 1, yesterday)


def _earlier(exposure: Exposure, first: int, days: int, yesterday: int) -> tuple[int, int]:
    """Return the further days, had the use begun on its earliest possible day."""
    assert exposure.start is not None, "what covers days has a start"
    earliest = exposure.start.first.toordinal()
    certain = max(0, min(days, yesterday - first + 1))
    possible = max(0, min(days, yesterday - earliest + 1))
    return earliest, earliest + possible - certain - 1

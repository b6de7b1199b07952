"""Courses: all that the record says about one run of use of one ingredient (clinical rule 7.2, 1 to 5)."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import islice
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from mappings.criteria import Duration
from service.assess.trials.spans import Fill, Span, overlay, supplied
from service.assess.trials.stops import with_stops
from service.clinical.facts import Dose, Exposure, SourceKind

# FHIR statuses of what is over, whether or not a last day is stated.
OVER = frozenset({"completed", "stopped"})
T = TypeVar("T")
Sourced = tuple[Span, SourceKind]
LAYERS = (SourceKind.ADMINISTRATION, SourceKind.STATEMENT, SourceKind.ORDER)


class Course(Struct, frozen=True, kw_only=True, gc=False):
    """One run of use of one ingredient.

    `spans` are the covered days before the evaluation day, in order. `supply_to` is the last day the
    supply reaches, also beyond that day. Without `spans` the days cannot be determined; `start` is then
    the first day of use, if that is known. `unproven` are further days that it may have covered.
    """

    ingredient: str
    spans: tuple[Span, ...]
    start: int | None
    supply_to: int | None
    exposures: tuple[Exposure, ...]
    dispensed: bool
    unproven: tuple[Span, ...] = ()

    @property
    def determined(self) -> bool:
        """Whether the days of use can be counted."""
        return self.supply_to is not None

    @property
    def end(self) -> int | None:
        """The last covered day before the evaluation day."""
        return self.spans[-1].last if self.spans else None

    @property
    def covered_days(self) -> int:
        """Days with supply; gaps inside the course are not covered."""
        return sum(span.days for span in self.spans)


def courses(exposures: Sequence[Exposure], rule: Duration, as_of: date) -> tuple[Course, ...]:
    """Return the courses of one ingredient, those with countable days first, each in order of time.

    The exposures are `informed`.
    """
    everything = [(span, source) for source in SourceKind for span in _covered(exposures, source, rule)]
    joints = _runs(sorted(everything, key=lambda pair: pair[0].first), lambda pair: pair[0], rule.gap_days)
    extents = [_extent([span for span, _ in joint]) for joint in joints]
    about = _witnesses(exposures, extents, rule.gap_days)
    runs = [
        run
        for joint, witnesses in zip(joints, about, strict=True)
        if not _length_unknown(joint, witnesses, rule)
        for run in _runs(_believed(joint), lambda span: span, rule.gap_days)
    ]
    if (believed := [_extent(run) for run in runs]) != extents:
        about = _witnesses(exposures, believed, rule.gap_days)
    counted = [_course(run, witnesses, as_of) for run, witnesses in zip(runs, about, strict=True)]
    used = {e.reference for course in counted for e in course.exposures if not _goes_on_after(e, course)}
    return (*counted, *_undetermined(e for e in exposures if e.reference not in used))


def _goes_on_after(exposure: Exposure, course: Course) -> bool:
    """Tell whether use without an end began when the days of a course, none of them dispensed, were over.

    How long it lasted is not known: it is no part of those days, such as a titration before it.
    """
    if course.dispensed or exposure.start is None or course.supply_to is None:
        return False
    begun = exposure.start.first.toordinal()
    return begun > course.supply_to and _reach(exposure, begun) > begun and covers(exposure) is None


def informed(exposures: Sequence[Exposure], rule: Duration) -> list[Exposure]:
    """Return the exposures of one ingredient, each completed from the order it fulfils."""
    book = _order_book(exposures)
    completed = [_informed(exposure, book, rule.gap_days) for exposure in exposures]
    return with_stops(completed, rule.renewal_days)


class OrderBook(Struct, frozen=True, gc=False):
    """The orders of one ingredient, by reference, and by strength from the first begun to the last."""

    by_reference: dict[str, Exposure]
    by_strength: dict[tuple[float, ...], list[Exposure]]


def _order_book(exposures: Sequence[Exposure]) -> OrderBook:
    orders = sorted(
        (e for e in exposures if e.source is SourceKind.ORDER),
        key=lambda e: (_first(e), e.reference),
    )
    by_strength: dict[tuple[float, ...], list[Exposure]] = {}
    for order in orders:
        by_strength.setdefault(order.product.strengths, []).append(order)
    return OrderBook({order.reference: order for order in orders}, by_strength)


def _informed(exposure: Exposure, book: OrderBook, gap: int) -> Exposure:
    """Return the exposure, with a missing dose or reason, and "as needed", taken from its order."""
    if exposure.source not in (SourceKind.DISPENSE, SourceKind.ADMINISTRATION):
        return exposure
    order = _order_of(exposure, book, gap)
    if order is None:
        return exposure
    dosed = any(dose.daily_mg is not None for dose in exposure.doses)
    speaks_for_it = order.reference == exposure.order or not dosed
    return replace(
        exposure,
        doses=exposure.doses if dosed else order.doses,
        reasons=exposure.reasons or order.reasons,
        as_needed=exposure.as_needed or (order.as_needed and speaks_for_it),
    )


def _order_of(exposure: Exposure, book: OrderBook, gap: int) -> Exposure | None:
    if exposure.order in book.by_reference:
        return book.by_reference[exposure.order]
    if exposure.start is None:
        return None
    same = book.by_strength.get(exposure.product.strengths, [])
    begun = islice(reversed(same), len(same) - bisect_right(same, exposure.start.last, key=_first), None)
    return next((order for order in begun if _may_fulfil(exposure, order, gap)), None)


def _may_fulfil(exposure: Exposure, order: Exposure, gap: int) -> bool:
    """Tell whether the order began before and had not ended more than a gap earlier."""
    if exposure.start is None or order.start is None or order.start.first > exposure.start.last:
        return False
    fill = covers(order)
    return fill is None or fill.first + fill.days - 1 + gap >= exposure.start.first.toordinal()


def _first(exposure: Exposure) -> date:
    return exposure.start.first if exposure.start else date.min


def _length_unknown(joint: Sequence[Sourced], witnesses: Sequence[Exposure], rule: Duration) -> bool:
    """Tell whether dispenses, which alone cover days, all leave the number of days open.

    Days on a ward are known nevertheless, if they alone are enough to be considered.
    """
    if any(source is SourceKind.DISPENSE for _, source in joint):
        return False
    given = sum(span.days for span, source in joint if source is SourceKind.ADMINISTRATION)
    return given < rule.borderline_days and any(e.source is SourceKind.DISPENSE for e in witnesses)


def _covered(exposures: Iterable[Exposure], source: SourceKind, rule: Duration) -> tuple[Span, ...]:
    sure = [e for e in exposures if e.source is source and not _length_in_doubt(e, rule)]
    fills = [fill for e in sure if (fill := covers(e))]
    carry_over = rule.carry_over_days if source is SourceKind.DISPENSE else 0
    return supplied(fills, carry_over, rule.gap_days) if fills else ()


def covers(exposure: Exposure) -> Fill | None:
    """Return the days one resource covers; None when they cannot be determined."""
    if exposure.start is None or exposure.status == "on-hold":
        return None
    # A start known only to the month begins on its last day: no day is covered that may not have been.
    first = exposure.start.last.toordinal()
    days = _length(exposure, first)
    ended = exposure.end if exposure.source is SourceKind.DISPENSE else exposure.stopped_on
    until = ended.first.toordinal() if ended else None
    if not days or days <= 0 or (until is not None and until < first):
        return None
    given = exposure.source is SourceKind.ADMINISTRATION
    return Fill(first, days, exposure.doses, exposure.product, until, given)


def _length_in_doubt(exposure: Exposure, rule: Duration) -> bool:
    """Tell whether dates known to the month or year leave open if use was long enough to be a trial."""
    if exposure.start is None or exposure.end is None:
        return False
    at_least = (exposure.end.first - exposure.start.last).days + 1
    at_most = (exposure.end.last - exposure.start.first).days + 1
    return at_least < rule.borderline_days <= at_most


def _length(exposure: Exposure, first: int) -> int | None:
    if exposure.source is SourceKind.DISPENSE:
        return exposure.supply_days
    if exposure.end is not None:
        return exposure.end.first.toordinal() - first + 1
    if exposure.source is SourceKind.ADMINISTRATION:
        return 1
    if exposure.source is SourceKind.ORDER and exposure.supply_days is not None:
        # Nothing shows that the repeats of an order that is over were ever handed over.
        return exposure.supply_days * (1 if exposure.status in OVER else 1 + exposure.refills)
    return None


def _believed(joint: Sequence[Sourced]) -> Sequence[Span]:
    """Return the days: administered, then dispensed; reported or ordered only without dispenses."""

    def of(source: SourceKind) -> list[Span]:
        return [span for span, its in joint if its is source]

    if not of(SourceKind.DISPENSE):
        return overlay([of(source) for source in LAYERS])
    given = of(SourceKind.ADMINISTRATION)
    dosed = [span for span in given if span.daily_mg is not None]
    return overlay([dosed, of(SourceKind.DISPENSE), [span for span in given if span.daily_mg is None]])


def _runs(spans: Sequence[T], span_of: Callable[[T], Span], gap: int) -> list[list[T]]:
    runs: list[list[T]] = []
    reach = 0
    for item in spans:
        span = span_of(item)
        if runs and span.first - reach - 1 <= gap:
            runs[-1].append(item)
        else:
            runs.append([item])
            reach = span.last
        reach = max(reach, span.last)
    return runs


def _extent(run: Sequence[Span]) -> tuple[int, int]:
    return run[0].first, max(span.last for span in run)


def _course(run: list[Span], witnesses: tuple[Exposure, ...], as_of: date) -> Course:
    yesterday = as_of.toordinal() - 1
    first, last = _extent(run)
    return Course(
        ingredient=witnesses[0].ingredient,
        spans=tuple(replace(s, last=min(s.last, yesterday)) for s in run if s.first <= yesterday),
        start=first,
        supply_to=last,
        exposures=witnesses,
        dispensed=any(exposure.source is SourceKind.DISPENSE for exposure in witnesses),
    )


def _witnesses(
    exposures: Sequence[Exposure], extents: Sequence[tuple[int, int]], gap: int
) -> list[tuple[Exposure, ...]]:
    """Return for each run its resources: dated in it, reaching into it, linked to it, or undated.

    The runs are disjoint and in order of time.
    """
    firsts, lasts = [first - gap for first, _ in extents], [last + gap for _, last in extents]
    by_name: dict[str, list[int]] = defaultdict(list)
    found: list[set[int]] = [set() for _ in extents]
    for place, exposure in enumerate(exposures):
        by_name[exposure.reference].append(place)
    for place, exposure in enumerate(exposures):
        if exposure.start is None:
            touched = range(len(extents))
        else:
            reach = _reach(exposure, exposure.start.last.toordinal())
            begun = bisect_left(lasts, exposure.start.first.toordinal())
            touched = range(begun, bisect_right(firsts, reach))
        linked = (
            (*by_name[exposure.reference], *by_name.get(exposure.order or "", ()))
            if exposure.start
            else (place,)
        )
        for run in touched:
            found[run].update(linked)
    return [tuple(exposures[place] for place in sorted(places)) for places in found]


def _reach(exposure: Exposure, start: int) -> int:
    """Return the last day a resource speaks of; an order or statement that nothing ended goes on."""
    fill = covers(exposure)
    if fill:
        return fill.first + fill.days - 1
    over = exposure.end is not None or exposure.status in OVER
    lasting = exposure.source in (SourceKind.ORDER, SourceKind.STATEMENT) and not over
    return date.max.toordinal() if lasting else start


def _undetermined(exposures: Iterable[Exposure]) -> list[Course]:
    """Return the course of use whose days cannot be counted, such as orders without supply."""
    rest = sorted((e for e in exposures if e.status != "on-hold"), key=lambda e: (_first(e), e.reference))
    if not rest:
        return []
    starts = [e.start.last.toordinal() for e in rest if e.start]
    return [
        Course(
            ingredient=rest[0].ingredient,
            spans=(),
            start=min(starts, default=None),
            supply_to=None,
            exposures=tuple(rest),
            dispensed=any(exposure.source is SourceKind.DISPENSE for exposure in rest),
        )
    ]


def last_dose(course: Course) -> Dose | None:
    """Return the dose of a course whose days cannot be counted, as the last resource states it."""
    stated = [dose for e in course.exposures for dose in e.doses if dose.daily_mg is not None]
    return stated[-1] if stated else None

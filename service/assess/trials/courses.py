"""Courses: all that the record says about one run of use of one ingredient (clinical rule 7.2, 1 to 5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mappings.criteria import Duration
from service.assess.trials.spans import Fill, Span, overlay, supplied
from service.clinical.facts import Dose, Exposure, Source

# FHIR statuses of what is over, whether or not a last day is stated.
_OVER = frozenset({"completed", "stopped"})
LAYERS = (Source.ADMINISTRATION, Source.STATEMENT, Source.ORDER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """One run of use of one ingredient.

    `spans` are the covered days before the evaluation day, in order. `supply_to` is the last day the
    supply reaches, also beyond that day. Without `spans` the days cannot be determined; `start` is then
    the first day of use, if that is known.
    """

    ingredient: str
    spans: tuple[Span, ...]
    start: int | None
    supply_to: int | None
    exposures: tuple[Exposure, ...]
    dispensed: bool

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
    layers = {source: _covered(exposures, source, rule) for source in Source}
    everything = sorted((span for layer in layers.values() for span in layer), key=lambda span: span.first)
    runs = [
        run
        for joint in _runs(everything, rule.gap_days)
        if not _length_unknown(joint, layers, exposures, rule.gap_days)
        for run in _runs(_believed(joint, layers), rule.gap_days)
    ]
    counted = [_course(exposures, run, rule.gap_days, as_of) for run in runs]
    used = {exposure.reference for course in counted for exposure in course.exposures}
    return (*counted, *_undetermined(e for e in exposures if e.reference not in used))


def informed(exposures: Sequence[Exposure], rule: Duration) -> list[Exposure]:
    """Return the exposures of one ingredient, dispenses and administrations with what their order says."""
    book = _order_book(exposures)
    return [_informed(exposure, book, rule.gap_days) for exposure in exposures]


@dataclass(frozen=True, slots=True)
class OrderBook:
    """The orders of one ingredient, by reference, and by strength from the last begun to the first."""

    by_reference: dict[str, Exposure]
    by_strength: dict[tuple[float, ...], list[Exposure]]


def _order_book(exposures: Sequence[Exposure]) -> OrderBook:
    orders = sorted(
        (e for e in exposures if e.source is Source.ORDER),
        key=lambda e: (_first(e), e.reference),
        reverse=True,
    )
    by_strength: dict[tuple[float, ...], list[Exposure]] = {}
    for order in orders:
        by_strength.setdefault(order.product.strengths, []).append(order)
    return OrderBook({order.reference: order for order in reversed(orders)}, by_strength)


def _informed(exposure: Exposure, book: OrderBook, gap: int) -> Exposure:
    """What states no dose or reason takes them from the order it fulfils, and "as needed" with them."""
    if exposure.source not in (Source.DISPENSE, Source.ADMINISTRATION):
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
    same = book.by_strength.get(exposure.product.strengths, [])
    return next((order for order in same if _may_fulfil(exposure, order, gap)), None)


def _may_fulfil(exposure: Exposure, order: Exposure, gap: int) -> bool:
    """Whether the order began before, and is not known to have been over for longer than a gap."""
    if exposure.start is None or order.start is None or order.start.first > exposure.start.last:
        return False
    fill = _fill(order)
    return fill is None or fill.first + fill.days - 1 + gap >= exposure.start.first.toordinal()


def _first(exposure: Exposure) -> date:
    return exposure.start.first if exposure.start else date.min


def _length_unknown(
    joint: Sequence[Span], layers: dict[Source, tuple[Span, ...]], exposures: Sequence[Exposure], gap: int
) -> bool:
    """Whether something was dispensed, so that only dispenses cover days, and none says how many."""
    first, last = joint[0].first, max(span.last for span in joint)
    if any(first <= span.first <= last for span in layers[Source.DISPENSE]):
        return False
    witnesses = _witnesses(exposures, first - gap, last + gap)
    return any(exposure.source is Source.DISPENSE for exposure in witnesses)


def _covered(exposures: Iterable[Exposure], source: Source, rule: Duration) -> tuple[Span, ...]:
    sure = [e for e in exposures if e.source is source and not _length_in_doubt(e, rule)]
    fills = [fill for e in sure if (fill := _fill(e))]
    carry_over = rule.carry_over_days if source is Source.DISPENSE else 0
    return supplied(fills, carry_over, rule.gap_days) if fills else ()


def _fill(exposure: Exposure) -> Fill | None:
    """The days one resource covers; None when they cannot be determined."""
    if exposure.start is None or exposure.status == "on-hold":
        return None
    # A start known only to the month begins on its last day: no day is covered that may not have been.
    first = exposure.start.last.toordinal()
    days = _length(exposure, first)
    return Fill(first, days, exposure.doses, exposure.product) if days and days > 0 else None


def _length_in_doubt(exposure: Exposure, rule: Duration) -> bool:
    """Whether dates known to the month or year leave open if use was long enough to be a trial."""
    if exposure.start is None or exposure.end is None:
        return False
    at_least = (exposure.end.first - exposure.start.last).days + 1
    at_most = (exposure.end.last - exposure.start.first).days + 1
    return at_least < rule.borderline_days <= at_most


def _length(exposure: Exposure, first: int) -> int | None:
    if exposure.source is Source.DISPENSE:
        return exposure.supply_days
    if exposure.end is not None:
        return exposure.end.first.toordinal() - first + 1
    if exposure.source is Source.ADMINISTRATION:
        return 1
    if exposure.source is Source.ORDER and exposure.supply_days is not None:
        return exposure.supply_days * (1 + exposure.refills)
    return None


def _believed(joint: Sequence[Span], layers: dict[Source, tuple[Span, ...]]) -> Sequence[Span]:
    """Once a course has any dispense only dispenses give covered days; else by precedence."""
    first, last = joint[0].first, max(span.last for span in joint)

    def within(source: Source) -> list[Span]:
        return [span for span in layers[source] if first <= span.first <= last]

    return within(Source.DISPENSE) or overlay([within(source) for source in LAYERS])


def _runs(spans: Sequence[Span], gap: int) -> list[list[Span]]:
    runs: list[list[Span]] = []
    reach = 0
    for span in spans:
        if runs and span.first - reach - 1 <= gap:
            runs[-1].append(span)
        else:
            runs.append([span])
            reach = span.last
        reach = max(reach, span.last)
    return runs


def _course(exposures: Sequence[Exposure], run: list[Span], gap: int, as_of: date) -> Course:
    yesterday = as_of.toordinal() - 1
    first, last = run[0].first, max(span.last for span in run)
    spans = tuple(replace(s, last=min(s.last, yesterday)) for s in run if s.first <= yesterday)
    witnesses = _witnesses(exposures, first - gap, last + gap)
    return Course(
        ingredient=exposures[0].ingredient,
        spans=spans,
        start=first,
        supply_to=last,
        exposures=witnesses,
        dispensed=any(exposure.source is Source.DISPENSE for exposure in witnesses),
    )


def _witnesses(exposures: Sequence[Exposure], first: int, last: int) -> tuple[Exposure, ...]:
    """Every resource about this run: dated inside it, reaching into it, linked to it, or without a date."""
    dated = [e for e in exposures if _touches(e, first, last)]
    named = {e.reference for e in dated} | {e.order for e in dated if e.order}
    return tuple(e for e in exposures if e.reference in named or e.start is None)


def _touches(exposure: Exposure, first: int, last: int) -> bool:
    if exposure.start is None:
        return False
    start = exposure.start.first.toordinal()
    return start <= last and _reach(exposure, exposure.start.last.toordinal()) >= first


def _reach(exposure: Exposure, start: int) -> int:
    """The last day a resource speaks of; an order or statement that nothing ended goes on."""
    fill = _fill(exposure)
    if fill:
        return fill.first + fill.days - 1
    over = exposure.end is not None or exposure.status in _OVER
    lasting = exposure.source in (Source.ORDER, Source.STATEMENT) and not over
    return date.max.toordinal() if lasting else start


def _undetermined(exposures: Iterable[Exposure]) -> list[Course]:
    """Use whose days cannot be counted: open orders without supply, dosed but undated statements."""
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
            dispensed=any(exposure.source is Source.DISPENSE for exposure in rest),
        )
    ]


def last_dose(course: Course) -> Dose | None:
    """The dose of a course whose days cannot be counted, as the last resource states it."""
    stated = [dose for e in course.exposures for dose in e.doses if dose.daily_mg is not None]
    return stated[-1] if stated else None

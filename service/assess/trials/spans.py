"""Days of supply as spans: runs of days with one daily dose. Days are ordinals of `date`.

How supply becomes covered days (clinical rule 7.2 steps 3 and 4):
a refill handed over early is carried over, up to a limit, when the dose stays the same; of two
strengths the later fill replaces the earlier one unless both are filled again after they start to
overlap, then their doses add up.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from msgspec import Struct
from msgspec.structs import replace

from mappings.terminology import Product
from service.clinical.facts import Dose


class Span(Struct, frozen=True, gc=False):
    """Days `first` to `last` on one dose (mg/day, None unknown) from the fill made on day `filled`.

    `given`: administered by staff.
    """

    first: int
    last: int
    daily_mg: float | None
    product: Product
    filled: int
    given: bool = False

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return self.last - self.first + 1


class Fill(Struct, frozen=True, gc=False):
    """A supply of `days` days that begins on day `first`, taken by the steps of `doses`.

    It ends on day `until` at the latest.
    """

    first: int
    days: int
    doses: tuple[Dose, ...]
    product: Product
    until: int | None = None
    given: bool = False


Stream = tuple[tuple[float, ...], float | None]


def supplied(fills: Iterable[Fill], carry_over: int, gap: int) -> tuple[Span, ...]:
    """Return the days covered by `fills` as disjoint spans in order.

    `carry_over` is the most days of an early refill that are kept; `gap` the days without supply after
    which another fill no longer belongs to the same use.
    """
    streams: dict[Stream, list[Fill]] = {}
    for fill in sorted(fills, key=_order):
        streams.setdefault(_stream(fill), []).append(fill)
    runs = [_run(stream, carry_over) for stream in streams.values()]
    return tuple(runs[0]) if len(runs) == 1 else _merged(runs, [_days(s) for s in streams.values()], gap)


def overlay(layers: Sequence[Sequence[Span]]) -> tuple[Span, ...]:
    """Return the spans of all layers, those of a later layer where no earlier one has any."""
    result: list[Span] = []
    for layer in layers:
        result = sorted((*result, *_outside(layer, result)), key=lambda span: span.first)
    return tuple(result)


def _outside(layer: Sequence[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """Yield the parts of ordered spans that lie outside other ordered spans."""
    ahead = deque(taken)
    for span in layer:
        first = span.first
        while ahead and ahead[0].last < first:
            ahead.popleft()
        while ahead and ahead[0].first <= span.last:
            if first < ahead[0].first:
                yield replace(span, first=first, last=ahead[0].first - 1)
            first = ahead[0].last + 1
            if first > span.last:
                break
            ahead.popleft()
        if first <= span.last:
            yield replace(span, first=first)


def _order(fill: Fill) -> tuple[int, list[float], int]:
    """Return a sort key: by day, then from high to low dose, so that the certain dose is last."""
    return fill.first, [-(step.daily_mg or 0.0) for step in fill.doses], fill.days


def _stream(fill: Fill) -> Stream:
    """Return the stream that a fill belongs to: its strength or, where unknown, its dose."""
    if fill.product.strengths:
        return fill.product.strengths, None
    return (), fill.doses[-1].daily_mg if fill.doses else None


def _days(fills: Sequence[Fill]) -> list[int]:
    return [fill.first for fill in fills]


def _run(fills: Sequence[Fill], carry_over: int) -> list[Span]:
    spans: list[Span] = []
    for fill in fills:
        held = spans[-1] if spans and spans[-1].last >= fill.first else None
        begins_at = fill.doses[0].daily_mg if fill.doses else None
        same_dose = held is not None and held.daily_mg == begins_at
        carried = min(held.last - fill.first + 1, carry_over) if held and same_dose else 0
        end = fill.first + fill.days + carried - 1
        if held and same_dose:
            end = max(end, held.last)
        if fill.until is not None:
            end = min(end, fill.until)
        while spans and spans[-1].first >= fill.first:
            spans.pop()
        if spans:
            spans[-1] = replace(spans[-1], last=min(spans[-1].last, fill.first - 1))
        spans += _steps(fill, end)
    return spans


def _steps(fill: Fill, end: int) -> list[Span]:
    """Return one span for each step of a titration; the last dose goes on to the end of the supply."""
    spans: list[Span] = []
    day = fill.first
    steps = fill.doses or (Dose(daily_mg=None),)
    for number, step in enumerate(steps, 1):
        last = end if step.days is None or number == len(steps) else min(day + step.days - 1, end)
        if day <= last:
            spans.append(Span(day, last, step.daily_mg, fill.product, fill.first, fill.given))
        day = last + 1
    return spans


def _merged(runs: list[list[Span]], fills: list[list[int]], gap: int) -> tuple[Span, ...]:
    together = {
        (a, b): _taken_together(runs[a], runs[b], fills[a], fills[b], gap)
        for a, b in combinations(range(len(runs)), 2)
    }
    edges = sorted({edge for run in runs for span in run for edge in (span.first, span.last + 1)})
    ahead = [deque(run) for run in runs]
    merged: list[Span] = []
    for first, following in pairwise(edges):
        for run in ahead:
            while run and run[0].last < first:
                run.popleft()
        current = [(index, run[0]) for index, run in enumerate(ahead) if run and run[0].first <= first]
        if current:
            merged.append(_chosen(current, together, first, following - 1))
    return tuple(merged)


def _taken_together(
    one: list[Span], other: list[Span], fills_one: list[int], fills_other: list[int], gap: int
) -> list[tuple[int, int]]:
    """Return the overlaps during which both strengths were filled again, and so taken together."""
    overlaps = _joined(_overlaps(one, other), gap)
    return [
        (start, end)
        for start, end in overlaps
        if all(_filled_within(days, start + 1, end + gap) for days in (fills_one, fills_other))
    ]


def _overlaps(one: list[Span], other: list[Span]) -> Iterator[tuple[int, int]]:
    """Yield the runs of days that two lists of ordered, disjoint spans share."""
    left, right = deque(one), deque(other)
    while left and right:
        first, last = max(left[0].first, right[0].first), min(left[0].last, right[0].last)
        if first <= last:
            yield first, last
        (left if left[0].last <= right[0].last else right).popleft()


def _filled_within(days: Sequence[int], first: int, last: int) -> bool:
    """Tell whether one of the ordered `days` lies from `first` to `last`."""
    place = bisect_left(days, first)
    return place < len(days) and days[place] <= last


def _joined(runs: Iterable[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Return the runs, joining those no more than `gap` days apart."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(runs):
        if joined and start - joined[-1][1] - 1 <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _chosen(
    current: list[tuple[int, Span]],
    together: dict[tuple[int, int], list[tuple[int, int]]],
    first: int,
    last: int,
) -> Span:
    # Of two fills made on one day neither is the later one: the lower dose is what is certain.
    index, latest = max(current, key=lambda item: (item[1].filled, -(item[1].daily_mg or 0.0)))
    doses = [latest.daily_mg]
    for other, span in current:
        pair = (min(index, other), max(index, other))
        if other != index and any(start <= first <= end for start, end in together[pair]):
            doses.append(span.daily_mg)
    total = None if any(dose is None for dose in doses) else sum(dose for dose in doses if dose is not None)
    return Span(first, last, total, latest.product, latest.filled, latest.given)

"""Covered days of fills: what follows what, what adds up, and what is never invented."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.assess.trials.spans import Fill, Span, overlay, supplied
from service.clinical.facts import Dose
from tests.assess.course_facts import tablets

CARRY, GAP = 30, 30
WEAK, STRONG = tablets("sertraline", 50.0), tablets("sertraline", 100.0)

Days = list[tuple[int, int, float | None]]


def fill(first: int, days: int, *mg: float | None, weak: bool = False) -> Fill:
    """A fill of 100 mg tablets, or of 50 mg tablets."""
    return Fill(first, days, tuple(Dose(daily_mg=one) for one in mg), WEAK if weak else STRONG)


def covered(*fills: Fill) -> Days:
    """The spans as first day, last day, mg a day; those of one dose that follow each other are one."""
    joined: Days = []
    for span in supplied(fills, CARRY, GAP):
        if joined and joined[-1][1] == span.first - 1 and joined[-1][2] == span.daily_mg:
            joined[-1] = (joined[-1][0], span.last, span.daily_mg)
        else:
            joined.append((span.first, span.last, span.daily_mg))
    return joined


FILLS = st.builds(
    fill,
    st.integers(1, 120),
    st.integers(1, 90),
    st.sampled_from([25.0, 50.0, 100.0, None]),
    weak=st.booleans(),
)


@pytest.mark.parametrize(
    ("fills", "expected"),
    [
        ([fill(1, 30, 100.0)], [(1, 30, 100.0)]),
        ([fill(1, 30, 100.0), fill(33, 30, 100.0)], [(1, 30, 100.0), (33, 62, 100.0)]),
        ([fill(1, 30, 100.0), fill(21, 30, 100.0)], [(1, 60, 100.0)]),
        ([fill(1, 90, 100.0), fill(2, 90, 100.0)], [(1, 121, 100.0)]),
        ([fill(1, 30), fill(1, 30)], [(1, 60, None)]),
        ([fill(1, 30, 100.0), fill(21, 30, 200.0)], [(1, 20, 100.0), (21, 50, 200.0)]),
        ([fill(1, 30, 100.0), fill(1, 30, 200.0)], [(1, 30, 100.0)]),
        ([fill(1, 30, 50.0, weak=True), fill(1, 30, 100.0)], [(1, 30, 50.0)]),
        ([fill(1, 30, 50.0, weak=True), fill(11, 30, 100.0)], [(1, 10, 50.0), (11, 40, 100.0)]),
    ],
    ids=[
        "one fill",
        "a gap is not covered",
        "an early refill is carried over",
        "at most 30 days are",
        "also when the dose is not known",
        "a new dose replaces what is left",
        "of two doses filled on one day the lower is certain",
        "of two strengths filled on one day too",
        "a later strength replaces the earlier one",
    ],
)
def test_fills_cover_days(fills: list[Fill], expected: Days) -> None:
    """Fills of one strength follow each other, another dose or strength replaces them."""
    assert covered(*fills) == expected
    assert covered(*reversed(fills)) == expected


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ([1], [(1, 30, 50.0)]),
        ([1, 31, 61], [(1, 90, 150.0)]),
        ([1, 33, 65], [(1, 30, 150.0), (33, 62, 150.0), (65, 94, 150.0)]),
        ([1, 33, 95], [(1, 30, 150.0), (33, 62, 150.0), (95, 124, 50.0)]),
    ],
    ids=["filled once", "every 30 days", "two days late each time", "the last time after a month without"],
)
def test_two_strengths_that_are_both_refilled_add_up(months: list[int], expected: Days) -> None:
    """Both strengths refilled after they overlap are taken together, to the last fill of them."""
    both = [one for day in months for one in (fill(day, 30, 50.0, weak=True), fill(day, 30, 100.0))]
    assert covered(*both) == expected


@given(st.lists(FILLS, min_size=1, max_size=8))
def test_spans_are_disjoint_and_in_order(fills: list[Fill]) -> None:
    """No day is counted twice."""
    spans = supplied(fills, CARRY, GAP)
    assert all(span.first <= span.last for span in spans)
    assert all(one.last < other.first for one, other in pairwise(spans))


@given(st.lists(FILLS, min_size=1, max_size=8))
def test_no_day_and_no_dose_is_invented(fills: list[Fill]) -> None:
    """No more days than were supplied, none before the first fill, no dose above the sum of those filled."""
    spans = supplied(fills, CARRY, GAP)
    assert sum(span.days for span in spans) <= sum(one.days for one in fills)
    assert min(span.first for span in spans) == min(one.first for one in fills)
    strongest = {one.product: 0.0 for one in fills}
    for one in fills:
        strongest[one.product] = max(strongest[one.product], one.doses[0].daily_mg or 0.0)
    assert all((span.daily_mg or 0.0) <= sum(strongest.values()) for span in spans)


@given(st.lists(FILLS, min_size=1, max_size=6).flatmap(lambda f: st.tuples(st.just(f), st.permutations(f))))
def test_the_order_of_fills_in_the_record_is_irrelevant(both: tuple[list[Fill], list[Fill]]) -> None:
    """The same fills in another order cover the same days at the same doses."""
    assert covered(*both[0]) == covered(*both[1])


@given(st.integers(1, 100), st.integers(1, 30), st.integers(1, 30), st.booleans())
def test_a_fill_in_two_halves_covers_the_same_days(first: int, one: int, other: int, same_day: bool) -> None:
    """A supply handed over in two parts, on one day or one after the other, lasts as long."""
    second = first if same_day else first + one
    parts = covered(fill(first, one, 100.0), fill(second, other, 100.0))
    assert parts == covered(fill(first, one + other, 100.0))


def test_the_earlier_layer_has_precedence() -> None:
    """What is known from a better source is left as it is; the rest is filled in around it."""
    given_, planned = Span(10, 12, 50.0, STRONG, 10), Span(5, 20, 100.0, STRONG, 5)
    layered = [(span.first, span.last, span.daily_mg) for span in overlay([[given_], [planned]])]
    assert layered == [(5, 9, 100.0), (10, 12, 50.0), (13, 20, 100.0)]


_RUNS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=8)


def _spans(gaps: list[tuple[int, int]], mg: float) -> list[Span]:
    """Disjoint spans in order: after so many days without, so many days with a dose."""
    found, day = [], 0
    for without, days in gaps:
        found.append(Span(day + without, day + without + days - 1, mg, STRONG, 0))
        day += without + days
    return found


@given(_RUNS, _RUNS)
def test_layers_fill_what_earlier_ones_leave_open(
    better: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    """Each day is covered once: by the first layer that has it."""
    layers = [_spans(better, 50.0), _spans(other, 100.0)]
    days = [(day, span.daily_mg) for span in overlay(layers) for day in range(span.first, span.last + 1)]
    expected = {
        day: span.daily_mg
        for layer in reversed(layers)
        for span in layer
        for day in range(span.first, span.last + 1)
    }
    assert days == sorted(expected.items())

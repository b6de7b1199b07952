"""Dose steps and days in a row: what a reader sees of the covered days."""

from datetime import date

from service.assess.trials.spans import Span
from service.assess.trials.steps import days_in_a_row, dose_steps
from service.clinical.assessment import DoseStep
from tests.assess.course_facts import tablets

FIRST = date(2026, 1, 1).toordinal()
PRODUCT = tablets("sertraline", 50.0)


def span(first: int, last: int, daily_mg: float | None) -> Span:
    """Days of a year, on one dose."""
    return Span(FIRST + first, FIRST + last, daily_mg, PRODUCT, FIRST + first)


def test_refills_at_one_dose_are_one_step() -> None:
    """A reader sees the dose, not the fills."""
    steps = dose_steps([span(0, 29, 50.0), span(30, 59, 50.0)], lambda _: 50.0)
    assert steps == (DoseStep(first=date(2026, 1, 1), last=date(2026, 3, 1), daily_mg=50.0, minimum_mg=50.0),)


def test_another_dose_a_gap_or_another_minimum_begins_a_step() -> None:
    """Titration, days without supply, and a product with a minimum of its own stay visible."""
    spans = [
        span(0, 9, 50.0),
        span(10, 19, 100.0),
        span(25, 29, 100.0),
        span(30, 39, 100.0),
        span(40, 49, None),
    ]
    minimum = {FIRST + 30: 75.0}
    steps = dose_steps(spans, lambda one: minimum.get(one.first, 50.0))
    assert [(step.daily_mg, step.minimum_mg) for step in steps] == [
        (50.0, 50.0),
        (100.0, 50.0),
        (100.0, 50.0),
        (100.0, 75.0),
        (None, 50.0),
    ]


def test_days_that_follow_each_other_are_one_run() -> None:
    """Runs that touch are joined, runs with a day between are not."""
    joined = days_in_a_row([(FIRST, FIRST + 4), (FIRST + 5, FIRST + 9), (FIRST + 11, FIRST + 12)])
    assert joined == ((date(2026, 1, 1), date(2026, 1, 10)), (date(2026, 1, 12), date(2026, 1, 13)))


def test_nothing_covered_is_no_step() -> None:
    """A course whose days are not known has no steps."""
    assert dose_steps([], lambda _: 50.0) == ()

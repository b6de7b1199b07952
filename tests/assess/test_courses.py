"""Courses: which resources make one run of use, and when its days cannot be counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.assess.trials.courses import Course
from service.assess.trials.examine import examined_courses
from service.clinical.assessment import Shortfall
from service.clinical.facts import Exposure, PatientFacts, Purpose, Reason, SourceKind
from service.clinical.partial_date import PartialDate
from tests.assess.course_facts import FRAME, NO_EFFECT, ago, filled, found, month, ordered, tablets, taken

PAIN = (Reason(text="back pain", purpose=Purpose.OTHER),)


def told(courses: tuple[Course, ...]) -> list[tuple[int, bool]]:
    """Covered days of each course, and whether its days can be counted."""
    return [(course.covered_days, course.determined) for course in courses]


def filled_for(order: Exposure, days_ago: int, supply: int | None, mg: float | None = None) -> Exposure:
    """A dispense that names its order."""
    return filled(days_ago, supply, mg, order=order.reference)


PRN = ordered(300, 201, None, as_needed=True)
DAILY = ordered(300, 201)


@pytest.mark.parametrize(
    ("exposures", "expected"),
    [
        ([ordered(300, 201)], [(100, True)]),
        ([ordered(300, 201), filled(300, 30)], [(30, True)]),
        ([ordered(300, 201), filled(300, None)], [(0, False)]),
        ([ordered(300, 201), taken(SourceKind.DISPENSE, 100.0, None, supply_days=30)], [(0, False)]),
        ([ordered(300, 201), filled(300, 30), filled(270, None)], [(30, True)]),
        ([ordered(300, 201), filled(150, None)], [(100, True), (0, False)]),
    ],
    ids=[
        "an order alone",
        "a dispense beside an order",
        "a dispense of unknown length",
        "a dispense without a date",
        "two dispenses, one of unknown length",
        "a dispense long after the order",
    ],
)
def test_once_dispensed_only_dispenses_cover_days(
    exposures: list[Exposure], expected: list[tuple[int, bool]]
) -> None:
    """An order does not lend its days to a dispense whose days are not known."""
    assert told(found(*exposures)) == expected


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        (ago(294), ago(293), [(7, True), (0, False)]),
        (ago(294), ago(296), [(7, True)]),
    ],
    ids=["goes on after the dated days", "goes on beside them"],
)
@pytest.mark.parametrize("source", [SourceKind.STATEMENT, SourceKind.ORDER])
def test_use_without_an_end_after_dated_days(
    source: SourceKind, first: PartialDate, then: PartialDate, expected: list[tuple[int, bool]]
) -> None:
    """A titration with dates does not swallow the use that followed it, whose days nobody knows."""
    titration = taken(source, 25.0, ago(300), end=first, status="completed")
    assert told(found(titration, taken(source, 100.0, then, status="active"))) == expected


def test_an_order_without_an_end_beside_dispenses_covers_nothing() -> None:
    """Days that dispenses leave open are not unknown ones."""
    assert told(found(filled(300, 30), taken(SourceKind.ORDER, 100.0, ago(260), status="active"))) == [
        (30, True)
    ]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (month(2026, 2), month(2026, 3), (0, False)),
        (month(2026, 2), month(2026, 2), (0, False)),
        (month(2026, 2), month(2026, 4), (33, True)),
        (ago(200), ago(190), (11, True)),
        (month(2026, 2), ago(240), (0, False)),
    ],
    ids=["2 to 59 days", "1 to 28 days", "33 to 89 days", "11 days", "8 to 35 days"],
)
def test_dates_to_the_month(start: PartialDate, end: PartialDate, expected: tuple[int, bool]) -> None:
    """Dates that leave open whether use was long enough to be a trial tell no days; else the sure ones."""
    reported = taken(SourceKind.STATEMENT, 100.0, start, end=end)
    assert told(found(reported)) == [expected]


def test_a_dispense_takes_dose_and_reason_from_its_order() -> None:
    """What a dispense does not say itself, its order says."""
    order = ordered(300, 271, 150.0, reasons=PAIN)
    (course,) = found(order, filled_for(order, 300, 30))
    assert [span.daily_mg for span in course.spans] == [150.0]
    assert [exposure.reasons for exposure in course.exposures] == [PAIN, PAIN]


@pytest.mark.parametrize(
    ("order", "dispense", "as_needed"),
    [
        (PRN, filled_for(PRN, 300, 30), True),
        (PRN, filled_for(PRN, 300, 30, 200.0), True),
        (PRN, filled(300, 30, None), True),
        (PRN, filled(300, 30, 200.0), False),
        (DAILY, filled_for(DAILY, 300, 30), False),
    ],
    ids=["linked", "linked, dose from the supply", "the only order", "another supply", "a daily order"],
)
def test_what_an_order_says_to_take_as_needed(order: Exposure, dispense: Exposure, as_needed: bool) -> None:
    """A dispense that names no directions of its own is taken as its order says: as needed is no trial."""
    facts = PatientFacts(person=None, exposures=(order, dispense), lists={})
    judged = {one.exclusion for one in examined_courses(facts, FRAME)}
    assert judged == ({Shortfall.AS_NEEDED} if as_needed else {None})


def test_an_order_that_was_over_says_nothing_about_later_dispenses() -> None:
    """Dose, reason and stop reason of an order of years ago are not those of today's supply."""
    old = ordered(2000, 1900, 150.0, status="stopped", reasons=PAIN, stopped_for=NO_EFFECT)
    _, recent = found(old, filled(300, 100, None))
    assert [span.daily_mg for span in recent.spans] == [None]
    assert [(e.reasons, e.stopped_for) for e in recent.exposures] == [((), None)]


def test_a_stopped_order_without_an_end_does_not_reach_to_today() -> None:
    """When a stopped order ended is not known; it is no witness of a course years later."""
    old = ordered(2000, None, status="stopped", stopped_for=NO_EFFECT)
    recent, unknown = found(old, filled(300, 100))
    assert all(exposure.stopped_for is None for exposure in recent.exposures)
    assert (unknown.determined, unknown.exposures) == (False, (old,))


def test_an_active_order_without_an_end_goes_on() -> None:
    """An order that nothing ended is a witness of the dispenses that follow it."""
    open_order = ordered(500, None, status="active", reasons=PAIN)
    (course,) = found(open_order, filled(300, 100))
    assert open_order in course.exposures


@given(
    st.lists(
        st.one_of(
            st.builds(filled, st.integers(1, 400), st.sampled_from([None, 14, 30, 90])),
            st.builds(ordered, st.integers(201, 400), st.one_of(st.none(), st.integers(1, 200))),
            st.builds(
                taken,
                st.just(SourceKind.STATEMENT),
                st.sampled_from([None, 50.0]),
                st.one_of(st.none(), st.integers(1, 400).map(ago)),
                product=st.just(tablets("sertraline")),
            ),
        ),
        min_size=1,
        max_size=6,
    ).flatmap(lambda one: st.tuples(st.just(one), st.permutations(one)))
)
def test_the_order_of_resources_is_irrelevant(both: tuple[list[Exposure], list[Exposure]]) -> None:
    """The same resources in another order are the same courses."""
    one, other = (
        [(c.start, c.supply_to, c.spans, frozenset(e.reference for e in c.exposures)) for c in found(*given)]
        for given in both
    )
    assert one == other

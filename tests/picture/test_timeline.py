"""The picture says what the assessment says: the same verdicts, days, doses and gaps."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from service.clinical.assessment import TrialStatus
from service.picture.axis import LEFT, axis_of
from service.picture.lane_layout import LOOKS
from service.picture.rows import PressureReading
from service.picture.stretches import stretches
from service.render.document import document
from tests.picture.drawn import DAY, NAMES, assessment_of, names, root_of, rows_of, shown, view_of, words
from tests.picture.records import HOSTILE, KNOWLEDGE, PROFILE, RECORDS, assessed

each_picture = pytest.mark.parametrize("name", NAMES)
STATUS = KNOWLEDGE.wording.words["status"]
SHORTFALL = KNOWLEDGE.wording.words["shortfall"]


@each_picture
def test_every_verdict_stands_in_its_lane(name: str) -> None:
    """Each course is in the lane of its drug with status, every reason, and a hover that names evidence."""
    lanes = {lane.name: lane.bars for lane in rows_of(name).lanes}
    for trial in assessment_of(name).trials:
        if trial.ingredient not in lanes:
            continue
        own = [bar for bar in lanes[trial.ingredient] if bar.trial is trial]
        assert [bar.row.verdict for bar in own] == [STATUS[trial.status]]
        assert own[0].row.reasons == tuple(SHORTFALL[one] for one in trial.shortfalls)
        assert all(one in own[0].hover for one in trial.evidence[:3] if one != HOSTILE and len(one) < 80)


@each_picture
def test_all_that_is_shown_comes_from_the_same_rows(name: str) -> None:
    """Rows of the view, bars of the picture and members of the JSON tell of the same courses and findings."""
    made, drawn, written = view_of(name), rows_of(name), document(view_of(name))
    bars = [bar.trial for lane in drawn.lanes for bar in lane.bars]
    assert all(trial in assessment_of(name).trials for trial in bars)
    assert drawn.more_lanes or len(bars) == len(made.trials)
    for row, trial in zip(made.trials, written["trials"], strict=True):
        assert row.of.ingredient == trial["ingredient"]
        assert (row.status, STATUS[row.status]) == (trial["status"], row.verdict)
        assert row.reasons == tuple(SHORTFALL[each] for each in trial["shortfalls"])
        if trial["coveredDays"] is not None:
            assert row.days == f"{trial['qualifyingDays']} qualifying days of {trial['coveredDays']} covered"
    assert [flag.id for flag in made.flags] == [flag["id"] for flag in written["flags"]]
    gaps = [(gap.id, gap.of.blocking) for gap in made.missing]
    assert gaps == [(gap["id"], gap["blocking"]) for gap in written["missing"]]


@each_picture
def test_every_verdict_is_drawn_in_words(name: str) -> None:
    """Who sees no colour reads each status, and how many trials count."""
    drawn = words(root_of(name))
    counts = assessment_of(name).counts
    assert drawn[0] == f"Antidepressant trials: {counts.counted} counted, {counts.possible} possible"
    for status in {trial.status for trial in assessment_of(name).trials[:30]}:
        assert STATUS[status] in drawn[1:]


@each_picture
def test_qualifying_days_are_those_that_were_counted(name: str) -> None:
    """The marked days of each course add up to its qualifying days, and lie within its doses."""
    for trial in assessment_of(name).trials:
        assert sum((last - first).days + 1 for first, last in trial.qualifying) == (
            trial.qualifying_days or 0
        )
        covered = sum((step.last - step.first).days + 1 for step in trial.steps)
        assert covered == (trial.covered_days or 0)
        for first, last in trial.qualifying:
            assert trial.steps[0].first <= first <= last <= trial.steps[-1].last


@pytest.mark.parametrize(
    ("name", "look"), [("beside", "counted"), ("unknowns", "possible"), ("crowded", "not-counted")]
)
def test_a_status_is_told_by_how_the_bar_looks(name: str, look: str) -> None:
    """Bars are filled, hatched or empty: a bar carries its status in its name."""
    assert any(one.endswith(look) for one in names(root_of(name)) if one.startswith("trial-"))


def test_lanes_follow_time() -> None:
    """The drug that was tried first stands first; what has no date stands last."""
    assert [lane.name for lane in rows_of("unknowns").lanes] == [
        "citalopram",
        "venlafaxine",
        "fluoxetine",
        "sertraline",
    ]


def test_thresholds_come_from_the_tables() -> None:
    """A changed threshold moves the line and its words."""
    rule = replace(KNOWLEDGE.flags.pressure, hold_systolic=171.0)
    changed = replace(KNOWLEDGE, flags=replace(KNOWLEDGE.flags, pressure=rule))
    pressures = rows_of("beside", changed).pressures
    assert pressures.thresholds[0].values == (171.0, 110.0)
    assert pressures.thresholds[0].text == "hold from 171/110"


def test_scales_are_never_mixed() -> None:
    """Each scale has a panel of its own with its own thresholds."""
    panels = rows_of("unknowns").scores
    assert [panel.name for panel in panels] == ["PHQ-9", "MADRS"]
    assert [panel.thresholds[0].values for panel in panels] == [(15.0,), (28.0,)]


def test_what_is_not_known_is_shown_as_not_known() -> None:
    """Lists that did not come, missing figures and unread entries are gaps with words."""
    drawn = rows_of("unretrieved")
    (whole,) = drawn.stretches
    assert drawn.unread == ("MedicationRequest: not retrievable", "MedicationDispense: not retrievable")
    assert [panel.silent for panel in (*drawn.scores, drawn.pressures)] == [whole, whole]
    assert names(root_of("unretrieved")).count("gap") == 4
    assert "no recent severity score" in drawn.asked[-1]


def test_a_missing_figure_is_a_gap_of_its_window() -> None:
    """The days in which a score or pressure was needed and none came are hatched."""
    drawn = rows_of("nothing")
    days = KNOWLEDGE.criteria[PROFILE].current.score_days
    assert drawn.scores[0].silent == (DAY - timedelta(days=days), DAY)


def test_half_a_reading_stays_half() -> None:
    """A pressure without one component shows the other, and a question mark."""
    readings = [one for one in rows_of("unknowns").pressures.figures if isinstance(one, PressureReading)]
    assert [(one.systolic, one.diastolic) for one in readings] == [(150, None), (None, 95)]
    assert "?/95" in rows_of("unknowns").pressures.notes[0]


def test_figures_after_the_day_of_assessment_are_counted_not_drawn() -> None:
    """What lay in the future of the assessment is no part of its picture, and said so."""
    panel = rows_of("later").scores[0]
    assert (len(panel.figures), panel.notes[-1]) == (1, "1 after the day of assessment, not drawn")


def test_years_in_which_nothing_happened_are_left_out() -> None:
    """A course of decades ago does not squeeze the present: the axis is broken between them, and says so."""
    drawn = rows_of("ancient")
    (first, end), (start, last) = drawn.stretches
    assert (first, end) == (date(1985, 7, 10), date(1986, 1, 20))
    assert (start, last) == (date(2024, 9, 18), DAY)
    assert "years left out" in words(root_of("ancient"))
    axis = axis_of(drawn.stretches, 580)
    assert axis.place(date(1985, 7, 10)) == LEFT
    assert axis.after(date(2026, 3, 6)) - axis.place(date(2026, 1, 6)) > 20
    ((left, right),) = axis.breaks()
    assert left < axis.place(date(2000, 1, 1)) < right


def test_nine_courses_of_an_episode_of_fifteen_years_have_most_of_the_axis() -> None:
    """An onset long before the courses is shown, and the years between are not."""
    onset = date(2011, 1, 1)
    courses = [
        (DAY - timedelta(days=900 - 100 * number), DAY - timedelta(days=820 - 100 * number))
        for number in range(9)
    ]
    axis = axis_of(stretches(onset - timedelta(days=45), DAY, [(onset, onset), *courses]), 580)
    assert axis.right - axis.place(courses[0][0]) > 0.8 * (580 - LEFT)


def test_a_break_needs_a_year_in_which_nothing_happens() -> None:
    """366 days between what is shown with 45 days around it are drawn, 367 are left out."""
    first, last = date(2010, 1, 1), DAY
    busy = (date(2014, 1, 1), last)
    for days, number in ((366, 1), (367, 2)):
        before = busy[0] - timedelta(days=90 + days)
        assert len(stretches(first, last, [(first, before), busy])) == number


def test_there_are_never_more_breaks_than_can_be_read() -> None:
    """Of twenty years apart only the longest breaks are kept."""
    busy = [(date(1900 + 5 * number + number % 3, 1, 1),) * 2 for number in range(20)]
    kept = stretches(date(1900, 1, 1), DAY, busy)
    assert len(kept) <= 9
    assert all(after[0] > before[1] for before, after in pairwise(kept))
    assert (kept[0][0], kept[-1][1]) == (date(1900, 1, 1), DAY)


def test_a_running_course_goes_on() -> None:
    """Supply beyond the day of assessment is an arrow and two words."""
    assert "still supplied" in rows_of("running").lanes[0].bars[0].remarks
    assert "beyond" in names(root_of("running"))


def test_another_profile_needs_other_days() -> None:
    """The days needed are those of the profile of the assessment."""
    facts = RECORDS["beside"]
    lanes = shown(assessed(facts, profile="lenient-4wk"), facts).lanes
    assert "140 of 140 days qualify, 28 needed" in lanes[0].bars[0].remarks


@pytest.mark.parametrize("years", [0, 1, 3, 8, 40])
def test_ticks_have_room(years: int) -> None:
    """Words of the time axis never come closer than their width, and there are at least two."""
    last = date(2026, 11, 2)
    axis = axis_of([(last - timedelta(days=60 + 365 * years), last)], 580)
    places = [place for place, _ in axis.ticks()]
    assert len(places) >= 2
    assert all(after - before >= 44 for before, after in pairwise(places))


def test_statuses_have_three_looks() -> None:
    """No two statuses share fill and hatch, so that they differ without colour."""
    assert set(LOOKS) == set(TrialStatus)
    assert len({(fill, hatched) for fill, _, hatched in LOOKS.values()}) == 3

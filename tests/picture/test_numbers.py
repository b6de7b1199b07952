"""The picture and the JSON tell the same: no number is drawn that assessment and tables do not have."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from service.picture.axis import axis_of
from service.picture.columns import Columns
from service.picture.layout import laid_out
from service.picture.panel_layout import draw_panel
from service.picture.panels import used_scores
from service.picture.rows import Point
from service.picture.sheet import Box, Dot, Sheet, TextLine
from service.render.courses import number
from service.render.document import document
from service.render.view import View
from tests.picture.drawn import NAMES, SVG, assessment_of, facts_of, root_of, rows_of
from tests.picture.records import KNOWLEDGE, PROFILE

each_picture = pytest.mark.parametrize("name", NAMES)
NUMBER = re.compile(r"\d{4}-\d{2}(?:-\d{2})?|\d+(?:\.\d+)?")
LEFT_OUT = re.compile(r"and \d+ more|\d+ (?:earlier|after the day|more in)")  # how many entries are not told


def test_a_number_is_one_as_it_is_written() -> None:
    """Dates stay whole, and decimals."""
    assert NUMBER.findall("37.5 mg from 2026-03 to 2026-04-05, 2 of 3") == [
        "37.5",
        "2026-03",
        "2026-04-05",
        "2",
        "3",
    ]


@each_picture
def test_every_number_is_one_of_the_assessment(name: str) -> None:
    """What is drawn stands in the JSON, among the figures that it was made from, or in the tables."""
    known = {*_of_the_assessment(name), *_of_the_record(name), *_of_the_tables()}
    for line in root_of(name).iter(f"{SVG}text"):
        if line.get("data-name") not in ("tick", "place"):
            told = LEFT_OUT.sub("", line.text or "")
            assert set(NUMBER.findall(told)) <= known, told


def _of_the_assessment(name: str) -> Iterator[str]:
    assessment = assessment_of(name)
    written = document(View(wording=KNOWLEDGE.wording, of=assessment))
    yield from NUMBER.findall(json.dumps(written))
    yield from (f"{value:g}" for value in _values(written))
    yield str(assessment.episode.latest_start)
    yield str(len(assessment.unreadable))


def _values(written: Any) -> Iterator[float]:
    if isinstance(written, dict):
        written = list(written.values())
    if isinstance(written, list):
        for inner in written:
            yield from _values(inner)
    elif isinstance(written, int | float) and not isinstance(written, bool):
        yield written


def _of_the_record(name: str) -> Iterator[str]:
    facts = facts_of(name)
    for score in facts.scores:
        yield from (number(score.total), *NUMBER.findall(str(score.when)), *NUMBER.findall(score.scale))
    for pressure in facts.pressures:
        figures = (pressure.systolic, pressure.diastolic)
        yield from (*(number(value) for value in figures if value), *NUMBER.findall(str(pressure.when)))
    for day in facts.scores_not_read:
        yield from NUMBER.findall(str(day))


def _of_the_tables() -> Iterator[str]:
    rule, criteria = KNOWLEDGE.flags.pressure, KNOWLEDGE.criteria[PROFILE]
    yield from map(str, (rule.days, criteria.current.score_days, criteria.duration.qualifying_days))
    figures = (rule.hold_systolic, rule.hold_diastolic, rule.high_systolic, rule.high_diastolic)
    yield from map(number, figures)
    for scale in KNOWLEDGE.scales.values():
        yield from map(number, (scale.referral, scale.moderate, scale.remission_below))
    for drug in KNOWLEDGE.drugs.drugs.values():
        yield from (number(dose.minimum_mg) for dose in drug.dose)
    for table in ("ask", "gap"):
        for words in KNOWLEDGE.wording.words[table].values():
            yield from NUMBER.findall(words)


@each_picture
def test_bars_stand_where_their_days_are(name: str) -> None:
    """The left and right edge of every dose, read back from the picture, are the days of the assessment."""
    shown = rows_of(name)
    sheet = laid_out(shown)
    axis = axis_of(shown.stretches, sheet_right(name))
    for place, lane in enumerate(shown.lanes, 1):
        for at, bar in enumerate(lane.bars[-12:], 1):
            mine = f"trial-{place}-{at}-{bar.trial.status}"
            drawn = [shape for shape in sheet.shapes if isinstance(shape, Box) and shape.name == mine]
            days = bar.trial.steps[-240:]
            assert len(drawn) == len(days)
            for box, step in zip(drawn, days, strict=True):
                assert box.x == pytest.approx(axis.place(step.first))
                assert box.x + box.width == pytest.approx(axis.after(step.last), abs=1)


def sheet_right(name: str) -> float:
    """Where the axis of a picture ends: at the line of the day of assessment."""
    (line,) = (one for one in root_of(name).iter(f"{SVG}polyline") if one.get("data-name") == "assessed")
    return float((line.get("points") or "").split(",")[0])


@each_picture
def test_every_score_that_a_verdict_uses_is_written_at_its_point(name: str) -> None:
    """However many scores there are: the total stands, in bold, close to the point."""
    shown, facts = rows_of(name), facts_of(name)
    sheet = laid_out(shown)
    axis = axis_of(shown.stretches, sheet_right(name))
    written = [shape for shape in sheet.shapes if isinstance(shape, TextLine) and shape.bold]
    for score in used_scores(assessment_of(name), facts):
        place = axis.place(score.when.last)
        near = [line for line in written if line.text == number(score.total) and abs(line.x - place) < 40]
        assert near, score


def test_more_scores_than_have_room_are_drawn_and_not_all_written() -> None:
    """A thousand totals that a verdict uses cost no more than their points; the latest have their figures."""
    day = date(2026, 1, 1)
    points = tuple(
        Point(days=(day + timedelta(days=at), day + timedelta(days=at)), value=at % 27, hover="", used=True)
        for at in range(1000)
    )
    drawn = Sheet(width=880)
    columns = Columns(880, axis_of([(day, day + timedelta(days=1000))], 580))
    draw_panel(drawn, replace(rows_of("beside").scores[0], figures=points), columns, 0, 84, "score-1")
    written = [shape for shape in drawn.shapes if isinstance(shape, TextLine) and shape.bold]
    assert 10 < len(written) <= 121
    assert sum(isinstance(shape, Dot) for shape in drawn.shapes) == 1000


@each_picture
def test_every_dose_that_is_known_is_written(name: str) -> None:
    """Above its bar, or where there is no room beside it; also where the end of the course is not known."""
    told = " ".join(line.text or "" for line in root_of(name).iter(f"{SVG}text"))
    for lane in rows_of(name).lanes:
        for bar in lane.bars[-12:]:
            if bar.trial.daily_mg is not None:
                assert re.search(rf"(?<![\d.]){re.escape(number(bar.trial.daily_mg))}(?![\d.])", told)

"""Draws the PHQ-9 scores of a chart: at each change of treatment, of late only, or none."""

from collections.abc import Sequence
from random import Random

from msgspec import Struct

from service.synth.drawing import draw_index, within
from service.synth.history import DrawnCourse, DrawnScore
from service.synth.tables import Charting, DialectRow

_SOON = 14  # days after a start in which a score still tells how it was before
_KNOWN = 28  # covered days from which on a score tells whether a course helps
_AFTER_ADDING = 4  # days before the assessment: long after a drug was added
_HELPED = 0.5


class ScorePair(Struct, frozen=True, gc=False):
    """The score before and after a course, where both are known."""

    before: int
    after: int

    @property
    def improvement(self) -> float:
        """The part by which the score fell."""
        return (self.before - self.after) / self.before


class Scored(Struct, frozen=True, gc=False):
    """The scores of a chart, and what they say of each course."""

    scores: tuple[DrawnScore, ...]
    measured: tuple[ScorePair | None, ...]


def scored(chance: Random, rows: Charting, dialect: DialectRow, courses: Sequence[DrawnCourse]) -> Scored:
    """Return the scores of one patient."""
    kept = chance.random()
    if kept < rows.every_score and courses:
        days, measured = _at_each_change(chance, rows, courses)
    elif kept < rows.every_score + rows.last_score:
        recent = chance.random() < rows.recent_score
        day = -within(chance, rows.recent_days if recent else rows.old_days)
        days, measured = [(day, within(chance, rows.latest))], [None] * len(courses)
    else:
        days, measured = [], [None] * len(courses)
    return Scored(_with_item_9(chance, rows, dialect, days), tuple(measured))


def _at_each_change(
    chance: Random, rows: Charting, courses: Sequence[DrawnCourse]
) -> tuple[list[tuple[int, int]], list[ScorePair | None]]:
    total = within(chance, rows.baseline)
    days: list[tuple[int, int]] = []
    measured: list[ScorePair | None] = []
    for place, course in enumerate(courses):
        start = course.use.start
        following = courses[place + 1] if place + 1 < len(courses) else None
        if not (place and start <= courses[place - 1].use.start + _SOON):
            days.append((start, total))
        if following is not None and following.use.start <= start + _SOON:
            measured.append(None)  # over before anybody asked again
            continue
        before, after = total, _after(total, course.improvement, rows)
        total = after
        known = following is not None
        if course.added is not None:
            known = True
            days.append((course.added.start, after))
            total = _after(after, course.improvement / 3, rows)
        if following is None and (day := _last_day(chance, rows, course)) is not None:
            known = True
            days.append((day, total))
        measured.append(ScorePair(before, after) if known else None)
    return days, measured


def _after(total: int, improvement: float, rows: Charting) -> int:
    changed = total * (1 - improvement)
    whole = int(changed) if improvement >= _HELPED else round(changed)
    return min(max(whole, rows.lowest), rows.highest)


def _last_day(chance: Random, rows: Charting, course: DrawnCourse) -> int | None:
    """Return the day of the score after the last course; None where there is none."""
    if chance.random() >= rows.recent_score or (course.use.running and course.days < _KNOWN):
        return None
    if not course.use.running:
        return max(course.use.end + within(chance, rows.after_end_days), course.use.start + _SOON + 1)
    longest = _AFTER_ADDING if course.added else min(int(rows.recent_days[1]), course.days - _KNOWN)
    return -within(chance, (1, max(longest, 1)))


def _with_item_9(
    chance: Random, rows: Charting, dialect: DialectRow, days: Sequence[tuple[int, int]]
) -> tuple[DrawnScore, ...]:
    whole = dialect.scores == "questionnaire"
    told = whole or (dialect.scores != "total" and chance.random() < rows.item_9)
    shares = rows.item_9_shares
    return tuple(DrawnScore(day, total, draw_index(chance, shares) if told else None) for day, total in days)

"""Depression scores and blood pressures as panels of the picture, with the thresholds of the tables."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Protocol, TypeVar

from mappings.flag_figures import PressureRule
from mappings.gaps import FlagGap, GapId
from mappings.knowledge import Knowledge
from mappings.severity import Scale
from mappings.wording import Wording
from service.clinical.assessment import Assessment
from service.clinical.facts import BloodPressure, Completeness, PatientFacts, Score
from service.clinical.partial_date import PartialDate
from service.picture.rows import Days, Panel, Point, PressureReading, Threshold
from service.picture.stretches import shows
from service.render.context import say_plain
from service.render.courses import number

MOST_FIGURES = 300  # more points than the axis has places
MOST_UNREAD = 2
Axis = tuple[Days, ...]
_LIST = "Observation"  # where scores and pressures stand


class _Dated(Protocol):
    @property
    def when(self) -> PartialDate: ...


_Figure = TypeVar("_Figure", bound=_Dated)


def score_panels(
    assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, days: int, axis: Axis
) -> tuple[Panel, ...]:
    """Return a panel for each scale on record, never mixed; one empty panel if there are no scores."""
    wording = knowledge.wording
    silent = _silent(assessment, facts, GapId.SEVERITY, days, axis)
    lacking = (say_plain(wording, "picture.score_old", days=days),) if silent else ()
    unread = (*_list_notes(facts, wording), *_unread(facts.scores_not_read, wording))
    used = [scale for scale in knowledge.scales.values() if any(s.scale == scale.id for s in facts.scores)]
    if not used:
        notes = (wording.sentence("picture.score_none"), *unread)
        return (Panel(name="", lowest=0, highest=1, figures=(), thresholds=(), notes=notes, silent=silent),)
    return tuple(
        _score_panel(
            scale,
            [score for score in facts.scores if score.scale == scale.id],
            used_scores(assessment, facts),
            axis,
            (*lacking, *unread) if scale is used[0] else lacking,
            silent,
            wording,
        )
        for scale in used
    )


def _score_panel(
    scale: Scale,
    scores: Sequence[Score],
    used: AbstractSet[Score],
    axis: Axis,
    notes: tuple[str, ...],
    silent: Days | None,
    wording: Wording,
) -> Panel:
    drawn, outside = _on_axis(scores, axis, wording, used)
    latest = [
        say_plain(wording, "picture.score_latest", total=number(score.total), day=score.when)
        for score in drawn[-1:]
    ]
    return Panel(
        name=scale.id,
        lowest=0,
        highest=scale.highest,
        figures=tuple(
            Point(
                days=(score.when.first, score.when.last),
                value=score.total,
                hover=_score_hover(score, wording),
                used=score in used,
            )
            for score in drawn
        ),
        thresholds=tuple(
            Threshold(values=(value,), text=say_plain(wording, f"picture.{key}", value=number(value)))
            for key, value in (
                ("score_referral", scale.referral),
                ("score_moderate", scale.moderate),
                ("score_remission", scale.remission_below),
            )
        ),
        notes=(*latest, *notes, *outside),
        silent=silent,
    )


def _score_hover(score: Score, wording: Wording) -> str:
    return say_plain(
        wording,
        "picture.hover_score",
        scale=score.scale,
        total=number(score.total),
        day=score.when,
        reference=score.reference,
    )


def _unread(days: Sequence[PartialDate | None], wording: Wording) -> tuple[str, ...]:
    said = (
        say_plain(wording, "picture.score_unread", day=when)
        if when
        else wording.sentence("picture.score_unread_undated")
        for when in days
    )
    return tuple(dict.fromkeys(said))[:MOST_UNREAD]


def pressure_panel(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, axis: Axis) -> Panel:
    """Return the blood pressures against the thresholds at which the flags are raised."""
    wording, rule = knowledge.wording, knowledge.flags.pressure
    drawn, outside = _on_axis(facts.pressures, axis, wording)
    silent = _silent(assessment, facts, FlagGap.PRESSURE, rule.days, axis)
    notes = _pressure_notes(drawn, silent, rule, wording)
    values = [
        value for reading in drawn for value in (reading.systolic, reading.diastolic) if value is not None
    ]
    return Panel(
        name="",
        lowest=min([*values, rule.high_diastolic]) - 10,
        highest=max([*values, rule.hold_systolic]) + 10,
        figures=tuple(
            PressureReading(
                days=(reading.when.first, reading.when.last),
                systolic=reading.systolic,
                diastolic=reading.diastolic,
                hover=_pressure_words("picture.hover_pressure", reading, wording),
            )
            for reading in drawn
        ),
        thresholds=(
            _pressure_threshold("hold", rule.hold_systolic, rule.hold_diastolic, wording),
            _pressure_threshold("high", rule.high_systolic, rule.high_diastolic, wording),
        ),
        notes=(*notes, *_list_notes(facts, wording), *outside),
        silent=silent,
    )


def _pressure_threshold(key: str, systolic: float, diastolic: float, wording: Wording) -> Threshold:
    text = say_plain(
        wording, f"picture.pressure_{key}", systolic=number(systolic), diastolic=number(diastolic)
    )
    return Threshold(values=(systolic, diastolic), text=text)


def _pressure_notes(
    drawn: Sequence[BloodPressure], silent: Days | None, rule: PressureRule, wording: Wording
) -> tuple[str, ...]:
    if not drawn:
        return (wording.sentence("picture.pressure_none"),)
    latest = _pressure_words("picture.pressure_latest", drawn[-1], wording)
    return (latest, say_plain(wording, "picture.pressure_old", days=rule.days)) if silent else (latest,)


def _pressure_words(key: str, blood_pressure: BloodPressure, wording: Wording) -> str:
    unknown = wording.sentence("picture.unknown")
    systolic, diastolic = (
        unknown if value is None else number(value)
        for value in (blood_pressure.systolic, blood_pressure.diastolic)
    )
    values = {"systolic": systolic, "diastolic": diastolic, "day": blood_pressure.when}
    if key == "picture.hover_pressure":
        values["reference"] = blood_pressure.reference
    return say_plain(wording, key, **values)


def _silent(assessment: Assessment, facts: PatientFacts, gap: str, days: int, axis: Axis) -> Days | None:
    """Return the days on which a needed figure is missing; all days if the list did not arrive."""
    if facts.list_state(_LIST) is Completeness.NOT_RETRIEVABLE:
        return axis[0][0], assessment.assessed_on
    if all(missing.id != gap for missing in assessment.missing):
        return None
    return assessment.assessed_on - timedelta(days=days), assessment.assessed_on


def _list_notes(facts: PatientFacts, wording: Wording) -> tuple[str, ...]:
    state = facts.list_state(_LIST)
    if state is Completeness.COMPLETE:
        return ()
    return (say_plain(wording, "picture.list", list=_LIST, state=state),)


def _on_axis(
    figures: Sequence[_Figure], axis: Axis, wording: Wording, used: AbstractSet[_Figure] = frozenset()
) -> tuple[list[_Figure], tuple[str, ...]]:
    """Return the figures to draw, in chronological order, and a phrase that counts the others.

    Those that a verdict uses are always drawn.
    """
    ordered = sorted(figures, key=lambda each: (each.when.last, each.when.instant or 0.0))
    fitting = [each for each in ordered if shows(axis, (each.when.first, each.when.last))]
    kept = {*fitting[-MOST_FIGURES:], *[each for each in fitting if each in used][-MOST_FIGURES:]}
    drawn = [each for each in fitting if each in kept]
    later = sum(each.when.first > axis[-1][1] for each in ordered)
    earlier = len(ordered) - later - len(drawn)
    counted = (("picture.earlier", earlier), ("picture.later", later))
    return drawn, tuple(say_plain(wording, key, count=count) for key, count in counted if count)


def used_scores(assessment: Assessment, facts: PatientFacts) -> frozenset[Score]:
    """Return the scores behind the verdicts on courses, and the score that gives the current severity."""
    evidence = {reference for trial in assessment.trials for reference in trial.evidence}
    now = assessment.current_score
    current = [
        score
        for score in facts.scores
        if now
        and (score.scale, score.total) == (now.scale, now.total)
        and score.when.first <= assessment.assessed_on
    ]
    latest = max(current, key=lambda score: score.when.last, default=None)
    return frozenset(score for score in facts.scores if score.reference in evidence or score is latest)

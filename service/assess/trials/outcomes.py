"""How a course ended: documented, measured, inferred or unknown (clinical rule 7.2 step 10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mappings.criteria import Criteria, OutcomeRule
from mappings.severity import Scale
from service.assess.trials.courses import Course
from service.assess.trials.measure import Measure, nth_day
from service.clinical.assessment import Outcome
from service.clinical.facts import Score, Source, StopKind, StopReason
from service.clinical.when import When


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """A drug that came into use on `day` and may end or change another trial."""

    ingredient: str
    day: int
    references: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Baseline and endpoint of one scale; `fall` is the improvement as a fraction of the baseline."""

    baseline: Score
    endpoint: Score

    @property
    def fall(self) -> float:
        """Improvement as a fraction of the baseline."""
        return (self.baseline.total - self.endpoint.total) / self.baseline.total


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """The outcome with what it rests on; `basis` names a template of `findings.toml`."""

    outcome: Outcome
    basis: str
    change: Change | None = None
    stop: StopReason | None = None
    switch: Start | None = None
    latest: Score | None = None

    @property
    def failed(self) -> bool:
        """Whether the treatment failed by the profile's definition."""
        return self.outcome in (Outcome.FAILED_DOCUMENTED, Outcome.FAILED_INFERRED) or (
            self.outcome is Outcome.PARTIAL and self.basis != "partial-not-failed"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the record holds around a course: the other drugs' starts, the scores and the present."""

    starts: Sequence[Start]
    scores: Sequence[Score]
    unread_scores: Sequence[When | None]
    latest: Score | None
    scales: Mapping[str, Scale]
    as_of: date


def ending(course: Course, measured: Measure, around: Surroundings, criteria: Criteria) -> Ending:
    """Return how `course` ended: the first of the rules 10 (a) to (e) that applies."""
    rule = criteria.outcome
    needed = criteria.duration.qualifying_days
    adequate = measured.qualifying_days >= needed
    stop = _stop(course, around.as_of)
    kind = stop.kind if stop else None
    if kind is StopKind.ADVERSE_EFFECT and not adequate:
        return Ending(outcome=Outcome.INTOLERANCE, basis="stopped-intolerance", stop=stop)
    changes = _changes(course, measured, around, rule)
    if kind in (StopKind.NO_EFFECT, StopKind.RESPONDED):
        return _documented(kind, stop, changes, rule)
    if changes:
        return _measured(changes, rule)
    if kind is StopKind.UNRELATED:
        return Ending(outcome=Outcome.UNKNOWN, basis="stopped-unrelated", stop=stop)
    if _may_be_scored(course, around.unread_scores, rule):
        return Ending(outcome=Outcome.UNKNOWN, basis="score-unreadable")
    return _inferred(course, measured, around, criteria) or Ending(
        outcome=Outcome.UNKNOWN, basis="no-outcome"
    )


def _may_be_scored(course: Course, unread: Sequence[When | None], rule: OutcomeRule) -> bool:
    """Whether a score that could not be read may tell how this course ended: then nothing is inferred."""
    if course.start is None or course.end is None:
        return bool(unread)
    first, last = course.start - rule.baseline_before_days, course.end + rule.endpoint_after_days
    return any(
        when is None or (first <= when.last.toordinal() and when.first.toordinal() <= last) for when in unread
    )


def _stop(course: Course, as_of: date) -> StopReason | None:
    """The latest understood reason why the course was stopped.

    A reason given for an earlier order of a course that went on is about that order alone (a change of
    dose, say). What was stopped at an unknown time, and is not linked to this course, is not a course
    that still runs.
    """
    ordered = [e.start.last for e in course.exposures if e.source is Source.ORDER and e.start]
    linked = {e.order for e in course.exposures}
    stated = [
        e
        for e in course.exposures
        if e.stopped_for
        and e.stopped_for.kind is not StopKind.UNCLEAR
        and (e.start or e.reference in linked or not running(course, as_of))
        and not (e.source is Source.ORDER and e.start and e.start.last < max(ordered))
    ]
    latest = max(stated, key=lambda e: (e.start.last if e.start else date.min, e.reference), default=None)
    return latest.stopped_for if latest else None


def _documented(
    kind: StopKind | None, stop: StopReason | None, changes: list[Change], rule: OutcomeRule
) -> Ending:
    responded = kind is StopKind.RESPONDED
    if any((change.fall >= rule.response) is not responded for change in changes):
        return Ending(outcome=Outcome.UNKNOWN, basis="contradiction", stop=stop, change=changes[0])
    if responded:
        return Ending(outcome=Outcome.RESPONDED, basis="stopped-responded", stop=stop)
    return Ending(
        outcome=Outcome.FAILED_DOCUMENTED,
        basis="stopped-no-effect",
        stop=stop,
        change=changes[0] if changes else None,
    )


def _measured(changes: list[Change], rule: OutcomeRule) -> Ending:
    """Of several scales the smallest improvement stands, unless they disagree about a response."""
    least = min(changes, key=lambda change: change.fall)
    if any(change.fall >= rule.response for change in changes):
        agreed = least.fall >= rule.response
        return Ending(
            outcome=Outcome.RESPONDED if agreed else Outcome.UNKNOWN,
            basis="score-responded" if agreed else "scales-disagree",
            change=least,
        )
    if least.fall < rule.partial_response or (least.fall == rule.partial_response == rule.failed_at_most):
        return Ending(outcome=Outcome.FAILED_DOCUMENTED, basis="score-failed", change=least)
    counts = least.fall <= rule.failed_at_most
    return Ending(
        outcome=Outcome.PARTIAL, basis="score-partial" if counts else "partial-not-failed", change=least
    )


def _changes(course: Course, measured: Measure, around: Surroundings, rule: OutcomeRule) -> list[Change]:
    scales = sorted({score.scale for score in around.scores})
    found = (_change(course, measured, around, rule, scale) for scale in scales)
    return [change for change in found if change]


def _change(
    course: Course, measured: Measure, around: Surroundings, rule: OutcomeRule, scale: str
) -> Change | None:
    from_day = nth_day(measured.qualifying, rule.endpoint_from_day) or nth_day(
        measured.accepted, rule.endpoint_from_day
    )
    if from_day is None or course.start is None or course.end is None:
        return None
    until = course.end + rule.endpoint_after_days
    other = _first_other(course, around.starts)
    if other is not None:
        until = min(until, other.day + rule.endpoint_after_switch_days)
    begun = course.start
    baseline = _last(around, scale, begun - rule.baseline_before_days, begun + rule.baseline_after_days)
    endpoint = _last(around, scale, from_day, until)
    if baseline is None or endpoint is None or baseline.total <= 0:
        return None
    return Change(baseline=baseline, endpoint=endpoint)


def _last(around: Surroundings, scale: str, first: int, last: int) -> Score | None:
    fitting = [
        score
        for score in around.scores
        if score.scale == scale and score.when.exact and first <= score.when.first.toordinal() <= last
    ]
    return max(
        fitting, key=lambda score: (score.when.first, score.when.instant or 0.0, score.total), default=None
    )


def _first_other(course: Course, starts: Sequence[Start]) -> Start | None:
    others = [start for start in starts if _is_other(course, start)]
    return min(others, key=lambda start: start.day, default=None)


def _is_other(course: Course, start: Start) -> bool:
    """Another drug, begun after the trial's own first day, and not the other part of its own product."""
    return (
        course.start is not None
        and start.day > course.start
        and start.ingredient != course.ingredient
        and start.references.isdisjoint(exposure.reference for exposure in course.exposures)
    )


def _inferred(course: Course, measured: Measure, around: Surroundings, criteria: Criteria) -> Ending | None:
    switch = _switch(course, measured, around, criteria)
    if switch:
        return Ending(outcome=Outcome.FAILED_INFERRED, basis="switched", switch=switch)
    latest = around.latest
    if not running(course, around.as_of) or measured.qualifying_days < criteria.duration.qualifying_days:
        return None
    if latest is None or latest.total < around.scales[latest.scale].moderate:
        return None
    return Ending(outcome=Outcome.FAILED_INFERRED, basis="still-ill", latest=latest)


def running(course: Course, as_of: date) -> bool:
    """Whether the supply lasts up to the evaluation day."""
    return course.supply_to is not None and course.supply_to >= as_of.toordinal() - 1


def _switch(course: Course, measured: Measure, around: Surroundings, criteria: Criteria) -> Start | None:
    """A drug begun after the trial was long enough, or soon after its end."""
    if course.end is None:
        return None
    enough = nth_day(measured.qualifying, criteria.duration.qualifying_days)
    window_end = course.end + criteria.outcome.switch_days
    fitting = [
        start
        for start in around.starts
        if _is_other(course, start)
        and (
            course.end <= start.day <= window_end or (enough is not None and enough < start.day < course.end)
        )
    ]
    return min(fitting, key=lambda start: start.day, default=None)

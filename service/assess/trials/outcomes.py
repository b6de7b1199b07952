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
    """A drug that came into use on `day` for the depression, and may end or change another trial.

    `together` are the drugs of the combined step that it began with, if any.
    """

    ingredient: str
    day: int
    references: frozenset[str]
    together: frozenset[str] = frozenset()


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
    late = () if changes else _late_changes(course, measured, around, rule)
    if kind is StopKind.NO_EFFECT and rule.measured_only and changes:
        return _measured(_changes_while_taken(course, measured, around, rule) or changes, rule)
    if kind in (StopKind.NO_EFFECT, StopKind.RESPONDED):
        return _documented(kind, stop, (*changes, *_no_better(late, rule)), rule)
    if changes:
        return _measured(changes, rule)
    if late:
        return _after_addition(late, rule)
    if kind is StopKind.UNRELATED:
        return Ending(outcome=Outcome.UNKNOWN, basis="stopped-unrelated", stop=stop)
    return _inferred(course, measured, around, criteria)


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
        and (e.start or e.reference in linked or not running(course, as_of, 0))
        and not (e.source is Source.ORDER and e.start and e.start.last < max(ordered))
    ]
    latest = max(stated, key=lambda e: (e.start.last if e.start else date.min, e.reference), default=None)
    return latest.stopped_for if latest else None


def _documented(
    kind: StopKind | None, stop: StopReason | None, changes: Sequence[Change], rule: OutcomeRule
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


def _measured(changes: Sequence[Change], rule: OutcomeRule) -> Ending:
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


def _after_addition(late: Sequence[Change], rule: OutcomeRule) -> Ending:
    """Measured only after another drug was added: no response to both is none to the first."""
    least = min(late, key=lambda change: change.fall)
    if len(_no_better(late, rule)) == len(late):
        return Ending(outcome=Outcome.FAILED_DOCUMENTED, basis="score-failed-both", change=least)
    return Ending(outcome=Outcome.UNKNOWN, basis="after-addition", change=least)


def _no_better(changes: Sequence[Change], rule: OutcomeRule) -> tuple[Change, ...]:
    return tuple(change for change in changes if change.fall < rule.partial_response)


def _changes(
    course: Course, measured: Measure, around: Surroundings, rule: OutcomeRule
) -> tuple[Change, ...]:
    """The changes of all scales up to the endpoint that belongs to this trial alone."""
    window = _endpoint_window(course, measured, around, rule)
    return _changes_within(window, course, around, rule) if window else ()


def _changes_while_taken(
    course: Course, measured: Measure, around: Surroundings, rule: OutcomeRule
) -> tuple[Change, ...]:
    """The changes up to the end of the course: what was known when a reason for ending it was written."""
    window = _endpoint_window(course, measured, around, rule)
    if window is None or course.end is None:
        return ()
    return _changes_within((window[0], min(window[1], course.end)), course, around, rule)


def _late_changes(
    course: Course, measured: Measure, around: Surroundings, rule: OutcomeRule
) -> tuple[Change, ...]:
    """The changes of all scales under this trial and what was added during it."""
    first = _endpoint_from(measured, rule)
    added = _first_other(course, around.starts)
    if first is None or course.end is None or added is None or added.day > course.end:
        return ()
    return _changes_within((first, course.end + rule.endpoint_after_days), course, around, rule)


def _endpoint_window(
    course: Course, measured: Measure, around: Surroundings, rule: OutcomeRule
) -> tuple[int, int] | None:
    """The days of a score that tells how this trial alone ended."""
    first = _endpoint_from(measured, rule)
    if first is None or course.end is None:
        return None
    last = course.end + rule.endpoint_after_days
    other = _first_other(course, around.starts)
    return first, min(last, other.day + rule.endpoint_after_switch_days) if other else last


def _endpoint_from(measured: Measure, rule: OutcomeRule) -> int | None:
    qualifying = nth_day(measured.qualifying, rule.endpoint_from_day)
    return qualifying or nth_day(measured.accepted, rule.endpoint_from_day)


def _changes_within(
    window: tuple[int, int], course: Course, around: Surroundings, rule: OutcomeRule
) -> tuple[Change, ...]:
    scales = sorted({score.scale for score in around.scores})
    found = (_change(window, course, around, rule, scale) for scale in scales)
    return tuple(change for change in found if change)


def _change(
    window: tuple[int, int], course: Course, around: Surroundings, rule: OutcomeRule, scale: str
) -> Change | None:
    if course.start is None:
        return None
    begun = course.start
    baseline = _last(around, scale, begun - rule.baseline_before_days, begun + rule.baseline_after_days)
    endpoint = _last(around, scale, *window)
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


def _inferred(course: Course, measured: Measure, around: Surroundings, criteria: Criteria) -> Ending:
    """What another drug, or illness under a course that still runs, says for want of scores."""
    switch = _switch(course, measured, around, criteria)
    unread = _unread_endpoint(course, measured, around, criteria.outcome)
    if switch and not unread:
        return Ending(outcome=Outcome.FAILED_INFERRED, basis="switched", switch=switch)
    latest = _ill_now(course, measured, around, criteria)
    if latest and not any(when.last > latest.when.last for when in unread):
        return Ending(outcome=Outcome.FAILED_INFERRED, basis="still-ill", latest=latest)
    return Ending(outcome=Outcome.UNKNOWN, basis="score-unreadable" if unread else "no-outcome")


def _unread_endpoint(
    course: Course, measured: Measure, around: Surroundings, rule: OutcomeRule
) -> tuple[When, ...]:
    """The days of scores that could not be read and may tell how this course ended."""
    window = _endpoint_window(course, measured, around, rule)
    if window is None:
        return ()
    first, last = window
    return tuple(
        when
        for when in around.unread_scores
        if when and first <= when.last.toordinal() and when.first.toordinal() <= last
    )


def _ill_now(course: Course, measured: Measure, around: Surroundings, criteria: Criteria) -> Score | None:
    """The latest score, when it shows illness under a long enough course that still runs."""
    latest, since = around.latest, nth_day(measured.qualifying, criteria.outcome.endpoint_from_day)
    if latest is None or since is None or latest.when.first.toordinal() < since:
        return None
    long_enough = measured.qualifying_days >= criteria.duration.qualifying_days
    if not long_enough or not running(course, around.as_of, criteria.current.running_gap_days):
        return None
    return latest if latest.total >= around.scales[latest.scale].moderate else None


def running(course: Course, as_of: date, gap_days: int) -> bool:
    """Whether the supply lasts, or ended at most `gap_days` ago and nothing says that the course ended."""
    if course.supply_to is None:
        return False
    today = as_of.toordinal()
    if course.supply_to >= today - 1:
        return True
    return today - course.supply_to <= gap_days and not _ended(course)


def _ended(course: Course) -> bool:
    """Whether the latest order or statement says that the course is over, or a reason for that is given."""
    said = [e for e in course.exposures if e.source in (Source.ORDER, Source.STATEMENT)]
    if not said:
        return any(e.stopped_for for e in course.exposures)
    latest = max(said, key=lambda e: (e.start.last if e.start else date.min, e.status == "active"))
    return latest.status != "active" or latest.end is not None


def _switch(course: Course, measured: Measure, around: Surroundings, criteria: Criteria) -> Start | None:
    """A drug begun late in a trial that was long enough, or soon after its end."""
    if course.end is None:
        return None
    rule = criteria.outcome
    enough = measured.qualifying_days >= criteria.duration.qualifying_days
    early = nth_day(measured.qualifying, rule.switch_from_day) if enough else None
    fitting = [
        start
        for start in around.starts
        if _is_other(course, start)
        and (
            course.end <= start.day <= course.end + rule.switch_days
            or (early is not None and early <= start.day < course.end)
        )
    ]
    return min(fitting, key=lambda start: start.day, default=None)

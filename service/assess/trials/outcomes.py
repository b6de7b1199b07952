"""How a course ended: documented, measured, inferred or unknown (clinical rule 7.2 step 10)."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate, islice

from msgspec import Struct

from mappings.criteria import Criteria, OutcomeRule
from mappings.severity import Scale
from service.assess.trials.courses import Course
from service.assess.trials.measure import Measure, nth_day
from service.clinical.assessment import Outcome
from service.clinical.facts import Score, SourceKind, StopKind, StopReason
from service.clinical.partial_date import PartialDate


class Start(Struct, frozen=True, kw_only=True, gc=False):
    """A drug that came into use on `day` for the depression, and may end or change another trial.

    `together` are the drugs of the combined step that it began with, if any.
    """

    ingredient: str
    day: int
    references: frozenset[str]
    together: frozenset[str] = frozenset()


Placed = tuple[int, Start]
"""A start with its place among all."""


class ScoreChange(Struct, frozen=True, kw_only=True, gc=False):
    """Baseline and endpoint of one scale; `fall` is the improvement as a fraction of the baseline."""

    baseline: Score
    endpoint: Score

    @property
    def fall(self) -> float:
        """Improvement as a fraction of the baseline."""
        return (self.baseline.total - self.endpoint.total) / self.baseline.total


class Ending(Struct, frozen=True, kw_only=True, gc=False):
    """The outcome with what it rests on; `basis` names a template of `findings.toml`."""

    outcome: Outcome
    basis: str
    change: ScoreChange | None = None
    stop: StopReason | None = None
    switch: Start | None = None
    latest: Score | None = None

    @property
    def failed(self) -> bool:
        """Whether the treatment failed by the profile's definition."""
        return self.outcome in (Outcome.FAILED_DOCUMENTED, Outcome.FAILED_INFERRED) or (
            self.outcome is Outcome.PARTIAL and self.basis != "partial-not-failed"
        )


@dataclass(frozen=True, kw_only=True)
class OutcomeContext:
    """What the record holds around a course: the other drugs' starts, the scores and the present.

    It is looked up in order of time: to go through it for each course would cost the square of the record.
    """

    starts: Sequence[Start]
    scores: Sequence[Score]
    scores_not_read: Sequence[PartialDate | None]
    latest: Score | None
    scales: Mapping[str, Scale]
    as_of: date

    @cached_property
    def starts_by_drug(self) -> Mapping[tuple[str, frozenset[str]], Sequence[Placed]]:
        """The starts of each drug, alone or in a combined step, in order of time."""
        found: dict[tuple[str, frozenset[str]], list[Placed]] = {}
        for place, start in sorted(enumerate(self.starts), key=lambda placed: placed[1].day):
            found.setdefault((start.ingredient, start.together), []).append((place, start))
        return found

    @cached_property
    def scores_by_scale(self) -> Mapping[str, Sequence[Score]]:
        """The scores of each scale of which the day is known, in order of time, each moment once."""
        found: dict[str, dict[tuple[date, float, float], Score]] = {}
        for score in self.scores:
            if score.when.exact:
                moment = (score.when.first, score.when.instant or 0.0, score.total)
                found.setdefault(score.scale, {}).setdefault(moment, score)
        return {scale: [found[scale][moment] for moment in sorted(found[scale])] for scale in sorted(found)}

    @cached_property
    def unreadable_days(self) -> tuple[Sequence[date], Sequence[date]]:
        """The first days of unreadable scores, in order, and the latest last day up to each."""
        dated = sorted((when.first, when.last) for when in self.scores_not_read if when)
        return [first for first, _ in dated], list(accumulate((last for _, last in dated), max))


def ending(
    course: Course,
    measured: Measure,
    around: OutcomeContext,
    criteria: Criteria,
    step: frozenset[str] = frozenset(),
) -> Ending:
    """Return how `course` ended: the first of the rules 10 (a) to (e) that applies.

    A partner of its own combined `step` does not end or change a course, nor the same step begun again.
    """
    others = _Others(course, around, step)
    rule = criteria.outcome
    needed = criteria.duration.qualifying_days
    adequate = measured.qualifying_days >= needed
    stop = _stop(course, around.as_of)
    kind = stop.kind if stop else None
    if kind is StopKind.ADVERSE_EFFECT and not adequate:
        return Ending(outcome=Outcome.INTOLERANCE, basis="stopped-intolerance", stop=stop)
    changes = _changes(others, measured, rule)
    late = () if changes else _late_changes(others, measured, rule)
    if kind is StopKind.NO_EFFECT and rule.measured_only and changes:
        return _measured(_changes_while_taken(others, measured, rule) or changes, rule)
    if kind in (StopKind.NO_EFFECT, StopKind.RESPONDED):
        return _documented(kind, stop, (*changes, *_no_better(late, rule)), rule)
    if changes:
        return _measured(changes, rule)
    if late:
        return _after_addition(late, rule)
    if kind is StopKind.UNRELATED:
        return Ending(outcome=Outcome.UNKNOWN, basis="stopped-unrelated", stop=stop)
    return _inferred(others, measured, criteria)


def _stop(course: Course, as_of: date) -> StopReason | None:
    """Return the latest understood reason why the course was stopped.

    A reason given for an earlier order of a course that went on is about that order alone (a change of
    dose, say). What was stopped at an unknown time, and is not linked to this course, is not a course
    that still runs.
    """
    ordered = [e.start.last for e in course.exposures if e.source is SourceKind.ORDER and e.start]
    linked = {e.order for e in course.exposures}
    stated = [
        e
        for e in course.exposures
        if e.stopped_for
        and e.stopped_for.kind is not StopKind.UNCLEAR
        and (e.start or e.reference in linked or not running(course, as_of, 0))
        and not (e.source is SourceKind.ORDER and e.start and e.start.last < max(ordered))
    ]
    latest = max(stated, key=lambda e: (e.start.last if e.start else date.min, e.reference), default=None)
    return latest.stopped_for if latest else None


def _documented(
    kind: StopKind | None, stop: StopReason | None, changes: Sequence[ScoreChange], rule: OutcomeRule
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


def _measured(changes: Sequence[ScoreChange], rule: OutcomeRule) -> Ending:
    """Return the measured ending, by the scale with the smallest improvement unless scales disagree."""
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


def _after_addition(late: Sequence[ScoreChange], rule: OutcomeRule) -> Ending:
    """Return an ending measured after an addition: no response to both is none to the first."""
    least = min(late, key=lambda change: change.fall)
    if len(_no_better(late, rule)) == len(late):
        return Ending(outcome=Outcome.FAILED_DOCUMENTED, basis="score-failed-both", change=least)
    return Ending(outcome=Outcome.UNKNOWN, basis="after-addition", change=least)


def _no_better(changes: Sequence[ScoreChange], rule: OutcomeRule) -> tuple[ScoreChange, ...]:
    return tuple(change for change in changes if change.fall < rule.partial_response)


def _changes(others: "_Others", measured: Measure, rule: OutcomeRule) -> tuple[ScoreChange, ...]:
    """Return the changes of all scales up to the endpoint that belongs to this trial alone."""
    window = _endpoint_window(others, measured, rule)
    return _changes_within(window, others, rule) if window else ()


def _changes_while_taken(others: "_Others", measured: Measure, rule: OutcomeRule) -> tuple[ScoreChange, ...]:
    """Return the changes up to the end of the course, as known when its stop was recorded."""
    window, end = _endpoint_window(others, measured, rule), others.course.end
    if window is None or end is None:
        return ()
    return _changes_within((window[0], min(window[1], end)), others, rule)


def _late_changes(others: "_Others", measured: Measure, rule: OutcomeRule) -> tuple[ScoreChange, ...]:
    """Return the changes of all scales under this trial and what was added during it."""
    first, end = _endpoint_from(measured, rule), others.course.end
    added = others.first
    if first is None or end is None or added is None or added.day > end:
        return ()
    return _changes_within((first, end + rule.endpoint_after_days), others, rule)


def _endpoint_window(others: "_Others", measured: Measure, rule: OutcomeRule) -> tuple[int, int] | None:
    """Return the days on which a score shows how this trial alone ended."""
    first, end = _endpoint_from(measured, rule), others.course.end
    if first is None or end is None:
        return None
    last = end + rule.endpoint_after_days
    other = others.first
    return first, min(last, other.day + rule.endpoint_after_switch_days) if other else last


def _endpoint_from(measured: Measure, rule: OutcomeRule) -> int | None:
    qualifying = nth_day(measured.qualifying, rule.endpoint_from_day)
    return qualifying or nth_day(measured.accepted, rule.endpoint_from_day)


def _changes_within(window: tuple[int, int], others: "_Others", rule: OutcomeRule) -> tuple[ScoreChange, ...]:
    begun = others.course.start
    if begun is None:
        return ()
    before = (begun - rule.baseline_before_days, begun + rule.baseline_after_days)
    listed = others.around.scores_by_scale.values()
    found = (_change(_last(scores, *before), _last(scores, *window)) for scores in listed)
    return tuple(change for change in found if change)


def _change(baseline: Score | None, endpoint: Score | None) -> ScoreChange | None:
    if baseline is None or endpoint is None or baseline.total <= 0:
        return None
    return ScoreChange(baseline=baseline, endpoint=endpoint)


def _last(scores: Sequence[Score], first: int, last: int) -> Score | None:
    """Return the last of the scores, which are in order of time, on the days from `first` to `last`."""
    place = bisect_right(scores, last, key=lambda score: score.when.first.toordinal()) - 1
    return scores[place] if place >= 0 and scores[place].when.first.toordinal() >= first else None


@dataclass(frozen=True)
class _Others:
    """The other drugs of a record, as seen from one course; `step` are those combined with it."""

    course: Course
    around: OutcomeContext
    step: frozenset[str]

    @cached_property
    def first(self) -> Start | None:
        """The first other drug begun after the course."""
        return None if self.course.start is None else self.between(self.course.start + 1, None)

    def between(self, first: int, last: int | None) -> Start | None:
        """Return the first drug begun on the days from `first` on, up to `last`, if there is a last.

        It began after the course and is not another part of the course's own product.
        """
        if self.course.start is None:
            return None
        begun = max(first, self.course.start + 1)
        found = [
            placed
            for (ingredient, together), starts in self.around.starts_by_drug.items()
            if ingredient != self.course.ingredient
            and not (ingredient in self.step and self.step <= together)
            and (placed := self._next(starts, begun))
            and (last is None or placed[1].day <= last)
        ]
        earliest = min(found, key=lambda placed: (placed[1].day, placed[0]), default=None)
        return earliest[1] if earliest else None

    def _next(self, starts: Sequence[Placed], day: int) -> Placed | None:
        later = islice(starts, bisect_left(starts, day, key=lambda placed: placed[1].day), None)
        return next((placed for placed in later if placed[1].references.isdisjoint(self._references)), None)

    @cached_property
    def _references(self) -> frozenset[str]:
        return frozenset(exposure.reference for exposure in self.course.exposures)


def _inferred(others: _Others, measured: Measure, criteria: Criteria) -> Ending:
    """Return the ending inferred without scores, from another drug or from illness under the course."""
    switch = _switch(others, measured, criteria)
    unreadable = _unreadable_until(others, measured, criteria.outcome)
    if switch and not unreadable:
        return Ending(outcome=Outcome.FAILED_INFERRED, basis="switched", switch=switch)
    latest = _ill_now(others.course, measured, others.around, criteria)
    if latest and not (unreadable and unreadable > latest.when.last):
        return Ending(outcome=Outcome.FAILED_INFERRED, basis="still-ill", latest=latest)
    return Ending(outcome=Outcome.UNKNOWN, basis="score-unreadable" if unreadable else "no-outcome")


def _unreadable_until(others: _Others, measured: Measure, rule: OutcomeRule) -> date | None:
    """Return the last day of the unreadable scores that may show how this course ended."""
    window = _endpoint_window(others, measured, rule)
    if window is None:
        return None
    firsts, lasts = others.around.unreadable_days
    place = bisect_right(firsts, window[1], key=date.toordinal) - 1
    return lasts[place] if place >= 0 and lasts[place].toordinal() >= window[0] else None


def _ill_now(course: Course, measured: Measure, around: OutcomeContext, criteria: Criteria) -> Score | None:
    """Return the latest score if it shows illness under a long enough, running course."""
    latest, since = around.latest, nth_day(measured.qualifying, criteria.outcome.endpoint_from_day)
    if latest is None or since is None or latest.when.first.toordinal() < since:
        return None
    long_enough = measured.qualifying_days >= criteria.duration.qualifying_days
    if not long_enough or not running(course, around.as_of, criteria.current.running_gap_days):
        return None
    return latest if latest.total >= around.scales[latest.scale].moderate else None


def running(course: Course, as_of: date, gap_days: int) -> bool:
    """Tell whether the supply lasts, or ended at most `gap_days` ago and nothing ended the course."""
    if course.supply_to is None:
        return False
    today = as_of.toordinal()
    if course.supply_to >= today - 1:
        return True
    return today - course.supply_to <= gap_days and not _ended(course)


def _ended(course: Course) -> bool:
    """Tell whether the latest order or statement says that the course is over, or why it is."""
    stated = [e for e in course.exposures if e.source in (SourceKind.ORDER, SourceKind.STATEMENT)]
    if not stated:
        return any(e.stopped_for for e in course.exposures)
    latest = max(stated, key=lambda e: (e.start.last if e.start else date.min, e.status == "active"))
    return latest.status != "active" or latest.end is not None


def _switch(others: _Others, measured: Measure, criteria: Criteria) -> Start | None:
    """Return a drug begun late in a long enough trial, or soon after its end."""
    end = others.course.end
    if end is None:
        return None
    rule = criteria.outcome
    enough = measured.qualifying_days >= criteria.duration.qualifying_days
    early = nth_day(measured.qualifying, rule.switch_from_day) if enough else None
    # The days before the end and those after it adjoin; without the former it begins at the end.
    return others.between(end if early is None else min(early, end), end + rule.switch_days)

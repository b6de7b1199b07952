"""From judged courses to the trial ledger and its counts (clinical rules 7.2 steps 8, 11 and 13)."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from mappings.findings import Findings
from service.assess.trials.context import TrialContext
from service.assess.trials.doses import DoseLimits
from service.assess.trials.examined import ExaminedCourse, stated_limits
from service.assess.trials.measure import measure, shown_dose
from service.assess.trials.outcomes import running
from service.assess.trials.remarks import basis, notes
from service.assess.trials.steps import days_in_a_row, dose_steps
from service.assess.trials.treated import Treatment, treatment
from service.assess.trials.verdicts import OUTSIDE, Verdict, in_doubt, verdict
from service.clinical.assessment import Counts, Episode, Outcome, Shortfall, Trial, TrialStatus

# Of several courses of one drug the best is its trial.
_BEST = {TrialStatus.COUNTED: 2, TrialStatus.POSSIBLE: 1, TrialStatus.NOT_COUNTED: 0}


class JudgedCourse(Struct, frozen=True, gc=False):
    """A course with its verdict in the current episode, and whether it counts over the lifetime.

    `since` is the day from which its days were counted.
    """

    examined: ExaminedCourse
    verdict: Verdict
    ever: bool
    since: int = 0


def judged(
    found: Sequence[ExaminedCourse], episode: Episode, context: TrialContext
) -> tuple[JudgedCourse, ...]:
    """Return the verdict on every course, one trial for each ingredient."""
    treated = treatment(found, context.criteria.episode.untreated_days)
    return _best_of_each([_judge(examined, episode, treated, context) for examined in found])


def _judge(
    examined: ExaminedCourse, episode: Episode, treated: Treatment, context: TrialContext
) -> JudgedCourse:
    own = verdict(examined, context)
    ever = own.status is TrialStatus.COUNTED
    end, start = _window_end(examined), episode.start.toordinal()
    if own.status is TrialStatus.NOT_COUNTED or not examined.course.determined:
        return JudgedCourse(examined, own, ever, start if end >= start else 0)
    earliest = (episode.illness_since or episode.start).toordinal()
    certain_from = episode.latest_start.toordinal()
    today = context.as_of.toordinal()
    if end < earliest or (
        end < certain_from and treated.broke_off(end, today if episode.inferred else certain_from)
    ):
        return JudgedCourse(examined, OUTSIDE, ever)
    at_best = verdict(examined, context, since=earliest)
    if end < certain_from or (episode.inferred and treated.broke_off(end, today)):
        return JudgedCourse(examined, in_doubt(at_best), ever, earliest)
    certain = verdict(examined, context, since=certain_from)
    if _as_long(certain, at_best):
        return JudgedCourse(examined, certain, ever, certain_from)
    # Days before the certain start would make it longer: long enough, or at least a possible trial.
    doubtful = at_best if Shortfall.P_DUR in at_best.shortfalls else in_doubt(at_best)
    return JudgedCourse(examined, doubtful, ever, earliest)


def _as_long(certain: Verdict, at_best: Verdict) -> bool:
    """Tell whether the certain days alone give the same verdict as all possible days of the episode."""
    return certain.status is at_best.status and set(certain.shortfalls) == set(at_best.shortfalls)


def _window_end(examined: ExaminedCourse) -> int:
    runs = examined.whole.qualifying or examined.whole.accepted
    return runs[-1][1] if runs else (examined.course.end or examined.course.start or 0)


def _best_of_each(found: Sequence[JudgedCourse]) -> tuple[JudgedCourse, ...]:
    """Return the courses, all but the best of each ingredient marked as a repeat."""
    best: dict[str, JudgedCourse] = {}
    for judgement in found:
        other = best.get(judgement.examined.course.ingredient)
        if other is None or _rank(judgement) > _rank(other):
            best[judgement.examined.course.ingredient] = judgement
    again = Verdict(status=TrialStatus.NOT_COUNTED, shortfalls=(Shortfall.SAME_INGREDIENT,))
    return tuple(
        replace(judgement, verdict=again)
        if judgement.verdict.status is not TrialStatus.NOT_COUNTED
        and judgement is not best[judgement.examined.course.ingredient]
        else judgement
        for judgement in found
    )


def _rank(judgement: JudgedCourse) -> tuple[int, int, int]:
    examined = judgement.examined
    return _BEST[judgement.verdict.status], examined.whole.qualifying_days, examined.course.start or 0


def counts(found: Sequence[JudgedCourse], augmentations: int) -> Counts:
    """Return the counts of the current episode, and of distinct ingredients over the lifetime."""
    counted = [j.examined for j in found if j.verdict.status is TrialStatus.COUNTED]
    possible = {j.examined.course.ingredient for j in found if j.verdict.status is TrialStatus.POSSIBLE}
    return Counts(
        counted=len(counted),
        possible=len(possible - {examined.course.ingredient for examined in counted}),
        lifetime=len({j.examined.course.ingredient for j in found if j.ever}),
        classes=len({examined.drug.drug_class for examined in counted}),
        augmentations=augmentations,
    )


def trial(judgement: JudgedCourse, findings: Findings, context: TrialContext) -> Trial:
    """Return the ledger entry of one course."""
    examined, course = judgement.examined, judgement.examined.course
    days = context.criteria.duration.shown_dose_days
    daily_mg, limits = shown_dose(course, examined.whole, examined.limits_of, days)
    limits = limits or stated_limits(examined)
    determined = course.determined
    measured = measure(course, examined.limits_of, judgement.since) if judgement.since else examined.whole
    # How it ended says nothing about a use that can never be a trial.
    ended = examined.ending if examined.exclusion is None else None
    return Trial(
        ingredient=course.ingredient,
        drug_class=examined.drug.drug_class,
        start=_day(course.start),
        end=_day(course.end),
        running=running(course, context.as_of, context.criteria.current.running_gap_days),
        covered_days=course.covered_days if determined else None,
        qualifying_days=measured.qualifying_days if determined else None,
        daily_mg=daily_mg,
        minimum_mg=limits.minimum,
        status=judgement.verdict.status,
        reason=judgement.verdict.reason,
        shortfalls=judgement.verdict.shortfalls,
        outcome=ended.outcome if ended else Outcome.UNKNOWN,
        basis=basis(ended, findings) if ended else "",
        witnesses=tuple(sorted({exposure.source for exposure in course.exposures})),
        evidence=_evidence(examined),
        notes=notes(examined, judgement.verdict, _because(limits, course.ingredient), findings, context),
        steps=dose_steps(course.spans, lambda span: examined.limits_of(span).minimum),
        qualifying=days_in_a_row(measured.qualifying),
        ever=judgement.ever,
    )


def _because(limits: DoseLimits, ingredient: str) -> tuple[str, ...]:
    return tuple(f"{ingredient}: {reason}" for reason in limits.because)


def _evidence(examined: ExaminedCourse) -> tuple[str, ...]:
    scores: tuple[str, ...] = ()
    if examined.ending and examined.ending.change:
        scores = (examined.ending.change.baseline.reference, examined.ending.change.endpoint.reference)
    elif examined.ending and examined.ending.latest:
        scores = (examined.ending.latest.reference,)
    return tuple(dict.fromkeys((*(e.reference for e in examined.course.exposures), *scores)))


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)

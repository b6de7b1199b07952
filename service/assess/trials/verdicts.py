"""Whether a course counts as an adequate, failed trial, and what falls short (clinical rule 7.2)."""

from msgspec import Struct

from mappings.criteria import OutcomeRule
from service.assess.trials.context import TrialContext
from service.assess.trials.courses import Course, last_dose
from service.assess.trials.examined import ExaminedCourse, stated_limits
from service.assess.trials.exclusions import not_for_depression
from service.assess.trials.measure import RANK, Measure, length_shortfalls, measure
from service.assess.trials.outcomes import Ending
from service.clinical.assessment import Outcome, Shortfall, TrialStatus
from service.clinical.facts import SourceKind


class Verdict(Struct, frozen=True, kw_only=True, gc=False):
    """The status of a course, with all its shortfalls in order of rank."""

    status: TrialStatus
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def reason(self) -> Shortfall | None:
        """The shortfall of the first rank."""
        return self.shortfalls[0] if self.shortfalls else None


COUNTED = Verdict(status=TrialStatus.COUNTED)
OUTSIDE = Verdict(status=TrialStatus.NOT_COUNTED, shortfalls=(Shortfall.OUTSIDE_EPISODE,))


def verdict(examined: ExaminedCourse, context: TrialContext, since: int = 0) -> Verdict:
    """Judge a course on its own merits, counting only the days from `since` on."""
    if examined.exclusion is not None:
        return _not(examined.exclusion)
    if examined.step is not None and examined.step.drug != examined.course.ingredient:
        return _not(Shortfall.COMBINED_STEP)
    assert examined.ending is not None, "courses are judged after their endings are known"
    if examined.ending.outcome is Outcome.INTOLERANCE:
        return _not(Shortfall.INTOLERANCE)
    if not examined.course.determined:
        return _undetermined(examined, context)
    measured = examined.whole if since == 0 else measure(examined.course, examined.limits_of, since)
    length = length_shortfalls(measured, context.criteria)
    if length is None:
        return _not(_too_little(examined, measured, context))
    if examined.ending.outcome is Outcome.RESPONDED:
        return _not(Shortfall.RESPONDED)
    if examined.ending.basis == "partial-not-failed":
        return _not(Shortfall.ABOVE_CUT_OFF)
    shortfalls = {*length, *_other_shortfalls(examined, measured, context)}
    if not shows_failure(examined.ending, context.criteria.outcome):
        shortfalls.add(Shortfall.P_OUT)
    return _possible(shortfalls) if shortfalls else COUNTED


def in_doubt(verdict: Verdict) -> Verdict:
    """Return the verdict on a course that may or may not belong to the episode."""
    if verdict.status is TrialStatus.NOT_COUNTED:
        return verdict
    return _possible({*verdict.shortfalls, Shortfall.P_EPI})


def _undetermined(examined: ExaminedCourse, context: TrialContext) -> Verdict:
    """Return the verdict on use whose days cannot be counted, such as an order without supply."""
    if examined.ending is not None and examined.ending.outcome is Outcome.RESPONDED:
        return _not(Shortfall.RESPONDED)
    stated = last_dose(examined.course)
    reported = all(e.patient_reported or e.source is SourceKind.STATEMENT for e in examined.course.exposures)
    if reported and (stated is None or examined.course.start is None):
        by_patient = any(e.patient_reported for e in examined.course.exposures)
        if by_patient or (stated is None and examined.course.start is None):
            return Verdict(status=TrialStatus.POSSIBLE, shortfalls=(Shortfall.P_HX,))
    begun = min((e.start.first for e in examined.course.exposures if e.start), default=None)
    if begun and (context.as_of - begun).days < context.criteria.duration.borderline_days:
        return _not(Shortfall.IN_PROGRESS)
    if stated is not None and not stated_limits(examined).accepts(stated.daily_mg):
        return _not(Shortfall.SUBTHERAPEUTIC)
    shortfalls = {Shortfall.P_DUR, *_reason_shortfall(examined)}
    if stated is None or not stated_limits(examined).qualifies(stated.daily_mg):
        shortfalls.add(Shortfall.P_DOSE)
    if examined.ending is None or not shows_failure(examined.ending, context.criteria.outcome):
        shortfalls.add(Shortfall.P_OUT)
    return _undetermined_first(shortfalls)


def shows_failure(ending: Ending, rule: OutcomeRule) -> bool:
    """Tell whether the treatment failed by evidence that the profile accepts."""
    return ending.failed and not (rule.measured_only and ending.outcome is Outcome.FAILED_INFERRED)


def _undetermined_first(shortfalls: set[Shortfall]) -> Verdict:
    """Return the verdict with P-DUR first: without days nothing else can be settled."""
    rest = [shortfall for shortfall in RANK if shortfall in shortfalls and shortfall is not Shortfall.P_DUR]
    return Verdict(status=TrialStatus.POSSIBLE, shortfalls=(Shortfall.P_DUR, *rest))


def _too_little(examined: ExaminedCourse, measured: Measure, context: TrialContext) -> Shortfall:
    long_enough = examined.course.covered_days >= context.criteria.duration.borderline_days
    if long_enough and not measured.accepted and not examined.whole.accepted and not examined.whole.undosed:
        return Shortfall.SUBTHERAPEUTIC
    if still_going(examined.course, context):
        return Shortfall.IN_PROGRESS
    if not examined.whole.accepted and not examined.whole.undosed and examined.course.spans:
        return Shortfall.SUBTHERAPEUTIC
    return Shortfall.TOO_SHORT


def still_going(course: Course, context: TrialContext) -> bool:
    """Tell whether the supply reaches the evaluation day, or ended so recently that use may go on."""
    if course.supply_to is None:
        return False
    return context.as_of.toordinal() - course.supply_to <= context.criteria.current.running_gap_days


def _other_shortfalls(examined: ExaminedCourse, measured: Measure, context: TrialContext) -> set[Shortfall]:
    shortfalls = set(_reason_shortfall(examined))
    if poorly_supplied(examined, measured, context):
        shortfalls.add(Shortfall.P_ADH)
    return shortfalls


def _reason_shortfall(examined: ExaminedCourse) -> tuple[Shortfall, ...]:
    return (Shortfall.P_IND,) if not_for_depression(examined.course.exposures, examined.drug) else ()


def poorly_supplied(examined: ExaminedCourse, measured: Measure, context: TrialContext) -> bool:
    """Tell whether the supply, or recorded non-adherence, shows that the drug was not taken as ordered."""
    if any(exposure.non_adherent for exposure in examined.course.exposures):
        return True
    if examined.course.dispensed:
        return measured.adherence is not None and measured.adherence < context.criteria.duration.adherence
    return never_dispensed(examined.course, context)


def never_dispensed(course: Course, context: TrialContext) -> bool:
    """Tell whether others were dispensed while this one was only ordered: probably never taken."""
    ordered = all(exposure.source is SourceKind.ORDER for exposure in course.exposures)
    if not ordered or course.start is None or course.end is None:
        return False
    return context.dispenses.other_within(course.ingredient, course.start, course.end)


def _not(reason: Shortfall) -> Verdict:
    return Verdict(status=TrialStatus.NOT_COUNTED, shortfalls=(reason,))


def _possible(shortfalls: set[Shortfall]) -> Verdict:
    ranked = tuple(shortfall for shortfall in RANK if shortfall in shortfalls)
    return Verdict(status=TrialStatus.POSSIBLE, shortfalls=ranked)

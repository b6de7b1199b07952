"""Whether a course counts as an adequate, failed trial, and what falls short (clinical rule 7.2)."""

from dataclasses import dataclass

from mappings.criteria import OutcomeRule
from service.assess.trials.courses import Course, last_dose
from service.assess.trials.examined import Examined, stated_limits
from service.assess.trials.exclusions import not_for_depression
from service.assess.trials.frame import Frame
from service.assess.trials.measure import RANK, Measure, length_shortfalls, measure
from service.assess.trials.outcomes import Ending
from service.clinical.assessment import Outcome, Shortfall, TrialStatus
from service.clinical.facts import SourceKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a course counts as, with all its shortfalls, the first in rank first."""

    status: TrialStatus
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def reason(self) -> Shortfall | None:
        """The shortfall that is named first."""
        return self.shortfalls[0] if self.shortfalls else None


COUNTED = Verdict(status=TrialStatus.COUNTED)
OUTSIDE = Verdict(status=TrialStatus.NOT_COUNTED, shortfalls=(Shortfall.OUTSIDE_EPISODE,))


def verdict(one: Examined, frame: Frame, since: int = 0) -> Verdict:
    """Judge a course on its own merits, counting only the days from `since` on."""
    if one.exclusion is not None:
        return _not(one.exclusion)
    if one.step is not None and one.step.drug != one.course.ingredient:
        return _not(Shortfall.COMBINED_STEP)
    assert one.ending is not None, "courses are judged after their endings are known"
    if one.ending.outcome is Outcome.INTOLERANCE:
        return _not(Shortfall.INTOLERANCE)
    if not one.course.determined:
        return _undetermined(one, frame)
    measured = one.whole if since == 0 else measure(one.course, one.limits_of, since)
    length = length_shortfalls(measured, frame.criteria)
    if length is None:
        return _not(_too_little(one, measured, frame))
    if one.ending.outcome is Outcome.RESPONDED:
        return _not(Shortfall.RESPONDED)
    if one.ending.basis == "partial-not-failed":
        return _not(Shortfall.ABOVE_CUT_OFF)
    shortfalls = {*length, *_other_shortfalls(one, measured, frame)}
    if not shows_failure(one.ending, frame.criteria.outcome):
        shortfalls.add(Shortfall.P_OUT)
    return _possible(shortfalls) if shortfalls else COUNTED


def in_doubt(verdict: Verdict) -> Verdict:
    """A trial that would count, or might, of which it is not known whether it belongs to the episode."""
    if verdict.status is TrialStatus.NOT_COUNTED:
        return verdict
    return _possible({*verdict.shortfalls, Shortfall.P_EPI})


def _undetermined(one: Examined, frame: Frame) -> Verdict:
    """Use whose days cannot be counted: patient-reported, undated, or an order without supply or end."""
    if one.ending is not None and one.ending.outcome is Outcome.RESPONDED:
        return _not(Shortfall.RESPONDED)
    stated = last_dose(one.course)
    reported = all(e.patient_reported or e.source is SourceKind.STATEMENT for e in one.course.exposures)
    if reported and (stated is None or one.course.start is None):
        by_patient = any(e.patient_reported for e in one.course.exposures)
        if by_patient or (stated is None and one.course.start is None):
            return Verdict(status=TrialStatus.POSSIBLE, shortfalls=(Shortfall.P_HX,))
    begun = min((e.start.first for e in one.course.exposures if e.start), default=None)
    if begun and (frame.as_of - begun).days < frame.criteria.duration.borderline_days:
        return _not(Shortfall.IN_PROGRESS)
    if stated is not None and not stated_limits(one).accepts(stated.daily_mg):
        return _not(Shortfall.SUBTHERAPEUTIC)
    shortfalls = {Shortfall.P_DUR, *_reason_shortfall(one)}
    if stated is None or not stated_limits(one).qualifies(stated.daily_mg):
        shortfalls.add(Shortfall.P_DOSE)
    if one.ending is None or not shows_failure(one.ending, frame.criteria.outcome):
        shortfalls.add(Shortfall.P_OUT)
    return _undetermined_first(shortfalls)


def shows_failure(ending: Ending, rule: OutcomeRule) -> bool:
    """Tell whether the treatment failed, and this profile accepts how that is known."""
    return ending.failed and not (rule.measured_only and ending.outcome is Outcome.FAILED_INFERRED)


def _undetermined_first(shortfalls: set[Shortfall]) -> Verdict:
    """Without days nothing else can be settled: P-DUR is what is named."""
    rest = [one for one in RANK if one in shortfalls and one is not Shortfall.P_DUR]
    return Verdict(status=TrialStatus.POSSIBLE, shortfalls=(Shortfall.P_DUR, *rest))


def _too_little(one: Examined, measured: Measure, frame: Frame) -> Shortfall:
    long_enough = one.course.covered_days >= frame.criteria.duration.borderline_days
    if long_enough and not measured.accepted and not one.whole.accepted and not one.whole.undosed:
        return Shortfall.SUBTHERAPEUTIC
    if still_going(one.course, frame):
        return Shortfall.IN_PROGRESS
    if not one.whole.accepted and not one.whole.undosed and one.course.spans:
        return Shortfall.SUBTHERAPEUTIC
    return Shortfall.TOO_SHORT


def still_going(course: Course, frame: Frame) -> bool:
    """Tell whether the supply reaches the evaluation day or ended so lately that the course may go on."""
    if course.supply_to is None:
        return False
    return frame.as_of.toordinal() - course.supply_to <= frame.criteria.current.running_gap_days


def _other_shortfalls(one: Examined, measured: Measure, frame: Frame) -> set[Shortfall]:
    shortfalls = set(_reason_shortfall(one))
    if poorly_supplied(one, measured, frame):
        shortfalls.add(Shortfall.P_ADH)
    return shortfalls


def _reason_shortfall(one: Examined) -> tuple[Shortfall, ...]:
    return (Shortfall.P_IND,) if not_for_depression(one.course.exposures, one.drug) else ()


def poorly_supplied(one: Examined, measured: Measure, frame: Frame) -> bool:
    """Tell whether supply or a recorded non-adherence says that the drug was not taken as ordered."""
    if any(exposure.non_adherent for exposure in one.course.exposures):
        return True
    if one.course.dispensed:
        return measured.adherence is not None and measured.adherence < frame.criteria.duration.adherence
    return never_dispensed(one.course, frame)


def never_dispensed(course: Course, frame: Frame) -> bool:
    """Other medicines were dispensed while this one was only ordered: probably never taken."""
    ordered = all(exposure.source is SourceKind.ORDER for exposure in course.exposures)
    if not ordered or course.start is None or course.end is None:
        return False
    return frame.dispenses.other_within(course.ingredient, course.start, course.end)


def _not(reason: Shortfall) -> Verdict:
    return Verdict(status=TrialStatus.NOT_COUNTED, shortfalls=(reason,))


def _possible(shortfalls: set[Shortfall]) -> Verdict:
    ranked = tuple(one for one in RANK if one in shortfalls)
    return Verdict(status=TrialStatus.POSSIBLE, shortfalls=ranked)

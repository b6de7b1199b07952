"""Earlier esketamine or ketamine: what was given, what was only ordered, and how it ended."""

from datetime import date

from mappings.flags import FlagTable
from service.assess.flags.prior_course import PriorUse, prior_courses, undated_uses
from service.assess.in_use import not_taken
from service.assess.treatment import NOT_GIVEN
from service.clinical.criteria import EarlierCourse
from service.clinical.facts import PatientFacts


def earlier_courses(facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[EarlierCourse, ...]:
    """Return the courses that began by `as_of`, then what is on record without a day."""
    never = {exposure.reference for exposure in facts.exposures if not_taken(exposure)}
    never |= {session.reference for session in facts.interventions if session.status in NOT_GIVEN}
    dated = (
        _course([use for use in course if use.reference not in never and use.start <= as_of])
        for course in prior_courses(facts, table)
    )
    undated = (
        EarlierCourse(drug=drug, evidence=(reference,))
        for drug, reference in undated_uses(facts, table)
        if reference not in never
    )
    return (*filter(None, dated), *undated)


def _course(uses: list[PriorUse]) -> EarlierCourse | None:
    if not uses:
        return None
    reasons = dict.fromkeys(use.reason for use in uses if use.reason)
    return EarlierCourse(
        drug=uses[0].drug,
        start=uses[0].start,
        end=max(use.end for use in uses),
        doses=len({use.start for use in uses if use.dose}),
        ordered=all(use.ordered for use in uses) and not reasons,
        reason=", ".join(reasons),
        evidence=tuple(dict.fromkeys(use.reference for use in uses)),
    )

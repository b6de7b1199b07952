"""From which dose a day of use counts, for this product and this patient (clinical rules 2, 2.1, 12, 13)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mappings.criteria import Criteria
from mappings.drugs import Adjustment, DoseEvidence, DoseRow, Drug, LowersDose
from mappings.terminology import Product
from service.assess.trials.courses import Course
from service.clinical.facts import Exposure, Lab, PatientFacts
from service.clinical.when import age_on

# Readings of a dose differ in the last binary digit (3 x 12.1 against 36.3 mg): not a clinical difference.
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Limits:
    """Doses in mg/day: from `minimum` a day qualifies, from `possible` it may."""

    minimum: float
    possible: float
    because: tuple[str, ...] = ()

    def qualifies(self, daily_mg: float | None) -> bool:
        """Whether a day on this dose is a qualifying day."""
        return daily_mg is not None and daily_mg >= self.minimum - TOLERANCE

    def accepts(self, daily_mg: float | None) -> bool:
        """Whether any cited source accepts this dose."""
        return daily_mg is not None and daily_mg >= self.possible - TOLERANCE


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseContext:
    """What the record says about one course that bears on the minimum dose."""

    age: int | None
    egfr: float | None
    child_pugh: str
    cyp2d6_inhibitor: str
    poor_metaboliser: bool


def limits(drug: Drug, product: Product, context: DoseContext, criteria: Criteria) -> Limits:
    """Return the dose limits of `drug` as this product in this patient, by one profile."""
    row, rule = _row(drug, product), criteria.dose
    applying = [
        a
        for a in drug.adjustment
        if _fits(a.forms, product.form)
        and _applies(a, context)
        and (rule.age_rule or a.when != LowersDose.AGE)
    ]
    stated = rule.minimum_mg.get(drug.ingredient, row.minimum_mg)
    minimum = min([stated, *(a.minimum_mg for a in applying if a.minimum_mg is not None)])
    accepted = [a.possible_mg for a in applying if a.possible_mg is not None]
    lowest = min([row.possible_mg or row.minimum_mg, *accepted])
    possible = min(lowest, minimum) if criteria.count.count_borderline_doses else minimum
    return Limits(minimum, possible, tuple(a.because for a in applying))


def _row(drug: Drug, product: Product) -> DoseRow:
    for row in drug.dose:
        if _fits(row.forms, product.form) and _fits(row.salts, product.salt):
            return row
    return drug.dose[-1]


def _fits(listed: Sequence[str], value: str) -> bool:
    return not listed or value in listed


def _applies(adjustment: Adjustment, context: DoseContext) -> bool:
    match adjustment.when:
        case LowersDose.AGE:
            return context.age is not None and context.age >= (adjustment.value or 0)
        case LowersDose.EGFR:
            lowest, highest = adjustment.at_least or 0, adjustment.value or 0
            return context.egfr is not None and lowest <= context.egfr < highest
        case LowersDose.CHILD_PUGH:
            return context.child_pugh in adjustment.classes
        case LowersDose.INHIBITOR:
            return bool(context.cyp2d6_inhibitor)
        case _:
            return context.poor_metaboliser


def dose_context(
    course: Course,
    facts: PatientFacts,
    evidence: DoseEvidence,
    egfr_days: int,
    child_pugh: re.Pattern[str],
) -> DoseContext:
    """Return what is on record about age, kidney, liver and CYP2D6 for this course.

    `child_pugh` finds the class in the stage of a problem.
    """
    return DoseContext(
        age=_age(course, facts),
        egfr=_egfr(course, facts.labs, evidence, egfr_days),
        child_pugh=_child_pugh(facts, evidence, child_pugh),
        cyp2d6_inhibitor=_inhibitor(course, facts.exposures, evidence),
        poor_metaboliser=any(
            words in problem.text.lower() for problem in facts.problems for words in evidence.poor_metaboliser
        ),
    )


def _age(course: Course, facts: PatientFacts) -> int | None:
    """Age at the start of the course; of an uncertain birth date the youngest age."""
    if facts.person is None or facts.person.born is None or course.start is None:
        return None
    return age_on(facts.person.born.last, date.fromordinal(course.start))


def _egfr(course: Course, labs: Sequence[Lab], evidence: DoseEvidence, egfr_days: int) -> float | None:
    end = course.end or course.start
    if end is None:
        return None
    near = [
        lab
        for lab in labs
        if lab.concept == evidence.egfr
        and lab.value is not None
        and 0 <= end - lab.when.last.toordinal() <= egfr_days
    ]
    return max(near, key=lambda lab: lab.when.last).value if near else None


def _child_pugh(facts: PatientFacts, evidence: DoseEvidence, pattern: re.Pattern[str]) -> str:
    """The latest class on record: measured, or the stage of a problem."""
    measured = [
        (lab.when.last, lab.answer.upper())
        for lab in facts.labs
        if lab.concept == evidence.child_pugh and lab.answer
    ]
    staged = [
        (problem.dated.last if problem.dated else date.min, named[1].upper())
        for problem in facts.problems
        if (named := pattern.search(problem.stage))
    ]
    return max((*measured, *staged), default=(date.min, ""))[1]


def _inhibitor(course: Course, exposures: Sequence[Exposure], evidence: DoseEvidence) -> str:
    """A strong CYP2D6 inhibitor, other than a part of the drug itself, running on the first day."""
    if course.start is None:
        return ""
    others = [
        e for e in exposures if e.ingredient != course.ingredient and evidence.inhibitors in e.product.groups
    ]
    return next((e.ingredient for e in others if _runs_on(e, course.start)), "")


def _runs_on(exposure: Exposure, day: int) -> bool:
    if exposure.start is None or exposure.start.last.toordinal() > day:
        return False
    if exposure.end is not None:
        return exposure.end.first.toordinal() >= day
    if exposure.supply_days is None:
        return exposure.status == "active"
    return exposure.start.last.toordinal() + exposure.supply_days * (1 + exposure.refills) > day

"""From which dose a day of use counts, for this product and this patient (clinical rules 2, 2.1, 12, 13)."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate

from msgspec import Struct

from mappings.criteria import Criteria
from mappings.drugs import Adjustment, DoseEvidence, DoseRow, Drug, LowersDose
from mappings.terminology import Product
from service.assess.trials.courses import Course
from service.clinical.facts import Exposure, PatientFacts
from service.clinical.partial_date import age_on

# Readings of a dose differ in the last binary digit (3 x 12.1 against 36.3 mg): not a clinical difference.
TOLERANCE = 1e-6


class DoseLimits(Struct, frozen=True, gc=False):
    """Doses in mg/day: from `minimum` a day qualifies, from `possible` it may."""

    minimum: float
    possible: float
    because: tuple[str, ...] = ()

    def qualifies(self, daily_mg: float | None) -> bool:
        """Tell whether a day on this dose is a qualifying day."""
        return daily_mg is not None and daily_mg >= self.minimum - TOLERANCE

    def accepts(self, daily_mg: float | None) -> bool:
        """Tell whether any cited source accepts this dose."""
        return daily_mg is not None and daily_mg >= self.possible - TOLERANCE


class DoseContext(Struct, frozen=True, kw_only=True, gc=False):
    """What the record says about one course that bears on the minimum dose."""

    age: int | None
    egfr: float | None
    child_pugh: str
    cyp2d6_inhibitor: str
    poor_metaboliser: bool


def limits(drug: Drug, product: Product, context: DoseContext, criteria: Criteria) -> DoseLimits:
    """Return the dose limits of `drug` as this product in this patient, by one profile."""
    row, rule = _row(drug, product), criteria.dose
    applying = [
        a
        for a in drug.adjustment
        if _fits(a.forms, product.form)
        and _applies(a, context)
        and (rule.age_rule or a.when != LowersDose.AGE)
    ]
    stated = rule.minimum_mg.get(drug.ingredient, row.minimum_mg) * rule.multiplier
    minimum = min([stated, *(a.minimum_mg for a in applying if a.minimum_mg is not None)])
    accepted = [a.possible_mg for a in applying if a.possible_mg is not None]
    lowest = min([row.possible_mg or row.minimum_mg, *accepted])
    possible = min(lowest, minimum) if criteria.count.count_borderline_doses else minimum
    return DoseLimits(minimum, possible, tuple(a.because for a in applying))


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


class DoseRecord(Struct, frozen=True, kw_only=True, gc=False):
    """What the record says about age, kidney, liver and CYP2D6, looked through once for all courses.

    `egfr` are the values by day, in order; `inhibitors` the days on which strong inhibitors were taken, by
    ingredient: the first days of use in order, and the last day of all use begun so far.
    """

    born: date | None
    egfr_on: Sequence[int]
    egfr: Sequence[float]
    child_pugh: str
    inhibitors: Mapping[str, tuple[Sequence[int], Sequence[int]]]
    poor_metaboliser: bool


def dose_record(facts: PatientFacts, evidence: DoseEvidence, child_pugh: re.Pattern[str]) -> DoseRecord:
    """Return what may lower a minimum dose: age, kidney, liver and CYP2D6.

    `child_pugh` finds the class in the stage of a problem. Of an uncertain birth date the last day counts.
    """
    egfr: dict[int, float] = {}
    for lab in facts.labs:
        if lab.concept == evidence.egfr and lab.value is not None:
            egfr.setdefault(lab.when.last.toordinal(), lab.value)
    days = sorted(egfr)
    return DoseRecord(
        born=facts.person.born.last if facts.person and facts.person.born else None,
        egfr_on=days,
        egfr=[egfr[day] for day in days],
        child_pugh=_child_pugh(facts, evidence, child_pugh),
        inhibitors=_inhibitors(facts.exposures, evidence),
        poor_metaboliser=any(
            words in problem.text.lower() for problem in facts.problems for words in evidence.poor_metaboliser
        ),
    )


def dose_context(course: Course, record: DoseRecord, egfr_days: int) -> DoseContext:
    """Return what is on record about age, kidney, liver and CYP2D6 for this course."""
    return DoseContext(
        age=_age(course, record),
        egfr=_egfr(course, record, egfr_days),
        child_pugh=record.child_pugh,
        cyp2d6_inhibitor=_inhibitor(course, record),
        poor_metaboliser=record.poor_metaboliser,
    )


def _age(course: Course, record: DoseRecord) -> int | None:
    """Return the age at the start of the course."""
    if record.born is None or course.start is None:
        return None
    return age_on(record.born, date.fromordinal(course.start))


def _egfr(course: Course, record: DoseRecord, egfr_days: int) -> float | None:
    """Return the latest eGFR within the days before the end of the course."""
    end = course.end or course.start
    place = bisect_right(record.egfr_on, end) - 1 if end is not None else -1
    if end is None or place < 0 or end - record.egfr_on[place] > egfr_days:
        return None
    return record.egfr[place]


def _child_pugh(facts: PatientFacts, evidence: DoseEvidence, pattern: re.Pattern[str]) -> str:
    """Return the latest Child-Pugh class: measured, or the stage of a problem."""
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


def _inhibitors(
    exposures: Sequence[Exposure], evidence: DoseEvidence
) -> Mapping[str, tuple[Sequence[int], Sequence[int]]]:
    used: dict[str, list[tuple[int, int]]] = {}
    for exposure in exposures:
        if evidence.inhibitors in exposure.product.groups and exposure.start is not None:
            used.setdefault(exposure.ingredient, []).append(
                (exposure.start.last.toordinal(), _last_day(exposure))
            )
    found = {}
    for ingredient, runs in used.items():
        runs.sort()
        found[ingredient] = [first for first, _ in runs], list(accumulate((last for _, last in runs), max))
    return found


def _inhibitor(course: Course, record: DoseRecord) -> str:
    """Return a strong CYP2D6 inhibitor, not part of the drug itself, in use on the first day."""
    if course.start is None:
        return ""
    for ingredient, (firsts, lasts) in record.inhibitors.items():
        place = bisect_right(firsts, course.start) - 1
        if ingredient != course.ingredient and place >= 0 and lasts[place] >= course.start:
            return ingredient
    return ""


def _last_day(exposure: Exposure) -> int:
    """Return the last day of use, or the last possible day for use without an end."""
    if exposure.end is not None:
        return exposure.end.first.toordinal()
    if exposure.start is None or exposure.supply_days is None:
        return date.max.toordinal() if exposure.status == "active" else 0
    return exposure.start.last.toordinal() + exposure.supply_days * (1 + exposure.refills) - 1

"""Every course of an antidepressant on record, with its dose limits, its days and how it ended."""

from collections.abc import Sequence

from msgspec.structs import replace

from mappings.drugs import Drug
from service.assess.trials.combinations import combined_steps
from service.assess.trials.context import TrialContext
from service.assess.trials.courses import Course, courses, informed
from service.assess.trials.doses import DoseLimits, DoseRecord, dose_context, dose_record, limits
from service.assess.trials.examined import ExaminedCourse
from service.assess.trials.exclusions import for_smoking_only, never_counts, not_for_depression
from service.assess.trials.measure import LimitsOf, measure
from service.assess.trials.outcomes import OutcomeContext, ending
from service.assess.trials.spans import Span
from service.assess.trials.unproven import with_unproven
from service.clinical.assessment import Shortfall
from service.clinical.facts import Exposure, PatientFacts


def examined_courses(facts: PatientFacts, context: TrialContext) -> tuple[ExaminedCourse, ...]:
    """Return every course of an antidepressant on record, combined steps marked, in order of start."""
    found: list[ExaminedCourse] = []
    record = dose_record(facts, context.drugs.evidence, context.child_pugh)
    for ingredient, exposures in _by_ingredient(facts.exposures, context).items():
        drug = context.drugs.drugs[ingredient]
        found += _of_one_drug(drug, exposures, record, context)
    found = with_unproven(found, context.as_of)
    found.sort(key=lambda examined: (examined.course.start or 0, examined.course.ingredient))
    steps = combined_steps(
        [(examined.course, examined.whole) for examined in found if examined.takes_part],
        context.criteria.combination,
    )
    return tuple(replace(examined, step=steps.get(id(examined.course))) for examined in found)


def with_endings(
    found: Sequence[ExaminedCourse], around: OutcomeContext, context: TrialContext
) -> tuple[ExaminedCourse, ...]:
    """Return the courses with how each of them ended."""
    return tuple(
        replace(
            examined,
            ending=ending(
                examined.course,
                examined.whole,
                around,
                context.criteria,
                examined.step.ingredients if examined.step else frozenset(),
            ),
        )
        for examined in found
    )


def _by_ingredient(exposures: Sequence[Exposure], context: TrialContext) -> dict[str, list[Exposure]]:
    grouped: dict[str, list[Exposure]] = {}
    for exposure in exposures:
        if exposure.ingredient in context.drugs.drugs:
            grouped.setdefault(exposure.ingredient, []).append(exposure)
    rule = context.criteria.duration
    return {ingredient: informed(group, rule) for ingredient, group in grouped.items()}


def _of_one_drug(
    drug: Drug, exposures: list[Exposure], record: DoseRecord, context: TrialContext
) -> list[ExaminedCourse]:
    as_needed = [e for e in exposures if e.as_needed]
    regular = [(e, bool(never_counts(e, drug))) for e in exposures if not e.as_needed]
    barred = [e for e, never in regular if never]
    countable = [e for e, never in regular if not never]
    found = [
        *(_examined(drug, course, record, context) for course in _courses(countable, context)),
        *(
            _examined(drug, course, record, context, Shortfall.NEVER_COUNTS, never_counts(barred[0], drug))
            for course in _courses(barred, context)
        ),
    ]
    if as_needed and not found:
        found += [
            _examined(drug, c, record, context, Shortfall.AS_NEEDED) for c in _courses(as_needed, context)
        ]
    return found


def _courses(exposures: Sequence[Exposure], context: TrialContext) -> tuple[Course, ...]:
    if not exposures:
        return ()
    found = courses(exposures, context.criteria.duration, context.as_of)
    dated = [course for course in found if course.determined]
    # A name without dose or date beside a dated course of the same drug adds nothing that could be counted.
    return tuple(course for course in found if course.determined or not dated or course.start is not None)


def _examined(
    drug: Drug,
    course: Course,
    record: DoseRecord,
    context: TrialContext,
    exclusion: Shortfall | None = None,
    because: str = "",
) -> ExaminedCourse:
    limits_of = _limits_of(drug, course, record, context)
    low_for_other_reason = _low_for_other_reason(drug, course)
    if exclusion is None and (for_smoking_only(course.exposures) or low_for_other_reason):
        exclusion = Shortfall.NEVER_COUNTS
    whole = measure(course, limits_of)
    return ExaminedCourse(
        course=course, drug=drug, limits_of=limits_of, whole=whole, exclusion=exclusion, because=because
    )


def _limits_of(drug: Drug, course: Course, record: DoseRecord, context: TrialContext) -> LimitsOf:
    """Return the dose limits of a span of the course; those of one form and salt are the same."""
    taken_in = dose_context(course, record, context.criteria.current.egfr_days)
    known: dict[tuple[str, str], DoseLimits] = {}

    def limits_of(span: Span) -> DoseLimits:
        kind = (span.product.form, span.product.salt)
        if kind not in known:
            known[kind] = limits(drug, span.product, taken_in, context.criteria)
        return known[kind]

    return limits_of


def _low_for_other_reason(drug: Drug, course: Course) -> bool:
    """Tell whether the doses are low and for pain, migraine or sleep, and so never count."""
    below = drug.non_depression_below_mg
    if below is None or not not_for_depression(course.exposures, drug):
        return False
    doses = [span.daily_mg for span in course.spans] or [
        d.daily_mg for e in course.exposures for d in e.doses
    ]
    known = [dose for dose in doses if dose is not None]
    return bool(known) and max(known) < below

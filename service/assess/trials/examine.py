"""Every course of an antidepressant on record, with its dose limits, its days and how it ended."""

from collections.abc import Sequence
from dataclasses import replace

from mappings.drugs import Drug
from service.assess.trials.combinations import combined_steps
from service.assess.trials.courses import Course, courses, informed
from service.assess.trials.doses import DoseLimits, DoseRecord, dose_context, dose_record, limits
from service.assess.trials.examined import Examined
from service.assess.trials.exclusions import for_smoking_only, never_counts, not_for_depression
from service.assess.trials.frame import Frame
from service.assess.trials.measure import measure
from service.assess.trials.outcomes import Surroundings, ending
from service.assess.trials.spans import Span
from service.assess.trials.unproven import with_unproven
from service.clinical.assessment import Shortfall
from service.clinical.facts import Exposure, PatientFacts


def examined_courses(facts: PatientFacts, frame: Frame) -> tuple[Examined, ...]:
    """Return every course of an antidepressant on record, combined steps marked, in order of start."""
    found: list[Examined] = []
    record = dose_record(facts, frame.drugs.evidence, frame.child_pugh)
    for ingredient, exposures in _by_ingredient(facts.exposures, frame).items():
        drug = frame.drugs.drugs[ingredient]
        found += _of_one_drug(drug, exposures, record, frame)
    found = with_unproven(found, frame.as_of)
    found.sort(key=lambda one: (one.course.start or 0, one.course.ingredient))
    steps = combined_steps(
        [(one.course, one.whole) for one in found if one.takes_part], frame.criteria.combination
    )
    return tuple(replace(one, step=steps.get(id(one.course))) for one in found)


def with_endings(found: Sequence[Examined], around: Surroundings, frame: Frame) -> tuple[Examined, ...]:
    """Return the courses with how each of them ended."""
    return tuple(
        replace(
            one,
            ending=ending(
                one.course,
                one.whole,
                around,
                frame.criteria,
                one.step.ingredients if one.step else frozenset(),
            ),
        )
        for one in found
    )


def _by_ingredient(exposures: Sequence[Exposure], frame: Frame) -> dict[str, list[Exposure]]:
    grouped: dict[str, list[Exposure]] = {}
    for exposure in exposures:
        if exposure.ingredient in frame.drugs.drugs:
            grouped.setdefault(exposure.ingredient, []).append(exposure)
    rule = frame.criteria.duration
    return {ingredient: informed(group, rule) for ingredient, group in grouped.items()}


def _of_one_drug(drug: Drug, exposures: list[Exposure], record: DoseRecord, frame: Frame) -> list[Examined]:
    as_needed = [e for e in exposures if e.as_needed]
    regular = [(e, bool(never_counts(e, drug))) for e in exposures if not e.as_needed]
    barred = [e for e, never in regular if never]
    countable = [e for e, never in regular if not never]
    found = [
        *(_examined(drug, course, record, frame) for course in _courses(countable, frame)),
        *(
            _examined(drug, course, record, frame, Shortfall.NEVER_COUNTS, never_counts(barred[0], drug))
            for course in _courses(barred, frame)
        ),
    ]
    if as_needed and not found:
        found += [_examined(drug, c, record, frame, Shortfall.AS_NEEDED) for c in _courses(as_needed, frame)]
    return found


def _courses(exposures: Sequence[Exposure], frame: Frame) -> tuple[Course, ...]:
    if not exposures:
        return ()
    found = courses(exposures, frame.criteria.duration, frame.as_of)
    dated = [course for course in found if course.determined]
    # A name without dose or date beside a dated course of the same drug adds nothing that could be counted.
    return tuple(course for course in found if course.determined or not dated or course.start is not None)


def _examined(
    drug: Drug,
    course: Course,
    record: DoseRecord,
    frame: Frame,
    exclusion: Shortfall | None = None,
    because: str = "",
) -> Examined:
    context = dose_context(course, record, frame.criteria.current.egfr_days)

    def limits_of(span: Span) -> DoseLimits:
        return limits(drug, span.product, context, frame.criteria)

    low_for_other_reason = _low_for_other_reason(drug, course)
    if exclusion is None and (for_smoking_only(course.exposures) or low_for_other_reason):
        exclusion = Shortfall.NEVER_COUNTS
    whole = measure(course, limits_of)
    return Examined(
        course=course, drug=drug, limits_of=limits_of, whole=whole, exclusion=exclusion, because=because
    )


def _low_for_other_reason(drug: Drug, course: Course) -> bool:
    """Low doses for pain, migraine or sleep never count, not even as possible."""
    below = drug.non_depression_below_mg
    if below is None or not not_for_depression(course.exposures, drug):
        return False
    doses = [span.daily_mg for span in course.spans] or [
        d.daily_mg for e in course.exposures for d in e.doses
    ]
    known = [dose for dose in doses if dose is not None]
    return bool(known) and max(known) < below

"""Drugs added to an antidepressant, and other treatments, reported beside the count (clinical rule 2.3)."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from mappings.augmentations import AugmentationDrug, AugmentationTable
from mappings.findings import Findings
from service.assess.trials.context import TrialContext
from service.assess.trials.courses import Course, courses, informed, last_dose
from service.assess.trials.doses import TOLERANCE
from service.assess.trials.examined import ExaminedCourse
from service.assess.trials.exclusions import for_something_else
from service.assess.trials.ledger import JudgedCourse
from service.assess.trials.other_treatments import other_treatments
from service.assess.trials.outcomes import Start
from service.assess.trials.steps import dose_steps
from service.clinical.assessment import Augmentation, Episode, Shortfall, TrialStatus
from service.clinical.facts import Lab, PatientFacts

Runs = tuple[tuple[int, int], ...]


class Added(Struct, frozen=True, gc=False):
    """A course of an augmentation drug and its days at a dose of the table.

    Without `days` the dose is one of the table, but its days cannot be counted.
    """

    row: AugmentationDrug
    course: Course
    days: Runs


def added_courses(
    facts: PatientFacts, examined: Sequence[ExaminedCourse], table: AugmentationTable, context: TrialContext
) -> tuple[Added, ...]:
    """Return every course of an augmentation drug at a dose of the table.

    An antidepressant that is excluded as a trial (for smoking, say) is not an augmentation either, nor
    is a drug with a recorded reason other than depression.
    """
    barred = {
        e.reference for candidate in examined if candidate.exclusion for e in candidate.course.exposures
    }
    usable = [e for e in facts.exposures if e.reference not in barred]
    rule = context.criteria.duration
    found = []
    for ingredient, row in table.drugs.items():
        own = informed([exposure for exposure in usable if exposure.ingredient == ingredient], rule)
        taken = [exposure for exposure in own if not exposure.as_needed]
        for course in courses(taken, rule, context.as_of) if taken else ():
            days = _dosed_days(course, row)
            if (days or _dosed_enough(course, row)) and not for_something_else(course.exposures):
                found.append(Added(row, course, days))
    return tuple(found)


def _dosed_enough(course: Course, row: AugmentationDrug) -> bool:
    """Tell whether a course without countable days has a dose of the table."""
    stated = None if course.determined else last_dose(course)
    return stated is not None and (stated.daily_mg or 0.0) >= row.lowest_mg - TOLERANCE


def _dosed_days(course: Course, row: AugmentationDrug) -> Runs:
    return tuple(
        (span.first, span.last)
        for span in course.spans
        if span.daily_mg is not None and span.daily_mg >= row.lowest_mg - TOLERANCE
    )


def starts(found: Sequence[ExaminedCourse], added: Sequence[Added], as_of: date) -> tuple[Start, ...]:
    """Return the days on which drugs that can count, or augmentations, came into use before `as_of`.

    Drugs with another recorded reason are left out.
    """
    trials = [
        examined.course
        for examined in found
        if examined.takes_part and not for_something_else(examined.course.exposures)
    ]
    begun_together = {
        (examined.course.ingredient, examined.course.start): examined.step.ingredients
        for examined in found
        if examined.step
    }
    return tuple(
        Start(
            ingredient=course.ingredient,
            day=course.start,
            references=frozenset(exposure.reference for exposure in course.exposures),
            together=begun_together.get((course.ingredient, course.start), frozenset()),
        )
        for course in (*trials, *(addition.course for addition in added))
        if course.start is not None and course.start < as_of.toordinal()
    )


def augmentations(
    added: Sequence[Added],
    trials: Sequence[JudgedCourse],
    facts: PatientFacts,
    episode: Episode,
    table: AugmentationTable,
    findings: Findings,
) -> tuple[Augmentation, ...]:
    """Return the augmentations of the current episode, drugs first."""
    own_trials = {j.examined.course.ingredient for j in trials if _is_trial(j)}
    drugs = [
        _augmentation(addition, trials, facts.labs, table.days, findings)
        if addition.days
        else _uncounted(addition, findings)
        for addition in added
        if addition.course.ingredient not in own_trials and _reaches(addition, episode)
    ]
    return (*drugs, *other_treatments(facts, episode, table, findings))


def _is_trial(judgement: JudgedCourse) -> bool:
    """Tell whether a drug is itself a counted, possible or combined trial, and so no augmentation."""
    combined = judgement.verdict.reason is Shortfall.COMBINED_STEP
    return combined or judgement.verdict.status is not TrialStatus.NOT_COUNTED


def _reaches(added: Added, episode: Episode) -> bool:
    """Tell whether the augmentation was, or may have been, taken in the episode."""
    return not added.days or added.days[-1][1] >= episode.start.toordinal()


def _uncounted(added: Added, findings: Findings) -> Augmentation:
    """Return an augmentation without countable days: named, but not adequate."""
    stated, start = last_dose(added.course), added.course.start
    return Augmentation(
        name=added.course.ingredient,
        start=None if start is None else date.fromordinal(start),
        end=None,
        days=None,
        adequate=False,
        text=findings.say("augmentation.uncounted", dose=f"{(stated.daily_mg if stated else None) or 0:g}"),
        evidence=tuple(exposure.reference for exposure in added.course.exposures),
    )


def _augmentation(
    added: Added, trials: Sequence[JudgedCourse], labs: Sequence[Lab], needed: int, findings: Findings
) -> Augmentation:
    partner, days = _longest_together(added, trials)
    dose = f"{added.course.spans[-1].daily_mg or 0:g}"
    level_text, level_reference, level_met = _level(added, labs, findings)
    long_enough = days >= needed
    text = (
        findings.say("augmentation.adequate", dose=dose, days=days, partner=partner)
        if long_enough
        else findings.say("augmentation.short", dose=dose, days=days, needed=needed)
    )
    references = tuple(exposure.reference for exposure in added.course.exposures)
    return Augmentation(
        name=added.course.ingredient,
        start=date.fromordinal(added.course.spans[0].first),
        end=date.fromordinal(added.course.spans[-1].last),
        days=days,
        adequate=long_enough and level_met,
        text="; ".join(filter(None, (text, *_unusual(added, findings), level_text))),
        evidence=(*references, *level_reference),
        steps=dose_steps(added.course.spans, lambda _: added.row.lowest_mg),
    )


def _unusual(added: Added, findings: Findings) -> Iterator[str]:
    """Yield remarks on what counts although it was not studied: a dose above the range, another form."""
    row = added.row
    if max(span.daily_mg or 0.0 for span in added.course.spans) > row.highest_mg + TOLERANCE:
        yield findings.say(
            "augmentation.above-range", lowest=f"{row.lowest_mg:g}", highest=f"{row.highest_mg:g}"
        )
    forms = {span.product.form for span in added.course.spans} - {row.studied_form}
    if row.studied_form and forms:
        yield findings.say(
            "augmentation.unknown-form" if forms == {""} else "augmentation.other-form", form=row.studied_form
        )


def _longest_together(added: Added, trials: Sequence[JudgedCourse]) -> tuple[str, int]:
    """Return the antidepressant with the most days at its minimum dose on days of the augmentation."""
    best = ("", 0)
    for judgement in trials:
        name = judgement.examined.course.ingredient
        days = _overlap(added.days, judgement.examined.whole.qualifying)
        if name != added.course.ingredient and days > best[1]:
            best = (name, days)
    return best


def _overlap(some: Runs, others: Runs) -> int:
    """Return the number of days that two ordered lists of runs share."""
    left, right, days = deque(some), deque(others), 0
    while left and right:
        (a, b), (c, d) = left[0], right[0]
        days += max(0, min(b, d) - max(a, c) + 1)
        (left if b <= d else right).popleft()
    return days


def _level(added: Added, labs: Sequence[Lab], findings: Findings) -> tuple[str, tuple[str, ...], bool]:
    """Return whether a required blood level was reached, with its words and evidence."""
    if added.row.level_from is None:
        return "", (), True
    lowest = added.row.level_from
    first, last = added.course.spans[0].first, added.course.spans[-1].last
    during = [
        lab
        for lab in labs
        if lab.concept == added.row.level_lab
        and lab.value is not None
        and first <= lab.when.first.toordinal() <= last
    ]
    enough = [lab for lab in during if lab.value is not None and lab.value >= lowest]
    shown = max(enough or during, key=lambda lab: lab.when.last, default=None)
    if shown is None:
        return findings.say("augmentation.no-level"), (), False
    text = findings.say("augmentation.level", value=f"{shown.value:g}", day=shown.when)
    return text, (shown.reference,), bool(enough)


def adequate_drugs(found: Sequence[Augmentation], table: AugmentationTable) -> int:
    """Return how many augmentation drugs were adequate."""
    return len(
        {
            augmentation.name
            for augmentation in found
            if augmentation.adequate and augmentation.name in table.drugs
        }
    )

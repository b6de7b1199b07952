"""Courses by drug, and what was given beside them, as rows of the picture."""

from collections.abc import Sequence
from datetime import date

from mappings.wording import Wording
from service.clinical.assessment import Augmentation, Trial, TrialStatus
from service.clinical.facts import PatientFacts
from service.picture.rows import Bar, Beside, Days, Lane
from service.render.context import say_plain
from service.render.courses import dates, days, dose, number, reasons, verdict, witnesses
from service.render.escape import plain

# What shows that a drug reached the patient.
_HANDED_OVER = frozenset({"dispense", "administration"})
_LONGEST_HOVER = 1500  # characters


def lanes(trials: Sequence[Trial], needed: int, first: date, wording: Wording) -> tuple[Lane, ...]:
    """Return one lane for each drug, by the start of its first course; without a date at the end.

    `needed` is how many days have to qualify, `first` the day on which the picture begins.
    """
    by_drug: dict[str, list[Trial]] = {}
    for trial in sorted(trials, key=lambda one: (one.start or date.max, one.ingredient)):
        by_drug.setdefault(trial.ingredient, []).append(trial)
    return tuple(_lane(courses, needed, first, wording) for courses in by_drug.values())


def _lane(courses: list[Trial], needed: int, first: date, wording: Wording) -> Lane:
    limits = sorted(
        {step.minimum_mg for course in courses for step in course.steps} or {courses[0].minimum_mg}
    )
    return Lane(
        name=courses[0].ingredient,
        drug_class=courses[0].drug_class,
        minimum=say_plain(wording, "picture.minimum", minimum=" / ".join(map(number, limits))),
        bars=tuple(_bar(trial, needed, first, wording) for trial in courses),
    )


def _bar(trial: Trial, needed: int, first: date, wording: Wording) -> Bar:
    return Bar(
        start=trial.start,
        end=trial.end,
        running=trial.running,
        steps=trial.steps,
        qualifying=trial.qualifying,
        status=trial.status,
        verdict=wording.words["status"][trial.status],
        reasons="; ".join(reasons(wording, trial)),
        remarks=_remarks(trial, needed, first, wording),
        hover=_hover(trial, wording),
    )


def _remarks(trial: Trial, needed: int, first: date, wording: Wording) -> tuple[str, ...]:
    """Days against the days needed, dates that cannot be drawn, and whether anything was handed over."""
    said = [_days(trial, needed, wording)]
    if trial.start is None or trial.end is None or trial.end < first:
        said.insert(0, dates(wording, trial))
    if trial.outcome != "unknown" and trial.status is not TrialStatus.NOT_COUNTED:
        said.append(wording.words["outcome"][trial.outcome])
    if trial.running:
        said.append(wording.sentence("picture.running"))
    if _HANDED_OVER.isdisjoint(trial.witnesses):
        said.append(wording.sentence("picture.undispensed"))
    return tuple(said)


def _days(trial: Trial, needed: int, wording: Wording) -> str:
    if trial.covered_days is None or trial.qualifying_days is None:
        return say_plain(wording, "picture.days_unknown", needed=needed)
    return say_plain(
        wording,
        "picture.days",
        qualifying=trial.qualifying_days,
        covered=trial.covered_days,
        needed=needed,
    )


def _hover(trial: Trial, wording: Wording) -> str:
    said = wording.sentence("picture.hover").format(
        drug=trial.ingredient,
        dates=dates(wording, trial),
        dose=dose(wording, trial),
        days=days(wording, trial),
        status=verdict(wording, trial),
        outcome=wording.words["outcome"][trial.outcome],
        basis=trial.basis or "-",
        witnesses=", ".join(witnesses(wording, trial)),
        evidence=_evidence(trial.evidence, wording),
    )
    return plain(said, _LONGEST_HOVER)


def _evidence(references: Sequence[str], wording: Wording) -> str:
    """Return the resources, the first of many, each cut where no id needs more."""
    shown = [plain(reference, wording.limits.name) for reference in references[: wording.limits.list]]
    rest = len(references) - len(shown)
    names = ", ".join(shown) or wording.sentence("gaps.no_evidence")
    return wording.sentence("list.more").format(names=names, count=rest) if rest else names


def besides(given: Sequence[Augmentation], facts: PatientFacts, wording: Wording) -> tuple[Beside, ...]:
    """Return one row for each augmentation and procedure, in their own order."""
    days_of = {
        intervention.reference: (intervention.when.first, intervention.when.last)
        for intervention in facts.interventions
        if intervention.when
    }
    return tuple(_beside(one, days_of, wording) for one in given)


def _beside(augmentation: Augmentation, days_of: dict[str, Days], wording: Wording) -> Beside:
    marks = () if augmentation.steps else tuple(days_of[e] for e in augmentation.evidence if e in days_of)
    hover = wording.sentence("picture.hover_beside").format(
        name=augmentation.name,
        dates=dates(wording, augmentation),
        text=augmentation.text,
        evidence=_evidence(augmentation.evidence, wording),
    )
    return Beside(
        name=augmentation.name,
        start=augmentation.start,
        end=augmentation.end,
        steps=augmentation.steps,
        marks=marks,
        text=augmentation.text,
        hover=plain(hover, _LONGEST_HOVER),
    )

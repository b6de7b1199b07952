"""A course in plain words: its days, its dose, and why it counts or not; and how many there are."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from mappings.wording import Wording
from service.clinical.assessment import Augmentation, Counts, DoseStep, Shortfall, Trial, TrialStatus
from service.render.context import say_plain
from service.render.escape import plain
from service.render.rows import TrialRow

RANK = {TrialStatus.COUNTED: 0, TrialStatus.POSSIBLE: 1, TrialStatus.NOT_COUNTED: 2}


class DoseRun(NamedTuple):
    """Covered days on one dose in mg/day, None unknown; neighbouring steps of the same dose are one run."""

    daily_mg: float | None
    days: int
    first: date


def ranked(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials, the counted ones first, each group by its start."""
    return sorted(trials, key=lambda trial: (RANK[trial.status], trial.start or date.min, trial.ingredient))


def trial_row(wording: Wording, trial: Trial, longest: int) -> TrialRow:
    """Return the course as it is shown; no text of it is longer than `longest`."""
    return TrialRow(
        of=trial,
        drug=plain(trial.ingredient, wording.limits.name),
        drug_class=plain(trial.drug_class, wording.limits.name),
        dates=dates(wording, trial),
        dose=dose(wording, trial),
        steps=steps(wording, trial.steps),
        days=days(wording, trial),
        status=trial.status.value,
        verdict=wording.words["status"][trial.status],
        reasons=reasons(wording, trial),
        questions=questions(wording, trial),
        outcome=wording.words["outcome"][trial.outcome],
        basis=plain(trial.basis, longest),
        witnesses=plain(", ".join(witnesses(wording, trial)), longest),
        notes=tuple(plain(note, longest) for note in trial.notes),
        evidence=tuple(plain(reference, longest) for reference in trial.evidence),
    )


def dates(wording: Wording, course: Trial | Augmentation) -> str:
    """Return from when to when it was."""
    running = isinstance(course, Trial) and course.running
    key = dates_key(course.start, course.end, running=running)
    return say_plain(wording, key, start=course.start, end=course.end)


def dates_key(start: date | None, end: date | None, *, running: bool = False) -> str:
    """Return the key of the sentence for the days of a course, depending on which days are known."""
    if running and start:
        return "ledger.running" if end else "ledger.running_open"
    if start:
        return "ledger.dates" if end else "ledger.started"
    return "ledger.ended" if end else "ledger.dates_unknown"


def dose(wording: Wording, trial: Trial) -> str:
    """Return dose and minimum."""
    minimum = number(trial.minimum_mg)
    if trial.daily_mg is None:
        return say_plain(wording, "ledger.dose_unknown", minimum=minimum)
    return say_plain(wording, "ledger.dose", dose=number(trial.daily_mg), minimum=minimum)


def steps(wording: Wording, taken: Sequence[DoseStep]) -> str:
    """Return each dose with its days, in chronological order; nothing if there was only one dose."""
    runs = dose_runs(taken)
    if len(runs) < 2:
        return ""
    most = wording.limits.steps
    said = [_step(wording, run) for run in runs[:most]]
    rest = len(runs) - len(said)
    row = ", ".join(said)
    return wording.sentence("list.more").format(names=row, count=rest) if rest else row


def dose_runs(taken: Sequence[DoseStep]) -> list[DoseRun]:
    """Return the doses in order of time, each with its days."""
    return [
        DoseRun(mg, sum((step.last - step.first).days + 1 for step in steps), steps[0].first)
        for mg, steps in ((mg, list(same)) for mg, same in groupby(taken, key=lambda step: step.daily_mg))
    ]


def _step(wording: Wording, run: DoseRun) -> str:
    if run.daily_mg is None:
        return wording.sentence("ledger.step_unknown").format(days=run.days)
    return wording.sentence("ledger.step").format(dose=number(run.daily_mg), days=run.days)


def number(value: float) -> str:
    """Return milligrams as clinicians write them: 20, 37.5."""
    return f"{value:g}"


def days(wording: Wording, trial: Trial) -> str:
    """Return qualifying and covered days."""
    if trial.covered_days is None or trial.qualifying_days is None:
        return wording.sentence("ledger.days_unknown")
    return say_plain(wording, "ledger.days", qualifying=trial.qualifying_days, covered=trial.covered_days)


def shortfalls(trial: Trial) -> tuple[Shortfall, ...]:
    """Return all that keeps it from being counted."""
    return trial.shortfalls or ((trial.reason,) if trial.reason else ())


def reasons(wording: Wording, trial: Trial) -> tuple[str, ...]:
    """Return every reason why it is only possible or not counted."""
    return tuple(wording.words["shortfall"][shortfall] for shortfall in shortfalls(trial))


def questions(wording: Wording, trial: Trial) -> tuple[str, ...]:
    """Return the questions that would settle a possible trial."""
    if trial.status is not TrialStatus.POSSIBLE:
        return ()
    settles = wording.words["settles"]
    return tuple(settles[shortfall] for shortfall in shortfalls(trial) if shortfall in settles)


def counted(wording: Wording, counts: Counts) -> str:
    """Return the counts of all courses."""
    return say_plain(
        wording,
        "report.counts",
        counted=counts.counted,
        possible=counts.possible,
        lifetime=counts.lifetime,
        classes=counts.classes,
        augmentations=counts.augmentations,
    )


def witnesses(wording: Wording, trial: Trial) -> list[str]:
    """Return the kinds of entries that document the course."""
    return [wording.words["witness"].get(source, source) for source in trial.witnesses]

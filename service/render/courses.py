"""A course in plain words: its days, its dose, and why it counts or not; and how many there are."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from mappings.wording import Wording
from service.clinical.assessment import Augmentation, Counts, DoseStep, Shortfall, Trial, TrialStatus
from service.render.context import say_plain
from service.render.escape import plain
from service.render.rows import ShownRow, ShownStatement

RANK = {TrialStatus.COUNTED: 0, TrialStatus.POSSIBLE: 1, TrialStatus.NOT_COUNTED: 2}


class DoseRun(NamedTuple):
    """Covered days on one dose in mg/day, None unknown; neighbouring steps of the same dose are one run."""

    daily_mg: float | None
    days: int
    first: date


def ranked(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials, the counted ones first, each group by its start."""
    return sorted(trials, key=rank)


def rank(trial: Trial) -> tuple[int, date, str]:
    """Return what sorts trials, the counted ones first."""
    return RANK[trial.status], trial.start or date.min, trial.ingredient


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


def dose_runs(taken: Sequence[DoseStep]) -> list[DoseRun]:
    """Return the doses in order of time, each with its days."""
    return [
        DoseRun(mg, sum((step.last - step.first).days + 1 for step in steps), steps[0].first)
        for mg, steps in ((mg, list(same)) for mg, same in groupby(taken, key=lambda step: step.daily_mg))
    ]


def number(value: float) -> str:
    """Return milligrams as clinicians write them: 20, 37.5."""
    return f"{value:g}"


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


class TrialRow(ShownRow, frozen=True, kw_only=True):
    """One course of an antidepressant."""

    of: Trial

    @property
    def status(self) -> str:
        """Whether it counts, in the word of the rules."""
        return self.of.status.value

    @property
    def verdict(self) -> str:
        """The same in the words of the clinic."""
        return self.wording.words["status"][self.of.status]

    @cached_property
    def drug(self) -> str:
        """The antidepressant."""
        return self._name(self.of.ingredient)

    @cached_property
    def drug_class(self) -> str:
        """Its class."""
        return self._name(self.of.drug_class)

    @cached_property
    def dates(self) -> str:
        """From when to when it was taken."""
        return dates(self.wording, self.of)

    @cached_property
    def dose(self) -> str:
        """The dose, and the minimum."""
        minimum = number(self.of.minimum_mg)
        if self.of.daily_mg is None:
            return say_plain(self.wording, "ledger.dose_unknown", minimum=minimum)
        return say_plain(self.wording, "ledger.dose", dose=number(self.of.daily_mg), minimum=minimum)

    @cached_property
    def steps(self) -> str:
        """Its doses in order of time; "" where there is only one."""
        runs, most = dose_runs(self.of.steps), self.wording.limits.steps
        if len(runs) < 2:
            return ""
        row, rest = ", ".join(map(self._step, runs[:most])), len(runs) - most
        return self.wording.sentence("list.more").format(names=row, count=rest) if rest > 0 else row

    def _step(self, run: DoseRun) -> str:
        if run.daily_mg is None:
            return self.wording.sentence("ledger.step_unknown").format(days=run.days)
        return self.wording.sentence("ledger.step").format(dose=number(run.daily_mg), days=run.days)

    @cached_property
    def days(self) -> str:
        """Qualifying and covered days."""
        covered, qualifying = self.of.covered_days, self.of.qualifying_days
        if covered is None or qualifying is None:
            return self.wording.sentence("ledger.days_unknown")
        return say_plain(self.wording, "ledger.days", qualifying=qualifying, covered=covered)

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """Every reason why it is only possible or not counted."""
        return tuple(self.wording.words["shortfall"][shortfall] for shortfall in self._shortfalls)

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """The questions that would settle it, if it is possible."""
        if self.of.status is not TrialStatus.POSSIBLE:
            return ()
        settles = self.wording.words["settles"]
        return tuple(settles[shortfall] for shortfall in self._shortfalls if shortfall in settles)

    @property
    def _shortfalls(self) -> tuple[Shortfall, ...]:
        """All that keeps it from being counted."""
        return self.of.shortfalls or ((self.of.reason,) if self.of.reason else ())

    @property
    def outcome(self) -> str:
        """What came of it."""
        return self.wording.words["outcome"][self.of.outcome]

    @cached_property
    def basis(self) -> str:
        """What the outcome rests on."""
        return plain(self.of.basis, self.longest)

    @cached_property
    def witnesses(self) -> str:
        """The kinds of entries that document it."""
        words = self.wording.words["witness"]
        return plain(", ".join(words.get(source, source) for source in self.of.witnesses), self.longest)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Further remarks."""
        return self._lines(self.of.notes)

    @cached_property
    def evidence(self) -> tuple[str, ...]:
        """The resources that it rests on."""
        return self._lines(self.of.evidence)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The basis of the outcome, the kinds of entries that document the course, and further remarks."""
        return tuple(text for text in (self.basis, self.witnesses, *self.notes) if text)

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        own = (self.drug, self.dates, self.dose, self.steps, self.days, self.outcome, self.basis)
        return sum(map(len, (*own, *self.reasons, *self.questions, *self.notes[:2])))

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.drug


class TreatmentRow(ShownStatement, frozen=True, kw_only=True):
    """A drug added to an antidepressant, or another treatment, as a procedure."""

    of: Augmentation

    @cached_property
    def name(self) -> str:
        """The treatment."""
        return self._name(self.of.name)

    @cached_property
    def dates(self) -> str:
        """From when to when it was given."""
        return dates(self.wording, self.of)

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        return len(self.name) + len(self.dates) + len(self.text)

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.name

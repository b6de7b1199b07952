"""The trial ledger: one line for each antidepressant trial, and what is reported beside the count."""

from collections.abc import Sequence
from datetime import date

from mappings.wording import Wording
from service.clinical.assessment import Assessment, Augmentation, Trial, TrialStatus
from service.render.context import say
from service.render.escape import Markdown, markdown

_RANK = {TrialStatus.COUNTED: 0, TrialStatus.POSSIBLE: 1, TrialStatus.NOT_COUNTED: 2}


def ranked(trials: tuple[Trial, ...]) -> list[Trial]:
    """Return the trials, the counted ones first, each group by its start."""
    return sorted(trials, key=lambda trial: (_RANK[trial.status], trial.start or date.min, trial.ingredient))


def number(value: float) -> str:
    """Return milligrams as clinicians write them: 20, 37.5."""
    return f"{value:g}"


def ledger(wording: Wording, assessment: Assessment) -> list[Markdown]:
    """Return heading and lines of the trials; of a long list the first are shown in full."""
    counts, longest = assessment.counts, wording.limits.list
    heading = say(
        wording,
        "ledger.heading",
        counted=counts.counted,
        possible=counts.possible,
        classes=counts.classes,
        augmentations=counts.augmentations,
        lifetime=counts.lifetime,
    )
    trials = ranked(assessment.trials)
    lines = [line for trial in trials[:longest] for line in trial_lines(wording, trial)]
    if rest := trials[longest:]:
        names = joined(wording, [trial.ingredient for trial in rest])
        lines.append(say(wording, "ledger.more", count=len(rest), names=names))
    return [heading, *(lines or [say(wording, "ledger.none")])]


def trial_lines(wording: Wording, trial: Trial) -> list[Markdown]:
    """Return one bullet for the trial and one below it for each of its notes."""
    values = {**trial_words(wording, trial), "evidence": evidence(wording, trial.evidence)}
    key = "ledger.trial" if trial.basis else "ledger.trial_without_basis"
    line = say(wording, key, basis=trial.basis, **values)
    return [line, *(say(wording, "ledger.note", text=note) for note in trial.notes[: wording.limits.list])]


def trial_words(wording: Wording, trial: Trial) -> dict[str, object]:
    """Return what the sentences about one trial are filled with."""
    return {
        "drug": trial.ingredient,
        "drug_class": trial.drug_class,
        "dates": dates(wording, trial.start, trial.end, running=trial.running),
        "dose": _dose(wording, trial),
        "days": _days(wording, trial),
        "status": _status(wording, trial),
        "outcome": wording.words["outcome"][trial.outcome],
        "witnesses": joined(wording, [wording.words["witness"].get(w, w) for w in trial.witnesses]),
    }


def augmentations(wording: Wording, assessment: Assessment) -> list[Markdown]:
    """Return heading and lines of what was given beside the trials; nothing when there was none."""
    given, longest = assessment.augmentations, wording.limits.list
    if not given:
        return []
    lines = [_augmentation(wording, augmentation) for augmentation in given[:longest]]
    if rest := given[longest:]:
        names = joined(wording, [augmentation.name for augmentation in rest])
        lines.append(say(wording, "ledger.more", count=len(rest), names=names))
    return [say(wording, "ledger.augmentations"), *lines]


def dates_key(start: date | None, end: date | None, *, running: bool = False) -> str:
    """Return the sentence for the days of a course, by which of them are known."""
    if running and start:
        return "ledger.running" if end else "ledger.running_open"
    if start:
        return "ledger.dates" if end else "ledger.started"
    return "ledger.ended" if end else "ledger.dates_unknown"


def dates(wording: Wording, start: date | None, end: date | None, *, running: bool = False) -> Markdown:
    """Return the days of a course in words."""
    return say(wording, dates_key(start, end, running=running), start=start, end=end)


def evidence(wording: Wording, references: tuple[str, ...]) -> Markdown:
    """Return the resources a statement rests on, the first few by reference."""
    if not references:
        return say(wording, "gaps.no_evidence")
    limits = wording.limits
    shown = [markdown(reference, limits.text) for reference in references[: limits.references]]
    return and_more(wording, shown, len(references) - len(shown))


def joined(wording: Wording, names: Sequence[str]) -> Markdown:
    """Return names of the record in a row, the last of a long list as a number."""
    if not names:
        return say(wording, "list.none")
    limits = wording.limits
    shown = [markdown(name, limits.name) for name in names[: limits.names]]
    return and_more(wording, shown, len(names) - len(shown))


def and_more(wording: Wording, shown: list[Markdown], rest: int) -> Markdown:
    """Return what is shown in a row, and the number of the rest."""
    text = Markdown(", ".join(shown))
    return say(wording, "list.more", names=text, count=rest) if rest else text


def _augmentation(wording: Wording, given: Augmentation) -> Markdown:
    return say(
        wording,
        "ledger.augmentation",
        name=given.name,
        dates=dates(wording, given.start, given.end),
        text=given.text,
        evidence=evidence(wording, given.evidence),
    )


def _dose(wording: Wording, trial: Trial) -> Markdown:
    minimum = number(trial.minimum_mg)
    if trial.daily_mg is None:
        return say(wording, "ledger.dose_unknown", minimum=minimum)
    return say(wording, "ledger.dose", dose=number(trial.daily_mg), minimum=minimum)


def _days(wording: Wording, trial: Trial) -> Markdown:
    if trial.covered_days is None or trial.qualifying_days is None:
        return say(wording, "ledger.days_unknown")
    return say(wording, "ledger.days", qualifying=trial.qualifying_days, covered=trial.covered_days)


def _status(wording: Wording, trial: Trial) -> Markdown:
    status = wording.words["status"][trial.status]
    shortfalls = trial.shortfalls or ((trial.reason,) if trial.reason else ())
    if not shortfalls:
        return markdown(status, wording.limits.text)
    reasons = [
        say(wording, "ledger.reason", words=wording.words["shortfall"][shortfall], id=shortfall)
        for shortfall in shortfalls
    ]
    return say(wording, "ledger.because", status=status, reasons=Markdown(", ".join(reasons)))

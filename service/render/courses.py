"""A course in plain words: its days, its dose, and why it counts or not; and how many there are."""

from mappings.wording import Wording
from service.clinical.assessment import Augmentation, Counts, Shortfall, Trial
from service.render.context import say_plain
from service.render.ledger import dates_key, number


def dates(wording: Wording, one: Trial | Augmentation) -> str:
    """Return from when to when it was."""
    running = isinstance(one, Trial) and one.running
    return say_plain(wording, dates_key(one.start, one.end, running=running), start=one.start, end=one.end)


def dose(wording: Wording, trial: Trial) -> str:
    """Return dose and minimum."""
    minimum = number(trial.minimum_mg)
    if trial.daily_mg is None:
        return say_plain(wording, "ledger.dose_unknown", minimum=minimum)
    return say_plain(wording, "ledger.dose", dose=number(trial.daily_mg), minimum=minimum)


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
    return tuple(wording.words["shortfall"][one] for one in shortfalls(trial))


def verdict(wording: Wording, trial: Trial) -> str:
    """Return whether it counts, with every reason why not."""
    status, because = wording.words["status"][trial.status], "; ".join(reasons(wording, trial))
    return say_plain(wording, "picture.status", status=status, reasons=because) if because else status


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
    """Return which kinds of entries tell of it."""
    return [wording.words["witness"].get(one, one) for one in trial.witnesses]

"""What is ordered again: an antidepressant whose adequate trial has failed, in a few words."""

from collections.abc import Collection, Iterable
from datetime import date

from mappings.wording import Wording
from service.clinical.assessment import Outcome, Shortfall, Trial, TrialStatus
from service.render.context import say_plain
from service.render.courses import number

_FAILED = frozenset({Outcome.FAILED_DOCUMENTED, Outcome.FAILED_INFERRED, Outcome.PARTIAL})


def failed_before(wording: Wording, trials: Iterable[Trial], ordered: Collection[str]) -> tuple[str, ...]:
    """Return ways to open the summary about an order of one of the `ordered` ingredients, the fullest first.

    Return nothing if none of them has failed. Of several trials, name the counted one, else the last.
    """
    failed = [trial for trial in trials if trial.ingredient in ordered and _has_failed(trial)]
    if not failed:
        return ()
    told = max(failed, key=lambda trial: (trial.status is TrialStatus.COUNTED, trial.start or date.min))
    return (_in_full(wording, told), _in_short(wording, told))


def _has_failed(trial: Trial) -> bool:
    """Tell whether the trial failed and is counted, or is left out only because of its episode."""
    judged = trial.status is TrialStatus.COUNTED or trial.shortfalls == (Shortfall.OUTSIDE_EPISODE,)
    return judged and trial.outcome in _FAILED


def _in_full(wording: Wording, trial: Trial) -> str:
    if trial.daily_mg is None or trial.qualifying_days is None:
        return _in_short(wording, trial)
    return say_plain(
        wording,
        "tried.full",
        drug=trial.ingredient,
        dose=number(trial.daily_mg),
        days=trial.qualifying_days,
        when=_when(wording, trial),
        outcome=wording.words["failed"][trial.outcome],
    )


def _in_short(wording: Wording, trial: Trial) -> str:
    return say_plain(
        wording,
        "tried.short",
        drug=trial.ingredient,
        when=_when(wording, trial),
        outcome=wording.words["failed"][trial.outcome],
    )


def _when(wording: Wording, trial: Trial) -> str:
    """Return the years of the trial."""
    first, last = trial.start, None if trial.running else trial.end
    if first is None:
        return (
            say_plain(wording, "tried.until", year=last.year) if last else wording.sentence("tried.undated")
        )
    if last is None:
        return say_plain(wording, "tried.since", year=first.year)
    if first.year == last.year:
        return say_plain(wording, "tried.in_year", year=first.year)
    return say_plain(wording, "tried.in_years", first=first.year, last=last.year)

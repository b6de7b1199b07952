"""The covered days of a course as a reader sees them: one step for each dose, refills joined."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from service.assess.trials.spans import Span
from service.clinical.assessment import DoseStep


def dose_steps(spans: Sequence[Span], minimum_of: Callable[[Span], float]) -> tuple[DoseStep, ...]:
    """Return `spans` as steps in order of time; days without supply stay open between two steps."""
    steps: list[DoseStep] = []
    for span in spans:
        step = _step(span, minimum_of(span))
        if steps and _goes_on(steps[-1], step):
            steps[-1] = replace(steps[-1], last=step.last)
        else:
            steps.append(step)
    return tuple(steps)


def days_in_a_row(runs: Sequence[tuple[int, int]]) -> tuple[tuple[date, date], ...]:
    """Return ordered runs of days, joining those that follow each other."""
    joined: list[tuple[int, int]] = []
    for first, last in runs:
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return tuple((date.fromordinal(first), date.fromordinal(last)) for first, last in joined)


def _step(span: Span, minimum_mg: float) -> DoseStep:
    return DoseStep(
        first=date.fromordinal(span.first),
        last=date.fromordinal(span.last),
        daily_mg=span.daily_mg,
        minimum_mg=minimum_mg,
    )


def _goes_on(step: DoseStep, later: DoseStep) -> bool:
    same = (step.daily_mg, step.minimum_mg) == (later.daily_mg, later.minimum_mg)
    return same and later.first - step.last == timedelta(days=1)

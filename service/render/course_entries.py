"""What the entries behind a course say: days as written, reasons to stop, scores; and what is in use now."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from mappings.policies import PolicyTable
from service.clinical.assessment import Augmentation, Trial
from service.clinical.criteria import ReadPolicy, Standing
from service.clinical.facts import Exposure, PatientFacts, Score
from service.clinical.partial_date import PartialDate, on


class CourseEntries:
    """The exposures and scores of a record by the entry that they were read from."""

    def __init__(self, facts: PatientFacts) -> None:
        self._exposures: dict[str, list[Exposure]] = defaultdict(list)
        for exposure in facts.exposures:
            self._exposures[exposure.reference].append(exposure)
        self._scores: dict[str, list[Score]] = defaultdict(list)
        for score in facts.scores:
            self._scores[score.reference].append(score)

    def start(self, trial: Trial) -> PartialDate | None:
        """Return the first day as the record writes it: a month or a year where no entry names the day."""
        return _as_written(trial.start, (exposure.start for exposure in self._of(trial)))

    def end(self, trial: Trial) -> PartialDate | None:
        """Return the last day as the record writes it."""
        return _as_written(trial.end, (exposure.end for exposure in self._of(trial)))

    def stopped(self, trial: Trial) -> tuple[str, ...]:
        """Return the recorded reasons to stop, each once."""
        said = (exposure.stopped_for.text for exposure in self._of(trial) if exposure.stopped_for)
        return tuple(filter(None, dict.fromkeys(said)))

    def scores(self, trial: Trial) -> list[Score]:
        """Return the scores that the verdict on a course uses."""
        return [score for reference in trial.evidence for score in self._scores.get(reference, ())]

    def _of(self, trial: Trial) -> Iterator[Exposure]:
        for reference in trial.evidence:
            yield from (
                exposure
                for exposure in self._exposures.get(reference, ())
                if exposure.ingredient == trial.ingredient
            )


def beside_trials(given: Iterable[Augmentation], trials: Iterable[Trial]) -> list[Augmentation]:
    """Return the treatments without the antidepressants that were taken alone: their trials tell of them."""
    tried = {trial.ingredient for trial in trials}
    return [each for each in given if each.days != 0 or each.is_procedure or each.name not in tried]


def taken_now(read: ReadPolicy, table: PolicyTable) -> str:
    """Return which antidepressants are in use now, in words; "" where no policy was read."""
    shown = read.taken
    if shown is None:
        return ""
    if shown.standing is Standing.NOT_MET:
        return table.texts["paper.not_taken"]
    return shown.found or "; ".join(shown.lacking)


def _as_written(day: date | None, stated: Iterable[PartialDate | None]) -> PartialDate | None:
    """Return the month or year that holds the day, unless an entry names that day."""
    if day is None:
        return None
    holding = [when for when in stated if when and when.first <= day <= when.last]
    return min(holding, key=lambda when: when.last - when.first, default=on(day))

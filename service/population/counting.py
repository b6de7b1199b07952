"""What a population's rows add up to, for one definition and one day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from service.clinical.assessment import Conclusion
from service.clinical.routes import ROUTES
from service.render.kinds import Kind


class FunnelStep(StrEnum):
    """Where a patient leaves the way to a recommendation, in the order of the decision."""

    NOT_ASSESSED = "not-assessed"
    NO_DATA = "not-assessable"
    GATE = "gate"
    TRIALS = "too-few-trials"
    SEVERITY = "below-moderate"
    CAUTION = "caution"
    GAPS = "insufficient-data"
    RECOMMEND = "recommend"


POSSIBLE = "possible"
"""Why trials are too few, where the possible ones would be enough or may be missing."""

DANGER = "+danger"
"""Behind the gate of a patient about whom a card warns all the same."""

_LEVELS = ("contraindications", "cautions")
_AGES = 10  # years of an age group
_WITHOUT = "unknown"


@dataclass(kw_only=True, slots=True)
class PopulationCounts:
    """Counts of patients. `steps` are by step and reason, `strata` by stratum, group and step."""

    patients: int = 0
    steps: Counter[tuple[FunnelStep, str]] = field(default_factory=Counter)
    safety_cards: int = 0
    triggers: Counter[str] = field(default_factory=Counter)
    flags: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    gaps: Counter[str] = field(default_factory=Counter)
    blocking: Counter[str] = field(default_factory=Counter)
    medicines: Counter[str] = field(default_factory=Counter)
    lists: Counter[str] = field(default_factory=Counter)
    strata: Counter[tuple[str, str, FunnelStep]] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any], suffix: str, groups: Mapping[str, str]) -> None:
        """Count a row; `suffix` ends the names of the columns of the definition, `groups` are of the site."""

        def judged(name: str) -> Any:
            return row[f"{name}{suffix}"]

        step, reason = _step(row, judged)
        self.patients += 1
        self.steps[step, reason] += 1
        for name, group in {**_groups(row), **groups}.items():
            self.strata[name, group, step] += 1
        if row["not_assessed"]:
            return
        self.safety_cards += Kind.SAFETY in judged("cards")
        self.triggers.update(set(judged("safety")))
        self.gaps.update(set(judged("gaps")))
        self.blocking.update(set(judged("blocking_gaps")))
        self.medicines.update(set(row["unknown_medicines"]))
        self.lists.update(set(row["lists_not_complete"]))
        for route in ROUTES:
            for level in _LEVELS:
                self.flags.update((flag, str(route), level) for flag in set(judged(f"{route}_{level}")))


def _step(row: Mapping[str, Any], judged: Any) -> tuple[FunnelStep, str]:
    """Return where a patient stays behind, and why there."""
    if row["not_assessed"]:
        return FunnelStep.NOT_ASSESSED, row["not_assessed"]
    conclusion = judged("conclusion")
    if judged("gate"):
        return FunnelStep.GATE, judged("gate") + (DANGER if conclusion == Conclusion.CAUTION else "")
    if not judged("assessable"):
        return FunnelStep.NO_DATA, ""
    if not judged("enough_trials"):
        few = conclusion == Conclusion.INSUFFICIENT_DATA
        return FunnelStep.TRIALS, POSSIBLE if few else str(judged("counted"))
    return (FunnelStep.SEVERITY if conclusion == Conclusion.NONE else FunnelStep(conclusion)), ""


def _groups(row: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the strata that every row has."""
    age = row["age"]
    decade = f"{age // _AGES * _AGES}-{age // _AGES * _AGES + _AGES - 1}" if age is not None else _WITHOUT
    return {"sex": row["sex"] or _WITHOUT, "age": decade}

"""Which card the record supports (clinical rules 7.3, 12 and 13)."""

from collections.abc import Sequence

from msgspec import Struct

from mappings.criteria import Count
from service.assess.severity import Band
from service.clinical.assessment import Conclusion, Flag, Gap, Gate, Level, Trial, TrialStatus
from service.clinical.routes import decides


class Tally(Struct, frozen=True, kw_only=True, gc=False):
    """Whether there are enough counted trials, enough with the possible ones, or too few."""

    enough: bool
    reachable: bool


def tally(trials: Sequence[Trial], rule: Count) -> Tally:
    """Return whether the counted, or the counted and possible, trials meet the number and the classes."""
    counted = {t.ingredient: t.drug_class for t in trials if t.status is TrialStatus.COUNTED}
    possible = {t.ingredient: t.drug_class for t in trials if t.status is TrialStatus.POSSIBLE}
    both = possible | counted

    def meets(drugs: dict[str, str]) -> bool:
        return len(drugs) >= rule.trials_needed and len(set(drugs.values())) >= rule.classes_needed

    return Tally(enough=meets(counted), reachable=meets(both))


class Grounds(Struct, frozen=True, kw_only=True, gc=False):
    """Everything that decides the kind of card.

    `unsafe`: a safety trigger stands; `assessable`: the patient and the necessary orders arrived;
    `count_uncertain`: medicines may be missing from the count.
    """

    gate: Gate | None
    reach: Tally
    severity: Band | None
    flags: tuple[Flag, ...]
    missing: tuple[Gap, ...]
    unsafe: bool
    assessable: bool
    count_uncertain: bool


def conclusion(grounds: Grounds) -> Conclusion:
    """Return the kind of card."""
    if grounds.gate is not None:
        danger = grounds.gate.open_to_danger and any(_dangerous(flag) for flag in grounds.flags)
        return Conclusion.CAUTION if danger else Conclusion.NONE
    if not grounds.assessable:
        return Conclusion.INSUFFICIENT_DATA
    if not grounds.reach.enough:
        settled = not (grounds.reach.reachable or grounds.count_uncertain)
        return Conclusion.NONE if settled else Conclusion.INSUFFICIENT_DATA
    if grounds.severity is Band.BELOW_MODERATE:
        return Conclusion.NONE
    if any(decides(flag) for flag in grounds.flags):
        return Conclusion.CAUTION
    if any(gap.blocking for gap in grounds.missing):
        return Conclusion.INSUFFICIENT_DATA
    return Conclusion.CAUTION if grounds.unsafe else Conclusion.RECOMMEND


def _dangerous(flag: Flag) -> bool:
    return flag.danger or Level.CONTRAINDICATION in (flag.esketamine, flag.ketamine)

"""The context that stays the same while one patient is assessed."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from mappings.criteria import Criteria
from mappings.drugs import DrugTable
from service.clinical.facts import PatientFacts, SourceKind


class TrialContext(Struct, frozen=True, kw_only=True, gc=False):
    """The rules of the chosen profile, the evaluation day, and what several rules look up.

    `dispenses` are the days on which medicines were dispensed;
    `child_pugh` finds the Child-Pugh class in the stage of a problem.
    """

    criteria: Criteria
    drugs: DrugTable
    as_of: date
    dispenses: "Dispenses"
    child_pugh: re.Pattern[str]


class Dispenses(Struct, frozen=True, gc=False):
    """The days on which medicines were dispensed, in order: all of them, and those of each ingredient."""

    days: Sequence[int] = ()
    by_ingredient: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def other_within(self, ingredient: str, first: int, last: int) -> bool:
        """Tell whether anything other than `ingredient` was dispensed on the days from `first` to `last`."""
        own = self.by_ingredient.get(ingredient, ())
        return _count(self.days, first, last) > _count(own, first, last)


def _count(days: Sequence[int], first: int, last: int) -> int:
    return bisect_right(days, last) - bisect_left(days, first)


def dispenses(facts: PatientFacts) -> Dispenses:
    """Return the days on which medicines were dispensed."""
    by_ingredient: dict[str, list[int]] = {}
    for exposure in facts.exposures:
        if exposure.source is SourceKind.DISPENSE and exposure.start:
            by_ingredient.setdefault(exposure.ingredient, []).append(exposure.start.first.toordinal())
    unrelated = [when.first.toordinal() for when in facts.unrelated_dispenses]
    days = [*unrelated, *(day for listed in by_ingredient.values() for day in listed)]
    return Dispenses(sorted(days), {name: sorted(listed) for name, listed in by_ingredient.items()})

"""What stays the same while one patient is assessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mappings.criteria import Criteria
from mappings.drugs import DrugTable
from service.clinical.facts import PatientFacts, Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """The rules of the chosen profile, the evaluation day, and what several rules look up.

    `dispense_days` holds, for each antidepressant, the days on which other medicines were dispensed;
    `child_pugh` finds the Child-Pugh class in the stage of a problem.
    """

    criteria: Criteria
    drugs: DrugTable
    as_of: date
    dispense_days: Mapping[str, Sequence[int]]
    child_pugh: re.Pattern[str]


def days_of_other_dispenses(facts: PatientFacts) -> dict[str, list[int]]:
    """Return for each ingredient on record the days on which something else was dispensed."""
    dispensed = [
        (exposure.ingredient, exposure.start.first.toordinal())
        for exposure in facts.exposures
        if exposure.source is Source.DISPENSE and exposure.start
    ]
    dispensed += [("", when.first.toordinal()) for when in facts.unrelated_dispenses]
    return {
        ingredient: [day for other, day in dispensed if other != ingredient]
        for ingredient in {exposure.ingredient for exposure in facts.exposures}
    }

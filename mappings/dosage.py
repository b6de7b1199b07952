"""How amounts, units and schedules are written: `dosage.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from marshmallow import validate

from mappings.members import INGREDIENT, Ingredient, Refers
from mappings.schemas import Quantity
from mappings.tables import Reviewed, Tables, read_table

UNITS = ("mg", "mL", "unit", "mg a day", "unit a day")
Said = Annotated[tuple[str, ...], validate.Length(min=1)]
"""The words for one thing; an amount may have none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """Words for a unit of amount: `kind` is "mg", "mL", "unit", or one of them "a day"."""

    kind: Annotated[str, validate.OneOf(UNITS)]
    factor: Quantity
    words: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """Codes and words for one frequency."""

    per_day: Quantity
    words: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class Duration:
    """Words for one length of time."""

    days: Quantity
    words: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class Combination(Reviewed):
    """A fixed combination that is judged as one drug, by the mg of `dose_of`."""

    name: str
    ingredients: Annotated[tuple[str, ...], validate.Length(min=2), Refers(INGREDIENT)]
    dose_of: Ingredient


@dataclass(frozen=True, kw_only=True, slots=True)
class Weekly(Reviewed):
    """A product taken once a week and the daily dose that it stands for."""

    ingredient: Ingredient
    weekly_mg: Quantity
    daily_mg: Quantity


@dataclass(frozen=True, kw_only=True)
class DosageTable:
    """`dosage.toml`, with its words looked up in lower case."""

    version: str
    most_units_at_once: float
    most_mg_a_day: float
    sources: tuple[str, ...]
    amount: tuple[Amount, ...]
    schedule: tuple[Schedule, ...]
    duration: tuple[Duration, ...]
    combination: tuple[Combination, ...]
    weekly: tuple[Weekly, ...]

    @cached_property
    def amounts(self) -> Mapping[str, tuple[str, float]]:
        """Kind and factor by the unit's word."""
        return {word.lower(): (row.kind, row.factor) for row in self.amount for word in row.words}

    @cached_property
    def schedules(self) -> Mapping[str, float]:
        """Times a day by the schedule's word."""
        return {word.lower(): row.per_day for row in self.schedule for word in row.words}

    @cached_property
    def durations(self) -> Mapping[str, float]:
        """Days by the unit's word."""
        return {word.lower(): row.days for row in self.duration for word in row.words}


def load_dosage(tables: Tables | None = None) -> DosageTable:
    """Return `dosage.toml`."""
    return read_table("dosage.toml", DosageTable, tables)

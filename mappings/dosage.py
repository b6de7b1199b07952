"""How amounts, units and schedules are written: `dosage.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from marshmallow import fields, validate

from mappings.tables import TABLES, Provenance, Reviewed, RowSchema, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """Words for a unit of amount: `kind` is "mg", "mL", "unit", or one of them "a day"."""

    kind: str
    factor: float
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """Codes and words for one frequency."""

    per_day: float
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Duration:
    """Words for one length of time."""

    days: float
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Combination(Reviewed):
    """A fixed combination that is judged as one drug, by the mg of `dose_of`."""

    name: str
    ingredients: tuple[str, ...]
    dose_of: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Weekly(Reviewed):
    """A product taken once a week and the daily dose that it stands for."""

    ingredient: str
    weekly_mg: float
    daily_mg: float


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


class _Amount(RowSchema):
    row = Amount
    kind = fields.String(
        required=True, validate=validate.OneOf(["mg", "mL", "unit", "mg a day", "unit a day"])
    )
    factor = fields.Float(required=True, validate=validate.Range(min=0, min_inclusive=False))
    words = fields.List(fields.String(), required=True, validate=validate.Length(min=1))


class _Schedule(RowSchema):
    row = Schedule
    per_day = fields.Float(required=True, validate=validate.Range(min=0, min_inclusive=False))
    words = fields.List(fields.String(), required=True, validate=validate.Length(min=1))


class _Duration(RowSchema):
    row = Duration
    days = fields.Float(required=True, validate=validate.Range(min=0, min_inclusive=False))
    words = fields.List(fields.String(), required=True, validate=validate.Length(min=1))


class _Combination(Provenance):
    row = Combination
    name = fields.String(required=True)
    ingredients = fields.List(fields.String(), required=True, validate=validate.Length(min=2))
    dose_of = fields.String(required=True)


class _Weekly(Provenance):
    row = Weekly
    ingredient = fields.String(required=True)
    weekly_mg = fields.Float(required=True, validate=validate.Range(min=0, min_inclusive=False))
    daily_mg = fields.Float(required=True, validate=validate.Range(min=0, min_inclusive=False))


class _Table(RowSchema):
    row = DosageTable
    version = fields.String(required=True)
    most_units_at_once = fields.Float(required=True)
    most_mg_a_day = fields.Float(required=True)
    sources = fields.List(fields.String(), required=True)
    amount = fields.List(fields.Nested(_Amount), required=True)
    schedule = fields.List(fields.Nested(_Schedule), required=True)
    duration = fields.List(fields.Nested(_Duration), required=True)
    combination = fields.List(fields.Nested(_Combination), required=True)
    weekly = fields.List(fields.Nested(_Weekly), required=True)


def load_dosage() -> DosageTable:
    """Return `dosage.toml`."""
    table: DosageTable = read_table(TABLES / "dosage.toml", _Table())
    return table

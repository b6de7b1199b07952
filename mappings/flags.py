"""The flags: what speaks against a route or bears on it, as reviewed rows of `flags.toml`."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.entries import EntryWords, load_entry_words
from mappings.flag_figures import (
    AgeRule,
    AllergyRule,
    ListNotes,
    LiverRule,
    MedicineRule,
    PregnancyRule,
    PressureRule,
    PriorCourseRule,
    Screening,
    SubstanceUse,
)
from mappings.matching import NO_WORDS, Codes, Finding, Words
from mappings.schemas import ELSEWHERE, Days
from mappings.tables import Reviewed, Tables, read_table

LEVELS = ("contraindication", "caution", "info", "none")
BASES = ("label", "project")
TIMES = (
    "any-time",
    "active",
    "recent",
    "older",
    "active-or-ended",
    "ended-before",
    "remission-within",
    "remission-before",
)
KINDS = (
    "",
    "hypersensitivity",
    "intolerance",
    "pressure-hold",
    "pressure-high",
    "pressure-last",
    "substance-active",
    "substance-early-remission",
    "substance-sustained-remission",
    "pregnancy",
    "pre-eclampsia",
    "liver-severe",
    "liver-moderate",
    "prior-course",
    "age",
    "severity",
    "trials",
)


Level = Annotated[str, validate.OneOf(LEVELS)]
Basis = Annotated[str, validate.OneOf(BASES)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionRule(Finding):
    """Entries of the problem list that raise a flag, and when; levels left out are the flag's own."""

    when: Annotated[str, validate.OneOf(TIMES)]
    days: Days = 0
    esketamine: Level = ""
    ketamine: Level = ""
    basis: Basis = ""
    given: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    remark: str = ""
    rule: str = ""

    def __post_init__(self) -> None:
        if self.when not in ("any-time", "active") and not self.days:
            raise ValidationError("needs a number of days", "days")


@dataclass(frozen=True, kw_only=True, slots=True)
class MedicineInUse:
    """Medicines that raise a flag while in use within `days`.

    `doubt_counts`: use that only may reach into that time counts in full, not one level lower.
    """

    days: Days
    groups: frozenset[str] = frozenset()
    ingredients: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    doubt_counts: bool = False
    esketamine: Level = ""
    ketamine: Level = ""
    basis: Basis = ""
    given: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    remark: str = ""
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureRule:
    """Procedures that raise a flag, at any time."""

    interventions: frozenset[str] = frozenset()
    text: Words = NO_WORDS
    remark: str = ""
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FlagRow(Reviewed):
    """One flag: its levels, its words, and the rules that raise it."""

    id: Annotated[str, validate.Regexp(r"[A-Z0-9]+(-[A-Z0-9]+)*\Z")]
    title: Annotated[str, validate.Length(min=1, max=70)]
    text: Annotated[str, validate.Regexp(r"\{findings\}[^{}]*\Z")]
    missing: str
    esketamine: Level
    ketamine: Level
    kind: Annotated[str, validate.OneOf(KINDS)] = ""
    basis: Basis = "label"
    replaced_by: tuple[str, ...] = ()
    condition: tuple[ConditionRule, ...] = ()
    medicine: tuple[MedicineInUse, ...] = ()
    procedure: tuple[ProcedureRule, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstance(Finding):
    """Something else in the record that changes how a finding counts."""

    id: str
    meaning: str
    interventions: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    lab: str = ""
    below: float = 0.0
    days: Days = 0
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GapRow(Reviewed):
    """What the record does not tell, and whether a recommendation waits for it."""

    id: str
    blocking: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class FlagTable:
    """All flags in the order in which they are shown, with the figures they use."""

    version: str
    words: Annotated[EntryWords, ELSEWHERE]
    flag: Annotated[tuple[FlagRow, ...], validate.Length(min=1)]
    circumstance: tuple[Circumstance, ...]
    medicine: MedicineRule
    pressure: PressureRule
    age: AgeRule
    allergy: AllergyRule
    pregnancy: PregnancyRule
    liver: LiverRule
    substance_use: SubstanceUse
    prior_course: PriorCourseRule
    screening: Screening
    list_notes: ListNotes
    gap: tuple[GapRow, ...]

    def __post_init__(self) -> None:
        known = {row.id for row in self.flag} | {row.id for row in self.circumstance}
        for row in self.flag:
            if unknown := _named_in(row) - known:
                raise ValidationError(f"{row.id}: not in this table: {sorted(unknown)}", "flag")

    @cached_property
    def watched(self) -> Finding:
        """Every code and group that a row names: an entry with none of them raises no flag."""
        return _watched(self)

    def row(self, flag_id: str) -> FlagRow:
        """Return the flag `flag_id`."""
        return next(row for row in self.flag if row.id == flag_id)

    def circumstances(self, ids: frozenset[str]) -> tuple[Circumstance, ...]:
        """Return the circumstances with one of `ids`."""
        return tuple(row for row in self.circumstance if row.id in ids)


def _named_in(row: FlagRow) -> set[str]:
    by_condition = (one.given | one.unless for one in row.condition)
    by_medicine = (one.given | one.unless for one in row.medicine)
    return set(row.replaced_by).union(*by_condition, *by_medicine)


def _watched(table: FlagTable) -> Finding:
    pregnancy, use = table.pregnancy, table.substance_use
    findings: list[Finding] = [
        *(rule for row in table.flag for rule in row.condition),
        *table.circumstance,
        *(pregnancy.pregnant, pregnancy.ended, pregnancy.not_pregnant),
        *(pregnancy.pre_eclampsia, pregnancy.pre_eclampsia_after),
        *(Finding(codes=one.codes, snomed=frozenset(one.snomed)) for one in use.substance),
    ]
    codes = {code for one in findings for code in one.codes.prefixes}
    groups = frozenset((*use.active_snomed, *use.remission_snomed))
    return Finding(
        codes=Codes(tuple(sorted(codes))),
        snomed=groups.union(*(one.snomed for one in findings)),
    )


def load_flags(tables: Tables | None = None) -> FlagTable:
    """Return the table of `flags.toml`; raise TableError when a row does not fit."""
    return read_table("flags.toml", FlagTable, tables, words=load_entry_words(tables))

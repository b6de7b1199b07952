"""The flags: what speaks against a route or bears on it, as reviewed rows of `flags.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
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
    SubstanceScreen,
    SubstanceUse,
)
from mappings.gaps import FlagGap
from mappings.matching import NO_WORDS, Codes, Finding, Words
from mappings.members import DRUG_GROUP, ELSEWHERE, INGREDIENT, PROCEDURE, Measurement, Refers
from mappings.schemas import Days, expect
from mappings.tables import Reviewed, Tables, read_table

LEVELS = ("contraindication", "caution", "info", "none")
LABEL, PROJECT, WITHIN_LABEL = "label", "project", "within-label"
BASES = (LABEL, PROJECT, WITHIN_LABEL)
CLINICAL, PLANNING = "clinical", "planning"
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


class FlagKind(StrEnum):
    """What raises a flag apart from rows; one flag each, except for `TRIALS`."""

    HYPERSENSITIVITY = "hypersensitivity"
    INTOLERANCE = "intolerance"
    PRESSURE_HOLD = "pressure-hold"
    PRESSURE_HIGH = "pressure-high"
    PRESSURE_LAST = "pressure-last"
    SUBSTANCE_ACTIVE = "substance-active"
    SUBSTANCE_EARLY_REMISSION = "substance-early-remission"
    SUBSTANCE_SUSTAINED_REMISSION = "substance-sustained-remission"
    SUBSTANCE_SCREEN = "substance-screen"
    PREGNANCY = "pregnancy"
    PRE_ECLAMPSIA = "pre-eclampsia"
    LIVER_SEVERE = "liver-severe"
    LIVER_MODERATE = "liver-moderate"
    PRIOR_COURSE = "prior-course"
    AGE = "age"
    SUICIDE_HISTORY = "suicide-history"
    SEVERITY = "severity"
    TRIALS = "trials"


class FlagId(StrEnum):
    """Flags that the service asks for by name; the tables alone declare every other."""

    PREG = "PREG"
    SUD_ACT = "SUD-ACT"
    SUD_EREM = "SUD-EREM"
    SUD_SREM = "SUD-SREM"
    SUD_SCREEN = "SUD-SCREEN"
    PSY_ACT = "PSY-ACT"
    PSY_HX = "PSY-HX"
    PRIOR_NR = "PRIOR-NR"
    THYR = "THYR"
    SEV_MOD = "SEV-MOD"
    CLASS_1 = "CLASS-1"
    PAIR = "PAIR"
    PARTIAL = "PARTIAL"
    ADH_UNK = "ADH-UNK"


OF_THE_TRIALS = frozenset({FlagId.CLASS_1, FlagId.PAIR, FlagId.PARTIAL, FlagId.ADH_UNK})


Level = Annotated[str, validate.OneOf(LEVELS)]
Basis = Annotated[str, validate.OneOf(BASES)]
Weight = Annotated[str, validate.OneOf((CLINICAL, PLANNING))]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionRule(Finding):
    """Entries of the problem list that raise a flag, and when; levels left out are the flag's own."""

    when: Annotated[str, validate.OneOf(TIMES)]
    days: Days = 0
    esketamine: Level = ""
    ketamine: Level = ""
    basis: Basis = ""
    ketamine_basis: Basis = ""
    weight: Weight = ""
    marks: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    remark: str = ""
    rule: str = ""

    def __post_init__(self) -> None:
        if self.when not in ("any-time", "active") and not self.days:
            raise ValidationError("needs a number of days", "days")
        if not (self.codes.prefixes or self.snomed or self.text.phrases):
            raise ValidationError("expected codes, snomed or text, by which an entry is found", "codes")


@dataclass(frozen=True, kw_only=True, slots=True)
class MedicineInUse:
    """Medicines that raise a flag while in use within `days`.

    `doubt_counts`: use that only may reach into that time counts in full, not one level lower; `as_needed`:
    the rule is only about what is taken as needed.
    """

    days: Days
    groups: Annotated[frozenset[str], Refers(DRUG_GROUP)] = frozenset()
    ingredients: Annotated[frozenset[str], Refers(INGREDIENT)] = frozenset()
    routes: frozenset[str] = frozenset()
    doubt_counts: bool = False
    as_needed: bool = False
    esketamine: Level = ""
    ketamine: Level = ""
    basis: Basis = ""
    weight: Weight = ""
    given: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    remark: str = ""
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureRule:
    """Procedures that raise a flag, at any time."""

    interventions: Annotated[frozenset[str], Refers(PROCEDURE)] = frozenset()
    text: Words = NO_WORDS
    remark: str = ""
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FlagRow(Reviewed):
    """One flag: its levels, its words, and the rules that raise it.

    `weight`: whether a caution of it decides which card is shown. `danger`: a closed gate does not hide it.
    `warns_on_order`: an order is warned about it whatever its weight.
    """

    id: Annotated[str, validate.Regexp(r"[A-Z0-9]+(-[A-Z0-9]+)*\Z")]
    title: Annotated[str, validate.Length(min=1, max=70)]
    text: Annotated[str, validate.Regexp(r"\{findings\}[^{}]*\Z")]
    missing: str
    esketamine: Level
    ketamine: Level
    kind: Annotated[str, validate.OneOf(tuple(FlagKind))] = ""
    basis: Basis = LABEL
    ketamine_basis: Basis = ""
    suspected: Level = ""
    weight: Weight = CLINICAL
    danger: bool = False
    warns_on_order: bool = False
    replaced_by: tuple[str, ...] = ()
    condition: tuple[ConditionRule, ...] = ()
    medicine: tuple[MedicineInUse, ...] = ()
    procedure: tuple[ProcedureRule, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Together(Reviewed):
    """Findings that decide where they come together: every flag that shows one of `marks` becomes clinical.

    `drugs`: so many different medicines must show them.
    """

    meaning: str
    marks: frozenset[str]
    drugs: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderReason(Finding):
    """A flag that the reason of an order raises when nothing else does, at `level` on both routes.

    Without words and codes of its own it means what the conditions of the flag mean. `days`: the order is
    active or was written within them (none: at any time); `past`: it is neither. `words` name its origin.
    """

    flag: str
    level: Level
    words: str
    days: int | None = None
    past: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstance(Finding):
    """Something else in the record that changes the weight of a finding.

    `lab`: the latest value of so many `days` is `below` a figure, or it `reaches` one. `own_text`: an entry
    of the problem list, coded or not, says one of these phrases and none of `own_text_except`; nothing else
    in the words of an entry shows the circumstance then.
    """

    id: str
    meaning: str
    interventions: Annotated[frozenset[str], Refers(PROCEDURE)] = frozenset()
    groups: Annotated[frozenset[str], Refers(DRUG_GROUP)] = frozenset()
    lab: Measurement = ""
    below: float | None = None
    reaches: float | None = None
    days: Days = 0
    own_text: Words = NO_WORDS
    own_text_except: Words = NO_WORDS
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GapRow(Reviewed):
    """What the record does not tell, and whether a recommendation waits for it."""

    id: Annotated[str, validate.OneOf(tuple(FlagGap))]
    blocking: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class FlagTable:
    """All flags in the order in which they are shown, with the figures they use."""

    version: str
    words: Annotated[EntryWords, ELSEWHERE]
    flag: Annotated[tuple[FlagRow, ...], validate.Length(min=1)]
    together: tuple[Together, ...]
    order_reason: tuple[OrderReason, ...]
    circumstance: tuple[Circumstance, ...]
    medicine: MedicineRule
    pressure: PressureRule
    age: AgeRule
    allergy: AllergyRule
    pregnancy: PregnancyRule
    liver: LiverRule
    substance_use: SubstanceUse
    substance_screen: SubstanceScreen
    prior_course: PriorCourseRule
    screening: Screening
    list_notes: ListNotes
    gap: tuple[GapRow, ...]

    def __post_init__(self) -> None:
        known = {row.id for row in self.flag} | {row.id for row in self.circumstance}
        for row in self.flag:
            if unknown := _named_in(row) - known:
                raise ValidationError(f"{row.id}: not in this table: {sorted(unknown)}", "flag")
        if lost := {reason.flag for reason in self.order_reason} - known:
            raise ValidationError(f"not in this table: {sorted(lost)}", "order_reason")
        expect((row.id for row in self.flag), FlagId, "flag")
        expect((row.id for row in self.gap), FlagGap, "gap")
        _check_kinds(self.flag)
        carried = {row.id for row in self.flag}.union(*(_marks_of(row) for row in self.flag))
        for pair in self.together:
            if lacking := pair.marks - carried:
                raise ValidationError(f"{pair.meaning}: no finding carries {sorted(lacking)}", "together")

    @cached_property
    def watched(self) -> Finding:
        """Every code and group that a row names: an entry with none of them raises no flag."""
        return _watched(self)

    @cached_property
    def _rows(self) -> Mapping[str, FlagRow]:
        return {row.id: row for row in self.flag}

    def row(self, flag_id: str) -> FlagRow:
        """Return the flag `flag_id`."""
        return self._rows[flag_id]

    def circumstances(self, ids: frozenset[str]) -> tuple[Circumstance, ...]:
        """Return the circumstances with one of `ids`."""
        return tuple(row for row in self.circumstance if row.id in ids)


def _marks_of(row: FlagRow) -> set[str]:
    by_condition = (rule.marks for rule in row.condition)
    by_medicine = (rule.groups for rule in row.medicine)
    return set[str]().union(*by_condition, *by_medicine)


def _named_in(row: FlagRow) -> set[str]:
    by_condition = (rule.given | rule.unless for rule in row.condition)
    by_medicine = (rule.given | rule.unless for rule in row.medicine)
    return set(row.replaced_by).union(*by_condition, *by_medicine)


def _check_kinds(rows: tuple[FlagRow, ...]) -> None:
    """Raise ValidationError unless each kind raises its own flag and every flag can be raised."""
    for row in rows:
        if not (row.kind or row.condition or row.medicine or row.procedure):
            raise ValidationError(f"{row.id}: expected a kind or rows that raise it", "flag")
    for kind in FlagKind:
        ids = [row.id for row in rows if row.kind == kind]
        expected = sorted(_flags_of(kind))
        if (sorted(ids) != expected) if expected else (len(ids) != 1):
            said = ", ".join(expected) or "one row"
            raise ValidationError(f"kind {kind}: expected {said}; found {', '.join(ids) or 'none'}", "flag")


def _flags_of(kind: FlagKind) -> frozenset[str]:
    """Return the flags of a kind that the service asks for by name; other kinds have one flag each."""
    named = {FlagKind.TRIALS: OF_THE_TRIALS, FlagKind.SEVERITY: frozenset({FlagId.SEV_MOD})}
    return frozenset(map(str, named.get(kind, ())))


def _watched(table: FlagTable) -> Finding:
    pregnancy, use = table.pregnancy, table.substance_use
    findings: list[Finding] = [
        *(rule for row in table.flag for rule in row.condition),
        *table.circumstance,
        *(pregnancy.pregnant, pregnancy.ended, pregnancy.not_pregnant),
        *(pregnancy.pre_eclampsia, pregnancy.pre_eclampsia_after),
        *use.substance,
    ]
    codes = {code for finding in findings for code in finding.codes.prefixes}
    groups = frozenset((*use.active_snomed, *use.remission_snomed))
    return Finding(
        codes=Codes(tuple(sorted(codes))),
        snomed=groups.union(*(finding.snomed for finding in findings)),
    )


def load_flags(tables: Tables | None = None) -> FlagTable:
    """Return the table of `flags.toml`; raise TableError when a row does not fit."""
    return read_table("flags.toml", FlagTable, tables, words=load_entry_words(tables))

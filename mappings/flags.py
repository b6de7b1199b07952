"""The flags: what speaks against a route or bears on it, as reviewed rows of `flags.toml`."""

from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

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
from mappings.matching import NO_WORDS, Codes, Finding, FindingSchema, GroupsField, Words, WordsField
from mappings.sections import schema_of
from mappings.tables import TABLES, Provenance, Reviewed, RowSchema, read_table

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


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionRule(Finding):
    """Entries of the problem list that raise a flag, and when; levels left out are the flag's own."""

    when: str
    days: int = 0
    esketamine: str = ""
    ketamine: str = ""
    basis: str = ""
    given: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    remark: str = ""
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MedicineInUse:
    """Medicines that raise a flag while in use within `days`.

    `doubt_counts`: use that only may reach into that time counts in full, not one level lower.
    """

    days: int
    groups: frozenset[str] = frozenset()
    ingredients: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    doubt_counts: bool = False
    esketamine: str = ""
    ketamine: str = ""
    basis: str = ""
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

    id: str
    title: str
    text: str
    missing: str
    esketamine: str
    ketamine: str
    kind: str = ""
    basis: str = "label"
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
    days: int = 0
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GapRow(Reviewed):
    """What the record does not tell, and whether a recommendation waits for it."""

    id: str
    blocking: bool
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FlagTable:
    """All flags in the order in which they are shown, with the figures they use.

    `watched` holds every code and group that a row names: an entry with none of them raises no flag.
    """

    version: str
    words: EntryWords
    flag: tuple[FlagRow, ...]
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
    watched: Finding

    def row(self, flag_id: str) -> FlagRow:
        """Return the flag `flag_id`."""
        return next(row for row in self.flag if row.id == flag_id)

    def circumstances(self, ids: frozenset[str]) -> tuple[Circumstance, ...]:
        """Return the circumstances with one of `ids`."""
        return tuple(row for row in self.circumstance if row.id in ids)


_ONE_LEVEL = validate.OneOf(LEVELS)
_ONE_BASIS = validate.OneOf(BASES)
_DAYS = validate.Range(min=1)
_SAID = validate.Length(min=1)


class _ConditionRule(FindingSchema):
    row = ConditionRule
    when = fields.String(required=True, validate=validate.OneOf(TIMES))
    days = fields.Integer(strict=True, validate=_DAYS)
    esketamine = fields.String(validate=_ONE_LEVEL)
    ketamine = fields.String(validate=_ONE_LEVEL)
    basis = fields.String(validate=_ONE_BASIS)
    given = GroupsField()
    unless = GroupsField()
    remark = fields.String(validate=_SAID)

    @validates_schema
    def _has_days(self, values: dict[str, object], **_: object) -> None:
        if values.get("when") not in ("any-time", "active") and "days" not in values:
            raise ValidationError("needs a number of days", "days")


class _MedicineInUse(RowSchema):
    row = MedicineInUse
    days = fields.Integer(required=True, strict=True, validate=_DAYS)
    groups = GroupsField()
    ingredients = GroupsField()
    routes = GroupsField()
    doubt_counts = fields.Boolean()
    esketamine = fields.String(validate=_ONE_LEVEL)
    ketamine = fields.String(validate=_ONE_LEVEL)
    basis = fields.String(validate=_ONE_BASIS)
    given = GroupsField()
    unless = GroupsField()
    remark = fields.String(validate=_SAID)


class _ProcedureRule(RowSchema):
    row = ProcedureRule
    interventions = GroupsField()
    text = WordsField()
    remark = fields.String(validate=_SAID)


class _FlagRow(Provenance):
    row = FlagRow
    id = fields.String(required=True, validate=validate.Regexp(r"[A-Z0-9]+(-[A-Z0-9]+)*\Z"))
    title = fields.String(required=True, validate=validate.Length(min=1, max=70))
    text = fields.String(required=True, validate=validate.Regexp(r"\{findings\}[^{}]*\Z"))
    missing = fields.String(required=True, validate=_SAID)
    esketamine = fields.String(required=True, validate=_ONE_LEVEL)
    ketamine = fields.String(required=True, validate=_ONE_LEVEL)
    kind = fields.String(validate=validate.OneOf(KINDS))
    basis = fields.String(validate=_ONE_BASIS)
    replaced_by = fields.List(fields.String())
    condition = fields.List(fields.Nested(_ConditionRule))
    medicine = fields.List(fields.Nested(_MedicineInUse))
    procedure = fields.List(fields.Nested(_ProcedureRule))


class _Circumstance(FindingSchema):
    row = Circumstance
    id = fields.String(required=True, validate=_SAID)
    meaning = fields.String(required=True, validate=_SAID)
    interventions = GroupsField()
    groups = GroupsField()
    lab = fields.String(validate=_SAID)
    below = fields.Float()
    days = fields.Integer(strict=True, validate=_DAYS)


class _GapRow(Provenance):
    row = GapRow
    id = fields.String(required=True, validate=_SAID)
    blocking = fields.Boolean(required=True)
    text = fields.String(required=True, validate=_SAID)


class _Table(RowSchema):
    row = dict
    version = fields.String(required=True, validate=_SAID)
    flag = fields.List(fields.Nested(_FlagRow), required=True, validate=_SAID)
    circumstance = fields.List(fields.Nested(_Circumstance), required=True)
    medicine = fields.Nested(schema_of(MedicineRule), required=True)
    pressure = fields.Nested(schema_of(PressureRule), required=True)
    age = fields.Nested(schema_of(AgeRule), required=True)
    allergy = fields.Nested(schema_of(AllergyRule), required=True)
    pregnancy = fields.Nested(schema_of(PregnancyRule), required=True)
    liver = fields.Nested(schema_of(LiverRule), required=True)
    substance_use = fields.Nested(schema_of(SubstanceUse), required=True)
    prior_course = fields.Nested(schema_of(PriorCourseRule), required=True)
    screening = fields.Nested(schema_of(Screening), required=True)
    list_notes = fields.Nested(schema_of(ListNotes), required=True)
    gap = fields.List(fields.Nested(_GapRow), required=True)

    @validates_schema
    def _names_exist(self, values: dict[str, Any], **_: object) -> None:
        known: set[str] = {one.id for one in (*values.get("flag", ()), *values.get("circumstance", ()))}
        for row in values.get("flag", ()):
            unknown = _named_in(row) - known
            if unknown:
                raise ValidationError(f"{row.id}: not in this table: {sorted(unknown)}", "flag")


def _named_in(row: FlagRow) -> set[str]:
    by_condition = (one.given | one.unless for one in row.condition)
    by_medicine = (one.given | one.unless for one in row.medicine)
    return set(row.replaced_by).union(*by_condition, *by_medicine)


def _watched(content: dict[str, Any]) -> Finding:
    pregnancy: PregnancyRule = content["pregnancy"]
    use: SubstanceUse = content["substance_use"]
    findings: list[Finding] = [
        *(rule for row in content["flag"] for rule in row.condition),
        *content["circumstance"],
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


def load_flags() -> FlagTable:
    """Return the table of `flags.toml`; raise TableError when a row does not fit."""
    content = read_table(TABLES / "flags.toml", _Table())
    return FlagTable(words=load_entry_words(), watched=_watched(content), **content)

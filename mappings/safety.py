"""Suicide risk: the triggers of a safety assessment, as reviewed rows of `safety.toml`."""

from dataclasses import dataclass

from marshmallow import fields, validate

from mappings.entries import EntryWords, load_entry_words
from mappings.matching import Finding
from mappings.sections import schema_of
from mappings.tables import TABLES, Reviewed, RowSchema, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class TriggerRow(Reviewed):
    """One trigger, the most urgent first."""

    id: str
    meaning: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SafetyDays:
    """How far back each kind of finding counts; `known`: how recent an answer settles that it was asked."""

    answer: int
    behaviour: int
    lifetime: int
    attempt: int
    ideation: int
    rescreen: int
    known: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Item9:
    """PHQ-9 item 9: the values from which it asks for an assessment."""

    question: str
    high: int
    some: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cssrs:
    """The questions of the C-SSRS screener, by what they ask."""

    ideation: tuple[str, ...]
    intent: tuple[str, ...]
    behaviour_ever: str
    behaviour_recent: str
    risk: str
    risk_high: int
    risk_moderate: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SafetyText:
    """The words of triggers and of what is missing."""

    item9: str
    yes: str
    behaviour_recent: str
    behaviour_ever: str
    risk_high: str
    risk_moderate: str
    disagree: str
    lowered: str
    not_followed: str
    undated_past: str
    undated_unknown: str
    unknown: str
    not_retrievable: str
    first_page: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptRule(Reviewed):
    """Diagnoses of an attempt or intentional self-harm.

    `patterns` are matched against a whole ICD-10 code without its dot, beside the codes of `finding`; a code
    that fits `sequela` tells of an old injury and does not count.
    """

    finding: Finding
    patterns: tuple[str, ...]
    sequela: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IdeationRule(Reviewed):
    """Diagnoses of suicidal ideation."""

    finding: Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class SafetyTable:
    """All that decides on safety triggers."""

    version: str
    words: EntryWords
    trigger: tuple[TriggerRow, ...]
    days: SafetyDays
    item9: Item9
    cssrs: Cssrs
    text: SafetyText
    attempt: AttemptRule
    ideation: IdeationRule


class _Table(RowSchema):
    row = dict
    version = fields.String(required=True, validate=validate.Length(min=1))
    trigger = fields.List(
        fields.Nested(schema_of(TriggerRow)), required=True, validate=validate.Length(min=1)
    )
    days = fields.Nested(schema_of(SafetyDays), required=True)
    item9 = fields.Nested(schema_of(Item9), required=True)
    cssrs = fields.Nested(schema_of(Cssrs), required=True)
    text = fields.Nested(schema_of(SafetyText), required=True)
    attempt = fields.Nested(schema_of(AttemptRule), required=True)
    ideation = fields.Nested(schema_of(IdeationRule), required=True)


def load_safety() -> SafetyTable:
    """Return the table of `safety.toml`; raise TableError when a row does not fit."""
    return SafetyTable(words=load_entry_words(), **read_table(TABLES / "safety.toml", _Table()))

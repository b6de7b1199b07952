"""Suicide risk: the triggers of a safety assessment, as reviewed rows of `safety.toml`."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.entries import EntryWords, load_entry_words
from mappings.matching import Finding
from mappings.members import ELSEWHERE, Measurement, Measurements
from mappings.schemas import expect
from mappings.tables import Reviewed, Tables, read_table


class TriggerId(StrEnum):
    """The triggers that the service knows how to raise, the most urgent first."""

    NOW = "SAFE-1"
    TODAY = "SAFE-2"
    RESCREEN = "SAFE-3"


@dataclass(frozen=True, kw_only=True, slots=True)
class TriggerRow(Reviewed):
    """One trigger, the most urgent first."""

    id: Annotated[str, validate.OneOf(tuple(TriggerId))]
    meaning: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SafetyDays:
    """How far back each kind of finding counts; `known`: how recent an answer settles that it was asked."""

    answer: int
    behaviour: int
    lifetime: int
    attempt: int
    ideation: int
    at_risk: int
    rescreen: int
    known: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Item9:
    """PHQ-9 item 9: the values from which it asks for an assessment."""

    question: Measurement
    high: int
    some: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cssrs:
    """The questions of the C-SSRS screener, by what they ask."""

    ideation: Measurements
    intent: Measurements
    always_asked: Measurements
    behaviour_ever: Measurement
    behaviour_recent: Measurement
    risk: Measurement
    risk_high: int
    risk_moderate: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SafetyText:
    """The words of triggers and of what is missing."""

    item9: str
    yes: str
    yes_several: str
    behaviour_recent: str
    behaviour_ever: str
    risk_high: str
    risk_moderate: str
    screen: str
    disagree: str
    lowered: str
    not_followed: str
    undated_past: str
    undated_unknown: str
    unread: str
    unread_undated: str
    positive_undated: str
    more_lost: str
    history: str
    unknown: str
    not_retrievable: str
    first_page: str
    partly: str


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
class EntryRule(Reviewed):
    """Diagnoses of suicidal ideation, of a risk of suicide, or of an earlier attempt or self-harm."""

    finding: Finding


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SafetyTable:
    """All that decides on safety triggers."""

    version: str
    words: Annotated[EntryWords, ELSEWHERE]
    trigger: Annotated[tuple[TriggerRow, ...], validate.Length(min=1)]
    days: SafetyDays
    item9: Item9
    cssrs: Cssrs
    text: SafetyText
    attempt: AttemptRule
    ideation: EntryRule
    at_risk: EntryRule
    history: EntryRule

    def __post_init__(self) -> None:
        check_triggers((row.id for row in self.trigger), "trigger")


def check_triggers(ids: Iterable[str], member: str) -> None:
    """Raise ValidationError about `member` unless `ids` are all triggers, from the most urgent down."""
    found = tuple(ids)
    expect(found, TriggerId, member)
    if found != tuple(TriggerId):
        raise ValidationError(f"expected {', '.join(TriggerId)} in this order", member)


def load_safety(tables: Tables | None = None) -> SafetyTable:
    """Return the table of `safety.toml`; raise TableError when a row does not fit."""
    return read_table("safety.toml", SafetyTable, tables, words=load_entry_words(tables))

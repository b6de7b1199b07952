"""What recorded reasons mean for the count of trials: `reasons.toml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.members import CONDITION_GROUP, Refers
from mappings.schemas import Text
from mappings.tables import Reviewed, Tables, read_table

PURPOSES = ("depression", "smoking-cessation", "other", "unclear", "none")
KINDS_OF_END = ("no-effect", "adverse-effect", "responded", "unrelated")


@dataclass(frozen=True, kw_only=True, slots=True)
class PurposeRow(Reviewed):
    """Codes, groups and words that say what a medicine is for; `id` is a Purpose of the service.

    A text that states one of the words of `unless` is about something else.
    """

    id: Annotated[str, validate.OneOf(PURPOSES)]
    icd10: tuple[Text, ...]
    snomed: Annotated[tuple[Text, ...], Refers(CONDITION_GROUP)]
    words: tuple[Text, ...]
    unless: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusCode:
    """A code for the reason of a status, with the name it has there."""

    system: str
    code: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StopRow(Reviewed):
    """Codes and words that say why a medicine was ended; `kind` is a StopKind of the service."""

    kind: Annotated[str, validate.OneOf(KINDS_OF_END)]
    codes: tuple[StatusCode, ...]
    words: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Adherence(Reviewed):
    """How a record says that a medicine was not taken as ordered."""

    extension: str
    snomed: tuple[Text, ...]
    words: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Denial(Reviewed):
    """Words by which a statement says that a medicine was not used; the exceptions take them back.

    `never` are those that do so in a note or a reason beside a medicine, with nothing after them but
    `objects`, the medicine's own name, or why, which begins with one of `because`; `whole` are whole notes.
    `before_drug` stand right before its name, at most `reach` words; after it `used_since` says that it
    was used.
    """

    words: tuple[Text, ...]
    exceptions: tuple[Text, ...]
    never: tuple[Text, ...]
    objects: frozenset[str]
    because: frozenset[str]
    whole: frozenset[str]
    before_drug: tuple[Text, ...]
    reach: int
    used_since: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class NegatedTerm(Reviewed):
    """Words that deny a term: `before` it, or `after` it, there with or without one of `auxiliaries`."""

    before: tuple[Text, ...]
    after: tuple[Text, ...]
    auxiliaries: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True)
class ReasonTable:
    """`reasons.toml`."""

    version: str
    purpose: tuple[PurposeRow, ...]
    stop: tuple[StopRow, ...]
    adherence: Adherence
    denial: Denial
    negated: NegatedTerm

    def __post_init__(self) -> None:
        words = [word.lower() for row in self.stop for word in {word.lower() for word in row.words}]
        if twice := sorted({word for word in words if words.count(word) > 1}):
            raise ValidationError(f"stands for two kinds of end: {', '.join(twice)}", "stop")

    @cached_property
    def denied_before(self) -> re.Pattern[str]:
        """What denies a term and ends where it begins, one word between them at most."""
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, self.negated.before))})(?: \w+)? $")

    @cached_property
    def denied_after(self) -> re.Pattern[str]:
        """What denies a term and begins where it ends, one word between them at most."""
        auxiliaries, words = (
            "|".join(map(re.escape, some)) for some in (self.negated.auxiliaries, self.negated.after)
        )
        return re.compile(rf"(?: \w+)? (?:(?:{auxiliaries}) )?(?:{words})\b")

    @cached_property
    def by_icd10(self) -> Mapping[str, str]:
        """Purpose by ICD-10 prefix."""
        return {entry.split()[0]: row.id for row in self.purpose for entry in row.icd10}

    @cached_property
    def by_group(self) -> Mapping[str, str]:
        """Purpose by SNOMED CT group."""
        return {group: row.id for row in self.purpose for group in row.snomed}

    @cached_property
    def by_status(self) -> Mapping[tuple[str, str], str]:
        """Kind of end by system and code of the status reason."""
        return {(c.system, c.code): row.kind for row in self.stop for c in row.codes}


def load_reasons(tables: Tables | None = None) -> ReasonTable:
    """Return `reasons.toml`."""
    return read_table("reasons.toml", ReasonTable, tables)

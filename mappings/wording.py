"""What the cards say: sentences, words, sourced statements and the lists that go with each card."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from mappings.sentences import FACTS, Sentence, sentences_table, words_table
from mappings.tables import TABLES, Provenance, Reviewed, RowSchema, read_table

CARD_KINDS = ("safety", "recommend", "caution", "insufficient-data", "order-check", "not-assessed")
MOST_OVERRIDE_REASONS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long things on a card may be: `detail` in bytes of UTF-8, else characters or entries."""

    detail: int
    definition: int
    text: int
    name: int
    list: int
    names: int
    references: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceText:
    """Who speaks on the card, and the code system of the topics."""

    label: str
    topic_system: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TriggerText(Reviewed):
    """What the safety card says when `id` is the highest trigger."""

    id: str
    indicator: str
    summary: str
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact(Reviewed):
    """A statement that does not come from the patient's record."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferralText(Reviewed):
    """How the drafted referral is coded and named; the code is shipped without its display."""

    system: str
    code: str
    text: str
    intent: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OverrideReason:
    """A reason a clinician can give for not following the kinds of card in `cards`."""

    code: str
    display: str
    cards: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Overrides:
    """The override reasons, all of one code system."""

    system: str
    reason: tuple[OverrideReason, ...]

    def of(self, kind: str) -> tuple[OverrideReason, ...]:
        """The reasons for one kind of card."""
        return tuple(reason for reason in self.reason if kind in reason.cards)

    def codes(self) -> frozenset[tuple[str, str]]:
        """System and code of every reason that some card offers."""
        return frozenset((self.system, reason.code) for reason in self.reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording(Reviewed):
    """The whole table, checked: every sentence and word that a card can need is there.

    `sentences` and `words` are by section and name; `trigger` rows go from the highest down.
    """

    version: str
    source: SourceText
    limits: Limits
    trigger: tuple[TriggerText, ...]
    fact: tuple[Fact, ...]
    referral: ReferralText
    overrides: Overrides
    sentences: Mapping[str, Mapping[str, str]]
    words: Mapping[str, Mapping[str, str]]

    def sentence(self, key: str) -> str:
        """The template of `section.name`."""
        section, name = key.split(".")
        return self.sentences[section][name]

    def fact_text(self, fact_id: str) -> str:
        """The text of one sourced statement."""
        return next(fact.text for fact in self.fact if fact.id == fact_id)


_TEXT = fields.String(required=True, validate=validate.Length(min=1))
_COUNT = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class _Limits(RowSchema):
    row = Limits
    detail = fields.Integer(required=True, strict=True, validate=validate.Range(min=2000))
    definition = _COUNT
    text = _COUNT
    name = _COUNT
    list = _COUNT
    names = _COUNT
    references = _COUNT


class _Source(RowSchema):
    row = SourceText
    label = _TEXT
    topic_system = _TEXT


class _Trigger(Provenance):
    row = TriggerText
    id = _TEXT
    indicator = fields.String(required=True, validate=validate.OneOf(("critical", "warning")))
    summary = Sentence("finding", summary=True)
    advice = Sentence("")


class _Fact(Provenance):
    row = Fact
    id = fields.String(required=True, validate=validate.OneOf(FACTS))
    text = Sentence("")


class _Referral(Provenance):
    row = ReferralText
    system = _TEXT
    code = _TEXT
    text = Sentence("")
    intent = fields.String(required=True, validate=validate.OneOf(("proposal", "order")))


class _OverrideReason(RowSchema):
    row = OverrideReason
    code = _TEXT
    display = _TEXT
    cards = fields.List(fields.String(validate=validate.OneOf(CARD_KINDS)), required=True)


class _Overrides(RowSchema):
    row = Overrides
    system = _TEXT
    reason = fields.List(fields.Nested(_OverrideReason), required=True)

    @validates_schema
    def _not_too_many(self, values: dict[str, Any], **_: Any) -> None:
        for kind in CARD_KINDS:
            if sum(kind in reason.cards for reason in values["reason"]) > MOST_OVERRIDE_REASONS:
                raise ValidationError(f"more than {MOST_OVERRIDE_REASONS} reasons for {kind}", "reason")


class _Wording(Provenance):
    row = Wording
    version = _TEXT
    source = fields.Nested(_Source, required=True)
    limits = fields.Nested(_Limits, required=True)
    trigger = fields.List(fields.Nested(_Trigger), required=True, validate=validate.Length(min=1))
    fact = fields.List(fields.Nested(_Fact), required=True)
    referral = fields.Nested(_Referral, required=True)
    overrides = fields.Nested(_Overrides, required=True)
    sentences = sentences_table()
    words = words_table()

    @validates_schema
    def _all_facts(self, values: dict[str, Any], **_: Any) -> None:
        if absent := sorted(set(FACTS) - {fact.id for fact in values["fact"]}):
            raise ValidationError(f"no row {absent[0]!r}", "fact")


def load_wording(source: Traversable = TABLES / "wording.toml") -> Wording:
    """Return the table of the cards' wording."""
    schema: Schema = _Wording()
    wording: Wording = read_table(source, schema)
    return wording

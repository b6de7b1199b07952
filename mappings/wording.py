"""What the cards say: sentences, words, sourced statements and the lists that go with each card."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.members import Flags, Trigger
from mappings.placeholders import Sentence
from mappings.safety import check_triggers
from mappings.schemas import Positive
from mappings.sentences import FACTS, sentences_table, words_table
from mappings.tables import Reviewed, Tables, read_table

CARD_KINDS = ("safety", "recommend", "caution", "insufficient-data", "order-check", "not-assessed")
MOST_OVERRIDE_REASONS = 6
MOST_LINKS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long things may be, in characters; `findings`, `steps` and `list` are numbers of entries."""

    definition: Positive
    text: Positive
    name: Positive
    policy: Positive
    findings: Positive
    steps: Positive
    list: Positive
    flags: Positive
    trials: Positive
    gaps: Positive
    others: Positive
    note: Positive


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceText:
    """The source that the card names, and the code system of the topics."""

    label: str
    topic_system: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TriggerText(Reviewed):
    """What the safety card says when `id` is the highest trigger.

    Where the finding rests on the C-SSRS, the card does not ask for it again but says `screened_summary` and
    `screened_advice`.
    """

    id: Trigger
    indicator: Annotated[str, validate.OneOf(("critical", "warning"))]
    summary: Annotated[str, Sentence("finding", summary=True)]
    advice: Annotated[str, Sentence("")]
    screened_summary: Annotated[str, Sentence("finding", summary=True)]
    screened_advice: Annotated[str, Sentence("")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact(Reviewed):
    """A statement that does not come from the patient's record.

    On the safety card it stands only beside the words `only_beside`, where there are any.
    """

    id: Annotated[str, validate.OneOf(FACTS)]
    text: Annotated[str, Sentence("")]
    on_safety_card: bool = False
    only_beside: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderCardText:
    """What the card about an order lists beside the flags: the ids of those that are sedatives in use."""

    sedatives: Flags


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferralText(Reviewed):
    """How the drafted referral is coded and named; the code is shipped without its display."""

    system: str
    code: str
    text: Annotated[str, Sentence("")]
    intent: Annotated[str, validate.OneOf(("proposal", "order"))]


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkText(Reviewed):
    """A page that the kinds of card in `cards` link to: that of the source `page`; without one, the page of
    this service about the card. `not_about` are orders on whose card it does not stand."""

    id: str
    label: Annotated[str, Sentence("")]
    cards: tuple[Annotated[str, validate.OneOf(CARD_KINDS)], ...]
    page: str = ""
    not_about: tuple[Annotated[str, validate.OneOf(("esketamine", "ketamine", "both", "none"))], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OverrideReason:
    """A reason a clinician can give for not following the kinds of card in `cards`."""

    code: str
    display: str
    cards: tuple[Annotated[str, validate.OneOf(CARD_KINDS)], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Overrides:
    """The override reasons, all of one code system."""

    system: str
    reason: tuple[OverrideReason, ...]

    def __post_init__(self) -> None:
        for kind in CARD_KINDS:
            if len(self.of(kind)) > MOST_OVERRIDE_REASONS:
                raise ValidationError(f"more than {MOST_OVERRIDE_REASONS} reasons for {kind}", "reason")

    def of(self, kind: str) -> tuple[OverrideReason, ...]:
        """Return the reasons for one kind of card."""
        return tuple(reason for reason in self.reason if kind in reason.cards)

    def codes(self) -> frozenset[tuple[str, str]]:
        """Return system and code of every reason that some card offers."""
        return frozenset((self.system, reason.code) for reason in self.reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording(Reviewed):
    """The whole table, checked: every sentence and word that a card can need is there.

    `sentences` and `words` are by section and name; `trigger` rows go from the highest down.
    `always_shown` are flags that stand on every card.
    """

    version: str
    source: SourceText
    always_shown: Flags
    limits: Limits
    order_card: OrderCardText
    trigger: Annotated[tuple[TriggerText, ...], validate.Length(min=1)]
    fact: tuple[Fact, ...]
    link: tuple[LinkText, ...]
    referral: ReferralText
    overrides: Overrides
    sentences: Annotated[Mapping[str, Mapping[str, str]], sentences_table()]
    words: Annotated[Mapping[str, Mapping[str, str]], words_table()]

    def __post_init__(self) -> None:
        check_triggers((row.id for row in self.trigger), "trigger")
        if absent := sorted(set(FACTS) - {fact.id for fact in self.fact}):
            raise ValidationError(f"no row {absent[0]!r}", "fact")
        for kind in CARD_KINDS:
            if sum(kind in row.cards for row in self.link if "esketamine" not in row.not_about) > MOST_LINKS:
                raise ValidationError(f"more than {MOST_LINKS} links for {kind}", "link")

    def sentence(self, key: str) -> str:
        """Return the template of `section.name`."""
        section, name = key.split(".")
        return self.sentences[section][name]

    def fact_text(self, fact_id: str) -> str:
        """Return the text of one sourced statement."""
        return next(fact.text for fact in self.fact if fact.id == fact_id)


def load_wording(tables: Tables | None = None) -> Wording:
    """Return the table of the cards' wording."""
    return read_table("wording.toml", Wording, tables)

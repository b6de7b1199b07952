"""The decision record: what is kept of one call, in codes, digests and counts, nothing of the patient's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from cds_hooks.cards import Card
from service.clinical.assessment import Assessment
from service.fhir.bundles import BundleContents


class Versions(Struct, frozen=True, kw_only=True, gc=False):
    """The versions (those of tables with a digest of their content) and settings that decided."""

    software: str
    rule_set: str
    terminology: str
    profile: str
    time_zone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CallTrace:
    """What the service did in one call, returned beside the cards that answer it.

    `assessment` is None where the call asked for none, or was about somebody else; `concern` is what the
    draft orders are about, None on a chart. `completeness` says of each prefetch key how its data came.
    `suppression_keys` has the key of each card that may be suppressed, by the uuid of the card; `suppressed`
    are the cards that were not shown again, `silent` those that are only recorded. `sent` is what the
    prefetch held; where it has been let go of, `input_digest` is its digest.
    """

    evaluated_on: date
    sent: Mapping[str, BundleContents] = field(repr=False)
    assessment: Assessment | None = None
    concern: str | None = None
    completeness: Mapping[str, str] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    suppression_keys: Mapping[str, str] = field(default_factory=dict)
    suppressed: Sequence[Card] = ()
    silent: Sequence[Card] = ()
    input_digest: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCard:
    """A card of an answer, or one that was `suppressed` (not shown again) or `silent` (recorded only).

    `topic` is the code of `source.topic`. `suppression_key` encodes who was shown what; None where the card
    may never be suppressed or the call could not be keyed. `suggestions` are the uuids of its suggestions.
    """

    uuid: str
    topic: str
    indicator: str
    suppression_key: str | None = None
    suppressed: bool = False
    silent: bool = False
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionRecord:
    """One call and what became of it; `id` is the id that the answer carried as `X-Request-Id`.

    `patient_key`, `user_key` and the digests are keyed hashes, `key_id` tells which key made them.
    `software`, `rule_set` and `terminology` are versions, of the tables with a digest of their content.
    `verdict` holds codes only; `completeness` says of each prefetch key how its data came.
    """

    id: str
    at: datetime
    service: str
    hook: str
    outcome: str
    status: int
    issuer: str | None
    tenant: str | None
    patient_key: str | None
    user_key: str | None
    key_id: str
    software: str
    rule_set: str
    terminology: str
    profile: str
    time_zone: str
    evaluated_on: date | None
    input_digest: str | None
    assessment_digest: str | None
    verdict: Mapping[str, Any]
    completeness: Mapping[str, str]
    timings_ms: Mapping[str, float]
    cards: tuple[ShownCard, ...]

"""Suppression: a card that a user overrode is left out for a while, as long as nothing gets worse.

Which kinds of card that may happen to is a table (`mappings/suppression.toml`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor

from cds_hooks.cards import Card
from mappings.suppression import SuppressionTable
from service.clinical.assessment import Assessment, CurrentScore, Flag, Level, TrialStatus
from service.records.digests import DigestPurpose, digest
from service.records.record import Versions


@dataclass(frozen=True, kw_only=True, slots=True)
class SuppressionKeys:
    """The keys of one card: `own` is kept with it; it is left out where one of `hiding` was overridden."""

    own: str
    hiding: tuple[str, ...]


def suppression_keys(
    key: bytes,
    cards: Sequence[Card],
    table: SuppressionTable,
    assessment: Assessment,
    *,
    patient_key: str,
    user_key: str,
    versions: Versions,
) -> dict[str, SuppressionKeys]:
    """Return the suppression keys of each card that may be suppressed, by the uuid of the card."""
    told = (patient_key, user_key, versions.rule_set, versions.profile, assessment.conclusion)
    facts = _facts(assessment, table)
    return {
        card.uuid: _keys(key, (topic, *told), facts, assessment.current_score)
        for card in cards
        if (topic := _topic(card)) in table.may_be_suppressed
    }


def suppress(
    cards: Sequence[Card], keys: Mapping[str, SuppressionKeys], overridden: Collection[str]
) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
    """Return the cards to show and those to leave out; a card without a key in `keys` is always shown."""
    hidden = tuple(
        card for card in cards if card.uuid in keys and not set(overridden).isdisjoint(keys[card.uuid].hiding)
    )
    return tuple(card for card in cards if card not in hidden), hidden


def _keys(
    key: bytes, told: Sequence[str], facts: Sequence[Sequence[str]], score: CurrentScore | None
) -> SuppressionKeys:
    """Return the keys of a card; the same card overridden at a higher score of the band hides it too."""
    if score is None:
        own = digest(key, DigestPurpose.SUPPRESSION, _parts(told, (*facts, ())))
        return SuppressionKeys(own=own, hiding=(own,))
    totals = (score.total, *range(floor(score.total) + 1, floor(score.band_ends) + 1))
    made = tuple(
        digest(
            key, DigestPurpose.SUPPRESSION, _parts(told, (*facts, (score.scale, score.band, f"{total:g}")))
        )
        for total in totals
    )
    return SuppressionKeys(own=made[0], hiding=made)


def _facts(assessment: Assessment, table: SuppressionTable) -> Sequence[Sequence[str]]:
    """Return the facts that stay equal as long as the card has nothing new of weight to say.

    The counted ingredients, the flags with level and weight, what raises contraindications and cautions,
    what is missing, the safety triggers and a closed gate. The class of a blood pressure is the flag that it
    raises.
    """
    return (
        sorted({trial.ingredient for trial in assessment.trials if trial.status is TrialStatus.COUNTED}),
        sorted({f"{flag.id} {flag.esketamine} {flag.ketamine} {flag.weight}" for flag in assessment.flags}),
        sorted(_findings(assessment.flags, table)),
        sorted({gap.id for gap in assessment.missing}),
        sorted({trigger.id for trigger in assessment.safety}),
        (assessment.gate.id,) if assessment.gate else (),
    )


def _findings(flags: Sequence[Flag], table: SuppressionTable) -> set[str]:
    return {
        f"{flag.id} {finding}"
        for flag in flags
        if not {Level.CONTRAINDICATION, Level.CAUTION}.isdisjoint((flag.esketamine, flag.ketamine))
        and flag.id not in table.evidence_left_out
        for finding in flag.findings
    }


def _parts(told: Sequence[str], facts: Sequence[Sequence[str]]) -> Iterator[bytes]:
    """Yield the parts; each list opens with its length, so no entry can pass for one of the next list."""
    yield from (part.encode() for part in told)
    for listed in facts:
        yield str(len(listed)).encode()
        yield from (entry.encode() for entry in listed)


def _topic(card: Card) -> str:
    return card.source.topic.code if card.source.topic else ""

"""Firing discipline: a card that a user overrode is left out for a while, as long as nothing has changed.

Which kinds of card that may happen to is a table (`mappings/firing.toml`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from cds_hooks.cards import Card
from mappings.firing import FiringTable
from service.clinical.assessment import Assessment, TrialStatus
from service.records.digests import Purpose, digest
from service.records.record import Edition


def firing_keys(
    key: bytes,
    cards: Sequence[Card],
    table: FiringTable,
    assessment: Assessment,
    *,
    patient_key: str,
    user_key: str,
    made: Edition,
) -> Mapping[str, str]:
    """The firing key of each card that may be suppressed, by the uuid of the card."""
    return {
        card.uuid: firing_key(key, topic, assessment, patient_key=patient_key, user_key=user_key, made=made)
        for card in cards
        if (topic := _topic(card)) in table.may_be_suppressed
    }


def firing_key(
    key: bytes, topic: str, assessment: Assessment, *, patient_key: str, user_key: str, made: Edition
) -> str:
    """What stays the same as long as the same user is told the same, on the same facts, by the same rules.

    The facts are the conclusion, the counted ingredients, the flags with their levels, what is missing and
    the safety triggers: as long as they stay, no text on the card says anything new that decides.
    """
    told = (topic, patient_key, user_key, made.rule_set, made.profile, assessment.conclusion)
    facts = (
        sorted({trial.ingredient for trial in assessment.trials if trial.status is TrialStatus.COUNTED}),
        sorted({f"{flag.id} {flag.esketamine} {flag.ketamine}" for flag in assessment.flags}),
        sorted({gap.id for gap in assessment.missing}),
        sorted({trigger.id for trigger in assessment.safety}),
    )
    return digest(key, Purpose.FIRING, _parts(told, facts))


def fire(
    cards: Sequence[Card], keys: Mapping[str, str], overridden: Collection[str]
) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
    """The cards to show and those to leave out; a card without a key in `keys` is always shown."""
    hidden = tuple(card for card in cards if keys.get(card.uuid) in overridden)
    return tuple(card for card in cards if card not in hidden), hidden


def _parts(told: Sequence[str], facts: Sequence[Sequence[str]]) -> Iterator[bytes]:
    """Each list opens with its length, so that no entry can pass for one of the next list."""
    yield from (part.encode() for part in told)
    for listed in facts:
        yield str(len(listed)).encode()
        yield from (entry.encode() for entry in listed)


def _topic(card: Card) -> str:
    return card.source.topic.code if card.source.topic else ""

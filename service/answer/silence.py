"""Silence: cards that a site, or the configuration of a call, does without are recorded, unless they warn."""

from collections.abc import Collection, Sequence

from cds_hooks.cards import Card
from service.render.kinds import Kind


def shown_and_silent(
    cards: Sequence[Card], hook: str, silent: Collection[str], turned_off: Collection[str] = ()
) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
    """Return the cards to show and those to record only.

    `silent` names the hooks that are silent, `turned_off` the kinds of card that the caller does without.
    """
    silenced = [card for card in cards if hook in silent or _kind(card) in turned_off]
    unshown = tuple(card for card in silenced if not _warns_of_danger(card))
    return tuple(card for card in cards if card not in unshown), unshown


def _kind(card: Card) -> str:
    return card.source.topic.code if card.source.topic else ""


def _warns_of_danger(card: Card) -> bool:
    """Tell whether the card is about safety, a critical order, or an unassessed (es)ketamine order."""
    match _kind(card):
        case Kind.SAFETY:
            return True
        case Kind.ORDER_CHECK:
            return card.indicator == "critical"
        case Kind.NOT_ASSESSED:
            return card.indicator == "warning"
        case _:
            return False

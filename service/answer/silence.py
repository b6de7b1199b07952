"""Silence: a site that tries the service out records every card, and shows only those about a danger."""

from collections.abc import Collection, Sequence

from cds_hooks.cards import Card
from service.render.kinds import Kind


def spoken(
    cards: Sequence[Card], hook: str, silent: Collection[str]
) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
    """Return the cards to show and those to record only, where `silent` names the hooks that are silent."""
    if hook not in silent:
        return tuple(cards), ()
    shown = tuple(card for card in cards if _warns_of_danger(card))
    return shown, tuple(card for card in cards if card not in shown)


def _warns_of_danger(card: Card) -> bool:
    """A safety card, a critical order, or an order for ketamine or esketamine that was not assessed."""
    match card.source.topic.code if card.source.topic else "":
        case Kind.SAFETY:
            return True
        case Kind.ORDER_CHECK:
            return card.indicator == "critical"
        case Kind.NOT_ASSESSED:
            return card.indicator == "warning"
        case _:
            return False

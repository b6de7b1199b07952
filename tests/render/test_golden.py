"""Whole cards of typical situations (see `situations.py` for how they are written anew)."""

import pytest

from cds_hooks.cards import response
from tests.render.situations import GOLDEN, SITUATIONS, golden


@pytest.mark.parametrize("name", SITUATIONS)
def test_cards_of_a_situation_are_the_kept_ones(name: str) -> None:
    """The cards of each situation are, word for word, those that were read and kept."""
    assert golden(SITUATIONS[name]()) == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


def test_every_kept_card_belongs_to_a_situation() -> None:
    """No kept card is left over from a situation that is gone."""
    assert {path.stem for path in GOLDEN.iterdir()} == set(SITUATIONS)


@pytest.mark.parametrize("name", SITUATIONS)
def test_cards_of_a_situation_make_a_response(name: str) -> None:
    """At most two cards answer, the safety card before the other, each with uuids of its own."""
    cards = response(SITUATIONS[name]())["cards"]
    topics = [card["source"]["topic"]["code"] for card in cards]
    assert topics[:-1] in ([], ["safety"])
    assert all(len(card["overrideReasons"]) <= 6 for card in cards)

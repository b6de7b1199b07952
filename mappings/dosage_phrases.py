"""The phrases of dosage texts as a tree of tokens, so that the longest that fits is found in one walk."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mappings.dosage_text import tokens

NUMBER, LENGTH, DATE, UNIT, CLOCK = "{n}", "{length}", "{date}", "{unit}", "{clock}"
PLACEHOLDERS = (NUMBER, LENGTH, DATE, UNIT, CLOCK)

_PLACEHOLDER = re.compile(r"(\{[a-z]+\})")


@dataclass(frozen=True, kw_only=True, slots=True)
class PhraseMeaning:
    """What a phrase means: its kind, the number of that kind, and names (a time, weekdays, a unit)."""

    kind: str
    number: float = 0.0
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class Node:
    """A place in the tree: the tokens that may follow, and what the phrase that ends here means."""

    following: dict[str, "Node"] = field(default_factory=dict)
    meaning: PhraseMeaning | None = None


def pattern(phrase: str) -> tuple[str, ...]:
    """Return the tokens and placeholders of a phrase of the table.

    >>> pattern("every {n} hours")
    ('every', '{n}', 'hours')
    """
    return tuple(_cut(_PLACEHOLDER.split(phrase)))


def _cut(pieces: Iterable[str]) -> Iterator[str]:
    for piece in pieces:
        if piece in PLACEHOLDERS:
            yield piece
        else:
            yield from tokens(piece)


def tree(phrases: Iterable[tuple[str, PhraseMeaning]]) -> Node:
    """Return the tree of `phrases`; raise ValueError when one phrase has two meanings.

    >>> sorted(tree([("at night", PhraseMeaning(kind="time"))]).following)
    ['at']
    """
    root = Node()
    for phrase, meaning in phrases:
        node = root
        for token in pattern(phrase):
            node = node.following.setdefault(token, Node())
        if node is root or node.meaning not in (None, meaning):
            raise ValueError(f"{phrase!r} is empty or has two meanings: {node.meaning} and {meaning}")
        node.meaning = meaning
    return root

"""How rows are drawn: by their shares, or evenly from a range."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Protocol, TypeVar


class HasShare(Protocol):
    """A row with a share."""

    @property
    def share(self) -> float:
        """How often it is drawn."""
        ...


Row = TypeVar("Row", bound=HasShare)


def draw(chance: Random, rows: Sequence[Row]) -> Row:
    """Return one of the rows by their shares, which need not add up to one."""
    return rows[draw_index(chance, [row.share for row in rows])]


def draw_index(chance: Random, shares: Sequence[float]) -> int:
    """Return the place of one of the shares."""
    left = chance.random() * sum(shares)
    for place, share in enumerate(shares):
        left -= share
        if left < 0:
            return place
    return len(shares) - 1


def within(chance: Random, limits: Sequence[float]) -> int:
    """Return a whole number from the lowest to the highest of `limits`."""
    lowest, highest = limits
    return int(lowest + chance.random() * (highest - lowest + 1))


def drawer(chance: Random) -> Callable[[float], bool]:
    """Return what tells whether something of a share happens."""
    return lambda share: chance.random() < share

"""Cohen's kappa: how far two readers agree beyond what their habits alone would bring about."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt

from msgspec import Struct

CONFIDENCE = 0.95
_Z = 1.959964  # of the normal distribution, for that confidence on both sides


class Kappa(Struct, frozen=True, kw_only=True):
    """Agreement on `number` verdicts, of which `agreed` are the same.

    `kappa`, `low` and `high` are None where it is not defined: nothing was judged, or both readers gave all
    the same verdict, so that they could not have disagreed by chance.
    """

    number: int
    agreed: int
    kappa: float | None = None
    low: float | None = None
    high: float | None = None


def kappa(pairs: Sequence[tuple[str, str]]) -> Kappa:
    """Return the agreement of pairs of verdicts.

    The interval is that of the share of agreement (Wilson 1927), carried over to kappa with the agreement by
    chance as it is (Cohen 1960): of a few verdicts that all agree it does not say that there can be no doubt.
    """
    number = len(pairs)
    agreed = sum(one == other for one, other in pairs)
    chance = _by_chance(pairs)
    if not number or chance == 1:
        return Kappa(number=number, agreed=agreed)
    share = agreed / number
    low, high = _wilson(share, number)
    beyond = [max(-1.0, (part - chance) / (1 - chance)) for part in (share, low, high)]
    return Kappa(number=number, agreed=agreed, kappa=beyond[0], low=beyond[1], high=beyond[2])


def _by_chance(pairs: Sequence[tuple[str, str]]) -> float:
    """Return the share on which readers of these habits would agree without looking."""
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    both = sum(ones[verdict] * others[verdict] for verdict in ones)
    return both / max(len(pairs) ** 2, 1)


def _wilson(share: float, number: int) -> tuple[float, float]:
    square = _Z * _Z / number
    middle = (share + square / 2) / (1 + square)
    half = _Z * sqrt(share * (1 - share) / number + square / (4 * number)) / (1 + square)
    return min(middle - half, share), max(middle + half, share)  # rounding must not leave the share outside

"""How severe the depression is now (clinical rules 6 and 12)."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import IntEnum

from mappings.severity import Scale
from service.clinical.assessment import CurrentScore
from service.clinical.facts import Score


class Band(IntEnum):
    """Severity of a total, by the rows of the severity table."""

    BELOW_MODERATE = 0
    MODERATE = 1
    REFERRAL = 2


def band(score: Score, scales: Mapping[str, Scale]) -> Band:
    """Return the band in which the total of `score` lies."""
    scale = scales[score.scale]
    if score.total >= scale.referral:
        return Band.REFERRAL
    return Band.MODERATE if score.total >= scale.moderate else Band.BELOW_MODERATE


def current_score(score: Score, scales: Mapping[str, Scale]) -> CurrentScore:
    """Return the score with its band and the highest total of that band."""
    scale, here = scales[score.scale], band(score, scales)
    ends = {Band.BELOW_MODERATE: scale.moderate - 1, Band.MODERATE: scale.referral - 1}
    return CurrentScore(
        scale=score.scale,
        total=score.total,
        band=here.name.lower(),
        band_ends=max(score.total, ends.get(here, scale.highest)),
    )


def latest_score(
    scores: Sequence[Score], scales: Mapping[str, Scale], days: int, as_of: date
) -> Score | None:
    """Return the latest score of the last `days` days; of two on one day, the more severe.

    A total whose day is not known exactly is as old as it may be.
    """
    recent = [score for score in scores if 0 <= (as_of - score.when.first).days <= days]
    return max(recent, key=lambda s: (s.when.last, band(s, scales), s.total), default=None)

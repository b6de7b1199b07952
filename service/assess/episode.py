"""The current depressive episode (clinical rule 7.2 step 11, 12 and 13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mappings.criteria import EpisodeRule
from mappings.findings import Findings
from mappings.severity import Scale
from service.assess.diagnosis import Depression
from service.clinical.assessment import Episode
from service.clinical.facts import Problem, Score
from service.clinical.when import When


@dataclass(frozen=True, slots=True)
class Remission:
    """The last remission on record: the days on which it may have begun, and what shows it."""

    when: When
    evidence: tuple[str, ...]


def episode(
    depression: Depression,
    scores: Sequence[Score],
    scales: Mapping[str, Scale],
    rule: EpisodeRule,
    findings: Findings,
    as_of: date,
) -> Episode:
    """Return where the current episode starts: a recorded onset without a later remission, else inferred.

    The onset of depression that is unspecified or unconfirmed counts only without one of major depression.
    """
    remission = last_remission(depression, scores, scales, rule)
    onsets = _onsets(depression.major, as_of) or _onsets(depression.active, as_of)
    standing = [onset for onset in onsets if remission is None or onset.last > remission.when.last]
    if standing:
        onset = min(standing, key=lambda when: when.first)
        text = findings.say("episode.recorded", when=onset)
        # An onset that is known to the year only does not lie before the remission that it follows.
        first = max(onset.first, remission.when.first) if remission else onset.first
        return Episode(start=first, latest_start=onset.last, inferred=False, text=text)
    look_back = as_of - timedelta(days=rule.look_back_days)
    if remission is None:
        text = findings.say("episode.look-back", when=look_back, days=rule.look_back_days)
        return Episode(start=look_back, latest_start=look_back, inferred=True, text=text)
    text = findings.say(
        "episode.after-remission", when=remission.when, evidence=", ".join(remission.evidence)
    )
    return Episode(
        start=max(look_back, remission.when.first),
        latest_start=max(look_back, remission.when.last),
        inferred=True,
        text=text,
    )


def _onsets(problems: Sequence[Problem], as_of: date) -> list[When]:
    return [one.onset for one in problems if one.onset and one.onset.first <= as_of]


def last_remission(
    depression: Depression, scores: Sequence[Score], scales: Mapping[str, Scale], rule: EpisodeRule
) -> Remission | None:
    """Return the latest remission shown by a diagnosis or by scores."""
    recorded = [
        Remission(when, (problem.reference,))
        for problem in depression.remitted
        if (when := problem.abatement or problem.onset or problem.recorded)
    ]
    measured = _measured_remission(scores, scales, rule)
    return max([*recorded, *measured], key=lambda remission: remission.when.last, default=None)


def _measured_remission(
    scores: Sequence[Score], scales: Mapping[str, Scale], rule: EpisodeRule
) -> list[Remission]:
    """Two scores in remission, far enough apart, with none of moderate severity between."""
    found = []
    for scale in scales.values():
        low: list[Score] = []
        for score in _worst_of_each_day([s for s in scores if s.scale == scale.id and s.when.exact]):
            if score.total >= scale.moderate:
                low = []
            elif score.total < scale.remission_below:
                low.append(score)
                if (score.when.first - low[0].when.first).days >= rule.remission_days:
                    found.append(Remission(score.when, (low[0].reference, score.reference)))
    return found


def _worst_of_each_day(scores: Sequence[Score]) -> list[Score]:
    """The scores in order of time; of several on one day the highest."""
    worst = {score.when.first: score for score in sorted(scores, key=lambda s: (s.total, s.reference))}
    return [worst[day] for day in sorted(worst)]

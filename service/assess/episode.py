"""The current depressive episode (clinical rule 7.2 step 11, 12 and 13)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from mappings.criteria import EpisodeRule
from mappings.findings import Findings
from mappings.severity import Scale
from service.assess.diagnosis import Depression
from service.clinical.assessment import Episode
from service.clinical.facts import Problem, Score
from service.clinical.partial_date import PartialDate


class Remission(Struct, frozen=True, gc=False):
    """The last remission on record: the days on which it may have begun."""

    when: PartialDate


def episode(
    depression: Depression,
    scores: Sequence[Score],
    scales: Mapping[str, Scale],
    rule: EpisodeRule,
    findings: Findings,
    as_of: date,
) -> Episode:
    """Return where the current episode starts, for certain and at the earliest.

    An onset that lies further back than the look-back is that of the illness: the episode is then inferred.
    The onset of depression that is unspecified or unconfirmed counts only without one of major depression.
    """
    remission = last_remission(depression, scores, scales, rule)
    onsets = _onsets(depression.major, as_of) or _onsets(depression.active, as_of)
    standing = [onset for onset in onsets if remission is None or onset.last > remission.when.last]
    look_back = as_of - timedelta(days=rule.look_back_days)
    latest = max(standing, key=lambda when: when.last, default=None)
    if latest is not None and latest.last >= look_back:
        return _recorded(standing, latest, remission, rule, findings)
    return _inferred(latest, remission, look_back, rule, findings)


def _recorded(
    onsets: Sequence[PartialDate],
    latest: PartialDate,
    remission: Remission | None,
    rule: EpisodeRule,
    findings: Findings,
) -> Episode:
    """Return the episode between its earliest and its latest recorded onset."""
    earliest = min(onsets, key=lambda when: when.first)
    # An onset that is known to the year only does not lie before the remission that it follows.
    first = max(earliest.first, remission.when.first) if remission else earliest.first
    text = (
        findings.say("episode.recorded", when=latest)
        if earliest == latest
        else findings.say("episode.recorded-twice", latest=latest, earliest=earliest)
    )
    # What ended before a look-back before the latest onset is of another episode.
    oldest = max(first, _days_before(latest.last, rule.look_back_days))
    return Episode(start=oldest, latest_start=latest.last, inferred=False, text=text)


def _inferred(
    onset: PartialDate | None,
    remission: Remission | None,
    look_back: date,
    rule: EpisodeRule,
    findings: Findings,
) -> Episode:
    """Return the look-back, or its part after the last remission, as the episode."""
    days = rule.look_back_days
    if onset is not None:
        text = findings.say("episode.old-onset", onset=onset, when=look_back, days=days)
    elif remission is not None:
        text = findings.say("episode.after-remission", when=remission.when)
    else:
        text = findings.say("episode.look-back", when=look_back, days=days)
    first, last = (remission.when.first, remission.when.last) if remission else (look_back, look_back)
    return Episode(
        start=max(look_back, first),
        latest_start=max(look_back, last),
        inferred=True,
        illness_since=onset.first if onset else None,
        text=text,
    )


def _days_before(day: date, days: int) -> date:
    return day - timedelta(days=days) if day.toordinal() > days else date.min


def _onsets(problems: Sequence[Problem], as_of: date) -> list[PartialDate]:
    return [problem.onset for problem in problems if problem.onset and problem.onset.first <= as_of]


def last_remission(
    depression: Depression, scores: Sequence[Score], scales: Mapping[str, Scale], rule: EpisodeRule
) -> Remission | None:
    """Return the latest remission shown by a diagnosis or by scores."""
    recorded = [
        Remission(when)
        for problem in depression.remitted
        if (when := problem.abatement or problem.onset or problem.recorded)
    ]
    measured = _measured_remission(scores, scales, rule)
    return max([*recorded, *measured], key=lambda remission: remission.when.last, default=None)


def _measured_remission(
    scores: Sequence[Score], scales: Mapping[str, Scale], rule: EpisodeRule
) -> list[Remission]:
    """Return the last remission shown by two scores far enough apart with no moderate score between."""
    found = []
    for scale in scales.values():
        low: list[Score] = []
        for score in _worst_of_each_day([s for s in scores if s.scale == scale.id and s.when.exact]):
            if score.total >= scale.moderate:
                low = []
            elif score.total < scale.remission_below:
                low.append(score)
                if (score.when.first - low[0].when.first).days >= rule.remission_days:
                    found.append(Remission(score.when))
    return found


def _worst_of_each_day(scores: Sequence[Score]) -> list[Score]:
    """Return the highest score of each day, in order of time."""
    worst = {score.when.first: score for score in sorted(scores, key=lambda s: (s.total, s.reference))}
    return [worst[day] for day in sorted(worst)]

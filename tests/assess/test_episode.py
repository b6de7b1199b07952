"""Where the current episode starts: which onset counts, and which remission ends an episode."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from service.assess.diagnosis import depression
from service.assess.episode import episode
from service.clinical.assessment import Episode
from service.clinical.facts import Code, Problem, Score
from service.clinical.partial_date import PartialDate, on
from tests.assess.course_facts import CRITERIA, D0, KNOWLEDGE, ago, score

YEAR_2025 = PartialDate(date(2025, 1, 1), date(2025, 12, 31))


def entry(code: str, onset: PartialDate | None = None, **members: Any) -> Problem:
    """An active, confirmed entry of the problem list, unless `members` say otherwise."""
    given: dict[str, Any] = {"status": "active", "verification": "confirmed", **members}
    codes = (Code(system="icd10", code=code),)
    return Problem(
        reference=f"Condition/{code}", codes=codes, groups=frozenset(), text="", onset=onset, **given
    )


def current(*entries: Problem, scores: tuple[Score, ...] = ()) -> Episode:
    """The current episode of a patient with these entries and scores."""
    known = depression(entries, KNOWLEDGE.diagnoses)
    return episode(known, scores, KNOWLEDGE.scales, CRITERIA.episode, KNOWLEDGE.findings, D0)


def starts(found: Episode) -> tuple[date, bool]:
    """The first possible day of an episode, and whether it is inferred."""
    return found.start, found.inferred


def days_ago(days: int) -> date:
    """The day `days` before the day of evaluation."""
    return D0 - timedelta(days=days)


@pytest.mark.parametrize(
    ("entries", "start"),
    [
        ([entry("F33.2", ago(200))], (days_ago(200), False)),
        ([entry("F33.2", ago(0))], (D0, False)),
        ([entry("F33.2")], (days_ago(730), True)),
        ([entry("F33.2", ago(200)), entry("F32.A", ago(1500))], (days_ago(200), False)),
        (
            [entry("F33.2", ago(200)), entry("F32.1", ago(1500), verification="provisional")],
            (days_ago(200), False),
        ),
        ([entry("F33.2"), entry("F32.A", ago(300))], (days_ago(300), False)),
        ([entry("F32.A", ago(300))], (days_ago(300), False)),
        ([entry("F33.2", ago(500)), entry("F33.42", ago(300), status="inactive")], (days_ago(300), True)),
        ([entry("F33.2", ago(200)), entry("F33.42", ago(300), status="inactive")], (days_ago(200), False)),
    ],
    ids=[
        "the recorded onset",
        "an onset today",
        "no onset: the last two years",
        "unspecified depression of long ago does not make the episode longer",
        "nor does a suspicion",
        "its onset counts where major depression has none",
        "or where it is all there is",
        "a remission after the onset",
        "a remission before the onset",
    ],
)
def test_where_the_episode_starts(entries: list[Problem], start: tuple[date, bool]) -> None:
    """The onset of the active major depression, else the last remission, else the look-back."""
    assert starts(current(*entries)) == start
    assert starts(current(*reversed(entries))) == start


def test_an_onset_known_to_the_year_does_not_lie_before_the_remission_it_follows() -> None:
    """Between a remission in 2025 and the end of that year is when the episode began."""
    remission = entry("F33.42", on(date(2025, 6, 15)), status="inactive")
    found = current(entry("F33.2", YEAR_2025), remission)
    assert (found.start, found.latest_start) == (date(2025, 6, 15), date(2025, 12, 31))


def remitted(*scores: Score) -> set[tuple[date, bool]]:
    """The starts of the episode, whatever the order of the scores; the entry's own onset is D-500."""
    return {starts(current(entry("F33.2", ago(500)), scores=order)) for order in permutations(scores)}


@pytest.mark.parametrize(
    ("scores", "start"),
    [
        ((score(3, 160), score(4, 104)), (days_ago(104), True)),
        ((score(3, 160), score(4, 105)), (days_ago(500), False)),
        ((score(3, 160), score(5, 104)), (days_ago(500), False)),
        ((score(3, 160), score(9, 130), score(4, 104)), (days_ago(104), True)),
        ((score(3, 160), score(10, 130), score(4, 104)), (days_ago(500), False)),
        ((score(3, 160), score(4, 104), score(12, 104)), (days_ago(500), False)),
        ((score(3, 160), score(12, 160), score(4, 104)), (days_ago(500), False)),
        ((score(3, 160), score(4, 104, "MADRS")), (days_ago(500), False)),
    ],
    ids=[
        "56 days",
        "55 days",
        "a 5",
        "a 9 between",
        "a 10 between",
        "a 12 that day",
        "at first",
        "two scales",
    ],
)
def test_remission_by_scores(scores: tuple[Score, ...], start: tuple[date, bool]) -> None:
    """Two scores below 5 at least 56 days apart, none of 10 or more between; of one day the worst stands."""
    assert remitted(*scores) == {start}

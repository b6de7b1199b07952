"""How a course ended: stop reasons that are not its own, and the borders of the windows of scores."""

import pytest

from service.assess.trials.doses import DoseLimits
from service.assess.trials.measure import measure
from service.assess.trials.outcomes import Ending, OutcomeContext, Start, ending
from service.clinical.assessment import Outcome
from service.clinical.facts import Exposure, Score, SourceKind
from service.clinical.partial_date import PartialDate
from tests.assess.course_facts import (
    CRITERIA,
    D0,
    KNOWLEDGE,
    NO_EFFECT,
    ago,
    filled,
    found,
    ordered,
    score,
    taken,
)

COURSE = filled(200, 90)  # ends D-111; its 28th day is D-173


def ended(
    *exposures: Exposure,
    scores: tuple[Score, ...] = (),
    switched: int | None = None,
    unread: tuple[PartialDate | None, ...] = (),
) -> Ending:
    """How the first course of these exposures ended; `switched`: another drug began so many days ago."""
    course = found(*exposures)[0]
    day = None if switched is None else D0.toordinal() - switched
    around = OutcomeContext(
        starts=[] if day is None else [Start(ingredient="mirtazapine", day=day, references=frozenset())],
        scores=scores,
        scores_not_read=unread,
        latest=None,
        scales=KNOWLEDGE.scales,
        as_of=D0,
    )
    return ending(course, measure(course, lambda _: DoseLimits(50.0, 50.0)), around, CRITERIA)


@pytest.mark.parametrize(
    ("baseline", "endpoint", "compared"),
    [
        (230, 111, True),
        (231, 111, False),
        (186, 111, True),
        (185, 111, False),
        (200, 173, True),
        (200, 174, False),
        (200, 81, True),
        (200, 80, False),
    ],
)
def test_scores_are_compared_within_their_windows(baseline: int, endpoint: int, compared: bool) -> None:
    """30 days before to 14 days after the start; from qualifying day 28 to 30 days after the end."""
    outcome = ended(COURSE, scores=(score(20, baseline), score(18, endpoint))).outcome
    assert outcome is (Outcome.FAILED_DOCUMENTED if compared else Outcome.UNKNOWN)


@pytest.mark.parametrize(("switched", "outcome"), [(125, Outcome.RESPONDED), (126, Outcome.UNKNOWN)])
def test_the_endpoint_is_not_later_than_14_days_after_a_switch(switched: int, outcome: Outcome) -> None:
    """What improved later may be due to the drug that was added: which of them helped is not known."""
    scores = (score(20, 200), score(8, 111))
    assert ended(COURSE, scores=scores, switched=switched).outcome is outcome


@pytest.mark.parametrize(
    ("scores", "outcome", "basis"),
    [
        ((score(20, 200), score(10, 111)), Outcome.RESPONDED, "score-responded"),
        ((score(20, 200), score(11, 111)), Outcome.PARTIAL, "score-partial"),
        ((score(20, 200), score(15, 111)), Outcome.PARTIAL, "score-partial"),
        ((score(20, 200), score(16, 111)), Outcome.FAILED_DOCUMENTED, "score-failed"),
        ((score(20, 200), score(9, 111), score(16, 111)), Outcome.FAILED_DOCUMENTED, "score-failed"),
        ((score(20, 200), score(30, 111, "MADRS")), Outcome.UNKNOWN, "no-outcome"),
        (
            (score(20, 200), score(8, 111), score(30, 200, "MADRS"), score(28, 111, "MADRS")),
            Outcome.UNKNOWN,
            "scales-disagree",
        ),
        ((score(0, 200), score(0, 111)), Outcome.UNKNOWN, "no-outcome"),
    ],
    ids=[
        "50 %",
        "45 %",
        "25 %",
        "20 %",
        "two on one day: the worse",
        "two scales",
        "scales that disagree",
        "nothing to improve",
    ],
)
def test_what_the_change_of_scores_means(scores: tuple[Score, ...], outcome: Outcome, basis: str) -> None:
    """Half or more is a response, a quarter or more a partial one; scales are never mixed."""
    found_ending = ended(COURSE, scores=scores)
    assert (found_ending.outcome, found_ending.basis) == (outcome, basis)


UNDATED = taken(SourceKind.STATEMENT, None, None, stopped_for=NO_EFFECT)
UNDATED_ORDER = taken(SourceKind.ORDER, 100.0, None, status="stopped", stopped_for=NO_EFFECT)


@pytest.mark.parametrize(
    ("exposures", "outcome"),
    [
        ((COURSE, UNDATED), Outcome.FAILED_DOCUMENTED),
        ((filled(70, 90), UNDATED), Outcome.UNKNOWN),
        ((filled(70, 90, order=UNDATED_ORDER.reference), UNDATED_ORDER), Outcome.FAILED_DOCUMENTED),
        ((COURSE, ordered(200, 111, stopped_for=NO_EFFECT)), Outcome.FAILED_DOCUMENTED),
    ],
    ids=["a course that ended", "one that still runs", "one linked to its stopped order", "dated"],
)
def test_a_stop_at_an_unknown_time(exposures: tuple[Exposure, ...], outcome: Outcome) -> None:
    """What was stopped some time ago is not what is still taken."""
    assert ended(*exposures).outcome is outcome


@pytest.mark.parametrize(
    ("unread", "outcome"),
    [
        (ago(200), Outcome.FAILED_INFERRED),
        (ago(174), Outcome.FAILED_INFERRED),
        (ago(173), Outcome.UNKNOWN),
        (ago(86), Outcome.UNKNOWN),
        (ago(85), Outcome.FAILED_INFERRED),
        (None, Outcome.FAILED_INFERRED),
    ],
)
def test_an_unreadable_score_of_the_endpoint_infers_nothing(
    unread: PartialDate | None, outcome: Outcome
) -> None:
    """In the window of the endpoint it may have told a response; elsewhere, or undated, it says nothing."""
    assert ended(COURSE, switched=100, unread=(unread,)).outcome is outcome

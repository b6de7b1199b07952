"""SUI-HX: attempts and self-harm of the past that raise no trigger."""

import pytest

from service.assess.flags.suicide_history import history_flags
from service.assess.safety import safety
from service.clinical.facts import Problem, RiskAnswer
from tests.assess.flag_facts import D0, FLAGS, SAFETY, ago, answer, ended, grouped, problem, record, worded

YES, NO = 1, 0


def told(*given: Problem | RiskAnswer) -> tuple[str, ...]:
    """The text of the flag, and of its levels; nothing where it is not raised."""
    facts = record(
        problems=tuple(one for one in given if isinstance(one, Problem)),
        answers=tuple(one for one in given if isinstance(one, RiskAnswer)),
    )
    found = history_flags(facts, safety(facts, SAFETY, D0), SAFETY, FLAGS)
    return tuple(text for flag in found for text in (flag.id, flag.esketamine or "", flag.ketamine or ""))


RAISED = ("SUI-HX", "info", "info")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (problem("T14.91XA", onset=ago(91)), RAISED),
        (problem("T14.91XA", onset=ago(90)), ()),
        (problem("T14.91XA", **ended()), RAISED),
        (problem("T39.1X2S", onset=ago(20)), RAISED),
        (problem("T39.1X1S", onset=ago(20)), ()),
        (problem("Z91.51"), RAISED),
        (problem("Z91.52"), RAISED),
        (problem("Z91.5"), RAISED),
        (problem("R45.88", onset=ago(3)), RAISED),
        (problem("Z91.11"), ()),
        (grouped("self_harm_history"), RAISED),
        (grouped("suicidal_ideation", onset=ago(400)), ()),
        (worded("History of suicide attempt"), RAISED),
        (worded("Family history of suicide attempt"), ()),
        (worded("No history of suicide attempt"), ()),
        (answer("cssrs-lifetime", YES, 91), RAISED),
        (answer("cssrs-lifetime", YES, 5), ()),
        (answer("cssrs-lifetime", NO, 91), ()),
        (answer("cssrs-3-months", YES, 90), ()),
        (answer("cssrs-3-months", YES, 91), RAISED),
    ],
)
def test_what_is_history(given: Problem | RiskAnswer, expected: tuple[str, ...]) -> None:
    """What is under a trigger says more there; what denies it, or is of a relative, is no history."""
    assert told(given) == expected


def test_behaviour_ever_beside_the_past_three_months() -> None:
    """With none of late it is history; with a recent one the trigger tells both."""
    assert told(answer("cssrs-lifetime", YES, 5), answer("cssrs-3-months", NO, 5)) == RAISED
    assert told(answer("cssrs-lifetime", YES, 5), answer("cssrs-3-months", YES, 5)) == ()

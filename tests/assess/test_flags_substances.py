"""Substance use disorders: active, early and sustained remission, substance by substance."""

from typing import Any

import pytest

from service.clinical.facts import Problem
from service.clinical.partial_date import PartialDate
from tests.assess.flag_facts import FLAGS, ago, ended, grouped, having, lab, problem, raised, record, worded

CAUTION, INFO = "caution", "info"
ACTIVE = {"SUD-ACT": (CAUTION, CAUTION)}
EARLY = {"SUD-EREM": (CAUTION, CAUTION)}
SUSTAINED = {"SUD-SREM": (INFO, INFO)}


@pytest.mark.parametrize(
    "code",
    ["F10.20", "F11.10", "F12.90", "F13.20", "F14.10", "F15.20", "F16.10", "F18.10", "F19.20", "F10.230"],
)
def test_codes_without_remission_are_active(code: str) -> None:
    """Abuse, dependence and use of every substance count while active."""
    assert having(problem(code)) == ACTIVE


@pytest.mark.parametrize(
    "entry", [problem("F17.210"), problem("F15.90", text="Caffeine use"), grouped("nicotine")]
)
def test_nicotine_and_caffeine_do_not_count(entry: Problem) -> None:
    """Nicotine and caffeine raise no flag."""
    assert having(entry) == {}


@pytest.mark.parametrize("code", ["F10.11", "F11.21", "F19.91"])
@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"onset": ago(364)}, EARLY),
        ({"onset": ago(365)}, SUSTAINED),
        ({"recorded": ago(364)}, EARLY),
        ({"recorded": ago(365)}, SUSTAINED),
        ({"onset": ago(900), "recorded": ago(10)}, SUSTAINED),
        ({}, EARLY),
        ({"onset": PartialDate(ago(600).first, ago(300).first)}, EARLY),
    ],
)
def test_remission_codes(code: str, members: dict[str, Any], expected: dict[str, Any]) -> None:
    """Remission is early until day 364 and while its start is unknown."""
    assert having(problem(code, **members)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (ended(ago(364), onset=ago(3000)), EARLY),
        (ended(ago(365), onset=ago(3000)), SUSTAINED),
        (ended(onset=ago(3000)), EARLY),
        ({"status": "remission", "onset": ago(3000)}, EARLY),
    ],
)
def test_an_ended_disorder_is_in_remission(members: dict[str, Any], expected: dict[str, Any]) -> None:
    """The abatement starts the remission; without one its start is unknown."""
    assert having(problem("F10.20", **members)) == expected


def test_remission_recorded_later_ends_an_active_entry() -> None:
    """A later entry of remission of the same substance ends the use, of another substance it does not."""
    use = problem("F10.20", onset=ago(3000), reference="Condition/use")
    assert having(use, problem("F10.21", onset=ago(800))) == SUSTAINED
    assert having(use, problem("F11.21", onset=ago(800))) == ACTIVE | SUSTAINED


def test_a_relapse_ends_remission() -> None:
    """An active entry later than the remission is use, and takes the remission back."""
    remission = problem("F10.21", onset=ago(800))
    assert having(remission, problem("F10.20", onset=ago(30))) == ACTIVE
    over = problem("F10.20", **ended(ago(100), onset=ago(300)))
    assert having(remission, over) == EARLY


def test_remission_is_not_restarted_by_being_written_again() -> None:
    """The earliest start that no later use takes back counts."""
    assert having(problem("F10.21", recorded=ago(800)), problem("F10.21", recorded=ago(5))) == SUSTAINED


@pytest.mark.parametrize(
    "entry",
    [
        grouped(
            "sud_remission", "substance_ketamine", "substance_pcp", onset=ago(800), text="Ketamine dependence"
        ),
        problem("F19.21", onset=ago(800), text="Ketamine dependence, in remission"),
        problem("F16.21", onset=ago(800), text="PCP dependence, in remission"),
        problem("F19.21", onset=ago(800), text="Esketamine misuse, in remission"),
    ],
)
def test_past_ketamine_misuse_stays_a_caution(entry: Problem) -> None:
    """Ketamine, PCP and esketamine stay a caution after 12 months, and are named."""
    flag = raised(record(problems=(entry,)))["SUD-SREM"]
    assert (flag.esketamine, flag.ketamine) == (CAUTION, CAUTION)
    assert "ketamine, PCP or esketamine misuse" in flag.text


def test_active_ketamine_misuse_is_named() -> None:
    """Active misuse of ketamine is named in the text."""
    flag = raised(record(problems=(grouped("sud_active", "substance_ketamine", text="Harmful use"),)))[
        "SUD-ACT"
    ]
    assert "ketamine, PCP or esketamine misuse" in flag.text
    assert "ASRA 2018" in flag.text


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (grouped("sud_active", "substance_alcohol"), ACTIVE),
        (grouped("sud_active"), ACTIVE),
        (grouped("sud_remission", "substance_alcohol", onset=ago(400)), SUSTAINED),
        (worded("alcohol use disorder"), ACTIVE),
        (worded("alcohol use disorder in remission"), EARLY),
        (problem("F10.20", verification="provisional"), {"SUD-ACT": (INFO, INFO)}),
    ],
)
def test_groups_words_and_suspicions(entry: Problem, expected: dict[str, Any]) -> None:
    """SNOMED CT groups and, as a last resort, words count; a suspicion counts one level lower."""
    assert having(entry) == expected


def test_one_entry_with_two_codings_is_one_substance() -> None:
    """ICD-10-CM and SNOMED CT on one entry are told once."""
    entry = problem(
        "F10.20", groups=frozenset({"sud_active", "substance_alcohol"}), text="Alcohol dependence"
    )
    assert raised(record(problems=(entry,)))["SUD-ACT"].text.count("Alcohol dependence") == 1


def test_a_positive_screen_names_its_test() -> None:
    """So that whoever doubts it finds it."""
    (cocaine,) = (test for test in FLAGS.substance_screen.test if test.name == "cocaine")
    test = lab(cocaine.screens[0], 5, answer="positive")
    assert raised(record(labs=(test,)))["SUD-SCREEN"].evidence == (test.reference,)

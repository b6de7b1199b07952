"""Liver flags: enzymes against their limit, Child-Pugh class, diagnoses."""

from typing import Any

import pytest

from service.clinical.facts import Lab
from tests.assess.flag_facts import ago, ended, having, lab, levels, problem, raised, record, worded

CONTRA, CAUTION, INFO = "contraindication", "caution", "info"
SEVERE = {"HEP-SEV": (CAUTION, CONTRA)}
MODERATE = {"HEP-MOD": (CAUTION, CAUTION)}


def of(*labs: Lab) -> dict[str, tuple[str | None, str | None]]:
    """The levels of the flags that `labs` raise."""
    return levels(record(labs=labs))


@pytest.mark.parametrize("enzyme", ["alt", "ast"])
@pytest.mark.parametrize(
    ("days", "value", "members", "expected"),
    [
        (10, 120, {"unit": "U/L", "upper_limit": 40.0}, {}),
        (10, 121, {"unit": "U/L", "upper_limit": 40.0}, MODERATE),
        (180, 121, {"unit": "U/L", "upper_limit": 40.0}, MODERATE),
        (181, 121, {"unit": "U/L", "upper_limit": 40.0}, {}),
        (10, 150, {"unit": "U/L", "upper_limit": 50.0}, {}),
        (10, 120, {"unit": "U/L"}, {}),
        (10, 121, {"unit": "U/L"}, MODERATE),
        (10, 121, {}, MODERATE),
        (10, 121, {"unit": "mg/dL"}, {}),
        (10, 2.2, {"unit": "ukat/L", "upper_limit": 0.7}, MODERATE),
        (10, None, {"unit": "U/L"}, {}),
    ],
)
def test_enzymes_above_three_times_their_limit(
    enzyme: str, days: int, value: float | None, members: dict[str, Any], expected: dict[str, Any]
) -> None:
    """More than three times the laboratory's limit, or the table's where it states none, for 180 days."""
    assert of(lab(enzyme, days, value, **members)) == expected


def test_a_normal_repeat_takes_it_back() -> None:
    """A later normal value clears, a later raised one below three times does not, nor the other enzyme."""
    high = lab("alt", 100, 200, unit="U/L", upper_limit=40.0)
    assert of(high, lab("alt", 10, 40, unit="U/L", upper_limit=40.0)) == {}
    assert of(high, lab("alt", 10, 41, unit="U/L", upper_limit=40.0)) == MODERATE
    assert of(high, lab("ast", 10, 30, unit="U/L", upper_limit=40.0)) == MODERATE
    assert of(high, lab("alt", 120, 30, unit="U/L", upper_limit=40.0)) == MODERATE


def test_the_text_says_which_limit_was_used() -> None:
    """Value, ratio, limit and day can be read, and that the laboratory stated no limit."""
    text = raised(record(labs=(lab("alt", 10, 200, unit="U/L"),)))["HEP-MOD"].text
    assert f"ALT 200 U/L, 5.0 times the upper limit of 40 ({ago(10)})" in text
    assert "not stated by the laboratory" in text


@pytest.mark.parametrize(
    "code", ["K72.90", "K70.41", "K71.10", "B15.0", "B17.11", "K76.7", "K76.82", "I85.01", "I85.11", "K70.31"]
)
def test_severe_disease(code: str) -> None:
    """Severe diagnoses count while active and for 12 months after."""
    assert having(problem(code)) == SEVERE
    assert having(problem(code, **ended(ago(365)))) == SEVERE
    assert having(problem(code, **ended(ago(366)))) == {}


@pytest.mark.parametrize("code", ["K74.60", "K74.3", "K70.30"])
def test_moderate_disease(code: str) -> None:
    """Cirrhosis is moderate, and severe disease stands for it."""
    assert having(problem(code)) == MODERATE
    assert having(problem(code), problem("K72.10")) == SEVERE


def test_a_suspicion_of_severe_disease_does_not_hide_a_moderate_one() -> None:
    """A flag replaces another only if it weighs as much on both routes."""
    suspected = problem("K72.10", verification="provisional")
    assert having(problem("K74.60"), suspected) == {"HEP-SEV": (INFO, CAUTION)} | MODERATE


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("Child-Pugh class A", MODERATE),
        ("Child-Pugh class B", MODERATE),
        ("Child-Pugh class C", SEVERE),
        ("Child-Turcotte-Pugh C11", SEVERE),
        ("Class C", SEVERE),
        ("C", SEVERE),
        ("compensated", MODERATE),
    ],
)
def test_the_class_of_a_cirrhosis(stage: str, expected: dict[str, Any]) -> None:
    """Class C of a stage makes the disease severe."""
    assert having(problem("K74.60", stage=stage)) == expected


def test_a_named_class_counts_on_any_entry() -> None:
    """A stage that names Child-Pugh counts whatever the code beside it."""
    assert having(problem("K70.9", stage="Child-Pugh class C")) == SEVERE
    assert having(problem("K70.9", stage="C")) == {}


def test_a_later_stage_of_another_kind_replaces_no_class() -> None:
    """What names no class is none, whenever it was written."""
    severe = problem("K70.9", stage="Child-Pugh class C", onset=ago(300))
    tumour = problem("C22.0", stage="T2 N0 M0", onset=ago(20), reference="Condition/d")
    assert having(severe, tumour) == SEVERE


@pytest.mark.parametrize(("days", "expected"), [(365, SEVERE), (366, {})])
def test_a_class_of_an_entry_that_has_ended(days: int, expected: dict[str, Any]) -> None:
    """It counts for a year after the end."""
    assert having(problem("K74.60", stage="Child-Pugh C", **ended(ago(days)))) == expected


def test_a_stage_of_another_disease_is_no_class() -> None:
    """A bare letter counts on liver disease only."""
    assert having(worded("lymphoma", stage="C")) == {}


@pytest.mark.parametrize(
    ("labs", "expected"),
    [
        ([("c", 365)], SEVERE),
        ([("class c", 366)], {}),
        ([("class b", 10)], MODERATE),
        ([("a", 10)], {}),
        ([("c", 200), ("b", 20)], MODERATE),
        ([("c", 200), ("a", 20)], {}),
    ],
)
def test_the_measured_class(labs: list[tuple[str, int]], expected: dict[str, Any]) -> None:
    """The latest class of 12 months counts."""
    assert of(*(lab("child_pugh", days, answer=grade) for grade, days in labs)) == expected

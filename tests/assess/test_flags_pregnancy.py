"""Pregnancy, breastfeeding and pre-eclampsia: signs, their age, and what ends them."""

from typing import Any

import pytest

from service.clinical.facts import Problem
from tests.assess.flag_facts import (
    MAN_45,
    ago,
    ended,
    gaps_of,
    grouped,
    having,
    lab,
    levels,
    person,
    problem,
    record,
)

CONTRA, CAUTION, INFO = "contraindication", "caution", "info"
PREGNANT = {"PREG": (CAUTION, CONTRA)}


def unknown(**lists: Any) -> bool:
    """Whether the pregnancy status is reported as missing."""
    return "PREG-UNK" in gaps_of(record(**lists))


@pytest.mark.parametrize(
    "code", ["Z33.1", "Z34.90", "Z3A.11", "O09.91", "O26.891", "O99.341", "O24.410", "O60.02", "Z32.01"]
)
def test_pregnancy_codes(code: str) -> None:
    """Pregnancy codes count for 42 weeks, or while active and undated; never by recorded sex."""
    assert having(problem(code, onset=ago(294))) == PREGNANT
    assert having(problem(code, onset=ago(295))) == {}
    assert having(problem(code)) == PREGNANT
    assert having(problem(code, **ended(ago(2), onset=ago(200)))) == {}


@pytest.mark.parametrize(
    "code",
    [
        "O80",
        "O82",
        "Z37.0",
        "O70.0",
        "O72.1",
        "O90.89",
        "O99.345",
        "O99.344",
        "O24.430",
        "O10.03",
        "Z39.2",
        "O03.9",
    ],
)
def test_delivery_and_puerperium_are_no_pregnancy(code: str) -> None:
    """Codes of delivery, loss and puerperium do not say pregnant, and end an earlier sign."""
    assert having(problem(code, onset=ago(10))) == {}
    assert having(problem("Z33.1", onset=ago(200)), problem(code, onset=ago(10))) == {}
    assert having(problem("Z33.1", onset=ago(5)), problem(code, onset=ago(10))) == PREGNANT


@pytest.mark.parametrize(
    "sign",
    [
        {"concept": "pregnancy_status", "answer": "pregnant"},
        {"concept": "pregnancy_status", "answer": "", "code": "LA15173-0"},
        {"concept": "hcg", "answer": "positive"},
        {"concept": "hcg", "value": 25.0},
        {"concept": "hcg", "value": 12.0, "upper_limit": 5.0},
    ],
)
def test_measured_signs(sign: dict[str, Any]) -> None:
    """A status or test counts for 42 weeks, until a later delivery or negative test."""
    assert levels(record(labs=(lab(days=294, **sign),))) == PREGNANT
    assert levels(record(labs=(lab(days=295, **sign),))) == {}
    delivery = problem("Z37.0", onset=ago(20))
    assert levels(record(labs=(lab(days=100, **sign),), problems=(delivery,))) == {}
    negative = lab("hcg", 50, answer="negative")
    assert levels(record(labs=(lab(days=100, **sign), negative))) == {}
    assert levels(record(labs=(lab(days=40, **sign), negative))) == PREGNANT


@pytest.mark.parametrize(
    "sign",
    [
        {"concept": "pregnancy_status", "answer": "not pregnant"},
        {"concept": "pregnancy_status", "answer": "unknown"},
        {"concept": "hcg", "answer": "not detected"},
        {"concept": "hcg", "value": 4.9},
        {"concept": "hcg", "value": 24.9},
    ],
)
def test_what_does_not_say_pregnant(sign: dict[str, Any]) -> None:
    """Negative, unknown and doubtful results raise no flag."""
    assert levels(record(labs=(lab(days=3, **sign),))) == {}


def test_an_entry_that_ended_ends_an_older_sign() -> None:
    """The abatement of a pregnancy entry says that the pregnancy is over."""
    over = grouped("pregnancy", **ended(ago(20), onset=ago(250)))
    assert levels(record(labs=(lab("hcg", 240, answer="positive"),), problems=(over,))) == {}


def test_a_suspected_pregnancy_counts_one_level_lower() -> None:
    """Unconfirmed: information for esketamine, caution for ketamine."""
    assert having(problem("Z33.1", verification="provisional")) == {"PREG": (INFO, CAUTION)}


@pytest.mark.parametrize(
    ("years", "gender", "expected"),
    [
        (11, "female", False),
        (12, "female", True),
        (55, "female", True),
        (56, "female", False),
        (31, "male", False),
        (31, "other", True),
        (31, "unknown", True),
        (31, "", True),
    ],
)
def test_who_is_asked_about_pregnancy(years: int, gender: str, expected: bool) -> None:
    """From 12 to 55 years, when the gender is not male."""
    assert unknown(person=person(years, gender)) is expected


def test_what_settles_the_pregnancy_status() -> None:
    """A flag, or a negative statement or end of pregnancy within 30 days, settles it; an old one does not."""
    woman = person(31)
    assert not unknown(person=woman, labs=(lab("hcg", 30, answer="negative"),))
    assert unknown(person=woman, labs=(lab("hcg", 31, answer="negative"),))
    assert not unknown(person=woman, problems=(problem("Z33.1", onset=ago(50)),))
    assert unknown(person=woman, problems=(problem("Z33.1", onset=ago(400)),))
    assert not unknown(person=woman, problems=(problem("O80", onset=ago(20)),))
    assert unknown(person=None)
    assert not unknown(person=MAN_45)


@pytest.mark.parametrize("code", ["O14.10", "O15.00", "O11.1"])
@pytest.mark.parametrize(
    ("members", "others", "expected"),
    [
        ({"onset": ago(100)}, (), (CAUTION, CONTRA)),
        ({}, (), (CAUTION, CONTRA)),
        ({"onset": ago(336)}, (), (CAUTION, CONTRA)),
        ({"onset": ago(337)}, (), (INFO, INFO)),
        ({"onset": ago(100)}, (problem("O80", onset=ago(42)),), (CAUTION, CONTRA)),
        ({"onset": ago(100)}, (problem("O80", onset=ago(43)),), (INFO, INFO)),
        (ended(ago(42), onset=ago(100)), (), (CAUTION, CONTRA)),
        (ended(ago(43), onset=ago(100)), (), (INFO, INFO)),
    ],
)
def test_pre_eclampsia_counts_until_six_weeks_after(
    code: str, members: dict[str, Any], others: tuple[Problem, ...], expected: tuple[str, str]
) -> None:
    """Current pregnancy or 42 days after its end; later it is information."""
    assert having(problem(code, **members), *others)["PREECL"] == expected


def test_pre_eclampsia_of_the_puerperium_counts_from_its_own_day() -> None:
    """Codes of the puerperium begin after delivery."""
    assert having(problem("O15.2", onset=ago(42)))["PREECL"] == (CAUTION, CONTRA)
    assert having(problem("O15.2", onset=ago(43)))["PREECL"] == (INFO, INFO)


@pytest.mark.parametrize(("days", "counts"), [(730, True), (731, False)])
def test_breastfeeding_ends(days: int, counts: bool) -> None:
    """An active entry of breastfeeding counts for two years at most."""
    assert ("LACT" in having(problem("Z39.1", onset=ago(days)))) is counts

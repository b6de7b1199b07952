"""What the record does not tell: named as missing, blocking only for blood pressure."""

from typing import Any

import pytest
from msgspec.structs import replace

from service.clinical.assessment import Gap
from service.clinical.facts import Completeness, SourceKind, StopKind, StopReason
from tests.assess.flag_facts import (
    ago,
    allergy,
    gaps_of,
    grouped,
    lab,
    medicine,
    pressure,
    problem,
    procedure,
    record,
)


def gaps(**lists: Any) -> dict[str, Gap]:
    """The gaps of a 45-year-old man with `lists`, by id."""
    return gaps_of(record(**lists))


def test_an_empty_record_misses_everything_but_tsh_and_pregnancy() -> None:
    """Only blood pressure is blocking; TSH and pregnancy are not asked of this man."""
    assert {one.id: one.blocking for one in gaps().values()} == {
        "BP-UNK": True,
        "LIVER-UNK": False,
        "SUD-UNK": False,
        "PSY-UNK": False,
        "ALLERGY-EMPTY": False,
    }


@pytest.mark.parametrize(
    ("gap", "inside", "outside"),
    [
        ("BP-UNK", {"pressures": (pressure(90, 120, 70),)}, {"pressures": (pressure(91, 120, 70),)}),
        ("BP-UNK", {"pressures": (pressure(1, 120, 70),)}, {"pressures": (pressure(1, 120, None),)}),
        ("LIVER-UNK", {"labs": (lab("alt", 365, 20),)}, {"labs": (lab("alt", 366, 20),)}),
        ("LIVER-UNK", {"labs": (lab("ast", 5, 20),)}, {"labs": (lab("ast", 5),)}),
        ("SUD-UNK", {"labs": (lab("audit_c_total", 365, 1),)}, {"labs": (lab("audit_c_total", 366, 1),)}),
        (
            "SUD-UNK",
            {"labs": (lab("urine_drug_screen:opiate", 9, answer="negative"),)},
            {"labs": (lab("urine_drug_screen:opiate", 9),)},
        ),
        ("SUD-UNK", {"labs": (lab("dast10_total", 9, 0),)}, {"labs": (lab("phq9_total", 9, 0),)}),
        ("SUD-UNK", {"problems": (problem("F10.20"),)}, {"problems": (problem("F17.210"),)}),
        ("PSY-UNK", {"problems": (problem("F20.9"),)}, {"problems": (problem("F33.2"),)}),
        (
            "PSY-UNK",
            {"interventions": (procedure("psychiatric_evaluation", when=ago(365)),)},
            {"interventions": (procedure("psychiatric_evaluation", when=ago(366)),)},
        ),
        ("ALLERGY-EMPTY", {"allergies": (allergy(no_known=True),)}, {"allergies": ()}),
        (
            "ALLERGY-EMPTY",
            {"lists": {"AllergyIntolerance": Completeness.NOT_RETRIEVABLE}},
            {"lists": {"AllergyIntolerance": Completeness.COMPLETE}},
        ),
    ],
)
def test_what_closes_a_gap(gap: str, inside: dict[str, Any], outside: dict[str, Any]) -> None:
    """Data inside the window close the gap, its twin outside does not."""
    assert gap not in gaps(**inside)
    assert gap in gaps(**outside)


def test_tsh_is_asked_for_with_hyperthyroidism_only() -> None:
    """An active hyperthyroidism without a TSH of 180 days is a gap, treated or not."""
    treated = {"problems": (grouped("hyperthyroidism"),), "exposures": (medicine("antithyroid"),)}
    assert "TSH-UNK" in gaps(**treated)
    assert "TSH-UNK" in gaps(**treated, labs=(lab("tsh", 181, 1.0),))
    assert "TSH-UNK" not in gaps(**treated, labs=(lab("tsh", 180, 1.0),))


@pytest.mark.parametrize(
    ("state", "said"),
    [(Completeness.NOT_RETRIEVABLE, "could not be retrieved"), (Completeness.FIRST_PAGE, "first page")],
)
def test_a_list_that_did_not_come_is_said(state: Completeness, said: str) -> None:
    """A gap tells whether the measurements were missing or not received."""
    assert said in gaps(lists={"Observation": state})["BP-UNK"].text
    assert said not in gaps()["BP-UNK"].text


def test_an_earlier_course_whose_end_is_not_told_is_named() -> None:
    """Whether esketamine helped before is asked, unless a documented failure already raises its flag."""
    doses = tuple(
        medicine(
            "esketamine",
            ingredient="esketamine",
            source=SourceKind.ADMINISTRATION,
            start=ago(days),
            reference=f"A/{days}",
        )
        for days in (228, 221, 214, 207, 200)
    )
    failed = replace(doses[-1], stopped_for=StopReason(text="no response", kind=StopKind.NO_EFFECT))
    assert "PRIOR-UNK" not in gaps()
    assert "PRIOR-UNK" in gaps(exposures=doses)
    assert "PRIOR-UNK" not in gaps(exposures=(*doses, failed))

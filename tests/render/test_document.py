"""The assessment as JSON: the members that callers rely on."""

import json
from datetime import date

import pytest
from msgspec.structs import replace

from service.clinical.assessment import Assessment, Conclusion, DoseStep, Weight
from service.clinical.facts import SetAside, Unreadable
from tests.render.made import (
    BUPROPION_LOW,
    NO_PRESSURE,
    PREGNANCY,
    PRESSURE_HOLD,
    REPORTED,
    SAFE_1,
    SERTRALINE,
    STIMULANT,
    THEOPHYLLINE,
    assessment,
    cautious,
    gate,
    written,
)


def test_the_whole_document() -> None:
    """Every member has its fixed name, and numbers of milligrams are whole where they can be."""
    made = cautious(
        PREGNANCY,
        gate=gate("GATE-REFERRAL", "open referral"),
        safety=(SAFE_1,),
        trials=(SERTRALINE, REPORTED),
        missing=(NO_PRESSURE,),
        unreadable=(Unreadable(reference="Observation/x", reason="no code"),),
    )
    found = written(made)
    assert json.loads(json.dumps(found)) == found
    assert found["assessedOn"] == "2026-11-02"
    assert found["ruleSet"] == {"profile": "default", "version": "2026.12.0"}
    assert found["subject"] == "Patient/p1"
    assert found["conclusion"] == "caution"
    assert found["gate"] == {"id": "GATE-REFERRAL", "text": "open referral", "evidence": []}
    assert found["safety"] == [
        {"id": "SAFE-1", "text": "PHQ-9 item 9 answered 2 (2026-11-02)", "evidence": ["Observation/item9"]}
    ]
    assert found["counts"] == {"counted": 2, "possible": 0, "lifetime": 2, "classes": 2, "augmentations": 0}
    assert found["missing"] == [{"id": "BP-UNK", "blocking": True, "text": NO_PRESSURE.text}]
    assert found["unreadable"] == [{"reference": "Observation/x", "reason": "no code"}]


def test_a_trial() -> None:
    """A counted trial has dates, days and doses; what is unknown is null."""
    counted, reported = written(assessment(trials=(SERTRALINE, REPORTED)))["trials"]
    assert counted == {
        "ingredient": "sertraline",
        "class": "SSRI",
        "start": "2025-09-28",
        "end": "2025-12-26",
        "running": False,
        "coveredDays": 90,
        "qualifyingDays": 90,
        "dailyDose": {"value": 100, "unit": "mg/day"},
        "minimumDose": {"value": 50, "unit": "mg/day"},
        "status": "counted",
        "reason": None,
        "shortfalls": [],
        "outcome": "failed-documented",
        "basis": "PHQ-9 21 to 19 (10 % better)",
        "witnesses": ["dispense", "order"],
        "evidence": [
            "MedicationDispense/s1",
            "MedicationDispense/s2",
            "MedicationRequest/s",
            "Observation/phq-1",
        ],
        "notes": [],
        "steps": [],
    }
    assert isinstance(counted["dailyDose"]["value"], int)
    assert [reported[name] for name in ("start", "end", "coveredDays", "qualifyingDays", "dailyDose")] == [
        None
    ] * 5


def test_possible_trials_give_reason_and_all_shortfalls() -> None:
    """The first shortfall in rank is the reason, all of them are listed."""
    (trial,) = written(assessment(trials=(BUPROPION_LOW,)))["trials"]
    assert (trial["status"], trial["reason"]) == ("possible", "P-DOSE")
    assert trial["shortfalls"] == ["P-DOSE", "P-OUT"]


def test_flags_have_a_level_for_each_route() -> None:
    """A flag gives the level on each route."""
    flags = written(cautious(PREGNANCY, THEOPHYLLINE))["flags"]
    levels = [(flag["id"], flag["esketamine"], flag["ketamine"]) for flag in flags]
    assert levels == [("PREG", "caution", "contraindication"), ("MED-XAN", "info", "caution")]


def test_nothing_in_the_way_is_null() -> None:
    """Without a closed gate `gate` is null, and lists are empty rather than absent."""
    found = written(assessment(trials=()))
    assert found["gate"] is None
    assert found["trials"] == found["flags"] == found["missing"] == found["safety"] == []


def test_the_doses_of_a_trial_are_steps_in_order_of_time() -> None:
    """Days on one dose are one step, also with a gap between two supplies; an unknown dose is null."""
    taken = (
        ("2025-09-28", "2025-10-27", 50.0),
        ("2025-10-28", "2025-11-16", 100.0),
        ("2025-11-20", "2025-11-29", 100.0),
        ("2025-11-30", "2025-12-26", None),
    )
    steps = tuple(
        DoseStep(first=date.fromisoformat(first), last=date.fromisoformat(last), daily_mg=mg, minimum_mg=50.0)
        for first, last, mg in taken
    )
    (trial,) = written(assessment(trials=(replace(SERTRALINE, steps=steps),)))["trials"]
    assert trial["steps"] == [
        {"dailyDose": 50, "days": 30, "from": "2025-09-28"},
        {"dailyDose": 100, "days": 30, "from": "2025-10-28"},
        {"dailyDose": None, "days": 27, "from": "2025-11-30"},
    ]


def test_flags_have_a_weight_and_holds_by_route() -> None:
    """A flag is clinical unless it is for planning, and a hold is told for each route."""
    planning = replace(STIMULANT, weight=Weight.PLANNING)
    hold, other = written(cautious(PRESSURE_HOLD, planning))["flags"]
    assert (hold["weight"], hold["hold"]) == ("clinical", {"esketamine": True, "ketamine": True})
    assert (other["weight"], other["hold"]) == ("planning", {"esketamine": False, "ketamine": False})


def test_what_was_set_aside_is_listed() -> None:
    """An entry that was understood and raises nothing is named with the reason."""
    aside = SetAside(reference="Condition/x", reason="its text denies it")
    assert written(assessment(set_aside=(aside,)))["setAside"] == [
        {"reference": "Condition/x", "reason": "its text denies it"}
    ]


@pytest.mark.parametrize(
    ("made", "topics"),
    [
        (assessment(), ["recommend"]),
        (assessment(safety=(SAFE_1,)), ["safety", "recommend"]),
        (assessment(conclusion=Conclusion.NONE), []),
        (assessment(conclusion=Conclusion.NONE, assessable=False), ["not-assessed"]),
        (
            assessment(
                conclusion=Conclusion.NONE,
                safety=(SAFE_1,),
                gate=gate("GATE-DECEASED", "recorded as deceased"),
            ),
            [],
        ),
    ],
)
def test_which_cards_an_opened_chart_would_show(made: Assessment, topics: list[str]) -> None:
    """The topics of the cards stand in their order."""
    assert written(made)["cards"] == {"patient-view": topics}

"""The assessment as JSON: the members that callers rely on."""

import json

from service.clinical.facts import Unreadable
from service.render.document import document
from tests.render.made import (
    BUPROPION_LOW,
    NO_PRESSURE,
    PREGNANCY,
    REPORTED,
    SAFE_1,
    SERTRALINE,
    THEOPHYLLINE,
    assessment,
    cautious,
    gate,
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
    found = document(made)
    assert json.loads(json.dumps(found)) == found
    assert found["assessedOn"] == "2026-11-02"
    assert found["ruleSet"] == {"profile": "default", "version": "2026.11.0"}
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
    counted, reported = document(assessment(trials=(SERTRALINE, REPORTED)))["trials"]
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
    }
    assert isinstance(counted["dailyDose"]["value"], int)
    assert [reported[name] for name in ("start", "end", "coveredDays", "qualifyingDays", "dailyDose")] == [
        None
    ] * 5


def test_possible_trials_give_reason_and_all_shortfalls() -> None:
    """The first shortfall in rank is the reason, all of them are listed."""
    (trial,) = document(assessment(trials=(BUPROPION_LOW,)))["trials"]
    assert (trial["status"], trial["reason"]) == ("possible", "P-DOSE")
    assert trial["shortfalls"] == ["P-DOSE", "P-OUT"]


def test_flags_have_a_level_for_each_route() -> None:
    """A flag gives the level on each route."""
    flags = document(cautious(PREGNANCY, THEOPHYLLINE))["flags"]
    levels = [(flag["id"], flag["esketamine"], flag["ketamine"]) for flag in flags]
    assert levels == [("PREG", "caution", "contraindication"), ("MED-XAN", "info", "caution")]


def test_nothing_in_the_way_is_null() -> None:
    """Without a closed gate `gate` is null, and lists are empty rather than absent."""
    found = document(assessment(trials=()))
    assert found["gate"] is None
    assert found["trials"] == found["flags"] == found["missing"] == found["safety"] == []

"""The text report for a terminal."""

from service.clinical.facts import SetAside
from service.render.report import text_report
from tests.render.made import (
    BROKEN,
    BUPROPION_LOW,
    NO_LIVER,
    NO_PRESSURE,
    PREGNANCY,
    SAFE_1,
    SERTRALINE,
    WORDING,
    assessment,
    cautious,
)


def test_the_ledger_stands_in_columns() -> None:
    """Trials, doses and days begin at the same place in every line, reasons stand below."""
    lines = text_report(assessment(trials=(BUPROPION_LOW, SERTRALINE)), WORDING).split("\n")
    counted = next(line for line in lines if "sertraline" in line and "mg/day" in line)
    possible = next(line for line in lines if "bupropion" in line)
    assert counted.index("mg/day") == possible.index("mg/day")
    assert counted.index("qualifying") - possible.index("qualifying") == 1  # 90 days against 0
    assert lines.index(counted) < lines.index(possible)
    assert lines[lines.index(possible) + 1].strip() == "dose unknown or below the minimum"


def test_everything_found_and_everything_missing_is_reported() -> None:
    """Triggers, flags, gaps and unreadable entries stand in the report with their resources."""
    made = cautious(PREGNANCY, safety=(SAFE_1,), missing=(NO_LIVER, NO_PRESSURE), unreadable=BROKEN)
    text = text_report(made, WORDING)
    for expected in (
        "SAFE-1",
        "Observation/item9",
        "PREG",
        "IV ketamine: contraindication",
        "MedicationRequest/x1",
    ):
        assert expected in text
    assert text.index("BP-UNK") < text.index("LIVER-UNK")


def test_what_was_set_aside_is_told_with_its_reason() -> None:
    """An entry that raises nothing is named, and why."""
    aside = SetAside(reference="Condition/x", reason="denied by its words")
    assert "  Condition/x  denied by its words" in text_report(assessment(set_aside=(aside,)), WORDING)


def test_an_empty_record_says_that_nothing_was_found() -> None:
    """Empty sections speak of the records received, not of the patient."""
    assert "nothing found in the records received" in text_report(assessment(trials=()), WORDING)

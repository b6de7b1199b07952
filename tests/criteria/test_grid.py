"""Policies side by side: criteria as rows, policies as columns."""

from dataclasses import replace
from datetime import date

from mappings.knowledge import load_knowledge
from service.answer.read import read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.clinical.criteria import ReadPolicy
from service.render.criteria import criteria_grid, criteria_report
from tests.served import REPOSITORY

DAY = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
RECORD = REPOSITORY / "docs" / "examples" / "two-failed-trials.json"
HOSTILE = "MedicationRequest/x\u202e\n[met] <script>"


def found(*ids: str) -> tuple[ReadPolicy, ...]:
    """Return what a record shows of some policies."""
    facts = read_document(RECORD.read_bytes(), KNOWLEDGE, DAY).facts
    return read_criteria(facts, assess(facts, KNOWLEDGE, "default", DAY), KNOWLEDGE, ids)


def test_each_criterion_is_one_row_and_each_policy_one_column() -> None:
    """A criterion that several policies have stands once; one that a policy does not ask for says so."""
    grid = criteria_grid(found("cigna", "qualchoice", "nice-ta854"), KNOWLEDGE.policies)
    assert [policy.id for policy in grid.policies] == ["cigna", "qualchoice", "nice-ta854"]
    ids = [row.id for row in grid.rows]
    assert ids == [name for name in KNOWLEDGE.policies.names if name in ids]
    words = {row.id: [cell.word for cell in row.cells] for row in grid.rows}
    assert words["trials"] == ["met", "met", "not asked"]
    assert words["severity"] == ["not asked", "met", "not asked"]
    assert words["recommended"] == ["not asked", "not asked", "not met"]
    signs = {cell.word: cell.sign for row in grid.rows for cell in row.cells}
    assert len(set(signs.values())) == len(signs)


def test_warnings_stand_at_the_head_of_a_policy() -> None:
    """A composite, a second-hand reading and an unknown date are told before the rows."""
    grid = criteria_grid(found("strict-payer", "cigna", "label-us"), KNOWLEDGE.policies)
    remarks = {policy.id: len(policy.remarks) for policy in grid.policies}
    assert remarks == {"strict-payer": 1, "cigna": 2, "label-us": 1}


def test_no_text_of_the_record_ends_a_line() -> None:
    """What a reference of the record holds can neither begin a line of the report nor turn it around."""
    (policy,) = found("cigna")
    row = policy.criteria[0]
    hostile = replace(row, shown=replace(row.shown, evidence=(HOSTILE,)))
    report = criteria_report([replace(policy, criteria=(hostile,))], KNOWLEDGE.policies)
    assert "\u202e" not in report
    assert not [line for line in report.splitlines() if line.startswith("[met]")]

"""The rows of the evidence view: everything that an assessment says is in them, for each vignette."""

import json
from datetime import date

import pytest
from msgspec.structs import replace

from cds_hooks.request import read_request
from mappings.sources import load_sources
from service.answer.read import brought, read_chart, read_record
from service.assess import assess
from service.clinical.assessment import Assessment
from service.clinical.facts import Completeness, FetchFailure, PatientFacts
from service.render.view import PageView, cited, references
from tests.asked import ASKED, ASKED_FOR
from tests.smart.calls import KNOWLEDGE
from tests.vignettes.build import request
from tests.vignettes.cases import Case, all_cases

DAY = date(2026, 11, 2)
SOURCES = load_sources()
CASES = [case for case in all_cases() if not case.drafts][::5]


def judged(case: Case) -> tuple[PatientFacts, Assessment]:
    """What the record of a case says, and what comes of it."""
    asked = read_request(json.dumps(request(case, DAY, "patient-view", ASKED_FOR)).encode())
    facts = read_record(read_chart(asked, brought(asked, ASKED)), KNOWLEDGE, DAY).facts
    return facts, assess(facts, KNOWLEDGE, "default", DAY)


def rows_of(facts: PatientFacts, assessment: Assessment) -> PageView:
    """Its rows."""
    sources = cited(assessment, KNOWLEDGE.criteria["default"].sources, SOURCES)
    return PageView(wording=KNOWLEDGE.wording, of=assessment, facts=facts, sources=sources)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_of_an_assessment_is_left_out(case: Case) -> None:
    """Each trial, flag, trigger, gap and unreadable entry has a row."""
    facts, assessment = judged(case)
    rows = rows_of(facts, assessment)
    assert {row.drug for row in rows.ledger} == {trial.ingredient for trial in assessment.trials}
    assert len(rows.ledger) == len(assessment.trials)
    assert {row.id for row in rows.weighed} == {flag.id for flag in assessment.flags}
    assert [row.id for row in rows.safety] == [trigger.id for trigger in assessment.safety]
    assert len(rows.lowered) == len(assessment.lowered_safety)
    assert {row.id for row in (*rows.needed, *rows.unknown)} == {gap.id for gap in assessment.missing}
    assert len(rows.unreadable) == len(assessment.unreadable)
    assert len(rows.augmentations) == len(assessment.augmentations)
    assert bool(rows.safety_summary) == bool(assessment.safety)
    assert (rows.gate is None) == (assessment.gate is None)
    assert rows.title
    assert rows.summary
    assert {source for flag in assessment.flags for source in flag.sources} <= {s.id for s in rows.sources}


def test_lists_that_did_not_come_whole_are_named_with_the_reason() -> None:
    """The others in one sentence."""
    facts, assessment = judged(CASES[0])
    partly = replace(
        facts,
        lists={
            "Procedure": Completeness.FIRST_PAGE,
            "Observation": Completeness.NOT_RETRIEVABLE,
            "Condition": Completeness.NOT_RETRIEVABLE,
        },
        lists_not_read={"Condition": FetchFailure.NOT_OFFERED},
    )
    rows = rows_of(partly, assessment)
    assert {row.name: row.state for row in rows.lacking} == {
        "procedures": "first page only",
        "measurements and scores": "could not be read",
        "problem list": "not offered by the EHR, or not to this user",
    }
    assert "procedures" not in rows.whole
    assert "allergies" in rows.whole


def test_many_resources_are_counted() -> None:
    """The first few are named; where there are none the reader is told."""
    many = [f"MedicationDispense/{n}" for n in range(40)]
    assert references(KNOWLEDGE.wording, many).endswith("MedicationDispense/5 and 34 more")
    assert references(KNOWLEDGE.wording, []) == KNOWLEDGE.wording.sentence("gaps.no_evidence")

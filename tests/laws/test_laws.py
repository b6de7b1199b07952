"""What must not change an assessment does not."""

import json
from datetime import date

import pytest

from mappings.knowledge import load_knowledge
from service.answer.read import assess_document
from service.render.document import document
from service.render.view import View
from tests.laws.rewritten import REWRITINGS, Json, Rewriting
from tests.vignettes.build import bundle
from tests.vignettes.cases import Case, all_cases

DAY = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
PUBLISHED = [case for case in all_cases() if case.name.startswith("01-published")]


def assessed(record: Json, day: date) -> Json:
    """What the pipeline answers, as its JSON document."""
    found = assess_document(json.dumps(record).encode(), KNOWLEDGE, profile="default", as_of=day)
    answer: Json = json.loads(json.dumps(document(View(wording=KNOWLEDGE.wording, of=found))))
    return answer


def verdict(answer: Json) -> Json:
    """The assessment without ids, dates and words."""
    judged = ("ingredient", "status", "reason", "outcome", "coveredDays", "qualifyingDays", "dailyDose")
    return {
        "conclusion": answer["conclusion"],
        "gate": answer["gate"] and answer["gate"]["id"],
        "safety": sorted(found["id"] for found in answer["safety"]),
        "counts": answer["counts"],
        "trials": sorted(json.dumps([trial[name] for name in judged]) for trial in answer["trials"]),
        "flags": sorted(
            (flag["id"], str(flag["esketamine"]), str(flag["ketamine"])) for flag in answer["flags"]
        ),
        "missing": sorted((gap["id"], gap["blocking"]) for gap in answer["missing"]),
        "unreadable": len(answer["unreadable"]),
    }


@pytest.mark.parametrize("rewriting", REWRITINGS, ids=lambda rewriting: rewriting.__name__)
@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case.name)
def test_the_same_record_written_otherwise_is_assessed_the_same(case: Case, rewriting: Rewriting) -> None:
    """Order, ids, dates as a whole, the size of fills and the place of the medicine change nothing."""
    record = bundle(case, DAY)
    assert verdict(assessed(*rewriting(record, DAY))) == verdict(assessed(record, DAY))

"""What must not change an assessment does not, and what is taken away never reads as clear."""

import copy
import json
from collections.abc import Iterator
from datetime import date

import pytest

from mappings.knowledge import load_knowledge
from service.evaluate import assess_document
from service.render.document import document
from tests.laws.rewritten import REWRITINGS, Json, Rewriting
from tests.vignettes.build import bundle
from tests.vignettes.cases import Case, all_cases

DAY = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
PUBLISHED = [case for case in all_cases() if case.name.startswith("01-published")]
FLAGGED = [case for case in PUBLISHED if case.expected.flags or case.expected.safety]


def assessed(record: Json, day: date) -> Json:
    """What the pipeline answers, as its JSON document."""
    found = assess_document(json.dumps(record).encode(), KNOWLEDGE, profile="default", as_of=day)
    answer: Json = json.loads(json.dumps(document(found)))
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


@pytest.mark.parametrize("case", FLAGGED, ids=lambda case: case.name)
def test_a_deleted_element_silences_no_flag_without_a_word(case: Case) -> None:
    """Without any one element a flag or trigger that was raised is still raised, or something is unknown."""
    record = bundle(case, DAY)
    whole = assessed(record, DAY)
    raised = _raised(whole)
    known = _unknown(whole)
    for path, without in _deletions(record):
        answer = assessed(without, DAY)
        said_more = _unknown(answer) - known
        assert _raised(answer) >= raised or said_more, path


def _raised(answer: Json) -> set[str]:
    weighty = {
        f["id"] for f in answer["flags"] if {"contraindication", "caution"} & {f["esketamine"], f["ketamine"]}
    }
    return weighty | {found["id"] for found in answer["safety"]}


def _unknown(answer: Json) -> set[str]:
    return {gap["id"] for gap in answer["missing"]} | {entry["reference"] for entry in answer["unreadable"]}


def _deletions(record: Json) -> Iterator[tuple[str, Json]]:
    """The record without one element of one resource, for every element."""
    for number, entry in enumerate(record["entry"]):
        for name in entry["resource"]:
            if name not in ("resourceType", "id"):
                without = copy.deepcopy(record)
                del without["entry"][number]["resource"][name]
                yield f"{entry['resource']['resourceType']}.{name}", without

"""What would settle a criterion: told for each thing that may lack, in the words of the tables."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.answer.read import read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.clinical.facts import Completeness, Score
from service.clinical.partial_date import PartialDate
from tests.criteria.test_criteria import DAY, KNOWLEDGE, TWO_TRIALS
from tests.vignettes.build import bundle
from tests.vignettes.fhir import Dialect

FACTS = read_document(json.dumps(bundle(TWO_TRIALS, DAY, Dialect.PLAIN)).encode(), KNOWLEDGE, DAY).facts
PERSON = FACTS.person
assert PERSON is not None
SEVERE = "A score of PHQ-9 20 / MADRS 35 / QIDS-SR16 16 / HAM-D17 24"


def scored(total: float, days: int, scale: str = "PHQ-9") -> Score:
    """A score of so many days ago."""
    day = DAY - timedelta(days)
    return replace(FACTS.scores[0], scale=scale, total=float(total), when=PartialDate(day, day))


@pytest.mark.parametrize(
    ("name", "changed", "expected"),
    [
        ("diagnosis", {}, ()),
        (
            "diagnosis",
            {"problems": ()},
            ("A diagnosis of major depression on the problem list: none is on record",),
        ),
        (
            "diagnosis",
            {"problems": (), "lists": {**FACTS.lists, "Condition": Completeness.FIRST_PAGE}},
            ("The problem list: it did not come, or not in whole",),
        ),
        ("age", {}, ()),
        ("age", {"person": None}, ("The date of birth",)),
        ("age", {"person": replace(PERSON, born=None)}, ("The date of birth",)),
        (
            "age",
            {"person": replace(PERSON, born=PartialDate(date(2008, 1, 1), date(2008, 12, 31)))},
            ("The date of birth",),
        ),
        (
            "age",
            {"person": replace(PERSON, born=PartialDate(date(2016, 5, 1), date(2016, 5, 1)))},
            ("Nothing in the record: the patient is 10 years old",),
        ),
        ("severity", {}, ()),
        ("severity", {"scores": ()}, (f"{SEVERE} in the last 60 days: none is on record",)),
        (
            "severity",
            {"scores": (scored(20, 61), scored(22, 90))},
            (f"{SEVERE} in the last 60 days: the last one, PHQ-9 20, is of 2026-09-02",),
        ),
        ("severity", {"scores": (scored(19, 1),)}, (f"{SEVERE}: PHQ-9 was 19 on 2026-11-01",)),
        (
            "severity",
            {"scores": (scored(20, 3), scored(34, 1, "MADRS"))},
            ("A score that agrees: MADRS was only 34 on 2026-11-01, later than the one that shows it",),
        ),
        ("severity", {"scores": (scored(20, 1), scored(34, 3, "MADRS"))}, ()),
        ("severity", {"scores": (scored(20, 1), scored(34, 1, "MADRS"))}, ()),
    ],
)
def test_what_lacks_is_told(name: str, changed: Mapping[str, Any], expected: tuple[str, ...]) -> None:
    """One policy that asks for a diagnosis, an age of eighteen, and a score on one of four scales."""
    facts = replace(FACTS, **changed)
    policy = KNOWLEDGE.policies.policies["carefirst"]
    (found,) = read_criteria(facts, assess(facts, KNOWLEDGE, "default", DAY), KNOWLEDGE, [policy.id])
    (criterion,) = (each for each in found.criteria if each.id == name)
    assert criterion.shown.lacking == expected


def test_a_scale_is_named_alone_where_any_total_will_do() -> None:
    """A policy that wants a score and names no figure."""
    facts = replace(FACTS, scores=())
    (found,) = read_criteria(facts, assess(facts, KNOWLEDGE, "default", DAY), KNOWLEDGE, ["medical-mutual"])
    (criterion,) = (each for each in found.criteria if each.id == "baseline-score")
    assert criterion.shown.lacking == (
        "A score of PHQ-9 / MADRS / QIDS-SR16 / HAM-D17 in the last 60 days: none is on record",
    )


def test_the_severity_names_its_scale() -> None:
    """The score that tells how the patient is now, with its day; or that none is on record."""
    latest = max(FACTS.scores, key=lambda score: score.when.last)
    found = assess(FACTS, KNOWLEDGE, "default", DAY).severity
    assert found == f"{latest.scale} {latest.total:g} on {latest.when}"
    none = assess(replace(FACTS, scores=()), KNOWLEDGE, "default", DAY).severity
    assert none.startswith("no depression score within ")

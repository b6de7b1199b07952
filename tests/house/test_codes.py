"""`ketamine-cds codes`: what the tables know of a code or a name."""

import json
from functools import cache
from typing import Any

import pytest

from mappings.knowledge import Knowledge, load_knowledge
from service.explain.codes import look_up
from tests.house.test_cli import ketamine_cds, refused


@cache
def knowledge() -> Knowledge:
    """The shipped rules."""
    return load_knowledge()


def known(*asked: str) -> list[dict[str, Any]]:
    """Everything that is known of one code or name after another."""
    return [match for answer in look_up(asked, knowledge()) for match in answer.found]


def test_a_drug_code_tells_identity_dose_and_source() -> None:
    """A RxNorm code shows ingredient, strength, form, route, class with minimum dose, groups and source."""
    (found,) = known("312938")
    assert found["ingredients"] == ["sertraline"]
    assert (found["identifiedBy"], found["level"], found["strength"]) == ("code", "SCD", "100 mg a tablet")
    assert (found["form"], found["route"]) == ("IR", "oral")
    assert found["class"] == ["sertraline: SSRI, counts from 50 mg a day"]
    assert found["groups"] == ["antidepressant"]
    assert found["source"].startswith("rxnorm-")


@pytest.mark.parametrize("written", ["00093738505", "0093-7385-05", "ndc|00093-7385-05"])
def test_a_package_code_in_any_written_form(written: str) -> None:
    """An NDC is the same product however it is written."""
    (found,) = known(written)
    assert (found["ingredients"], found["identifiedBy"], found["rxnorm"]) == (
        ["venlafaxine"],
        "ndc",
        ["313585"],
    )


@pytest.mark.parametrize(
    ("asked", "kind", "says", "rule"),
    [
        ("I71.40", "condition", ("name", "Aortic aneurysm and dissection"), "flag CI-ANEUR"),
        ("icd10|f332", "condition", ("code", "F33.2"), "diagnosis major-depression"),
        ("http://snomed.info/sct|370143000", "condition", ("groups", ["mdd"]), "diagnosis major-depression"),
        ("44261-6", "measurement", ("concept", "phq9_total"), "scale PHQ-9"),
        ("GZB2ZZZ", "treatment", ("concepts", ["ect"]), "augmentation ect"),
        ("aortic aneurysm", "condition, by its words", None, "flag CI-ANEUR"),
        ("moclobemide", "medicine", ("identifiedBy", "name"), "flag MED-MAOI"),
    ],
)  # fmt: skip
def test_every_kind_of_code_leads_to_its_rules(
    asked: str, kind: str, says: tuple[str, object] | None, rule: str
) -> None:
    """Problems, measurements, treatments and names show what they mean and which rules look at them."""
    (found,) = known(asked)
    assert found["kind"] == kind
    assert rule in found["rules"]
    assert says is None or found[says[0]] == says[1]


def test_what_never_counts_says_so() -> None:
    """A product that can never be an antidepressant trial carries the reason."""
    (found,) = known("rxnorm|1801289")
    assert found["neverCounts"] == "smoking-cessation product"


def test_nothing_is_guessed() -> None:
    """A misspelling, two drugs in one text and ten bare digits identify nothing, and say why."""
    kinds = [
        (found["kind"], found.get("resembles"))
        for found in known("sertaline", "citalopram and buprenorphine")
    ]
    assert kinds == [("not identified", "sertraline"), ("several medicines", None)]
    (digits,) = known("0093738505")
    assert "hyphens" in digits["why"]


def test_the_unknown_says_so() -> None:
    """As text, what no table holds is called unknown, and the rest is aligned under its question."""
    done = ketamine_cds("codes", "lisinopril", "36437")
    assert done.code == 0
    assert "lisinopril\n  unknown: no table holds it\n" in done.out
    assert "\n  ingredients   sertraline\n" in done.out


def test_json_holds_every_question() -> None:
    """`--format json` has one answer for each code or name, in the order asked."""
    done = ketamine_cds("codes", "36437", "lisinopril", "--format", "json")
    answers = json.loads(done.out)["codes"]
    assert [(one["asked"], len(one["found"])) for one in answers] == [("36437", 1), ("lisinopril", 0)]


def test_a_wrong_question_is_refused_in_one_line() -> None:
    """A system that no table speaks of, and no question at all, end with exit code 2."""
    assert "expected one of rxnorm" in refused(ketamine_cds("codes", "atc|N06AB06"))
    assert "CODE" in refused(ketamine_cds("codes"))

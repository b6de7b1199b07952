"""Texts of the allergy list in many styles: what is no allergy, and what is one."""

from pathlib import Path

import pytest

from tests.assess.flag_facts import levels, record
from tests.normalise.made import read

LINES = (Path(__file__).parent / "allergy_texts.txt").read_text(encoding="utf-8").splitlines()
TEXTS = [tuple(line.rsplit(" | ", 1)) for line in LINES if line and not line.startswith("#")]


def entry(text: str) -> dict[str, object]:
    """A confirmed entry of type allergy that words alone name."""
    return {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/p"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "type": "allergy",
        "code": {"text": text},
    }


@pytest.mark.parametrize(("text", "told"), TEXTS, ids=[text for text, _ in TEXTS])
def test_a_text_is_an_allergy_or_none(text: str, told: str) -> None:
    """R14.4: a record that says that the patient is not allergic is no allergy."""
    found = levels(record(allergies=read(entry(text)).allergies))
    flag, _, level = told.partition(" ")
    assert {name: tuple(map(str, pair)) for name, pair in found.items()} == (
        {} if flag == "-" else {flag: (level, level)}
    )


@pytest.mark.parametrize("text", ["Not allergic to ketamine", "Mother allergic to ketamine"])
def test_what_is_denied_is_set_aside_by_name(text: str) -> None:
    """R14.3: recognised and set aside, not unreadable and not passed over."""
    found = read(entry(text))
    assert (found.allergies, found.unreadable) == ((), ())
    assert [one.reference for one in found.set_aside] == ["AllergyIntolerance/a"]

"""Hypersensitivity and intolerance: type, reaction, certainty, and which route an excipient concerns."""

from typing import Any

import pytest

from tests.assess.flag_facts import allergy, levels, raised, record

CONTRA, CAUTION, INFO = "contraindication", "caution", "info"
ALLERGIC = {"CI-HYPER": (CONTRA, CONTRA)}
SUSPECTED = {"CI-HYPER": (CAUTION, CAUTION)}
INTOLERANT = {"HYPER-INTOL": (CAUTION, CAUTION)}


def of(*ingredients: str, **members: Any) -> dict[str, tuple[str | None, str | None]]:
    """The levels of the flags that one allergy entry raises."""
    return levels(record(allergies=(allergy(*ingredients, **members),)))


@pytest.mark.parametrize("drug", ["ketamine", "esketamine"])
@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, ALLERGIC),
        ({"kind": "allergy"}, ALLERGIC),
        ({"kind": "allergy", "reactions": ("Nausea",)}, INTOLERANT),
        ({"kind": "allergy", "reactions": ("Severe nausea and vomiting",)}, INTOLERANT),
        ({"kind": "allergy", "reactions": ("Emergence delirium after ketamine",)}, INTOLERANT),
        ({"kind": "allergy", "reactions": ("Nausea", "Laryngospasm")}, ALLERGIC),
        ({"kind": "allergy", "reactions": ("Nausea with laryngospasm",)}, ALLERGIC),
        ({"kind": "allergy", "reactions": ("Nausea", "")}, ALLERGIC),
        ({"kind": "allergy", "reactions": ("Nausea",), "criticality": "high"}, ALLERGIC),
        ({"disagrees": True}, SUSPECTED),
        ({"kind": "intolerance"}, INTOLERANT),
        ({"kind": "intolerance", "reactions": ("Nausea",)}, INTOLERANT),
        ({"kind": "intolerance", "reactions": ("Nausea", "Urticaria")}, ALLERGIC),
        ({"kind": "intolerance", "criticality": "high"}, ALLERGIC),
        ({"kind": "intolerance", "text": "Ketamine (hives)"}, ALLERGIC),
        ({"kind": "intolerance", "text": "Ketamine (hives)", "reactions": ("Nausea",)}, INTOLERANT),
        ({"kind": "intolerance", "text": "Ketamine, anaphylaxis", "reactions": ("Nausea",)}, ALLERGIC),
        ({"reactions": ("Nausea", "Vomiting")}, INTOLERANT),
        ({"reactions": ("Nausea", "something else")}, ALLERGIC),
        ({"reactions": ("Rash",)}, ALLERGIC),
        ({"status": "resolved"}, ALLERGIC),
        ({"status": "inactive", "kind": "intolerance"}, INTOLERANT),
        ({"verification": "unconfirmed"}, SUSPECTED),
        ({"verification": "unconfirmed", "reactions": ("Anaphylactic shock",)}, ALLERGIC),
        ({"verification": "unconfirmed", "criticality": "high"}, ALLERGIC),
        ({"verification": "unconfirmed", "criticality": "low"}, SUSPECTED),
        ({"verification": "unconfirmed", "kind": "intolerance"}, {"HYPER-INTOL": (INFO, INFO)}),
    ],
)
def test_allergy_or_intolerance(drug: str, members: dict[str, Any], expected: dict[str, Any]) -> None:
    """Untyped it is an allergy unless every reaction is of another kind; danger to life always counts."""
    assert of(drug, **members) == expected


@pytest.mark.parametrize(
    ("substance", "expected"),
    [
        ("edetate", {"CI-HYPER": (CONTRA, None)}),
        ("citric acid", {"CI-HYPER": (CONTRA, None)}),
        ("benzethonium chloride", {"CI-HYPER": (None, CONTRA)}),
        ("penicillin", {}),
        ("bupropion", {}),
    ],
)
def test_excipients_concern_one_route(substance: str, expected: dict[str, Any]) -> None:
    """Excipients of the spray, and of the solution for injection."""
    assert of(substance) == expected


def test_intolerance_of_an_excipient_is_no_flag() -> None:
    """Only the medicines themselves have a flag for intolerance."""
    assert of("edetate", kind="intolerance") == {}


def test_no_known_allergy_is_no_allergy() -> None:
    """The statement of no known allergy raises nothing."""
    assert of(no_known=True) == {}


def test_the_text_names_substance_reaction_and_certainty() -> None:
    """Substance, reaction and what is uncertain can be read in the flag."""
    entry = allergy(
        "ketamine", text="Ketamine", reactions=("Hives",), status="resolved", verification="unconfirmed"
    )
    text = raised(record(allergies=(entry,)))["CI-HYPER"].text
    assert text.startswith("Ketamine: Hives, recorded as resolved, unconfirmed")
    unstated = raised(record(allergies=(allergy("ketamine"),)))["CI-HYPER"].text
    assert unstated.startswith("ketamine: reaction not recorded")

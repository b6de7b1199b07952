"""AllergyIntolerance resources as allergies."""

import pytest

from service.clinical.facts import Allergy
from tests.normalise.made import RXNORM, SNOMED, Json, concept, read, reasons


def allergy(code: Json | None, **members: object) -> Json:
    """A confirmed, active allergy."""
    return {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/p"},
        "code": code,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
    } | members


def only(code: Json | None, **members: object) -> Allergy:
    """The one allergy read."""
    (found,) = read(allergy(code, **members)).allergies
    return found


@pytest.mark.parametrize(
    "code",
    [
        concept("6130 ketamine", RXNORM),
        concept(text="Ketamine"),
        concept("9 x", "urn:local", "ketamine HCl injection"),
    ],
)
def test_the_ingredient_is_found_by_code_or_by_name(code: Json) -> None:
    """Every coding is tried, then the words."""
    assert only(code).ingredients == ("ketamine",)


def test_the_substance_of_a_reaction_counts() -> None:
    """An allergy to "anaesthetics" may name ketamine only in its reaction."""
    told = [{"substance": concept("6130 ketamine"), "manifestation": [{"text": "Anaphylaxis"}]}]
    found = only(concept(text="anaesthetic agent"), reaction=told)
    assert ("ketamine" in found.ingredients, found.reactions) == (True, ("Anaphylaxis",))


def test_a_reaction_is_told_by_its_description_where_it_has_no_manifestation() -> None:
    """Some senders write what happened as free text only."""
    told = [{"description": "hives"}, {"description": "left out", "manifestation": [{"text": "nausea"}]}]
    assert only(concept(text="Ketamine"), reaction=told).reactions == ("hives", "nausea")


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_refuted_allergies_are_none(status: str) -> None:
    """Refuted after testing, or never meant."""
    assert read(allergy(concept("6130"), verificationStatus={"coding": [{"code": status}]})).allergies == ()


@pytest.mark.parametrize(
    "code",
    [
        concept("716186003 No known allergy", SNOMED),
        concept(text="No Known Drug Allergies"),
        concept(text="NKDA"),
    ],
)
def test_no_known_allergy_is_no_allergy(code: Json) -> None:
    """Quirk 96: an entry of its own kind."""
    found = only(code)
    assert (found.no_known, found.ingredients) == (True, ())


def test_an_entry_that_says_nobody_asked_says_nothing() -> None:
    """ "Not on file" neither is an allergy nor says that there is none."""
    found = read(allergy(concept("1631000175102 Patient not asked", SNOMED, "Not on File")))
    assert (found.allergies, found.unreadable) == ((), ())


def test_kind_and_criticality_are_kept() -> None:
    """What tells a hypersensitivity from an intolerance."""
    found = only(concept("6130"), type="intolerance", criticality="high")
    assert (found.kind, found.criticality, found.status, found.verification) == (
        "intolerance",
        "high",
        "active",
        "confirmed",
    )


def test_an_allergy_without_a_name_is_listed() -> None:
    """It might be the one that matters."""
    assert reasons(read(allergy(None))) == ["AllergyIntolerance/a: no usable code or text"]


@pytest.mark.parametrize(("code", "words"), [("39579001", "anaphylaxis"), ("422587007", "nausea"), ("1", "")])
def test_a_reaction_given_by_code_alone_is_told_in_words(code: str, words: str) -> None:
    """Anaphylaxis must be known whether or not the record names it; what no table names stays unknown."""
    shown = [{"manifestation": [{"coding": [{"system": SNOMED, "code": code}]}]}]
    assert only(concept("6130 ketamine", RXNORM), reaction=shown).reactions == (words,)

"""Which medicine a resource is about."""

import pytest

from tests.normalise.made import (
    NDC,
    RXNORM,
    SERTRALINE_100,
    Json,
    concept,
    exposure,
    mg,
    read,
    reasons,
    request,
)


def codings(*coded: tuple[str, str]) -> Json:
    """A medication with several codings."""
    return {"medicationCodeableConcept": {"coding": [{"system": s, "code": c} for s, c in coded]}}


def drugs(resource: Json, *others: Json) -> list[str]:
    """The ingredients found."""
    return [one.ingredient for one in read(resource, *others).exposures]


REFERENCED = {"resourceType": "Medication", "id": "m", "code": concept(SERTRALINE_100)}


@pytest.mark.parametrize("code", ["36437", "82728", "328670", "312938", "208149"])
def test_every_level_of_rxnorm_is_the_same_drug(code: str) -> None:
    """Quirks 8, 10 and 11: ingredient, brand, component, clinical and branded drug, by code alone."""
    assert drugs(request(**codings((RXNORM, code)))) == ["sertraline"]
    assert drugs(request(**codings((RXNORM, "36437"), (RXNORM, code)))) == ["sertraline"]


def test_a_contained_medication_is_followed() -> None:
    """Quirk 1: `#id` leads into `contained`."""
    told: Json = {"contained": [REFERENCED], "medicationReference": {"reference": "#m"}}
    assert drugs(request(medicationCodeableConcept=None, **told)) == ["sertraline"]


def test_the_ingredient_list_of_a_contained_medication_may_hold_the_only_code() -> None:
    """Quirk 1 and section H: text and ingredients with a ratio instead of a code."""
    half = {"numerator": {"value": 50, "unit": "mg"}, "denominator": {"value": 1, "unit": "tablet"}}
    inside = {"itemCodeableConcept": concept("36437 sertraline"), "strength": half}
    medication = {
        "resourceType": "Medication",
        "id": "m",
        "code": {"text": "house tablet"},
        "ingredient": [inside],
    }
    told: Json = {"contained": [medication], "medicationReference": {"reference": "#m"}}
    dose = [{"text": "2 tablets daily"}]
    found = exposure(request(medicationCodeableConcept=None, dosageInstruction=dose, **told))
    assert (found.ingredient, found.doses[0].daily_mg) == ("sertraline", 100)


@pytest.mark.parametrize(
    "reference",
    ["Medication/m", "https://ehr.example.org/fhir/Medication/m", "Medication/m/_history/3", "urn:uuid:m"],
)
def test_a_referenced_medication_is_followed_in_any_form(reference: str) -> None:
    """Quirk 2: relative, absolute, versioned and urn:uuid references."""
    told: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": reference}}
    assert drugs(request(**told), REFERENCED) == ["sertraline"]


def test_a_reference_that_was_not_sent_falls_back_to_its_display() -> None:
    """Quirk 3: name only, and it says so."""
    told = {"reference": "Medication/none", "display": "sertraline (ZOLOFT) 100 MG tablet"}
    found = exposure(request(medicationCodeableConcept=None, medicationReference=told))
    assert (found.ingredient, found.product.matched) == ("sertraline", "name")
    assert "identified by name only" in found.notes


def test_a_reference_that_leads_nowhere_and_says_nothing_is_listed() -> None:
    """Quirk 4: "medicine not identified", never dropped silently."""
    told: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/none"}}
    found = read(request(**told))
    assert found.exposures == ()
    assert reasons(found) == [
        "MedicationRequest/rx: medicine not identified: the Medication it refers to was not sent"
    ]


def test_text_alone_is_matched_by_name() -> None:
    """Quirk 5: and it says that it was matched by name."""
    found = exposure(request(medicationCodeableConcept=concept(text="Zoloft 50 mg tablet")))
    assert (found.ingredient, found.product.matched) == ("sertraline", "name")


def test_every_coding_is_tried() -> None:
    """Quirks 7 and 12: the first may be local, and one order is one order."""
    told = codings(("urn:local", "123"), (RXNORM, "312938"), (RXNORM, "36437"))
    assert drugs(request(**told)) == ["sertraline"]


def test_an_ndc_is_never_read_as_an_rxnorm_code() -> None:
    """Quirk 9: the system decides what a code means."""
    assert drugs(request(**codings((NDC, "36437")))) == []
    assert drugs(request(**codings((NDC, "00093738505")))) == ["venlafaxine"]


def test_rxnorm_stands_above_ndc_and_the_disagreement_is_shown() -> None:
    """Re-used NDCs exist; RxNorm is believed."""
    found = exposure(request(**codings((NDC, "00093738505"), (RXNORM, "312938"))))
    assert found.ingredient == "sertraline"
    assert any("venlafaxine" in note for note in found.notes)


def test_rxnorm_codes_of_different_drugs_leave_it_unresolved() -> None:
    """Two drugs on one order: neither is picked, and it is listed."""
    found = read(request(**codings((RXNORM, "36437"), (RXNORM, "321988"))))
    assert found.exposures == ()
    assert reasons(found) == ["MedicationRequest/rx: its rxnorm codes stand for different medicines"]


def test_code_and_text_that_differ_in_strength_leave_the_strength_unknown() -> None:
    """Quirk 13: 25 mg by code, 50 mg by display; tablets cannot be counted, stated mg can."""
    odd = concept("312940 Sertraline 50 MG Oral Tablet")
    by_tablet = exposure(
        request(medicationCodeableConcept=odd, dosageInstruction=[{"text": "1 tablet daily"}])
    )
    assert [d.daily_mg for d in by_tablet.doses] == [None]
    assert any("strength" in note for note in by_tablet.notes)
    in_mg = exposure(request(medicationCodeableConcept=odd, dosageInstruction=[mg(50)]))
    assert [d.daily_mg for d in in_mg.doses] == [50]


def test_an_ingredient_code_takes_its_strength_from_the_display() -> None:
    """Quirk 13: the code states no strength, so nothing contradicts."""
    told = concept("321988 Escitalopram 10 MG Oral Tablet")
    found = exposure(request(medicationCodeableConcept=told, dosageInstruction=[{"text": "1 tablet daily"}]))
    assert (found.ingredient, found.doses[0].daily_mg) == ("escitalopram", 10)


def test_a_name_of_another_drug_is_noted_and_the_code_believed() -> None:
    """Quirk 13: the code decides which drug it is."""
    found = exposure(request(medicationCodeableConcept=concept("312938", text="fluoxetine 20 mg")))
    assert found.ingredient == "sertraline"
    assert any("fluoxetine" in note for note in found.notes)


@pytest.mark.parametrize("text", ["sertraline or fluoxetine", "Prozac / Zoloft"])
def test_a_name_of_two_drugs_is_listed(text: str) -> None:
    """A text that names two medicines identifies none."""
    found = read(request(medicationCodeableConcept=concept(text=text)))
    assert found.exposures == ()
    assert len(found.unreadable) == 1


def test_a_medicine_that_no_rule_looks_at_is_passed_over() -> None:
    """A well-formed code of lisinopril is neither an exposure nor unreadable."""
    found = read(request("314076 lisinopril 10 MG Oral Tablet"))
    assert (found.exposures, found.unreadable) == ((), ())


def test_neither_code_nor_name_is_listed() -> None:
    """What cannot be looked up at all is not passed over in silence."""
    found = read(request(medicationCodeableConcept={"coding": [{"system": "urn:local", "code": "9"}]}))
    assert reasons(found) == ["MedicationRequest/rx: medicine not identified: no usable code or name"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("725064", [("fluoxetine", 25), ("olanzapine", 6)]),
        ("856797", [("amitriptyline", 25), ("perphenazine", 2)]),
        ("856792", [("amitriptyline", 25), ("chlordiazepoxide", 10)]),
        ("865146", [("fluphenazine", 1.5), ("nortriptyline", 30)]),
        ("2611260", [("dextromethorphan-bupropion", 45)]),
        ("1551468", [("naltrexone-bupropion", 90)]),
    ],
)
def test_fixed_combinations(code: str, expected: list[tuple[str, float]]) -> None:
    """Clinical rule 2.1: components apart with their own doses, or whole where the drug table has a row."""
    dose = [{"text": "1 tablet daily"}]
    found = read(request(**codings((RXNORM, code)), dosageInstruction=dose)).exposures
    assert [(one.ingredient, one.doses[0].daily_mg) for one in found] == expected


def test_codes_of_the_parts_beside_the_name_of_the_combination() -> None:
    """One large EHR lists ingredient codes; together with the name they are the combination."""
    told = {
        "coding": [{"system": RXNORM, "code": c} for c in ("4493", "61381")],
        "text": "olanzapine-fluoxetine (Symbyax)",
    }
    assert drugs(request(medicationCodeableConcept=told)) == ["fluoxetine", "olanzapine"]


@pytest.mark.parametrize("told", ["sertaline 50 mg", "Fluoxetin 20 mg", "venlafaxin XR"])
def test_a_misspelt_name_identifies_nothing_and_is_listed(told: str) -> None:
    """A name one letter away from a drug of the rules is not that drug, and not passed over in silence."""
    found = read(request(medicationCodeableConcept={"text": told}))
    assert found.exposures == ()
    (only,) = reasons(found)
    assert only.startswith("MedicationRequest/rx: medicine not identified: its name resembles ")


def test_a_local_code_beside_a_misspelt_name_changes_nothing() -> None:
    """A code of a system that no table speaks of does not tell which medicine it is."""
    local = {"coding": [{"system": "urn:local", "code": "17", "display": "sertaline"}]}
    assert len(reasons(read(request(medicationCodeableConcept=local)))) == 1


def test_another_drug_of_a_like_name_is_simply_not_relevant() -> None:
    """A well-formed RxNorm code, or the name of a drug that no rule looks at, is not listed."""
    told = {"coding": [{"system": RXNORM, "code": "99999998"}], "text": "sertaline"}
    assert reasons(read(request(medicationCodeableConcept=told))) == []
    assert reasons(read(request(medicationCodeableConcept={"text": "fluvastatin 40 mg"}))) == []


@pytest.mark.parametrize(
    ("name", "strengths"),
    [
        ("Effexor XR 150", (150.0,)),
        ("bupropion XL 300", (300.0,)),
        ("Wellbutrin 300 XL", (300.0,)),
        ("Prozac 20", (20.0,)),
        ("Prozac 20 capsules", ()),
        ("sertraline 33", ()),
        ("trazodone 150 2019", ()),
    ],
)
def test_a_bare_number_may_be_a_strength(name: str, strengths: tuple[float, ...]) -> None:
    """R14.43: only a number that the drug is made in, that stands alone, and that counts no tablets."""
    found = exposure(request(medicationCodeableConcept=concept(text=name)))
    assert found.product.strengths == strengths


def test_a_remedy_for_a_cold_is_all_its_drugs() -> None:
    """R14.45: two drugs of a mixture are both used; of two antidepressants one may be meant."""
    mixture = read(request(medicationCodeableConcept=concept(text="chlorpheniramine / phenylephrine")))
    assert [one.ingredient for one in mixture.exposures] == ["chlorpheniramine", "phenylephrine"]
    either = read(request(medicationCodeableConcept=concept(text="sertraline / venlafaxine")))
    assert either.exposures == ()

"""What drug names in text stand for: exact words, never alike ones."""

import pytest

from mappings.dosage import load_dosage
from mappings.drugs import load_drugs
from mappings.terminology import Terminology, load_terminology


@pytest.fixture(scope="module")
def terms() -> Terminology:
    """The shipped tables."""
    return load_terminology()


ANTIDEPRESSANTS = sorted(load_drugs().drugs.keys() - {row.name for row in load_dosage().combination})


@pytest.mark.parametrize("name", ANTIDEPRESSANTS)
def test_every_antidepressant_by_name(terms: Terminology, name: str) -> None:
    """Each antidepressant of the minimum-dose table is known by name, in any case and with a strength."""
    for text in (name, name.upper(), f"{name.capitalize()} 25 mg tablet"):
        found = terms.named(text)
        assert found is not None, text
        assert (found.ingredients, found.matched) == ((name,), "name")
        assert "antidepressant" in found.groups


@pytest.mark.parametrize(
    ("text", "ingredients", "strengths", "unit", "form"),
    [
        ("escitalopram (LEXAPRO) 10 MG tablet", ("escitalopram",), (10.0,), "tablet", "IR"),
        ("Lexapro 20mg", ("escitalopram",), (20.0,), "tablet", "IR"),
        ("venlafaxine (EFFEXOR-XR) 150 MG 24 hr capsule", ("venlafaxine",), (150.0,), "capsule", "ER"),
        ("VENLAFAXINE XR 75MG CAP", ("venlafaxine",), (75.0,), "capsule", "ER"),
        (
            "buPROPion (buPROPion 300 mg/24 hours (XL) oral tablet, extended release)",
            ("bupropion",),
            (300.0,),
            "tablet",
            "XL",
        ),
        ("Wellbutrin XL 300 mg", ("bupropion",), (300.0,), "tablet", "XL"),
        ("Wellbutrin SR 150 mg", ("bupropion",), (150.0,), "tablet", "SR"),
        ("bupropion ER 150 mg", ("bupropion",), (150.0,), "tablet", "ER"),
        ("nortriptyline 50 mg qhs", ("nortriptyline",), (50.0,), "capsule", "IR"),
        ("sertraline HCl 50mg tab", ("sertraline",), (50.0,), "tablet", "IR"),
        ("Sertraline", ("sertraline",), (), "", "IR"),
        ("Bupropion", ("bupropion",), (), "tablet", ""),
        ("Symbyax 6-25", ("fluoxetine", "olanzapine"), (25.0, 6.0), "capsule", "IR"),
        ("olanzapine/fluoxetine 12-50 mg", ("fluoxetine", "olanzapine"), (50.0, 12.0), "capsule", "IR"),
        ("dextromethorphan HBr-bupropion HCl", ("bupropion", "dextromethorphan"), (), "tablet", "ER"),
        (
            "perphenazine-amitriptyline 4-25 mg tablet",
            ("amitriptyline", "perphenazine"),
            (25.0, 4.0),
            "tablet",
            "IR",
        ),
        ("Prozac Weekly 90 mg", ("fluoxetine",), (90.0,), "capsule", "weekly"),
        ("fluoxetine 20 mg/5 mL solution", ("fluoxetine",), (4.0,), "mL", "IR"),
        ("Emsam 9 mg/24hr", ("selegiline",), (9.0,), "patch", "patch"),
        ("selegiline 0.25 MG/HR patch", ("selegiline",), (6.0,), "patch", "patch"),
        ("paroxetine CR 25 mg", ("paroxetine",), (25.0,), "tablet", "CR"),
        ("mirtazapine ODT 15 mg", ("mirtazapine",), (15.0,), "tablet", "ODT"),
        ("Duloxetine DR 60 mg capsule", ("duloxetine",), (60.0,), "capsule", "DR"),
        ("clonazepam 0.5mg", ("clonazepam",), (0.5,), "", ""),
        ("24 HR paliperidone 6 MG Extended Release Oral Tablet", ("paliperidone",), (6.0,), "tablet", "ER"),
        ("72 HR fentanyl 0.025 MG/HR Transdermal System", ("fentanyl",), (0.6,), "patch", "patch"),
        ("levothyroxine 50 mcg tablet", ("levothyroxine",), (0.05,), "tablet", ""),
        ("levothyroxine 50 µg tablet", ("levothyroxine",), (0.05,), "tablet", ""),
        ("lithium carbonate 300 mg capsule", ("lithium",), (300.0,), "capsule", ""),
        ("thyroxine 0.1 mg", ("levothyroxine",), (0.1,), "", ""),
        ("dothiepin 75 mg", ("dosulepin",), (75.0,), "", ""),
        ("Fluoxétine 20 mg gélule", ("fluoxetine",), (20.0,), "", "IR"),
        ("esketamine 140 MG/ML Nasal Spray", ("esketamine",), (28.0,), "device", ""),
        ("sertraline 1,000 mg", ("sertraline",), (1000.0,), "", ""),
    ],
)
def test_name_strength_and_form(
    terms: Terminology,
    text: str,
    ingredients: tuple[str, ...],
    strengths: tuple[float, ...],
    unit: str,
    form: str,
) -> None:
    """Names, salts, strengths and release words are read from one string."""
    found = terms.named(text)
    assert found is not None
    assert (found.ingredients, found.strengths, found.unit, found.form) == (
        ingredients,
        strengths,
        unit,
        form,
    )


@pytest.mark.parametrize(
    "text",
    [
        "norfluoxetine",
        "nor-fluoxetine",
        "hydroxybupropion",
        "fluvastatin 20 mg",
        "sertralin 50 mg",
        "sertralline",
        "buproprion 150 mg",
        "venlafaxin",
        "O-desmethylvenlafaxine",
        "prozacs",
        "sertra\u200bline 50 mg",
        "",
        "50 mg",
        "take one tablet by mouth daily",
    ],
)
def test_a_typing_error_is_no_drug(terms: Terminology, text: str) -> None:
    """What is not written exactly stays unidentified, and is no conflict."""
    assert terms.named(text) is None
    assert terms.names_several(text) is False


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [
        ("bupropion", "bupropion"),
        ("buprenorphine", "buprenorphine"),
        ("citalopram", "citalopram"),
        ("escitalopram", "escitalopram"),
        ("es-citalopram", "escitalopram"),
        ("venlafaxine", "venlafaxine"),
        ("desvenlafaxine", "desvenlafaxine"),
        ("des venlafaxine", "desvenlafaxine"),
        ("milnacipran", "milnacipran"),
        ("levomilnacipran", "levomilnacipran"),
        ("amitriptyline", "amitriptyline"),
        ("nortriptyline", "nortriptyline"),
        ("S-ketamine", "esketamine"),
        ("ketamine", "ketamine"),
        ("hydroxyzine", "hydroxyzine"),
    ],
)
def test_look_alikes_are_told_apart(terms: Terminology, text: str, ingredient: str) -> None:
    """A name inside another name is not that name."""
    found = terms.named(text)
    assert found is not None
    assert found.ingredients == (ingredient,)


@pytest.mark.parametrize(
    "text",
    [
        "citalopram or escitalopram",
        "sertraline / venlafaxine",
        "Prozac (paroxetine)",
        "bupropion, buprenorphine",
    ],
)
def test_two_drugs_are_a_conflict(terms: Terminology, text: str) -> None:
    """Drugs that are no known combination are not picked from, but reported as several."""
    assert terms.named(text) is None
    assert terms.names_several(text) is True


@pytest.mark.parametrize(
    "text", ["Lexapro (escitalopram)", "olanzapine and fluoxetine", "Contrave (naltrexone-bupropion)"]
)
def test_a_brand_beside_its_ingredients_is_no_conflict(terms: Terminology, text: str) -> None:
    """One drug, or one known combination, may be named in several ways."""
    assert terms.named(text) is not None
    assert terms.names_several(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "doxepin 6 mg",
        "doxepin (SILENOR) 3 MG tablet",
        "Silenor",
        "doxepin cream",
        "paroxetine mesylate 7.5 mg capsule",
        "Brisdelle",
        "selegiline 5 mg capsule",
        "Zelapar",
        "Contrave",
        "Zyban",
        "Smoking Cessation 12 HR bupropion hydrochloride 150 MG Extended Release Oral Tablet",
    ],
)
def test_products_that_never_count(terms: Terminology, text: str) -> None:
    """A product that can never be a trial is recognised by its name, strength or route as well."""
    found = terms.named(text)
    assert found is not None
    assert found.never_counts


@pytest.mark.parametrize(
    "text", ["doxepin 25 mg", "selegiline", "bupropion 150 mg", "paroxetine 20 mg", "Emsam"]
)
def test_products_that_may_count(terms: Terminology, text: str) -> None:
    """A name that also stands for counting products carries no such reason."""
    found = terms.named(text)
    assert found is not None
    assert found.never_counts == ""


@pytest.mark.parametrize(
    "text", ["sertraline 50-100 mg", "sertraline 100 mg/day", "sertraline 25 mg or 50 mg"]
)
def test_no_single_strength(terms: Terminology, text: str) -> None:
    """A range, a daily dose or two strengths are not the strength of a tablet."""
    found = terms.named(text)
    assert found is not None
    assert found.strengths == ()


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("phenylephrine 10 mg tablet", "oral"),
        ("phenylephrine nasal spray", "nasal"),
        ("phenylephrine eye drops", "ophthalmic"),
        ("fluticasone 50 mcg/actuation nasal spray", "nasal"),
        ("fluticasone HFA inhaler", "inhalation"),
        ("Flonase", "nasal"),
        ("ketamine 50 mg/mL injection", "injection"),
        ("Spravato", "nasal"),
        ("phenylephrine", ""),
    ],
)
def test_route(terms: Terminology, text: str, route: str) -> None:
    """The route comes from the text or the brand; a bare name has none."""
    found = terms.named(text)
    assert found is not None
    assert found.route == route


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("Ketamine", ("ketamine",)),
        ("Allergy to esketamine (Spravato)", ("esketamine",)),
        ("edetate disodium", ("edetate",)),
        ("citric acid monohydrate", ("citric acid",)),
        ("benzethonium chloride", ("benzethonium chloride",)),
        ("sertraline and venlafaxine", ("sertraline", "venlafaxine")),
        ("penicillin", ()),
    ],
)
def test_allergens(terms: Terminology, text: str, ingredients: tuple[str, ...]) -> None:
    """Every drug and excipient that an allergy text names is found."""
    assert terms.allergens(text) == ingredients


@pytest.mark.parametrize(
    "name",
    [
        "rifampicin",
        "carbamazepine",
        "phenytoin",
        "St. John's Wort",
        "St John’s wort",
        "quinidine",
        "methimazole",
        "thiamazole",
        "propylthiouracil",
        "midodrine",
        "droxidopa",
        "vasopressin",
        "DDAVP",
        "phendimetrazine",
        "benzphetamine",
        "diethylpropion",
        "safinamide",
        "procarbazine",
        "methylthioninium chloride",
        "Strattera",
        "Synthroid",
        "Depakote ER 500 mg",
        "zopiclone",
        "pethidine",
    ],
)
def test_drugs_without_codes_are_known_by_name(terms: Terminology, name: str) -> None:
    """Drugs of the rules for which no code is held, and their other names, are identified by name."""
    found = terms.named(name)
    assert found is not None
    assert found.groups


def test_a_hostile_text_is_answered(terms: Terminology) -> None:
    """A text of absurd length or with absurd numbers costs no more than a long name does."""
    for text in ("sertraline 10 mg/0 mL", f"sertraline {'9' * 500} mg", "sertraline 1e999 mg"):
        found = terms.named(text)
        assert found is not None
        assert found.strengths == ()
    assert terms.named("1/" * 100_000) is None
    assert terms.named("sertraline " * 10_000) is not None

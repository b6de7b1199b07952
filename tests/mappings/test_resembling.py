"""Names that a text nearly says are told, and never taken for the name."""

import csv

import pytest

from mappings.terminology import SHIPPED, Terminology, load_terminology


@pytest.fixture(scope="module")
def terms() -> Terminology:
    """The shipped tables."""
    return load_terminology()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sertaline 50 mg", "sertraline"),  # a letter too few
        ("Fluoxetin 20 mg", "fluoxetine"),
        ("venlaffaxine XR", "venlafaxine"),  # one too many
        ("trazadone qhs", "trazodone"),  # another one
        ("Wellbutrim SR", "wellbutrin"),
        ("setrraline", "sertraline"),  # two exchanged
        ("diazapam 5 mg", "diazepam"),
    ],
)
def test_one_mistake_is_told_and_never_accepted(terms: Terminology, text: str, name: str) -> None:
    """A misspelt drug of the rules names nothing, and what it resembles is known."""
    assert terms.named(text) is None
    assert terms.resembled(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "fluvastatin 40 mg",
        "rifaximin",
        "clonidine",
        "quinine",
        "nizatidine",
        "hydralazine",
        "norepinephrine",
        "trimeprazine",
        "cycloserine",
        "prednisolone",
        "metformin 500 mg tablet",
        "bowel preparation regimen",
        "bupropion",
        "buprenorphine",
        "citalopram",
        "escitalopram",
        "lithum",  # short names are too often one letter away from another word
    ],
)
def test_other_drugs_and_names_themselves_resemble_nothing(terms: Terminology, text: str) -> None:
    """Neither the name of another drug nor a known name is taken for a misspelling."""
    assert terms.resembled(text) is None


def test_no_product_name_of_the_tables_resembles_another_drug(terms: Terminology) -> None:
    """Of the names of all products, none reads as a misspelt drug unless it is identified itself."""
    lines = (SHIPPED / "rxnorm.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    names = [row["name"] for row in rows]
    assert len(names) > 4000
    assert [name for name in names if terms.resembled(name) and terms.named(name) is None] == []


@pytest.mark.parametrize(
    ("text", "name"), [("amitryptiline 50 mg", "amitriptyline"), ("hydroxizine", "hydroxyzine")]
)
def test_i_and_y_may_be_mistaken_more_than_once(terms: Terminology, text: str, name: str) -> None:
    """The commonest misspelling of the tricyclics exchanges both: listed, and never taken for the drug."""
    assert (terms.named(text), terms.resembled(text)) == (None, name)

"""The antidepressant table fits the terminology and itself."""

import pytest

from mappings.drugs import Drug, load_drugs
from mappings.terminology import load_terminology

TABLE = load_drugs()
TERMINOLOGY = load_terminology()
# Combinations are known by their components; the order of their names is that of the table.
COMBINATIONS = {"dextromethorphan-bupropion", "naltrexone-bupropion"}
ROWS = [pytest.param(drug, id=name) for name, drug in TABLE.drugs.items()]


@pytest.mark.parametrize("drug", ROWS)
def test_every_drug_is_identified_by_its_name(drug: Drug) -> None:
    """A row whose name no text could ever match would never count."""
    product = TERMINOLOGY.named(drug.ingredient)
    assert product is not None
    parts = drug.ingredient.split("-") if drug.ingredient in COMBINATIONS else [drug.ingredient]
    assert set(product.ingredients) == set(parts)
    assert "antidepressant" in product.groups


@pytest.mark.parametrize("drug", ROWS)
def test_dose_limits_are_in_order(drug: Drug) -> None:
    """The lowest accepted dose lies below the minimum, and the minimum not above the maximum."""
    for row in drug.dose:
        assert (row.possible_mg or 0) < row.minimum_mg <= (row.maximum_mg or row.minimum_mg)
        assert all(
            (change.minimum_mg or 0) < row.minimum_mg for change in drug.adjustment if not change.forms
        )


@pytest.mark.parametrize(
    ("text", "minimum"),
    [
        ("bupropion hydrobromide 348 MG 24 HR Extended Release Oral Tablet [Aplenzin]", 348),
        ("Wellbutrin XL 300 mg", 300),
        ("paroxetine CR 25 mg", 25),
        ("Paxil CR 25 mg", 25),
        ("paroxetine 20 mg tablet", 20),
    ],
)
def test_the_row_of_a_product_is_found(text: str, minimum: float) -> None:
    """Salts and forms in the table are written as the terminology writes them."""
    product = TERMINOLOGY.named(text)
    assert product is not None
    rows = TABLE.drugs[product.ingredients[0]].dose
    fitting = [
        row
        for row in rows
        if (not row.forms or product.form in row.forms) and (not row.salts or product.salt in row.salts)
    ]
    assert fitting[0].minimum_mg == minimum


def test_pairs_name_drugs_of_the_table() -> None:
    """A related pair of an unknown drug could never be shown."""
    assert all(name in TABLE.drugs for pair in TABLE.pairs for name in pair.ingredients)

"""Some 300 sentences of dosage in many styles, each with the dose that a pharmacist would read."""

from importlib.resources import files

import pytest

from mappings.product import Product
from service.fhir.resources import Dosage
from service.normalise.dosage import doses, regimen
from tests.normalise.made import tables, terminology

LINES = (files("tests.normalise") / "sentences.txt").read_text(encoding="utf-8").splitlines()
SENTENCES = [[cell.strip() for cell in line.split("|", 2)] for line in LINES if line and line[0] != "#"]


def product(strength: str) -> Product:
    """Sertraline of so many mg in a tablet, or in one mL."""
    amount, _, unit = strength.partition("/")
    return Product(ingredients=("sertraline",), strengths=(float(amount),), unit=unit or "tablet")


def read(strength: str, sentence: str) -> str:
    """The dose that the service reads, as the list writes it."""
    medicine, table = product(strength), tables().dosage
    names = terminology().own_words(medicine.ingredients)
    plan = regimen([Dosage(text=sentence)], medicine, table, names)
    if plan.as_needed:
        return "as needed"
    found = doses(plan, medicine, "sertraline", table)
    if not found or any(dose.daily_mg is None for dose in found):
        return "unknown"
    said = [
        f"{round(dose.daily_mg or 0.0, 2):g}" + (f" for {dose.days}" if dose.days and len(found) > 1 else "")
        for dose in found
    ]
    return ", then ".join(said)


@pytest.mark.parametrize(("dose", "strength", "sentence"), SENTENCES)
def test_the_dose_is_that_of_a_pharmacist(dose: str, strength: str, sentence: str) -> None:
    """R14.14: the whole sentence is read, or none of it."""
    assert read(strength, sentence) == dose


def test_the_list_is_as_long_as_it_says() -> None:
    """No sentence stands twice, and there are 300 of them at least."""
    assert len({sentence for _, _, sentence in SENTENCES}) >= 300

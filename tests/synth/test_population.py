"""A made-up population: what is in it, and that the service says what its truth says."""

import csv
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module

import pytest
from msgspec.json import decode, encode

from mappings.criteria import load_criteria
from mappings.knowledge import load_knowledge
from mappings.terminology import SHIPPED
from service.synth.charts import SyntheticChart, synthetic_chart
from service.synth.medicines import products
from service.synth.tables import DrugRow
from tests.synth.agreement import ROWS, disagreements

SEED, PATIENTS = 20261201, 400


@cache
def charts() -> tuple[SyntheticChart, ...]:
    """A few hundred patients of one seed."""
    return tuple(synthetic_chart(SEED, number, ROWS) for number in range(PATIENTS))


def drugs() -> tuple[DrugRow, ...]:
    """Every medicine of the table."""
    return (*ROWS.antidepressant, *ROWS.augmentation, *ROWS.medicine)


@pytest.mark.parametrize("part", range(4))
def test_the_service_says_what_was_meant(part: int) -> None:
    """Conclusion, trials, flags, blocking gaps, gate and suicide risk are those that were intended."""
    assert [line for chart in charts()[part::4] for line in disagreements(chart)] == []


def test_every_situation_occurs() -> None:
    """Each dialect, conclusion, gate, status of a course and flag is met with."""
    truths = [chart.truth for chart in charts()]
    assert {truth.dialect for truth in truths} == {row.id for row in ROWS.dialect}
    assert {truth.conclusion for truth in truths} == {"recommend", "caution", "insufficient-data", "none"}
    assert {truth.gate for truth in truths} >= {"", "GATE-AGE", "GATE-DX", "GATE-REFERRAL", "GATE-TREATED"}
    assert {truth.safety for truth in truths} >= {"", "SAFE-1", "SAFE-2"}
    why = Counter(course.why for truth in truths for course in truth.courses)
    assert {"days missing between fills", "another drug followed", "stopped as ineffective"} <= why.keys()
    raised = {flag.id for truth in truths for flag in truth.flags}
    assert {"BIPOLAR", "SUD-ACT", "BP-HIGH", "MED-BZD", "AGE65", "SEV-MOD", "COG"} <= raised


def test_the_same_seed_and_number_give_the_same_patient() -> None:
    """A patient depends on nothing else; another seed gives another one."""
    one, again, other = (encode(synthetic_chart(seed, 7, ROWS)) for seed in (1, 1, 2))
    assert one == again != other


def test_everything_says_that_it_is_made_up() -> None:
    """Each resource has the security label for test data, and a name that is nobody's."""
    for resource in _resources():
        label = resource["meta"]["security"][0]
        assert (label["system"].rpartition("/")[2], label["code"]) == ("v3-ActReason", "HTEST")
        if resource["resourceType"] == "Patient":
            assert resource["name"][0]["family"] == "Synthetic"


def test_everything_is_fhir_r4() -> None:
    """The resources fit the models of FHIR R4B, which holds what R4 has of these types."""
    seen = set()
    for resource in _resources():
        kind = resource["resourceType"]
        shape = (kind, tuple(resource))
        if shape not in seen:  # one of each shape
            seen.add(shape)
            model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
            assert model.model_validate(resource).id == resource["id"]
    assert len({kind for kind, _ in seen}) > 8


def test_ids_are_the_patients_own() -> None:
    """No two resources share an id."""
    names = [(resource["resourceType"], resource["id"]) for resource in _resources()]
    assert len(names) == len(set(names))


def _resources() -> Iterator[dict]:  # type: ignore[type-arg]
    yield from (decode(encode(resource)) for resource in products(ROWS))
    for chart in charts()[:120]:
        yield from (decode(encode(resource)) for resource in chart.resources)


def test_figures_of_the_truth_are_those_of_the_rules() -> None:
    """The generator's own copy of the clinical figures agrees with the tables of the service."""
    knowledge, meaning = load_knowledge(), ROWS.meaning
    criteria = load_criteria()["default"]
    assert meaning.trials == criteria.count.trials_needed
    assert meaning.enough_days == criteria.duration.qualifying_days
    assert meaning.some_days == criteria.duration.borderline_days
    assert meaning.adult_years == knowledge.gates.adult_years
    assert meaning.pressure_days == knowledge.flags.pressure.days


def test_products_are_those_of_rxnorm() -> None:
    """Each code stands in the terminology with the name and the strength that the table gives it."""
    with (SHIPPED / "rxnorm.csv").open(encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    known = {row["rxcui"]: row for row in csv.DictReader(lines)}
    for drug in drugs():
        for product, strength in zip(drug.products, drug.strengths, strict=True):
            code, _, name = product.partition(" ")
            row = known[code]
            assert (row["name"], row["ingredients"], float(row["strengths"])) == (
                name,
                drug.ingredient,
                strength,
            )


def test_doses_are_what_the_table_calls_them() -> None:
    """A usual dose reaches the minimum of the rules, a possible one their band, one too low neither."""
    limits = load_knowledge().drugs.drugs
    for drug in ROWS.antidepressant:
        dose = next(row for row in limits[drug.ingredient].dose if not row.forms and not row.salts)
        least = dose.possible_mg or dose.minimum_mg
        assert all(mg * units >= dose.minimum_mg for mg, units in drug.usual)
        assert all(least <= mg * units < dose.minimum_mg for mg, units in drug.possible)
        assert all(mg * units < least for mg, units in (*drug.too_low, *([drug.aside] if drug.aside else [])))


def test_a_name_in_words_is_known() -> None:
    """What a record without codes calls a medicine is known to the terminology, in both languages."""
    terminology = load_knowledge().terminology
    for drug in drugs():
        for words in filter(None, (drug.words, drug.german)):
            product = terminology.named(words.format(mg=f"{drug.strengths[-1]:g}"))
            assert product is not None
            assert (product.ingredients, product.strengths) == ((drug.ingredient,), (drug.strengths[-1],))

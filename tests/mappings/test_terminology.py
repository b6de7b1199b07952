"""What codes of drugs, measurements and procedures stand for."""

import csv
from importlib.resources import files
from pathlib import Path
from shutil import copytree

import pytest

from mappings.tables import TableError
from mappings.terminology import Product, Terminology, load_terminology

FOLDER = files("mappings") / "terminology"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.fixture(scope="module")
def terms() -> Terminology:
    """The shipped tables."""
    return load_terminology()


def product(terms: Terminology, code: str) -> Product:
    """The product of an RxNorm code that must be known."""
    found = terms.product("rxnorm", code)
    assert found is not None, code
    return found


def table(file: str) -> list[dict[str, str]]:
    """The rows of a shipped table."""
    text = (FOLDER / file).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


class TestEveryLevelOfRxNorm:
    """RxNorm names a drug at many levels; each stands for the same ingredient."""

    @pytest.mark.parametrize(
        ("code", "level"),
        [
            ("36437", "sertraline, ingredient"),
            ("328670", "sertraline 100 MG, component"),
            ("312938", "sertraline 100 MG Oral Tablet, clinical drug"),
            ("208149", "sertraline 100 MG Oral Tablet [Zoloft], branded drug"),
            ("82728", "Zoloft, brand name"),
        ],
    )
    def test_one_ingredient(self, terms: Terminology, code: str, level: str) -> None:
        """Ingredient, salt, component, drug and brand are one ingredient in one group."""
        found = product(terms, code)
        assert found.ingredients == ("sertraline",), level
        assert found.groups == {"antidepressant"}, level

    def test_salt_and_combination(self, terms: Terminology) -> None:
        """A precise ingredient is its ingredient with a salt; a combination has all its ingredients."""
        hydrobromide = product(terms, "993548")
        assert (hydrobromide.ingredients, hydrobromide.salt) == (("bupropion",), "hydrobromide")
        assert product(terms, "611247").ingredients == ("fluoxetine", "olanzapine")

    def test_every_code_resolves(self, terms: Terminology) -> None:
        """Every RxNorm code of the table gives a product whose ingredients the ingredient table knows."""
        for row in table("rxnorm.csv"):
            found = product(terms, row["rxcui"])
            assert set(found.ingredients) <= set(terms.groups), row["rxcui"]
            assert len(found.strengths) in (0, len(found.ingredients)), row["rxcui"]

    def test_uri_and_short_name(self, terms: Terminology) -> None:
        """A system may be given by its URI, with or without a trailing slash, or by its short name."""
        assert (
            terms.product(RXNORM, "36437") == terms.product(f"{RXNORM}/", "36437") == product(terms, "36437")
        )

    def test_codes_of_other_systems(self, terms: Terminology) -> None:
        """An unknown code or system is no drug, and a package code is never read as an RxNorm code."""
        assert terms.product("rxnorm", "99999999") is None
        assert terms.product("urn:oid:1.2.3", "36437") is None
        assert terms.product("rxnorm", "00093738505") is None


class TestStrength:
    """Strengths are mg of each ingredient in one unit."""

    @pytest.mark.parametrize(
        ("code", "name", "strengths", "unit", "form", "route"),
        [
            ("312938", "sertraline 100 MG tablet", (100.0,), "tablet", "IR", "oral"),
            ("313581", "24 HR venlafaxine 150 MG capsule", (150.0,), "capsule", "ER", "oral"),
            ("993557", "24 HR bupropion 300 MG tablet", (300.0,), "tablet", "XL", "oral"),
            ("993518", "12 HR bupropion 150 MG tablet", (150.0,), "tablet", "SR", "oral"),
            ("993567", "24 HR bupropion hydrobromide 348 MG", (348.0,), "tablet", "XL", "oral"),
            ("596934", "duloxetine 60 MG capsule", (60.0,), "capsule", "DR", "oral"),
            ("725064", "fluoxetine 25 MG / olanzapine 6 MG", (25.0, 6.0), "capsule", "IR", "oral"),
            ("865206", "24 HR selegiline 0.25 MG/HR patch", (6.0,), "patch", "patch", "transdermal"),
            ("328670", "sertraline 100 MG component", (100.0,), "", "", ""),
            ("36437", "sertraline, ingredient", (), "", "", ""),
        ],
    )
    def test_as_stated(
        self,
        terms: Terminology,
        code: str,
        name: str,
        strengths: tuple[float, ...],
        unit: str,
        form: str,
        route: str,
    ) -> None:
        """Strength, unit, release and route come from the code; what a level does not state stays empty."""
        found = product(terms, code)
        assert (found.strengths, found.unit, found.form, found.route) == (strengths, unit, form, route), name

    @pytest.mark.parametrize(
        ("code", "mg", "unit"),
        [
            ("2119381", 28.0, "device"),
            ("2119377", 28.0, "device"),
            ("2119390", 56.0, "pack"),
            ("2119388", 84.0, "pack"),
        ],
    )
    def test_esketamine_is_counted_in_devices(
        self, terms: Terminology, code: str, mg: float, unit: str
    ) -> None:
        """140 mg/mL is a concentration: a device holds 28 mg, the packs 56 and 84 mg."""
        found = product(terms, code)
        assert (found.ingredients, found.strengths, found.unit) == (("esketamine",), (mg,), unit)

    def test_weekly_fluoxetine(self, terms: Terminology) -> None:
        """The 90 mg capsule is a weekly form."""
        weekly = [row["rxcui"] for row in table("rxnorm.csv") if row["form"] == "weekly"]
        assert weekly
        assert {product(terms, code).strengths for code in weekly} == {(90.0,)}

    def test_titration_pack_has_no_strength(self, terms: Terminology) -> None:
        """A pack of several strengths has no single one."""
        packs = [row for row in table("rxnorm.csv") if row["tty"] in ("GPCK", "BPCK")]
        assert len(packs) > 40
        with_strength = {row["ingredients"] for row in packs if row["strengths"]}
        assert with_strength == {"esketamine"}

    def test_repeated_salts_are_added_up(self, terms: Terminology) -> None:
        """Mixed amphetamine salts list each ingredient twice; each is named once with the sum."""
        mixed = [
            product(terms, row["rxcui"])
            for row in table("rxnorm.csv")
            if row["ingredients"] == "amphetamine|dextroamphetamine" and row["tty"] == "SCD"
        ]
        assert mixed
        assert all(p.ingredients == ("amphetamine", "dextroamphetamine") for p in mixed)


class TestNeverAnAntidepressantTrial:
    """Products of an antidepressant that can never be an antidepressant trial say so."""

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("966787", "doxepin 3 MG tablet"),
            ("966793", "doxepin 6 MG tablet"),
            ("1000091", "doxepin cream"),
            ("1430122", "paroxetine mesylate 7.5 MG capsule"),
            ("859186", "selegiline 5 MG capsule"),
            ("859190", "selegiline 1.25 MG disintegrating tablet"),
            ("203137", "selegiline hydrochloride, precise ingredient: oral products only"),
            ("1551468", "bupropion 90 MG / naltrexone 8 MG"),
            ("1801289", "smoking-cessation bupropion"),
            ("2049251", "mirtazapine ointment"),
        ],
    )
    def test_says_why(self, terms: Terminology, code: str, name: str) -> None:
        """The product carries the reason."""
        assert product(terms, code).never_counts, name

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("865206", "selegiline patch"),
            ("9639", "selegiline, ingredient: the route decides"),
            ("993518", "12 HR bupropion 150 MG, not the smoking-cessation product"),
            ("1738495", "paroxetine 20 MG tablet"),
            ("2119381", "esketamine"),
        ],
    )
    def test_others_say_nothing(self, terms: Terminology, code: str, name: str) -> None:
        """Other products of the same ingredients carry no reason."""
        assert product(terms, code).never_counts == "", name

    def test_oral_selegiline_is_still_an_maoi(self, terms: Terminology) -> None:
        """Never a trial, but a monoamine oxidase inhibitor all the same."""
        assert "maoi" in product(terms, "859186").groups


class TestGroups:
    """A product is in the groups of all its ingredients."""

    def test_combination(self, terms: Terminology) -> None:
        """Amitriptyline with chlordiazepoxide is a tricyclic and a benzodiazepine."""
        found = product(terms, "856792")
        assert found.ingredients == ("amitriptyline", "chlordiazepoxide")
        assert found.groups == {"antidepressant", "tricyclic", "benzodiazepine"}

    def test_lithium_salts_are_lithium(self, terms: Terminology) -> None:
        """Lithium carbonate and lithium citrate are RxNorm ingredients of their own, but one drug here."""
        lithium = {row["ingredients"] for row in table("rxnorm.csv") if "lithium" in row["ingredients"]}
        assert lithium == {"lithium"}
        assert terms.groups_of("lithium") == {"lithium"}

    @pytest.mark.parametrize(
        ("ingredient", "group"),
        [
            ("levothyroxine", "thyroid_hormone"),
            ("carbimazole", "antithyroid"),
            ("clarithromycin", "cyp2b6_3a4_inhibitor"),
            ("st john's wort", "cyp2b6_3a4_inducer"),
            ("terbinafine", "cyp2d6_strong_inhibitor"),
            ("linezolid", "maoi"),
            ("methylene blue", "maoi"),
            ("carisoprodol", "muscle_relaxant"),
            ("hydroxyzine", "antihistamine_sedating"),
            ("suvorexant", "orexin_antagonist"),
            ("zuranolone", "neurosteroid"),
            ("oxybate", "oxybate"),
            ("solriamfetol", "stimulant"),
            ("lisdexamfetamine", "stimulant"),
            ("desmopressin", "pressor"),
            ("ergotamine", "ergot"),
            ("pseudoephedrine", "oral_decongestant"),
            ("oxymetazoline", "nasal_decongestant"),
            ("viloxazine", "norepinephrine_reuptake_inhibitor_adhd"),
            ("benzethonium chloride", "excipient_ketamine"),
            ("edetate", "excipient_esketamine"),
        ],
    )
    def test_every_class_of_the_rules_has_its_drugs(
        self, terms: Terminology, ingredient: str, group: str
    ) -> None:
        """The drugs that the clinical rules name belong to the groups that the rules ask for."""
        assert group in terms.groups_of(ingredient)

    def test_ketamine_is_not_esketamine(self, terms: Terminology) -> None:
        """Ketamine (6130) and esketamine are two ingredients in two groups."""
        assert product(terms, "6130").groups == {"ketamine"}
        assert product(terms, "2119365").groups == {"esketamine"}


class TestSubstancesAndAllergies:
    """SNOMED CT identifiers of drugs and of allergies to them give the ingredients."""

    def test_substance(self, terms: Terminology) -> None:
        """A substance identifier is a drug."""
        found = terms.product("http://snomed.info/sct/", "372594008")  # sertraline
        assert found is not None
        assert found.ingredients == ("sertraline",)
        assert found.groups == {"antidepressant"}

    def test_allergy(self, terms: Terminology) -> None:
        """An allergy identifier and a drug code name the same allergen; an unknown code names none."""
        assert terms.allergen("snomed", "293707005") == ("ketamine",)  # allergy to ketamine
        assert terms.allergen("rxnorm", "6130") == ("ketamine",)
        assert terms.allergen("snomed", "91936005") == ()  # allergy to penicillin


class TestMeasurementsAndProcedures:
    """LOINC codes and procedure codes stand for concepts."""

    @pytest.mark.parametrize(
        ("code", "concept"),
        [
            ("85354-9", "bp_panel"),
            ("55284-4", "bp_panel"),
            ("96607-7", "bp_panel_mean"),
            ("8480-6", "bp_systolic"),
            ("8462-4", "bp_diastolic"),
            ("44261-6", "phq9_total"),
            ("44249-1", "phq9_panel"),
            ("44260-8", "phq9-item9"),
            ("55758-7", "phq2_total"),
            ("89204-2", "phq9_teen_total"),
            ("93246-7", "cssrs-1"),
            ("93249-1", "cssrs-4"),
            ("93250-9", "cssrs-5"),
            ("93267-3", "cssrs-lifetime"),
            ("93269-9", "cssrs-3-months"),
            ("93374-7", "cssrs-risk"),
            ("3016-3", "tsh"),
            ("1742-6", "alt"),
            ("1920-8", "ast"),
            ("82810-3", "pregnancy_status"),
        ],
    )
    def test_loinc(self, terms: Terminology, code: str, concept: str) -> None:
        """Totals, panels, items and other scales are told apart."""
        assert terms.concept(code) == concept

    def test_unknown_loinc(self, terms: Terminology) -> None:
        """A code of no rule has no concept."""
        assert terms.concept("9279-1") is None  # respiratory rate

    def test_procedures(self, terms: Terminology) -> None:
        """Treatments are known by SNOMED CT, HCPCS and ICD-10-PCS, the last by prefix too."""
        assert terms.interventions("snomed", "23835007") == {"ect"}
        assert terms.interventions("icd10pcs", "GZB2ZZZ") == {"ect"}
        assert terms.interventions("http://www.cms.gov/Medicare/Coding/ICD10", "gzb9zzz") == {"ect"}
        assert terms.interventions("hcpcs", "G2083") == {"esketamine_session"}
        assert terms.interventions("snomed", "183524004") == {"referral_psychiatry"}
        assert terms.interventions("snomed", "GZB2ZZZ") == frozenset()

    def test_no_cpt(self) -> None:
        """No CPT code is shipped (licence)."""
        assert {row["system"] for row in table("procedures.csv")} == {"snomed", "icd10pcs", "hcpcs"}
        assert not {row["code"] for row in table("procedures.csv")} & {"90870", "90867", "90868", "90869"}


class TestTables:
    """The tables are whole, unambiguous and say where they come from."""

    FILES = (
        "ingredients",
        "rxnorm",
        "ndc",
        "names",
        "snomed_drugs",
        "snomed_conditions",
        "loinc",
        "procedures",
    )

    @pytest.mark.parametrize("file", FILES)
    def test_opens_with_its_origin(self, file: str) -> None:
        """Every table opens with notes on origin and licence."""
        assert (FOLDER / f"{file}.csv").read_text(encoding="utf-8").startswith("# ")

    @pytest.mark.parametrize("file", FILES)
    def test_no_key_twice(self, file: str) -> None:
        """No code or name has two rows."""
        keys = [
            (row.get("system"), next(iter(row.values())), row.get("code")) for row in table(f"{file}.csv")
        ]
        assert len(keys) == len(set(keys))

    @pytest.mark.parametrize("file", [name for name in FILES if name != "ndc"])
    def test_every_row_has_a_source(self, file: str) -> None:
        """Every row names where it was confirmed."""
        assert all(row["source"] for row in table(f"{file}.csv"))

    def test_a_damaged_table_stops_the_start(self, tmp_path: Path) -> None:
        """A table with other columns is refused by name instead of being read in part."""
        folder = tmp_path / "terminology"
        copytree(str(FOLDER), folder)
        (folder / "loinc.csv").write_text("code,concept\n8480-6,bp_systolic\n", encoding="utf-8")
        with pytest.raises(TableError, match=r"loinc\.csv: columns must be code, concept, name, source"):
            load_terminology(folder)

"""Building the terminology tables of a site from a small release in the official formats.

The release in `data/rxnorm` was made by hand: codes and names of the shipped tables, and some of its own that
begin with 9000.
"""

import csv
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from mappings.knowledge import Knowledge, load_knowledge
from mappings.renewal.build import Sources, build
from mappings.renewal.names import label
from mappings.renewal.products import form_of, route_of, unit_of
from mappings.tables import TableError
from mappings.terminology import SHIPPED, Terminology, load_terminology

RELEASE = Path(__file__).parent / "data" / "rxnorm"
ORDER_FILE = Path(__file__).parent / "data" / "icd10cm-order-2026.txt"
SNOMED = "http://snomed.info/sct"


@cache
def knowledge() -> Knowledge:
    """The shipped rules."""
    return load_knowledge()


def made(tmp_path: Path, release: Path = RELEASE, **others: Path) -> tuple[Path, list[str]]:
    """A built folder and the report."""
    target = tmp_path / "terminology"
    report = build(Sources(rxnorm=release, **others), target, knowledge(), lambda _: None)
    return target, report


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder and the report of the release as it is."""
    return made(tmp_path_factory.mktemp("built"))


def rows(folder: Any, file: str) -> list[dict[str, str]]:
    """The rows of a table."""
    text = (folder / file).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def by_code(folder: Any) -> dict[str, dict[str, str]]:
    """The product rows by code, without their source."""
    return {
        row["rxcui"]: {k: v for k, v in row.items() if k != "source"} for row in rows(folder, "rxnorm.csv")
    }


def copied(tmp_path: Path) -> Path:
    """A copy of the release, to be changed."""
    folder = tmp_path / "release"
    copytree(RELEASE, folder)
    return folder


def changed(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Change the lines of a file."""
    path.write_text("\n".join(change(path.read_text(encoding="utf-8").splitlines())) + "\n", encoding="utf-8")


class TestNames:
    """The name of a RxNorm product states what the table says of it."""

    PRODUCTS = tuple(
        row for row in rows(SHIPPED, "rxnorm.csv") if row["tty"] in ("SCD", "SBD", "SCDC", "SBDC")
    )

    def test_every_name_of_the_shipped_table_is_understood(self) -> None:
        """Route, release, unit and brand read from each name are those of its row."""
        assert len(self.PRODUCTS) > 4000
        for row in self.PRODUCTS:
            said, ingredients = label(row["name"]), row["ingredients"].split("|")
            route = route_of(said.dose_form)
            assert row["route"] in ("", route), row["name"]
            assert form_of(ingredients, row["strengths"], said.release, said.hours, route) == row["form"]
            assert said.brand == row["brand"], row["name"]
            if row["strengths"] and row["unit"] != "device":
                units = frozenset(part.unit for part in said.parts)
                assert unit_of(units, said.dose_form) == row["unit"], row["name"]

    def test_the_strengths_of_single_ingredients_are_read(self) -> None:
        """The amount in the name is the strength of the row, per hour times 24."""
        single = [r for r in self.PRODUCTS if "|" not in r["ingredients"] and r["strengths"]]
        for row in single:
            parts = label(row["name"]).parts
            if len(parts) == 1 and row["unit"] != "device":
                times = 24 if parts[0].unit == "MG/HR" else 1
                assert f"{parts[0].amount * times:g}" == row["strengths"], row["name"]

    def test_every_pack_names_its_contents(self) -> None:
        """A pack holds at least one product, each with a count."""
        packs = [row for row in rows(SHIPPED, "rxnorm.csv") if row["tty"] in ("GPCK", "BPCK")]
        assert packs
        for row in packs:
            said = label(row["name"])
            assert said.contents, row["name"]
            assert said.brand == row["brand"], row["name"]
            assert all(count > 0 and label(product).parts for count, product in said.contents)


class TestDrugs:
    """The drug tables say of a code what the shipped tables say."""

    def test_known_codes_say_what_they_said(self, built: tuple[Path, list[str]]) -> None:
        """Every code of the release that is shipped as well has the same row, but for its source."""
        folder, _ = built
        before, after = by_code(SHIPPED), by_code(folder)
        assert before == {code: after[code] for code in before}
        renewed = [row for row in rows(folder, "rxnorm.csv") if row["source"].startswith("rxnorm-2026-03-02")]
        assert len(renewed) == 42

    def test_levels_that_are_not_shipped(self, built: tuple[Path, list[str]]) -> None:
        """Dose form groups have the ingredient, route and release, but no strength."""
        folder, _ = built
        found = load_terminology(folder).product("rxnorm", "90000004")
        assert found is not None
        assert (found.ingredients, found.strengths, found.form, found.route) == (
            ("sertraline",),
            (),
            "IR",
            "oral",
        )

    def test_retired_codes_are_read_from_their_names(self, built: tuple[Path, list[str]]) -> None:
        """A retired product and brand have no relations left: their names tell the ingredient."""
        folder, _ = built
        terms = load_terminology(folder)
        for code, strengths in (("90000007", (100.0,)), ("90000006", ())):
            found = terms.product("rxnorm", code)
            assert found is not None
            assert (found.ingredients, found.brand, found.strengths) == (
                ("nefazodone",),
                "serzone",
                strengths,
            )
        sources = {row["rxcui"]: row["source"] for row in rows(folder, "rxnorm.csv")}
        assert sources["90000007"] == "rxnorm-2026-03-02 retired"

    def test_other_drugs_and_other_sources_stay_out(self, built: tuple[Path, list[str]]) -> None:
        """A drug that no rule speaks of and the atoms of other vocabularies are not taken."""
        folder, _ = built
        assert not {"90000001", "90000002", "90000005"} & by_code(folder).keys()
        assert "examplomab" not in (folder / "names.csv").read_text(encoding="utf-8")

    def test_the_ends_of_a_relation_may_stand_in_either_order(
        self, tmp_path: Path, built: tuple[Path, list[str]]
    ) -> None:
        """Which end is made of which is told by the levels, not by the place in the line."""
        release = copied(tmp_path)

        def swapped(lines: list[str]) -> list[str]:
            fields = [line.split("|") for line in lines]
            return ["|".join([f[4], *f[1:4], f[0], *f[5:]]) for f in fields]

        changed(release / "RXNREL.RRF", swapped)
        folder, _ = made(tmp_path, release)
        assert by_code(folder) == by_code(built[0])

    def test_a_name_counts_where_relations_are_missing(self, tmp_path: Path) -> None:
        """Without any relation the products have the same facts, read from their names."""
        release = copied(tmp_path)
        kept = ("form_of", "has_form", "tradename_of", "has_tradename")
        changed(release / "RXNREL.RRF", lambda lines: [one for one in lines if one.split("|")[7] in kept])
        folder, _ = made(tmp_path, release)
        before, after = by_code(SHIPPED), by_code(folder)
        assert before == {code: after[code] for code in before}

    def test_package_codes(self, built: tuple[Path, list[str]]) -> None:
        """New packages are known, a current one stands above an older use, other sources' are not taken."""
        folder, _ = built
        packages = {row["ndc11"]: row["rxcui"] for row in rows(folder, "ndc.csv")}
        assert packages["99999000101"] == "312938"
        assert packages["00378418801"] == "312938"
        assert "99999000199" not in packages
        assert load_terminology(folder).product("ndc", "99999-0001-01") is not None

    def test_a_package_code_that_another_drug_uses_now_is_dropped(
        self, built: tuple[Path, list[str]]
    ) -> None:
        """A shipped package code that the release gives to a drug of no rule is no longer ours."""
        folder, _ = built
        assert "00378418893" in {row["ndc11"] for row in rows(SHIPPED, "ndc.csv")}
        assert "00378418893" not in {row["ndc11"] for row in rows(folder, "ndc.csv")}


class TestWriting:
    """Nothing half-written is left, and nothing foreign is replaced."""

    @pytest.mark.parametrize("file", ["RXNCONSO.RRF", "RXNREL.RRF", "RXNSAT.RRF"])
    def test_a_damaged_release_leaves_the_old_folder(self, tmp_path: Path, file: str) -> None:
        """The complaint names file and line; the older folder stays byte for byte, and no other is left."""
        folder, _ = made(tmp_path)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        release = copied(tmp_path)
        changed(release / file, lambda lines: [*lines[:3], "cut|off", *lines[3:]])
        with pytest.raises(TableError, match=rf"{file}: line 4: \d+ fields expected, 1 found"):
            made(tmp_path, release)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        assert {path.name for path in tmp_path.iterdir()} == {"terminology", "release"}

    @pytest.mark.parametrize("file", ["RXNCONSO.RRF", "RXNREL.RRF", "RXNSAT.RRF"])
    def test_a_missing_file_is_named(self, tmp_path: Path, file: str) -> None:
        """A folder without one of the three files is no release."""
        release = copied(tmp_path)
        (release / file).unlink()
        with pytest.raises(TableError, match=file):
            made(tmp_path, release)
        assert {path.name for path in tmp_path.iterdir()} == {"release"}

    def test_an_older_folder_is_replaced(self, tmp_path: Path) -> None:
        """Building twice gives the same bytes, and nothing of the older folder remains."""
        first, _ = made(tmp_path)
        before = {path.name: path.read_bytes() for path in first.iterdir()}
        (first / "left over.csv").write_text("", encoding="utf-8")
        second, _ = made(tmp_path)
        assert {path.name: path.read_bytes() for path in second.iterdir()} == before

    def test_a_folder_of_something_else_is_left_alone(self, tmp_path: Path) -> None:
        """A folder with other files in it is never replaced."""
        (tmp_path / "terminology").mkdir()
        (tmp_path / "terminology" / "thesis.txt").write_text("mine", encoding="utf-8")
        with pytest.raises(TableError, match="left as it is"):
            made(tmp_path)
        assert (tmp_path / "terminology" / "thesis.txt").read_text(encoding="utf-8") == "mine"

    def test_release_files_may_stand_in_a_folder_rrf(self, tmp_path: Path) -> None:
        """The folder as it is unpacked can be given."""
        copytree(RELEASE, tmp_path / "unpacked" / "rrf")
        folder, _ = made(tmp_path, tmp_path / "unpacked")
        assert (folder / "NOTICE.md").is_file()


class TestReport:
    """The report says what changed and which rules that touches."""

    def test_new_rows_lead_to_the_rules(self, built: tuple[Path, list[str]]) -> None:
        """A drug with new codes is named with the rules that look at it."""
        _, report = built
        assert any(line.startswith("    sertraline: 2 new -> antidepressant sertraline") for line in report)
        assert "RxNorm release of 2026-03-02, against the tables that are shipped" in report

    def test_drugs_without_any_code_are_listed(self, built: tuple[Path, list[str]]) -> None:
        """What is known by name only is a known gap."""
        _, report = built
        (gaps,) = [line for line in report if "by name only" in line]
        assert "midodrine" in gaps
        assert "sertraline" not in gaps


class TestIcd10Cm:
    """The codes of the rules are held against the release."""

    def test_what_does_not_fit_is_told(self, tmp_path: Path) -> None:
        """A code that is not in the release and a title that changed are listed with the rule."""
        _, report = made(tmp_path, icd10cm=ORDER_FILE)
        told = "\n".join(report)
        assert "Major depressive disorder, recurrent, mild" not in told
        assert "its title in the release is Aneurysm of the aorta, renamed" in told
        assert "no code of the release starts with it" in told

    def test_another_file_is_refused(self, tmp_path: Path) -> None:
        """A file of another format is named with its line, and nothing is written."""
        other = tmp_path / "codes.txt"
        other.write_text("F320    Major depressive disorder\n", encoding="utf-8")
        with pytest.raises(TableError, match=r"codes\.txt: line 1: not a line of an ICD-10-CM order file"):
            made(tmp_path, icd10cm=other)
        assert {path.name for path in tmp_path.iterdir()} == {"codes.txt"}


def valueset(*codes: str, name: str = "mdd", system: str = SNOMED, **members: Any) -> dict[str, Any]:
    """An expanded ValueSet."""
    contains = [{"system": system, "code": code, "display": "a name"} for code in codes]
    expansion = {"contains": contains}
    return {"resourceType": "ValueSet", "name": name, "expansion": expansion} | members


def supplied(tmp_path: Path, *valuesets: dict[str, Any], mapping: str = "") -> Path:
    """A folder of ValueSets."""
    folder = tmp_path / "valuesets"
    folder.mkdir()
    for number, one in enumerate(valuesets):
        (folder / f"{number}.json").write_text(json.dumps(one), encoding="utf-8")
    if mapping:
        (folder / "groups.csv").write_text(f"valueset,groups\n{mapping}\n", encoding="utf-8")
    return folder


def with_valuesets(tmp_path: Path, *valuesets: dict[str, Any], mapping: str = "") -> Terminology:
    """The terminology of a site with these ValueSets."""
    folder, _ = made(tmp_path, valuesets=supplied(tmp_path, *valuesets, mapping=mapping))
    return load_terminology(folder)


class TestValueSets:
    """A site adds codes that it is licensed to use."""

    def test_by_the_name_of_the_group(self, tmp_path: Path) -> None:
        """A ValueSet that is called like a group feeds it; codes that are there keep their groups."""
        terms = with_valuesets(tmp_path, valueset("900000000000000001", "35489007"))
        assert terms.snomed_groups("900000000000000001") == {"mdd"}
        assert terms.snomed_groups("35489007") == {"depression_unspecified", "mdd"}

    def test_by_the_mapping_file(self, tmp_path: Path) -> None:
        """`groups.csv` gives a ValueSet to several groups by its url."""
        url = "http://example.org/fhir/ValueSet/site-mania"
        terms = with_valuesets(
            tmp_path, valueset("900000000000000001", name="X", url=url), mapping=f"{url},bipolar|mania_active"
        )
        assert terms.snomed_groups("900000000000000001") == {"bipolar", "mania_active"}

    def test_nested_concepts_count_and_headings_do_not(self, tmp_path: Path) -> None:
        """An expansion may be a tree with headings in it."""
        inner = [{"system": SNOMED, "code": "900000000000000002"}]
        heading = {"system": SNOMED, "code": "900000000000000003", "abstract": True, "contains": inner}
        terms = with_valuesets(tmp_path, valueset() | {"expansion": {"contains": [heading]}})
        assert terms.snomed_groups("900000000000000002") == {"mdd"}
        assert terms.snomed_groups("900000000000000003") == frozenset()

    def test_a_definition_that_lists_its_concepts(self, tmp_path: Path) -> None:
        """Without an expansion a list of concepts is as good."""
        include = [{"system": SNOMED, "concept": [{"code": "900000000000000004"}]}]
        listed = {"resourceType": "ValueSet", "name": "aneurysm", "compose": {"include": include}}
        assert with_valuesets(tmp_path, listed).snomed_groups("900000000000000004") == {"aneurysm"}

    def test_measurements_treatments_and_substances(self, tmp_path: Path) -> None:
        """LOINC feeds concepts, procedure codes treatments, SNOMED CT substances ingredients."""
        terms = with_valuesets(
            tmp_path,
            valueset("99999-9", name="phq9_total", system="http://loinc.org"),
            valueset("00000", name="ect", system="http://www.ama-assn.org/go/cpt"),
            valueset("900000000000000005", name="sertraline"),
        )
        assert terms.concept("99999-9") == "phq9_total"
        assert terms.interventions("http://www.ama-assn.org/go/cpt", "00000") == {"ect"}
        assert terms.allergen("snomed", "900000000000000005") == ("sertraline",)

    def test_what_is_not_used_is_told(self, tmp_path: Path) -> None:
        """A ValueSet that feeds no group, and codes of a system that no table holds, stand in the report."""
        strange = valueset("F32.0", system="http://hl7.org/fhir/sid/icd-10-cm")
        folder = supplied(tmp_path, strange, valueset("1", name="Colours"))
        _, report = made(tmp_path, valuesets=folder)
        assert "    not used: 1.json: Colours: feeds no group" in report
        assert "    not used: codes of http://hl7.org/fhir/sid/icd-10-cm: no table holds such codes" in report

    @pytest.mark.parametrize(
        ("given", "mapping", "complaint"),
        [
            (valueset(), "mdd,no_such_group", "groups.csv: row 1: no_such_group is no group"),
            (valueset(), "Other,mdd", "groups.csv: no ValueSet in the folder is called Other"),
            ({"resourceType": "ValueSet", "name": "mdd"}, "", "0.json: mdd: not expanded"),
            ({"resourceType": "Patient"}, "", "0.json: neither a ValueSet nor a Bundle"),
            (
                valueset() | {"compose": {"include": [{"system": SNOMED, "filter": []}]}, "expansion": None},
                "",
                "not expanded",
            ),
            (valueset() | {"expansion": {"total": 5, "contains": []}}, "", "0 of 5 concepts"),
            (valueset("8480-6", name="alt", system="http://loinc.org"), "", "is bp_systolic already"),
            (valueset("1", name="mdd", system="http://loinc.org"), "", "cannot feed mdd"),
        ],
    )
    def test_what_cannot_be_used_stops_the_build(
        self, tmp_path: Path, given: dict[str, Any], mapping: str, complaint: str
    ) -> None:
        """One line says what is wrong, and nothing is written."""
        folder = supplied(tmp_path, given, mapping=mapping)
        with pytest.raises(TableError, match=complaint):
            made(tmp_path, valuesets=folder)
        assert {path.name for path in tmp_path.iterdir()} == {"valuesets"}


class TestReadingAFolder:
    """A folder that cannot be relied on is refused by file and row."""

    @pytest.mark.parametrize(
        ("file", "change", "complaint"),
        [
            (
                "rxnorm.csv",
                lambda lines: [*lines[:3], lines[3].replace(",BN,", ",ZZ,")],
                "rxnorm.csv: row 1: tty",
            ),
            ("rxnorm.csv", lambda lines: [*lines, "x,IN,a,,,,,,,,a,s"], "rxcui is no number"),
            ("rxnorm.csv", lambda lines: [*lines, "99,SCD,a,1|2,,,,,,,a,s"], "strengths do not fit"),
            ("rxnorm.csv", lambda lines: [*lines, "99,SCD,a,one,,,,,,,a,s"], "strengths are no numbers"),
            ("rxnorm.csv", lambda lines: [*lines, lines[-1]], "rxcui is there twice"),
            ("rxnorm.csv", lambda lines: [*lines, "99,IN,,,,,,,,,a,s"], "ingredients is empty"),
            ("ndc.csv", lambda lines: [*lines, "99999999999,4"], r"ndc\.csv: row \d+: expected 11 digits"),
            ("ndc.csv", lambda lines: [*lines, "00000000000,36437"], "not in the order"),
            ("names.csv", lambda lines: [*lines, "a,b"], r"names\.csv: row \d+: 8 columns expected, 2 found"),
            ("ingredients.csv", lambda lines: lines[:-1], "ingredients.csv: no row for zuranolone"),
            ("snomed_conditions.csv", lambda lines: lines[:5], "snomed_conditions.csv: no row for"),
            ("snomed_drugs.csv", lambda lines: lines[:5], "snomed_drugs.csv: no row for"),
            ("loinc.csv", lambda lines: lines[:5], "loinc.csv: no row for"),
            ("procedures.csv", lambda lines: lines[:5], "procedures.csv: no row for"),
        ],
    )
    def test_a_bad_row_is_named(
        self, tmp_path: Path, file: str, change: Callable[[list[str]], list[str]], complaint: str
    ) -> None:
        """A row that cannot be read, or the lack of one that the rules rely on, stops the reading."""
        folder = tmp_path / "terminology"
        copytree(str(SHIPPED), folder)
        changed(folder / file, change)
        with pytest.raises(TableError, match=complaint):
            load_terminology(folder)

    @pytest.mark.parametrize("file", sorted(p.name for p in SHIPPED.iterdir() if p.name.endswith(".csv")))
    def test_a_missing_table_is_named(self, tmp_path: Path, file: str) -> None:
        """No table may be missing."""
        folder = tmp_path / "terminology"
        copytree(str(SHIPPED), folder)
        (folder / file).unlink()
        with pytest.raises(TableError, match=rf"^{file}: missing$"):
            load_terminology(folder)

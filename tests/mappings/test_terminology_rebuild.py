"""Making the tables from a folder of source tables: the same bytes each time, and the splits by meaning."""

import csv
from pathlib import Path

import pytest

from mappings.rebuild.__main__ import main

DRUG_COLUMNS = (
    "rxcui", "tty", "name", "ingredient", "precise_ingredient", "strength_value", "strength_unit",
    "dose_form", "release_type", "release_hours", "route", "brand", "pack_components", "hint_reason",
    "source",
)  # fmt: skip

SOURCES = {
    "rxnorm_antidepressants.csv": [
        ",".join(DRUG_COLUMNS),
        "36437,IN,sertraline,sertraline,,,,,,,,,,,VSAC-eCQM(2024)",
        "312938,SCD,sertraline 100 MG,sertraline,,100,MG,Oral Tablet,IR,,oral,,,,VSAC-eCQM(2024)",
        "208149,SBD,[Zoloft],sertraline,,100,MG,Oral Tablet,IR,,oral,Zoloft,,,OHDSI-PhenotypeLibrary",
        "82728,BN,Zoloft,sertraline,,,,,,,,Zoloft,,,OHDSI-PhenotypeLibrary",
        "865206,SCD,patch,selegiline,,0.25,MG/HR,Transdermal System,transdermal,24,transdermal,,,,VSAC-eCQM",
    ],
    "rxnorm_other.csv": [",".join(DRUG_COLUMNS)],
    "ndc_rxcui.csv": ["ndc11,rxcui", "00000000002,208149", "00000000001,312938"],
    "drug_text_names.csv": ["term,kind,ingredient,source", "Zoloft,brand,sertraline,RxNorm"],
    "snomed_conditions.csv": [
        "group,code,display,source",
        "mdd_remission,33135002,Recurrent major depression in partial remission (disorder),VSAC-eCQM",
        "mdd_remission,46244001,Recurrent major depression in full remission (disorder),VSAC-eCQM",
        "depressive_other,428181000124104,Depression screening positive (finding),VSAC-eCQM",
    ],
    "loinc.csv": [
        "concept,code,display,source",
        "phq9_item9,44260-8,Thoughts that you would be better off dead,HL7-US-Core",
        "heart_rate,8867-4,Heart rate,HL7-US-Core",
    ],
    "procedures.csv": [
        "concept,system,code,source",
        "ect,http://snomed.info/sct,23835007,OHDSI-PhenotypeLibrary",
        "ect,http://www.ama-assn.org/go/cpt,90870,a list",
    ],
}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder of small source tables."""
    folder = tmp_path / "sources"
    folder.mkdir()
    for file, lines in SOURCES.items():
        (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def built(sources: Path, target: Path) -> dict[str, bytes]:
    """What a rebuild writes, by file name."""
    target.mkdir()
    assert main([str(sources), str(target)]) == 0
    return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


def rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a written table."""
    return list(csv.DictReader(line for line in content.decode().splitlines() if not line.startswith("#")))


def test_same_sources_same_bytes(sources: Path, tmp_path: Path) -> None:
    """Two runs write the same bytes, in any order of the source rows."""
    first = built(sources, tmp_path / "first")
    for file, lines in SOURCES.items():
        (sources / file).write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    assert built(sources, tmp_path / "second") == first


def test_drugs(sources: Path, tmp_path: Path) -> None:
    """A patch is counted per 24 hours, and a brand name carries what all its products share."""
    found = {row["rxcui"]: row for row in rows(built(sources, tmp_path / "made")["rxnorm.csv"])}
    assert (found["865206"]["strengths"], found["865206"]["unit"]) == ("6", "patch")
    assert (found["82728"]["form"], found["82728"]["route"], found["82728"]["strengths"]) == (
        "IR",
        "oral",
        "",
    )
    assert found["312938"]["source"] == "ecqm-2026"


def test_conditions_are_split_by_meaning(sources: Path, tmp_path: Path) -> None:
    """One source group becomes two of ours, a finding that is no diagnosis is left out, no name is kept."""
    table = built(sources, tmp_path / "made")["snomed_conditions.csv"]
    groups = {row["code"]: row["groups"] for row in rows(table)}
    assert groups["33135002"] == "mdd_partial_remission"
    assert groups["46244001"] == "mdd_full_remission"
    assert "428181000124104" not in groups
    assert b"Recurrent" not in table


def test_unneeded_and_unlicensed_codes_are_left_out(sources: Path, tmp_path: Path) -> None:
    """Measurements that no rule asks for and CPT codes are not written."""
    made = built(sources, tmp_path / "made")
    assert b"44260-8,phq9-item9" in made["loinc.csv"]
    assert b"8867-4" not in made["loinc.csv"]
    assert b"90870" not in made["procedures.csv"]


def test_usage() -> None:
    """Without a source folder the command says how it is used and fails."""
    assert main([]) == 2

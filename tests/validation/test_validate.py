"""`ketamine-cds validate`: a screening against a key, as a page, as JSON, and on the basis pages."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from mappings.knowledge import load_knowledge
from service.cli import Exit, main
from service.settings import SettingsError, read_settings
from service.synth.export import KEY_COLUMNS, PopulationOrder, write_population
from service.validation.key import COLUMNS
from service.validation.report import read_report, site_report
from service.web.basis.library import library

DAY = "2026-11-02"
Row = dict[str, str]


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty made-up patients and their screening, in one folder."""
    folder = tmp_path_factory.mktemp("validate")
    write_population(PopulationOrder(seed=11, patients=40, folder=folder / "made-up", packed=True))
    asked = [
        "screen",
        str(folder / "made-up"),
        "-o",
        str(folder / "screened"),
        "--as-of",
        DAY,
        "--processes",
        "1",
    ]
    assert main(asked) == Exit.DONE
    return folder


@pytest.fixture
def truth(screened: Path) -> list[Row]:
    """The key that came with the patients."""
    with gzip.open(screened / "made-up" / "truth" / "key.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def run(screened: Path, key: Path, out: Path) -> int:
    """Validate a file."""
    return main(["validate", str(key), str(screened / "screened"), "-o", str(out)])


def written(rows: list[Row], path: Path, delimiter: str = ",") -> Path:
    """The rows as a key."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_columns_are_those_that_synth_writes() -> None:
    """The generator imports nothing of what reads keys; both speak of the same columns."""
    assert COLUMNS == KEY_COLUMNS


def test_the_truth_of_made_up_patients_agrees(screened: Path, tmp_path: Path) -> None:
    """The key that `synth` wrote is read as it is, packed; nothing differs."""
    key = screened / "made-up" / "truth" / "key.csv.gz"
    assert run(screened, key, tmp_path / "out") == Exit.DONE
    report = read_report(tmp_path / "out" / "agreement.json")
    assert (report.patients, report.disagreements, report.not_found) == (40, (), ())
    assert report.conclusion.kappa == report.trials.kappa == 1
    assert {row.about for row in report.conclusions} == {"recommend", "caution", "insufficient-data", "none"}
    assert len(report.drugs) > 5
    assert "There is no disagreement." in (tmp_path / "out" / "agreement.html").read_text()


def test_every_disagreement_is_told_with_both_reasons(
    screened: Path, truth: list[Row], tmp_path: Path
) -> None:
    """A changed verdict, a drug that the reader did not see, one that only the reader saw."""
    conclusion = next(row for row in truth if row["item"] == "conclusion" and row["verdict"] == "none")
    conclusion |= {"verdict": "caution", "reason": "<b>I say so</b>"}
    unseen = next(row for row in truth if row["verdict"] == "counted")
    truth.remove(unseen)
    only = {**conclusion, "item": "Marplan", "verdict": "possible", "reason": "a letter"}
    assert run(screened, written([*truth, only], tmp_path / "key.csv"), tmp_path / "out") == Exit.DONE
    found = json.loads((tmp_path / "out" / "agreement.json").read_bytes())["disagreements"]
    told = {(row["item"], row["key"], row["service"]): row for row in found}
    assert told.keys() == {
        ("conclusion", "caution", "none"),
        (unseen["item"], "not-counted", "counted"),
        ("isocarboxazid", "possible", "not-counted"),
    }
    assert told["conclusion", "caution", "none"]["key_reason"] == "<b>I say so</b>"
    assert "possible" in told["conclusion", "caution", "none"]["service_reason"]
    assert "qualifying days" in told[unseen["item"], "not-counted", "counted"]["service_reason"]
    page = (tmp_path / "out" / "agreement.html").read_text()
    assert "&lt;b&gt;I say so&lt;/b&gt;" in page
    assert "<b>" not in page


def test_what_was_not_scored_or_not_screened_is_told(
    screened: Path, truth: list[Row], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Empty verdicts are counted, unknown patients named; semicolons and a byte order mark are read."""
    first = truth[0]["patient"]
    rows = [row for row in truth if row["patient"] == first]
    rows += [{**rows[0], "patient": "Patient/nobody"}, {**rows[0], "patient": "somebody", "verdict": ""}]
    key = written(rows, tmp_path / "key.csv", ";")
    key.write_bytes(b"\xef\xbb\xbf" + key.read_bytes())
    assert run(screened, key, tmp_path / "out") == Exit.DONE
    report = read_report(tmp_path / "out" / "agreement.json")
    assert (report.patients, report.left_empty, report.not_found) == (1, 1, ("nobody",))
    assert "1 scored patients are not in the results" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("member", "value", "complaint"),
    [
        ("patient", "", "line 2, patient: expected the id of a patient"),
        ("as_of", "2 November", "line 2, as_of: expected a day, YYYY-MM-DD"),
        ("item", "aspirin", "line 2, item: expected conclusion or the name of an antidepressant"),
        (
            "verdict",
            "counted",
            "line 2, verdict: expected recommend, caution, insufficient-data, none or nothing",
        ),
        ("verdict", "", "expected a line with a verdict, found none"),
        ("as_of", "2020-01-01", "found none of them there"),
    ],
)
def test_a_key_that_does_not_fit(
    screened: Path, truth: list[Row], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    member: str, value: str, complaint: str,
) -> None:  # fmt: skip
    """One line names file, line and column; nothing is written."""
    key = written([truth[0] | {member: value}], tmp_path / "key.csv")
    assert run(screened, key, tmp_path / "out") == Exit.BAD_INPUT
    told = capsys.readouterr().err
    assert "key.csv" in told
    assert told.endswith(f"{complaint}\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"\x1f\x8bno gzip"])
def test_no_key_at_all(screened: Path, tmp_path: Path, content: bytes) -> None:
    """What is no such CSV is the caller's fault."""
    key = tmp_path / "key.csv"
    key.write_bytes(content)
    assert run(screened, key, tmp_path / "out") == Exit.BAD_INPUT


def test_a_verdict_that_stands_twice(screened: Path, truth: list[Row], tmp_path: Path) -> None:
    """Two verdicts of one reader on one thing are not chosen between."""
    assert (
        run(screened, written([truth[0], truth[0]], tmp_path / "key.csv"), tmp_path / "out") == Exit.BAD_INPUT
    )


def test_a_folder_without_a_finished_screening(
    screened: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is half-written is not taken for results."""
    key = screened / "made-up" / "truth" / "key.csv.gz"
    assert main(["validate", str(key), str(tmp_path), "-o", str(tmp_path / "out")]) == Exit.BAD_INPUT
    assert "expected the folder of a finished screening" in capsys.readouterr().err
    for name in ("account.json", "patients.parquet", "trials.parquet"):
        (tmp_path / name).write_bytes(b"PAR1")
    assert main(["validate", str(key), str(tmp_path), "-o", str(tmp_path / "out")]) == Exit.BAD_INPUT
    assert "expected Parquet as `screen` writes it" in capsys.readouterr().err


def test_the_basis_pages_tell_the_report_of_the_site(screened: Path, tmp_path: Path) -> None:
    """With day and size and no patient; without one they say that there is none."""
    knowledge = load_knowledge()
    assert "none yet" in library(knowledge, "default").index.validation[-1]
    key = screened / "made-up" / "truth" / "key.csv.gz"
    assert run(screened, key, tmp_path) == Exit.DONE
    report = site_report(read_settings({"KETAMINE_CDS_VALIDATION_REPORT": str(tmp_path / "agreement.json")}))
    assert report is not None
    made = library(knowledge, "default", report=report)
    for texts in (made.index.validation, *(page.validation for page in made.pages.values())):
        (told,) = (text for text in texts if "by hand" in text)
        assert f"{report.made_on}: 40 patients" in told
        assert "1.00" in told
        assert "synth" not in told


@pytest.mark.parametrize("content", ["{}", "no JSON", '{"version": 1}'])
def test_a_file_that_is_no_report_stops_the_start(tmp_path: Path, content: str) -> None:
    """The complaint names the variable."""
    (tmp_path / "agreement.json").write_text(content)
    with pytest.raises(SettingsError, match=r"KETAMINE_CDS_VALIDATION_REPORT: .*agreement\.json: expected"):
        site_report(read_settings({"KETAMINE_CDS_VALIDATION_REPORT": str(tmp_path / "agreement.json")}))

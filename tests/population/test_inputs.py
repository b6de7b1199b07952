"""What a screening can be given, and the one line for what it cannot."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.population.export import rows, screened, write_export
from tests.vignettes.build import record
from tests.vignettes.cases import all_cases
from tests.vignettes.fhir import Dialect

DAY = date(2026, 11, 2)
RESOURCES = record(all_cases()[0], DAY, Dialect.PLAIN)


def manifest(folder: Path, **members: Any) -> Path:
    """Write the export of a patient and its manifest, with other members as asked."""
    write_export(folder, [RESOURCES])
    output = [
        {"type": file.stem, "url": f"https://ehr.example.org/bulk/{file.name}?token=x"}
        for file in sorted(folder.glob("*.ndjson"))
        if file.stat().st_size
    ]
    path = folder / "manifest.json"
    request = "https://ehr.example.org/fhir/Group/1/$export?_type=Patient,Condition,AllergyIntolerance"
    path.write_text(
        json.dumps(
            {"transactionTime": "2026-11-02T00:00:00Z", "request": request, "output": output, "error": []}
            | members
        ),
        encoding="utf-8",
    )
    return path


def refused(given: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line with which a screening is refused, with exit code 2."""
    screened(given, "-o", tmp_path / "out", "--as-of", str(DAY), "--processes", "1", code=2)
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert not list((tmp_path / "out").glob("*.parquet"))
    return said.err


@pytest.mark.parametrize("given", ["manifest.json", "."])
def test_a_manifest_names_the_files(tmp_path: Path, given: str) -> None:
    """Given itself or in its folder; what it does not name is not read; pages are followed."""
    first = manifest(
        tmp_path / "in", link=[{"relation": "next", "url": "https://ehr.example.org/bulk/more.json"}]
    )
    more = {"transactionTime": "2026-11-02T00:00:00Z", "output": [{"type": "Patient", "url": "more.ndjson"}]}
    (first.parent / "more.json").write_text(json.dumps(more), encoding="utf-8")
    (first.parent / "more.ndjson").write_text(
        '{"resourceType": "Patient", "id": "second"}\n', encoding="utf-8"
    )
    (first.parent / "stray.ndjson").write_text(
        '{"resourceType": "Patient", "id": "stray"}\n', encoding="utf-8"
    )
    screened(first.parent / given, "-o", tmp_path / "out", "--as-of", str(DAY), "--processes", "1")
    found = {row["patient"]: row for row in rows(tmp_path / "out")}
    assert len(found) == 2
    assert "AllergyIntolerance" not in found["Patient/second"]["lists_not_complete"]


def test_errors_that_the_server_reports_stop_a_screening(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An export that lacks something is not taken for whole; mere information is no error."""
    path = manifest(tmp_path / "in", error=[{"type": "OperationOutcome", "url": "errors.ndjson"}])
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    errors = path.parent / "errors.ndjson"
    errors.write_text(f"{json.dumps(outcome)}\n", encoding="utf-8")
    assert "the server reports 1 errors in errors.ndjson" in refused(path, tmp_path, capsys)
    errors.write_text(json.dumps(outcome).replace('"error"', '"information"'), encoding="utf-8")
    screened(path, "-o", tmp_path / "out", "--as-of", str(DAY), "--processes", "1")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (
            {"output": [{"type": "Patient", "url": "lost.ndjson"}]},
            "names lost.ndjson, which is not beside it",
        ),
        (
            {"output": [{"type": "Patient", "url": "../../etc/passwd"}]},
            "names passwd, which is not beside it",
        ),
        ({"deleted": [{"type": "Bundle", "url": "gone.ndjson"}]}, "expected a whole export"),
        ({"output": [{"type": "Patient", "url": "Patient.ndjson", "count": 7}]}, "its manifest says 7"),
        ({"output": 5}, "expected the manifest of a Bulk Data export"),
    ],
)
def test_a_manifest_that_does_not_fit_its_files_is_refused(
    members: dict[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files that are missing or cut off, and changes in place of an export."""
    assert said in refused(manifest(tmp_path / "in", **members), tmp_path, capsys)


def test_files_that_cannot_be_read_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing, empty, of another kind, or packed and cut off."""
    assert "no such file or folder" in refused(tmp_path / "nothing", tmp_path, capsys)
    (tmp_path / "empty").mkdir()
    assert "expected NDJSON files, Bundles or a manifest" in refused(tmp_path / "empty", tmp_path, capsys)
    (tmp_path / "notes.txt").touch()
    assert "expected a file named .ndjson or .json" in refused(tmp_path / "notes.txt", tmp_path, capsys)
    cut = tmp_path / "Patient.ndjson.gz"
    cut.write_bytes(gzip.compress(json.dumps(RESOURCES[0]).encode())[:-12])
    assert "Patient.ndjson.gz: cannot be read to its end" in refused(cut, tmp_path, capsys)
    cut = tmp_path / "Patient.ndjson.zst"
    cut.write_bytes(b"\x28\xb5\x2f\xfd\x24\x99\x99")
    assert "Patient.ndjson.zst: cannot be read to its end" in refused(cut, tmp_path, capsys)

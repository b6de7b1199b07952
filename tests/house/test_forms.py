"""What the host of the repository reads: forms for reports, how to cite."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.served import REPOSITORY

CHECK = Path(sys.executable).with_name("check-jsonschema")
FORMS = REPOSITORY / ".github" / "ISSUE_TEMPLATE"
CITATION = REPOSITORY / "CITATION.cff"
REPORTS = sorted(FORMS.glob("[!c]*.yml"))
SCHEMAS = {
    "vendor.github-issue-forms": REPORTS,
    "vendor.github-issue-config": [FORMS / "config.yml"],
    "vendor.citation-file-format": [CITATION],
}


def validated(schema: str, *files: Path) -> int:
    """Hold files against a schema that the checker brings; return its exit code."""
    command: list[str | Path] = [CHECK, "--builtin-schema", schema, *files]
    return subprocess.run(command, capture_output=True).returncode


def read(file: Path) -> Any:
    """Return what a YAML file says."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_files_fit_their_schemas(schema: str, tmp_path: Path) -> None:
    """Each file is valid, and would not be with a member that nobody knows."""
    files = SCHEMAS[schema]
    assert validated(schema, *files) == 0
    broken = tmp_path / files[0].name
    broken.write_text(files[0].read_text(encoding="utf-8") + "unheard_of: 1\n", encoding="utf-8")
    assert validated(schema, broken) != 0


def test_there_is_a_form_for_each_kind_of_report() -> None:
    """A wrong card, a missing drug and an EHR that does not fit have a form each."""
    assert [file.stem for file in REPORTS] == ["integration", "new-drug", "wrong-card"]


@pytest.mark.parametrize("file", REPORTS, ids=lambda file: file.stem)
def test_a_form_that_takes_records_asks_for_made_up_ones(file: Path) -> None:
    """Where a record or a log may be pasted, the form says first that no patient's data belong there."""
    fields = read(file)["body"]
    pasted = [each["id"] for each in fields if each.get("attributes", {}).get("render") == "json"]
    assert pasted
    told = file.read_text(encoding="utf-8").lower()
    assert "made-up" in told or "made up" in told or "no data of patients" in told


def test_the_version_to_cite_is_the_one_of_the_package() -> None:
    """CITATION.cff names version and licence as pyproject.toml does."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = read(CITATION)
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])

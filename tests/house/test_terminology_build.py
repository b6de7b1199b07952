"""`ketamine-cds terminology build`, and a service that uses the folder."""

import json
from pathlib import Path
from shutil import copytree

import pytest
import requests

from tests.house.test_cli import ketamine_cds, refused
from tests.served import REPOSITORY, running

RELEASE = REPOSITORY / "tests" / "mappings" / "data" / "rxnorm"
NEW_CODE = "90000004"  # of the small release, in no shipped table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder built from the small release."""
    out = tmp_path_factory.mktemp("site") / "terminology"
    done = ketamine_cds("terminology", "build", "--rxnorm", RELEASE, "--out", out)
    assert done.code == 0, done.err
    assert "reading RxNorm" in done.err
    assert "-> antidepressant sertraline" in done.out
    return out


def test_the_service_uses_the_folder_that_was_built(folder: Path) -> None:
    """A code that only the release holds is known once the setting points to the folder."""
    found = ketamine_cds("codes", NEW_CODE, "--format", "json", TERMINOLOGY_DIR=str(folder))
    assert json.loads(found.out)["codes"][0]["found"][0]["ingredients"] == ["sertraline"]
    assert json.loads(ketamine_cds("codes", NEW_CODE, "--format", "json").out)["codes"][0]["found"] == []
    with running({"KETAMINE_CDS_TERMINOLOGY_DIR": str(folder)}) as started:
        assert requests.get(f"{started.url}/cds-services", timeout=5).status_code == 200


def test_a_folder_that_cannot_be_used_stops_the_start_in_one_line(folder: Path, tmp_path: Path) -> None:
    """The line names the variable, the file and the row."""
    damaged = tmp_path / "terminology"
    copytree(folder, damaged)
    table = damaged / "rxnorm.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",IN,", ",XX,", 1), encoding="utf-8")
    for command in (("serve",), ("codes", "36437")):
        line = refused(ketamine_cds(*command, TERMINOLOGY_DIR=str(damaged)))
        assert line.startswith("ketamine-cds: KETAMINE_CDS_TERMINOLOGY_DIR: rxnorm.csv: row ")
    table.unlink()
    assert "rxnorm.csv: missing" in refused(ketamine_cds("serve", TERMINOLOGY_DIR=str(damaged)))


def test_building_does_not_need_the_folder_to_be_there(tmp_path: Path) -> None:
    """The setting may point to the folder that is about to be built."""
    folder = tmp_path / "terminology"
    done = ketamine_cds(
        "terminology", "build", "--rxnorm", RELEASE, "--out", folder, TERMINOLOGY_DIR=str(folder)
    )
    assert done.code == 0


def test_a_release_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    """Nothing is written, and the last line says what is missing."""
    done = ketamine_cds("terminology", "build", "--rxnorm", tmp_path, "--out", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert "RXNCONSO.RRF missing" in done.err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
    assert "--rxnorm" in refused(ketamine_cds("terminology", "build"))

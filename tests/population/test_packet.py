"""Charts for a clinician to score: whose, what they show, and what they do not."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from service.cli import main
from service.clinical.assessment import Conclusion
from tests.population.export import by_patient, numbered, screened, write_export
from tests.vignettes.build import record
from tests.vignettes.cases import all_cases
from tests.vignettes.fhir import Dialect

DAY = date(2026, 11, 2)
CASES = all_cases()[::40]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A screening with a packet of six charts."""
    folder = tmp_path_factory.mktemp("packet")
    patients = [numbered(record(case, DAY, Dialect.AWKWARD), n) for n, case in enumerate(CASES)]
    export = write_export(folder / "export", patients)
    asked = ("--sample", "6", "--packet", folder / "packet", "--as-of", str(DAY), "--processes", "1")
    screened(export, "-o", folder / "out", *asked)
    return folder


def key(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the key."""
    with (folder / "packet" / "key.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_conclusion_is_among_the_charts(folders: Path) -> None:
    """A sample of a few holds the rare conclusions too; the key beside it has a line for each chart."""
    found = by_patient(folders / "out")
    there = {row["conclusion"] for row in found.values()}
    assert {found[row["patient"]]["conclusion"] for row in key(folders)} == there
    assert len(there) > 2
    assert len(list((folders / "packet").glob("0*.html"))) == len(key(folders)) == 6


def test_a_chart_shows_the_record_and_no_verdict(folders: Path) -> None:
    """Medicines stand there by name, also those of a Medication; no conclusion, flag or gap does."""
    pages = [page.read_text(encoding="utf-8") for page in sorted((folders / "packet").glob("0*.html"))]
    assert any("sertraline" in page.lower() for page in pages)
    assert all("Patient" in page and "Condition" in page for page in pages)
    verdicts = [*Conclusion, "not-counted", "counted", r"CI-\w+", r"\w+-UNK", "GATE-"]
    verdicts.remove(Conclusion.NONE)
    for page in pages:
        assert not re.search(rf"\b({'|'.join(verdicts)})\b", page)


def test_the_filled_key_is_what_validate_takes(folders: Path) -> None:
    """Filled in with what the screening said, it agrees in all."""
    found = by_patient(folders / "out")
    filled = folders / "filled.csv"
    with filled.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(key(folders)[0]))
        writer.writeheader()
        for row in key(folders):
            writer.writerow(row | {"verdict": found[row["patient"]]["conclusion"]})
    assert main(["validate", str(filled), str(folders / "out"), "-o", str(folders / "agreement")]) == 0


def test_how_many_and_where_go_together(tmp_path: Path) -> None:
    """One without the other is refused."""
    screened(tmp_path, "-o", tmp_path / "out", "--sample", "6", code=2)

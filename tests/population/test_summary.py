"""The summary: what it counts, and what it does not give away."""

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from service.population.suppression import Cell, Sum, hidden_cells
from tests.population.export import numbered, rows, screened, write_export
from tests.vignettes.build import record
from tests.vignettes.cases import all_cases
from tests.vignettes.fhir import Dialect

DAY = date(2026, 11, 2)
CASES = [case for case in all_cases() if case.name.startswith(("01-published", "08-safety"))]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A screening of a few dozen patients, of whom the site says in which clinic they are."""
    folder = tmp_path_factory.mktemp("summary")
    patients = [numbered(record(case, DAY, Dialect.PLAIN), n) for n, case in enumerate(CASES)]
    strata = folder / "clinics.csv"
    lines = [f"Patient/vignette-{n},{'north' if n % 3 else 'south'}" for n in range(len(patients))]
    strata.write_text("\n".join(["patient,clinic", *lines]), encoding="utf-8")
    export = write_export(folder / "export", patients)
    screened(export, "-o", folder / "out", "--as-of", str(DAY), "--processes", "1", "--strata", strata)
    return folder / "out"


def told(out: Path) -> dict[str, Any]:
    """Return the one summary."""
    (found,) = json.loads((out / "summary.json").read_bytes())["summaries"]
    answer: dict[str, Any] = found
    return answer


def test_the_numbers_are_those_of_the_rows(out: Path) -> None:
    """What is told is what the rows add up to; each patient stays at one step."""
    summary, found = told(out), rows(out)
    assert summary["patients"] == len(found) == len(CASES) > 40
    cards = Counter(kind for row in found for kind in row["cards"])
    for card in summary["cards"]:
        if card["kind"] in cards and card["patients"] is not None:
            assert card["patients"] == cards[card["kind"]]
            assert card["per_1000"] == round(1000 * cards[card["kind"]] / len(found), 1)
    gaps = Counter(gap for row in found for gap in set(row["gaps"]))
    shown = {gap["id"]: gap["patients"] for gap in summary["gaps"] if gap["patients"] is not None}
    assert shown
    assert shown == {gap: gaps[gap] for gap in shown}
    assert [step["step"] for step in summary["steps"]][-1] == "recommend"
    assert {row["stratum"] for row in summary["strata"]} == {"sex", "age", "clinic"}


def test_no_number_of_few_people_is_told(out: Path) -> None:
    """Nowhere in the file stands a number of patients from 1 to 10."""

    def numbers(value: Any, name: str = "") -> list[int]:
        if isinstance(value, Mapping):
            return [n for key, inner in value.items() for n in numbers(inner, key)]
        if isinstance(value, list):
            return [n for inner in value for n in numbers(inner, name)]
        return [value] if isinstance(value, int) and name != "other_names" else []

    assert not [n for n in numbers(told(out)) if 0 < n <= 10]
    assert any(step["here"] is None for step in told(out)["steps"])


def test_the_page_asks_and_answers_the_three_questions(out: Path) -> None:
    """It stands alone, says what each number is, and draws it."""
    page = (out / "summary.html").read_text(encoding="utf-8")
    for words in (
        "How far do patients come?",
        "How often would it speak",
        "What is missing?",
        "not told",
        "north",
    ):
        assert words in page
    assert page.count("<svg") == 3
    assert "src=" not in page
    assert "<script" not in page


def test_strata_that_are_no_table_of_patients_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says what was expected."""
    export = write_export(tmp_path / "in", [record(CASES[0], DAY, Dialect.PLAIN)])
    file = tmp_path / "clinics.csv"
    file.write_text("clinic\nnorth\n", encoding="utf-8")
    screened(export, "-o", tmp_path / "out", "--strata", file, code=2)
    assert "expected a CSV with the columns `patient`" in capsys.readouterr().err


def table(chance: random.Random) -> tuple[dict[Cell, int], list[Sum], Sequence[Cell]]:
    """Return a table of random numbers with its margins, and the inner cells."""
    height, width = chance.randrange(1, 5), chance.randrange(1, 5)
    inner: dict[Cell, int] = {
        ("cell", str(y), str(x)): chance.choice((0, 1, 3, 9, 15, 40))
        for y in range(height)
        for x in range(width)
    }
    values: dict[Cell, int] = {**inner}
    sums = []
    for axis, size in ((1, height), (2, width)):
        lines = []
        for n in range(size):
            parts = tuple(cell for cell in inner if cell[axis] == str(n))
            values["line", str(axis), str(n)] = sum(inner[cell] for cell in parts)
            lines.append(("line", str(axis), str(n)))
            sums.append(Sum(lines[-1], parts))
        values["all",] = sum(inner.values())
        sums.append(Sum(("all",), tuple(lines)))
    return values, sums, list(inner)


@pytest.mark.parametrize("seed", range(200))
def test_no_hidden_number_follows_from_one_sum(seed: int) -> None:
    """In no row, column or margin is one number hidden alone, nor are several few together."""
    values, sums, _ = table(random.Random(seed))
    hidden = hidden_cells(values, sums)
    assert {cell for cell, value in values.items() if 0 < value <= 10} <= hidden
    for each in sums:
        gone = [cell for cell in (each.total, *each.parts) if cell in hidden]
        assert len(gone) != 1, each
        if each.total not in hidden and gone:
            assert sum(values[cell] for cell in gone) > 10

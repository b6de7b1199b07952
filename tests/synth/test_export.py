"""`ketamine-cds synth`: a Bulk Data export that is whole, small, and the same each time, with its truth."""

import gzip
import json
from pathlib import Path

import pytest

from service.cli import Exit, main
from service.synth import export
from service.synth.export import KEY_COLUMNS, PopulationOrder, write_population

PATIENTS = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small export."""
    folder = tmp_path_factory.mktemp("synth") / "made-up"
    assert main(["synth", str(PATIENTS), "--seed", "3", "-o", str(folder)]) == Exit.DONE
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines(folder: Path, name: str) -> list[str]:
    """The lines of a packed file."""
    return gzip.decompress((folder / name).read_bytes()).decode().splitlines()


def test_the_manifest_names_every_file_with_its_lines(made: Path) -> None:
    """It has the shape of Bulk Data, and says that all of it is made up."""
    manifest = json.loads((made / "manifest.json").read_bytes())
    assert {"transactionTime", "request", "requiresAccessToken", "output", "error"} <= manifest.keys()
    assert "Made up" in manifest["extension"]["synthetic"]
    named = {file["url"] for file in manifest["output"]}
    assert named == {path.name for path in made.glob("*.ndjson.gz")}
    for file in manifest["output"]:
        resources = [json.loads(line) for line in lines(made, file["url"])]
        assert len(resources) == file["count"]
        assert {resource["resourceType"] for resource in resources} == {file["type"]}


def test_the_truth_tells_of_each_patient_once(made: Path) -> None:
    """One line a patient, and a key with a row for the conclusion and each antidepressant."""
    truths = [json.loads(line) for line in lines(made, "truth/truth.ndjson.gz")]
    patients = [json.loads(line)["id"] for line in lines(made, "Patient.000000.ndjson.gz")]
    assert [truth["patient"] for truth in truths] == patients
    assert len(patients) == PATIENTS
    key = lines(made, "truth/key.csv.gz")
    assert key[0] == ",".join(KEY_COLUMNS)
    assert len(key) == 1 + PATIENTS + sum(len(truth["courses"]) for truth in truths)


def test_a_patient_takes_less_than_ten_kilobytes(made: Path) -> None:
    """All files together, as they are written."""
    assert sum(map(len, contents(made).values())) / PATIENTS < 10_000


def test_the_same_seed_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    """A second run writes them anew, without gzip the same lines, another seed other ones."""
    orders = [
        PopulationOrder(seed=seed, patients=PATIENTS, folder=tmp_path / name, packed=name != "plain")
        for seed, name in ((3, "again"), (3, "plain"), (4, "other"))
    ]
    for order in orders:
        write_population(order)
    assert contents(orders[0].folder) == contents(made)
    plain = (orders[1].folder / "Condition.000000.ndjson").read_text().splitlines()
    assert (
        plain
        == lines(made, "Condition.000000.ndjson.gz")
        != lines(orders[2].folder, "Condition.000000.ndjson.gz")
    )


def test_many_processes_make_the_same_patients(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks only part the files."""
    monkeypatch.setattr(export, "BLOCK", 25)
    write_population(PopulationOrder(seed=3, patients=PATIENTS, folder=tmp_path / "parted", packed=True))
    parted = sorted((tmp_path / "parted").glob("Observation.*"))
    assert len(parted) == 3
    whole = [line for path in parted for line in lines(path.parent, path.name)]
    assert whole == lines(made, "Observation.000000.ndjson.gz")
    for name in ("truth/truth.ndjson.gz", "truth/key.csv.gz"):
        assert lines(tmp_path / "parted", name) == lines(made, name)


def test_a_folder_with_something_in_it_is_left_alone(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The complaint is one line, and the exit code that of the caller's fault."""
    before = contents(made)
    assert main(["synth", "5", "-o", str(made)]) == Exit.BAD_INPUT
    assert capsys.readouterr().err.endswith("made-up: expected a new or empty folder\n")
    assert contents(made) == before


def test_what_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder stands there that could be taken for whole."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "_manifest", full)
    with pytest.raises(OSError, match="No space"):
        write_population(PopulationOrder(seed=1, patients=3, folder=tmp_path / "made-up", packed=True))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5", "9999999999"])
def test_no_number_of_patients(number: str, tmp_path: Path) -> None:
    """What is no whole number of at least one is refused."""
    assert main(["synth", number, "-o", str(tmp_path / "made-up")]) == Exit.BAD_INPUT

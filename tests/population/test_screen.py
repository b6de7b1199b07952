"""What a screening does with its input, whatever its shape and whatever happens on the way."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from service.assess import assess as real_assess
from service.population import spill, tasks
from service.population.files import write as real_write
from service.population.patient import screen_patient
from service.population.progress import Progress
from service.population.reading import read_line
from tests.population.export import Json, bundle_of, by_patient, numbered, rows, screened, write_export
from tests.served import COMMAND, environment
from tests.vignettes.build import record
from tests.vignettes.cases import all_cases
from tests.vignettes.fhir import PATIENT, Dialect

DAY = date(2026, 11, 2)
AS_OF = ("--as-of", str(DAY), "--processes", "1")
CASES = [case for case in all_cases() if case.name.startswith("01-published") and not case.not_retrievable][
    :12
]


@pytest.fixture(scope="module")
def patients() -> list[list[Json]]:
    """A dozen patients, with Medications of their own that their orders refer to."""
    return [numbered(record(case, DAY, Dialect.AWKWARD), n) for n, case in enumerate(CASES)]


@pytest.fixture(scope="module")
def plain(patients: list[list[Json]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of the patients, as NDJSON by type."""
    return write_export(tmp_path_factory.mktemp("plain"), patients)


@pytest.fixture(scope="module")
def answer(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What screening that export gives."""
    out = tmp_path_factory.mktemp("answer") / "out"
    screened(plain, "-o", out, *AS_OF)
    return out


def account(out: Path) -> dict[str, Any]:
    """Return the account of the answer."""
    found: dict[str, Any] = json.loads((out / "account.json").read_bytes())
    return found


def whole(out: Path) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of an answer, without the places of lines, in an order of their own."""
    answers = {name: rows(out, name) for name in ("patients", "trials", "unreadable")}
    for row in answers["unreadable"]:
        del row["file"], row["byte"]
    return {name: sorted(found, key=repr) for name, found in answers.items()}


def ndjson(resources: Sequence[Json]) -> bytes:
    """Return resources as lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in resources)


def test_medications_of_all_patients_reach_those_that_refer_to_them(answer: Path) -> None:
    """Orders that name their medicine by reference give trials."""
    assert {row["ingredient"] for row in rows(answer, "trials")} >= {"sertraline", "venlafaxine"}


def test_packed_split_and_mixed_files_give_the_same_rows(
    patients: list[list[Json]], answer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A patient's resources may be anywhere: packed, in several files, cut into ranges at any byte."""
    monkeypatch.setattr(tasks, "_LEAST_BYTES", 700)
    monkeypatch.setattr(spill, "MOST_BYTES", 3_000)
    everything = [resource for resources in patients for resource in resources]
    (tmp_path / "in").mkdir()
    for number in range(3):
        share = ndjson(everything[number::3])
        file = tmp_path / "in" / f"part-{number}.ndjson"
        match number:
            case 0:
                file.write_bytes(share.replace(b"\n", b"\r\n\n"))
            case 1:
                file.with_suffix(".ndjson.gz").write_bytes(gzip.compress(share))
            case _:
                packed = pyarrow.compress(share, "zstd", asbytes=True)
                file.with_suffix(".ndjson.zst").write_bytes(packed)
    (tmp_path / "in" / "Encounter.ndjson").touch()
    for kind in ("DeviceUseStatement", "MedicationAdministration", "MedicationStatement", "ServiceRequest"):
        (tmp_path / "in" / f"{kind}.ndjson").touch()
    for kind in ("Procedure", "QuestionnaireResponse", "MedicationDispense"):
        (tmp_path / "in" / f"{kind}.000.ndjson").touch()
    screened(tmp_path / "in", "-o", tmp_path / "out", "--as-of", str(DAY), "--processes", "2")
    assert whole(tmp_path / "out") == whole(answer)


def test_every_line_is_accounted_for(patients: list[list[Json]], tmp_path: Path) -> None:
    """Bad lines, lines of nobody and types that are not read are counted, the first two listed with place."""
    good = ndjson(patients[0])
    strange = [
        b"{not json\n",
        b'{"resourceType": "Observation", "id": "of-nobody", "status": "final"}\n',
        b'{"resourceType": "Claim", "id": "c1", "patient": {"reference": "Patient/1"}}\n',
        b'{"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}\n',
        b'{"no": "type"}\n',
        b"\n",
        b'{"resourceType": "Condition", "id": "x", "subject": {"reference": "Patient/new"}, '
        b'"verificationStatus": 1}\n',
    ]
    file = tmp_path / "all.ndjson"
    file.write_bytes(good + b"".join(strange))
    screened(file, "-o", tmp_path / "out", *AS_OF)
    lines = account(tmp_path / "out")["lines"]
    assert lines["lines"] == len(patients[0]) + 6
    assert (lines["blank"], lines["listed"], lines["ignored"]) == (1, 4, {"Claim": 1})
    assert lines["of_patients"] + lines["of_all"] == len(patients[0]) + 1
    listed = [row for row in rows(tmp_path / "out", "unreadable") if not row["patient"]]
    assert {row["byte"] for row in listed} == {len(good) + sum(map(len, strange[:n])) for n in (0, 1, 3, 4)}
    (told,) = [row for row in rows(tmp_path / "out", "unreadable") if row["patient"] == "Patient/new"]
    assert (told["reference"], told["file"]) == ("Condition/x", str(file))
    assert set(by_patient(tmp_path / "out")) == {f"Patient/{PATIENT}-0", "Patient/new"}


def test_a_type_that_the_export_does_not_hold_is_not_read_as_none(
    patients: list[list[Json]], tmp_path: Path
) -> None:
    """Without a line or a file of a type nothing says that patients have none of it."""
    file = tmp_path / "all.ndjson"
    file.write_bytes(ndjson([r for r in patients[0] if r["resourceType"] != "AllergyIntolerance"]))
    screened(file, "-o", tmp_path / "out", *AS_OF)
    (row,) = rows(tmp_path / "out")
    assert "AllergyIntolerance" in row["lists_not_complete"]
    assert row["conclusion"] != "recommend"


def test_an_earlier_day_does_not_see_what_was_recorded_later(
    patients: list[list[Json]], tmp_path: Path
) -> None:
    """A row a day: on the earlier one later entries are counted and not looked at; undated ones are."""
    early = {
        "resourceType": "AllergyIntolerance", "id": "later", "recordedDate": "2026-10-30",
        "patient": {"reference": f"Patient/{PATIENT}-0"}, "code": {"text": "ketamine"},
    }  # fmt: skip
    undated = {key: value for key, value in early.items() if key != "recordedDate"} | {"id": "undated"}
    out = tmp_path / "out"
    export = write_export(tmp_path / "in", [[*patients[0], early, undated]])
    screened(export, "-o", out, "--as-of", "2026-10-29,2026-10-30", "--processes", "1")
    before, after = sorted(rows(out), key=lambda row: row["as_of"])
    assert before["recorded_later"] == after["recorded_later"] + 1
    assert before["resources"] + 1 == after["resources"]
    assert before["undated"] == after["undated"] >= 1


def test_several_definitions_have_columns_of_their_own(plain: Path, answer: Path, tmp_path: Path) -> None:
    """What a definition decides stands once for each of them, all else once."""
    out = tmp_path / "out"
    screened(plain, "-o", out, *AS_OF, "--profile", "default", "--profile", "strict-payer")
    found = by_patient(out)
    for name, row in by_patient(answer).items():
        assert found[name]["conclusion_default"] == row["conclusion"]
        assert found[name]["resources"] == row["resources"]
    counted = [(row["counted_default"], row["counted_strict_payer"]) for row in found.values()]
    assert any(default != strict for default, strict in counted)


def test_a_patient_who_is_too_large_is_named_not_judged(
    patients: list[list[Json]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose rows pass the bound gets a row without a conclusion; the others are judged."""
    many = [
        {
            "resourceType": "Observation", "id": f"o{n}", "subject": {"reference": "Patient/fat"},
            "valueString": "x" * 99,
        }
        for n in range(300)
    ]  # fmt: skip
    monkeypatch.setattr(spill, "LARGEST_PATIENT", 20_000)
    export = write_export(tmp_path / "in", [patients[0], many])
    screened(export, "-o", tmp_path / "out", *AS_OF)
    found = by_patient(tmp_path / "out")
    assert (found["Patient/fat"]["not_assessed"], found["Patient/fat"]["conclusion"]) == ("too-large", None)
    assert found[f"Patient/{PATIENT}-0"]["conclusion"]


def test_a_fault_of_ours_costs_one_patient_and_is_told(
    plain: Path, answer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A patient at whom the assessment fails is never an empty row: it says so, and so does the exit code."""

    def assess(facts: Any, *others: Any) -> Any:
        if facts.person.reference.endswith("-3"):
            raise RuntimeError("a fault")
        return real_assess(facts, *others)

    monkeypatch.setattr("service.population.patient.assess", assess)
    screened(plain, "-o", tmp_path / "out", *AS_OF, code=1)
    found = by_patient(tmp_path / "out")
    failed = found.pop(f"Patient/{PATIENT}-3")
    assert (failed["not_assessed"], failed["conclusion"], failed["cards"]) == ("failed", None, None)
    assert account(tmp_path / "out")["failures"] == {"RuntimeError": 1}
    wanted = by_patient(answer)
    assert all(row == wanted[name] for name, row in found.items())


def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(
    plain: Path,
    answer: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line and exit code 1, nothing that looks finished, and only what was lost is done again."""
    out = tmp_path / "out"
    asked: list[str] = []

    def full(owner: str, *others: Any) -> Any:
        asked.append(owner)
        return screen_patient(owner, *others)

    def disk_full(path: Path, content: bytes) -> None:
        if len(asked) > 5:
            raise OSError(28, "No space left on device", str(path))
        real_write(path, content)

    monkeypatch.setattr("service.population.partitions.screen_patient", full)
    monkeypatch.setattr("service.population.partitions.write", disk_full)
    screened(plain, "-o", out, *AS_OF, code=1)
    assert "No space left on device" in capsys.readouterr().err
    assert not (out / "account.json").exists()
    assert not list(out.glob("*.parquet"))
    monkeypatch.setattr("service.population.partitions.write", real_write)
    before = len(asked)
    screened(plain, "-o", out, *AS_OF)
    assert whole(out) == whole(answer)
    assert len(asked) - before < len(CASES)
    assert sorted(path.name for path in out.iterdir()) == [
        "account.json", "patients.parquet", "summary.html", "summary.json",
        "trials.parquet", "unreadable.parquet",
    ]  # fmt: skip


def test_a_killed_run_is_resumed_without_loss_or_duplicates(
    plain: Path, answer: Path, tmp_path: Path
) -> None:
    """Whenever the processes are killed, the same command gives the same rows in the end."""
    out = tmp_path / "out"
    command = [str(COMMAND), "screen", str(plain), "-o", str(out), "--as-of", str(DAY), "--processes", "2"]
    for seen in ("rows/*.json", "*/0*.json"):
        killed = subprocess.Popen(
            command,
            env=environment({}),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not list((out / "unfinished").glob(seen)) and killed.poll() is None:
            time.sleep(0.01)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
    done = subprocess.run(command, env=environment({}), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert whole(out) == whole(answer)


def test_what_stands_is_told_again_and_not_overwritten(plain: Path, tmp_path: Path) -> None:
    """The same command is done at once; another screening needs another folder."""
    out = tmp_path / "out"
    screened(plain, "-o", out, *AS_OF)
    before = (out / "patients.parquet").stat().st_mtime_ns
    screened(plain, "-o", out, *AS_OF)
    assert (out / "patients.parquet").stat().st_mtime_ns == before
    screened(plain, "-o", out, "--as-of", "2026-11-03", code=2)


def test_kept_rows_are_screened_again_without_reading(
    plain: Path, answer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another day or definition reads no line again; a changed file and another reading do."""
    read: list[str] = []

    def counted(raw: bytes, place: str) -> Any:
        read.append(place)
        return read_line(raw, place)

    monkeypatch.setattr("service.population.tasks.read_line", counted)
    kept = ("--processes", "1", "--keep-rows", tmp_path / "rows")
    screened(plain, "-o", tmp_path / "first", "--as-of", "2026-11-01", *kept)
    lines = len(read)
    assert lines
    screened(plain, "-o", tmp_path / "second", "--as-of", str(DAY), *kept)
    assert len(read) == lines
    assert whole(tmp_path / "second") == whole(answer)
    monkeypatch.setattr(tasks, "reading_version", lambda: "another")
    screened(plain, "-o", tmp_path / "third", "--as-of", str(DAY), *kept)
    assert len(read) == 2 * lines


def test_shares_are_the_whole(plain: Path, answer: Path, tmp_path: Path) -> None:
    """Each patient is in one share, each line of nobody in the first."""
    found: list[dict[str, Any]] = []
    for share in ("1/3", "2/3", "3/3"):
        out = tmp_path / share[0]
        screened(plain, "-o", out, *AS_OF, "--shard", share, "--keep-rows", tmp_path / "rows")
        found += rows(out)
    assert sorted(found, key=repr) == whole(answer)["patients"]
    screened(plain, "-o", tmp_path / "none", "--shard", "4/3", code=2)


def test_a_terminal_sees_how_far_it_is() -> None:
    """A bar with rate and time left; a file or a pipe sees nothing."""
    times = iter((0.0, 0.0, 2.0, 2.0, 4.0, 4.0))
    terminal = Terminal()
    shown = Progress(terminal, lambda: next(times))
    for number in (2, 3, 4):
        shown("screened", number, 4, 100)
    assert "screened 3 of 4 [##################      ] 50 patients/s, 0:00:02 left" in terminal.getvalue()
    assert terminal.getvalue().endswith("\n")
    silent = io.StringIO()
    Progress(silent)("screened", 1, 1, 1)
    assert silent.getvalue() == ""


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def test_without_the_extra_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody who does not screen has to install what it needs."""
    for name in [name for name in sys.modules if name.startswith(("service.population", "pyarrow"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    screened(tmp_path, "-o", tmp_path / "out", code=2)
    error = capsys.readouterr().err
    assert "ketamine-cds[populations]" in error
    assert error.count("\n") == 1


def test_a_bundle_of_several_patients_is_listed(patients: list[list[Json]], tmp_path: Path) -> None:
    """Whose the rest of it is cannot be told; patients in several Bundles are put together."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "two.json").write_bytes(bundle_of([*patients[0], *patients[1]]))
    half = len(patients[2]) // 2
    (folder / "a.json").write_bytes(bundle_of(patients[2][:half]))
    (folder / "b.json").write_bytes(bundle_of([patients[2][0], *patients[2][half:]]))
    screened(folder, "-o", tmp_path / "out", *AS_OF)
    (row,) = rows(tmp_path / "out")
    assert (row["patient"], row["resources"]) == (f"Patient/{PATIENT}-2", len(patients[2]) + 1)
    (listed,) = rows(tmp_path / "out", "unreadable")
    assert listed["file"].endswith("two.json")

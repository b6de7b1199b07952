"""Replay on the command line, of calls that were answered over HTTP."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.hooks.chart import ALCOHOL, CHART, FOR_DEPRESSION, SPRAY, Json, call, condition, drug, prefetched
from tests.hospital.callers import SIGN, VIEW, posted, viewed
from tests.hospital.kept import command, record_of
from tests.served import running

VIEWED = viewed((*CHART, condition(ALCOHOL)))
SIGNED = call("order-sign", prefetched(*CHART), [drug(SPRAY, **FOR_DEPRESSION)])
UNKNOWN = "0c6b1d5e-4a3f-4d8e-8b7a-9e1f2d3c4b5a"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """The settings of a service that has answered, and the ids of what it answered."""

    settings: Mapping[str, str]
    viewed: str
    signed: str
    refused: str


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Three calls, of which one was refused."""
    folder = tmp_path_factory.mktemp("replay")
    settings = {
        "KETAMINE_CDS_MODE": "development",
        "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/kept.db",
    }
    with running(settings) as service:
        token = {"fhirServer": "https://ehr.example/fhir", "fhirAuthorization": {"access_token": "of-then"}}
        answers = [
            posted(service.url, VIEW, VIEWED | token),
            posted(service.url, SIGN, SIGNED),
            posted(service.url, VIEW, call("patient-view", {})),
        ]
        for answer in answers:
            record_of(answer, settings["KETAMINE_CDS_DATABASE_URL"])
        ids = [answer.headers["X-Request-Id"] for answer in answers]
        yield Kept(settings=settings, viewed=ids[0], signed=ids[1], refused=ids[2])


def replayed(kept: Kept, folder: Path, body: Json, record_id: str, **changed: str) -> "CompletedProcess[str]":
    """What the command says of a captured body."""
    captured = folder / "captured.json"
    captured.write_text(json.dumps(body))
    return command({**kept.settings, **changed}, "replay", str(captured), "--record", record_id)


def test_the_same_input_gives_the_same_assessment(kept: Kept, tmp_path: Path) -> None:
    """Nobody had to keep the token of then."""
    without_token = VIEWED | {"fhirServer": "https://ehr.example/fhir"}
    done = replayed(kept, tmp_path, without_token, kept.viewed)
    assert (done.returncode, done.stdout) == (0, f"same assessment (record {kept.viewed})\n"), done.stderr


def test_another_input_is_named(kept: Kept, tmp_path: Path) -> None:
    """One other word in the chart is another input."""
    text = json.dumps(SIGNED)
    other = json.loads(text.replace("1981-05-17", "1981-05-18"))
    done = replayed(kept, tmp_path, other, kept.signed)
    assert done.returncode == 1
    assert "input: not the body that was recorded" in done.stdout
    assert "1981" not in done.stdout


def test_another_setting_is_named(kept: Kept, tmp_path: Path) -> None:
    """The definition of resistance, and the time zone in which a day begins."""
    changed = {"KETAMINE_CDS_PROFILE": "strict-payer", "KETAMINE_CDS_TIME_ZONE": "Europe/Vienna"}
    done = replayed(kept, tmp_path, SIGNED, kept.signed, **changed)
    assert done.returncode == 1
    assert "profile: recorded with default, here strict-payer" in done.stdout
    assert "time zone: recorded with UTC, here Europe/Vienna" in done.stdout


def test_a_refused_call_is_not_replayable(kept: Kept, tmp_path: Path) -> None:
    """There was no assessment to compare with."""
    done = replayed(kept, tmp_path, SIGNED, kept.refused)
    assert done.returncode == 1
    assert done.stdout.startswith("not replayable: the call was refused")


def test_an_unknown_record_is_said_in_one_line(kept: Kept, tmp_path: Path) -> None:
    """Exit code 2, as for everything that cannot be done."""
    done = replayed(kept, tmp_path, SIGNED, UNKNOWN)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "no decision record has the id" in done.stderr

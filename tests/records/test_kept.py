"""From the answer to the database and back: the record of a real call, and the command that replays it."""

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.cli import main
from service.records.record import DecisionRecord
from service.store.database import open_database
from service.store.decisions import read_decision
from tests.asked import ASKED_FOR
from tests.fetch.servers import always, response, serving
from tests.hooks.chart import (
    ALCOHOL,
    CHART,
    SPRAY,
    call,
    condition,
    drug,
    item_9,
    prefetched,
    searchset,
    without,
)
from tests.hooks.ehr import PATH, ehr, knowledge

MARKER = "Zqx7Kv9"
BODY = call("patient-view", prefetched(*CHART, condition(ALCOHOL), item_9(1, 3)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the database that the settings name; no other setting is made."""
    for name in [name for name in os.environ if name.startswith("KETAMINE_CDS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KETAMINE_CDS_MODE", "development")
    monkeypatch.setenv("KETAMINE_CDS_DATABASE_URL", f"sqlite:///{tmp_path}/cds.db")
    monkeypatch.setattr("service.cli.kept.read_rules", lambda _: knowledge())  # the tables are read once
    return tmp_path


def recorded(folder: Path, *bodies: Any, **settings: str) -> list[str]:
    """Make calls, stop the service cleanly, and return the ids of the records."""
    client = ehr(KETAMINE_CDS_DATABASE_URL=f"sqlite:///{folder}/cds.db", **settings)
    ids = [_posted(client, body) for body in bodies]
    client.application.extensions["close"]()
    return ids


def _posted(client: FlaskClient, body: Any) -> str:
    hook = body["hook"]
    answer = client.post(PATH.format(hook=hook), data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.headers["X-Request-Id"]


def kept(folder: Path, record_id: str) -> DecisionRecord | None:
    """The record as the database gives it back."""
    database = open_database(f"sqlite:///{folder}/cds.db")
    try:
        return read_decision(database, record_id)
    finally:
        database.close()


def replay(folder: Path, record_id: str, body: Any = BODY) -> int:
    """The exit code of the command with the body in a file."""
    captured = folder / "captured.json"
    captured.write_text(json.dumps(body), encoding="utf-8")
    return main(["replay", str(captured), "--record", record_id])


def everything(folder: Path) -> Iterator[bytes]:
    """Every file of the folder as it is, and every row of every table as text."""
    yield from (file.read_bytes() for file in folder.iterdir() if file.name.startswith("cds.db"))
    with sqlite3.connect(folder / "cds.db") as connection:
        yield "\n".join(connection.iterdump()).encode()
    connection.close()


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        call("order-sign", prefetched(*CHART), [drug(SPRAY)]),
        call("order-select", prefetched(*CHART), []),
    ],
)
def test_a_kept_call_replays(body: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The id that came with the answer finds the record, and the captured body gives the same again."""
    (record_id,) = recorded(folder, body)
    assert replay(folder, record_id, body) == 0
    assert capsys.readouterr().out == f"same assessment (record {record_id})\n"


def test_another_body_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The record of one call is not proven by the body of another."""
    first, _ = recorded(folder, BODY, call("patient-view", prefetched(*CHART)))
    assert replay(folder, first, call("patient-view", prefetched(*CHART))) == 1
    assert "input: not the body that was recorded" in capsys.readouterr().out


def test_another_setting_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Profile and time zone of then and now are told, and that the assessment is the same nevertheless."""
    (record_id,) = recorded(folder, BODY)
    monkeypatch.setenv("KETAMINE_CDS_PROFILE", "strict-payer")
    monkeypatch.setenv("KETAMINE_CDS_TIME_ZONE", "Europe/Vienna")
    assert replay(folder, record_id) == 1
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  profile: recorded with default, here strict-payer",
        "  time zone: recorded with UTC, here Europe/Vienna",
        "  the assessment is the same nevertheless",
    ]


def test_a_lost_key_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the key file is gone, nothing can be proven, and that is what is said."""
    (record_id,) = recorded(folder, BODY)
    (folder / "cds.db.key").unlink()
    assert replay(folder, record_id) == 1
    assert "hash key: recorded with" in capsys.readouterr().out


def test_an_unknown_record_is_a_mistake_of_the_caller(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An id that no record has gives one line and the exit code of bad input."""
    recorded(folder, BODY)
    assert replay(folder, "no-such-record") == 2
    assert "no decision record has the id" in capsys.readouterr().err


def test_what_came_is_told_by_key(folder: Path) -> None:
    """The record says of each prefetch key whether it came, was empty, failed or did not come."""
    chart = prefetched(*CHART)
    refused = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    del chart["deviceUses"]
    (record_id,) = recorded(folder, call("patient-view", chart | {"allergies": refused, "procedures": None}))
    record = kept(folder, record_id)
    assert record is not None
    told = {key: record.completeness[key] for key in ("patient", "allergies", "procedures", "deviceUses")}
    assert told == {"patient": "sent", "allergies": "error", "procedures": "empty", "deviceUses": "not-sent"}
    assert record.completeness.keys() == ASKED_FOR.keys()


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
def test_a_call_that_asked_the_ehr_is_not_replayable(
    status: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether the EHR gave what was not sent or not, the command says that such a call cannot be replayed."""
    chart = without("procedures", prefetched(*CHART))
    with serving(always(response(searchset("Procedure", []), status=status))) as server:
        body = call("patient-view", chart) | {"fhirServer": server.base}
        (record_id,) = recorded(folder, body, KETAMINE_CDS_FHIR_SERVERS=server.base)
    assert len(server.heard) == 1
    assert replay(folder, record_id, body) == 1
    assert capsys.readouterr().out.startswith("not replayable: data were asked of the EHR")


def test_nothing_of_the_patients_is_in_the_database(folder: Path) -> None:
    """No marker planted in ids, names, texts and tokens of a call is found in any file of the database."""
    body = call(
        "order-sign",
        prefetched(
            *CHART,
            condition(ALCOHOL, note=[{"text": MARKER}], id=MARKER),
            {
                "resourceType": "Condition",
                "id": f"{MARKER}-2",
                "subject": {"display": MARKER},
                "code": MARKER,
            },
        )
        | {MARKER: None},
        [drug(SPRAY, note=[{"text": MARKER}], dosageInstruction=[{"text": f"{MARKER} twice weekly"}])],
        userId=f"Practitioner/{MARKER}",
        encounterId=MARKER,
    )
    body["context"]["draftOrders"]["entry"][0]["fullUrl"] = f"https://{MARKER}.example.org/1"
    body |= {"fhirAuthorization": {"access_token": MARKER, "token_type": "Bearer"}}
    body |= {"fhirServer": f"https://{MARKER}.example.org/fhir"}
    (record_id,) = recorded(folder, body)
    record = kept(folder, record_id)
    assert record is not None
    assert record.verdict["flags"]
    for content in everything(folder):
        assert MARKER.lower().encode() not in content.lower()
        assert b"1981-05-17" not in content

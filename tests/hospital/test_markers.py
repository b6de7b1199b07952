"""Markers planted wherever a caller may write: none is found in logs, figures, database and refusals."""

import json
import re
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fetch.servers import response
from tests.hooks.chart import CHART, FOR_DEPRESSION, SPRAY, Json, call, drug, prefetched
from tests.hospital.callers import NORTH, PUBLIC, SECONDS, SIGN, SOUTH, VIEW, listed
from tests.hospital.kept import command
from tests.hospital.wards import Ward, ward
from tests.operations.watched import Watched, until, watched

PREFIX = "zq7marker"
BROKEN = f'exec {sys.executable} -m tests.hospital.broken 2>"$1"'
FEEDBACK = f"{VIEW}/feedback"


def mark(what: str) -> str:
    """A word that stands nowhere else, and tells where it was planted."""
    return f"{PREFIX}-{what}"


def mentions(text: str | bytes) -> set[str]:
    """The markers in a text."""
    whole = text if isinstance(text, str) else text.decode(errors="replace")
    return {one.lower() for one in re.findall(rf"{PREFIX}(?:-[a-z]+)?", whole, re.IGNORECASE)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """A service that was called in many ways, and what it answered, by a name for the call."""

    service: Watched
    answers: Mapping[str, requests.Response]
    folder: Path


def chart() -> list[Json]:
    """A chart in which name, ids, notes and places of the patient are marked."""
    mine = {"reference": f"Patient/{mark('patient')}"}
    person = {
        "resourceType": "Patient",
        "id": mark("patient"),
        "gender": "male",
        "birthDate": "1981-05-17",
        "name": [{"family": mark("family"), "given": [mark("given")]}],
        "telecom": [{"value": mark("telephone")}],
        "identifier": [{"value": mark("number")}],
    }
    others = [
        one
        | {"subject": mine}
        | {"id": f"{mark('resource')}-{number}", "note": [{"text": mark("note")}]}
        | {"recorder": {"display": mark("recorder")}}
        for number, one in enumerate(CHART)
        if one["resourceType"] not in ("Patient", "AllergyIntolerance")
    ]
    return [person, *others]


def marked(hook: str, server: str, prefetch: Json | None, token: str = "") -> Json:
    """A call in which everything that a client may choose is marked."""
    order = drug(SPRAY) | {
        "subject": {"reference": f"Patient/{mark('patient')}"},
        "reasonCode": [*FOR_DEPRESSION["reasonCode"], {"text": mark("reason")}],
    }
    body = call(
        hook,
        None if prefetch is None else prefetch | {mark("key"): None},
        [order],
        userId=f"Practitioner/{mark('user')}",
        patientId=mark("patient"),
        encounterId=mark("encounter"),
    )
    leave = {
        "access_token": token or mark("token"),
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": mark("scope"),
        "subject": mark("subject"),
    }
    return body | {
        "fhirServer": server,
        "fhirAuthorization": leave,
        "extension": {mark("extension"): mark("extension")},
    }


def report(**members: Any) -> Json:
    """Feedback in which everything that a client may choose is marked."""
    reason = {"code": mark("code"), "system": mark("system"), "display": mark("display")}
    item = {
        "card": "4e0a3a1e-3f0a-4b0e-8f0a-0a6a35c1a001",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-02T10:15:00Z",
        "overrideReason": {"reason": reason, "userComment": mark("comment")},
        mark("member"): mark("member"),
    }
    return {"feedback": [item | members]}


@pytest.fixture(scope="module")
def hospital() -> Iterator[Ward]:
    """A FHIR server that has the marked chart and says more than it should when it fails."""
    with ward() as started:
        started.chart = chart()
        said = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": mark("diagnostics")}]}
        refusal = response(said, status="403 Forbidden", Server=mark("server"))
        started.moods["Procedure"] = lambda connection, _: connection.sendall(refusal)
        yield started


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, hospital: Ward) -> Iterator[Planted]:
    """A service with JWT, after calls that were answered and calls that were refused."""
    folder = tmp_path_factory.mktemp("planted")
    with watched(folder, settings(folder, hospital)) as service:
        yield Planted(service=service, folder=folder, answers=called(service.url, hospital))


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory, hospital: Ward) -> Iterator[Planted]:
    """A service with a fault, after calls in which it failed."""
    folder = tmp_path_factory.mktemp("failed")
    with watched(folder, settings(folder, hospital), BROKEN) as service:
        answers = {
            name: NORTH.post(service.url, VIEW, marked("patient-view", hospital.base, prefetch))
            for name, prefetch in (("sent", prefetched(*chart())), ("read", None))
        }
        yield Planted(service=service, folder=folder, answers=answers)


def settings(folder: Path, hospital: Ward) -> Mapping[str, str]:
    """A service that trusts two hospitals and may read the server of one."""
    return {
        "KETAMINE_CDS_MODE": "development",
        "KETAMINE_CDS_ISSUERS": listed(folder, [hospital.base]),
        "KETAMINE_CDS_PUBLIC_URL": PUBLIC,
        "KETAMINE_CDS_CORS_ORIGINS": "https://ehr.example",
        "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/kept.db",
    }


def called(url: str, hospital: Ward) -> Mapping[str, requests.Response]:
    """The answers to calls of many kinds, by a name."""
    whole = prefetched(*chart())
    elsewhere = f"https://{mark('host')}.example/fhir?secret={mark('secret')}"
    view = marked("patient-view", hospital.base, whole)
    made = {
        "sent": NORTH.post(url, VIEW, view),
        "read": NORTH.post(url, VIEW, marked("patient-view", hospital.base, None)),
        "signed": NORTH.post(url, SIGN, marked("order-sign", hospital.base, whole)),
        "ordered and read": NORTH.post(url, SIGN, marked("order-sign", hospital.base, None)),
        "not allowed": NORTH.post(url, VIEW, marked("patient-view", elsewhere, None)),
        "of another": SOUTH.post(url, VIEW, marked("patient-view", hospital.base, None)),
        "another hook": NORTH.post(url, SIGN, view),
        "an unknown hook": NORTH.post(url, VIEW, view | {"hook": mark("hook")}),
        "no server": NORTH.post(url, VIEW, view | {"fhirServer": mark("address")}),
        "no context": NORTH.post(url, VIEW, view | {"context": mark("context")}),
        "no patient": NORTH.post(url, VIEW, view | {"context": {"patientId": f"{mark('bad')}/x"}}),
        "no token": NORTH.post(url, VIEW, view | {"fhirAuthorization": {"access_token": mark("odd") + " "}}),
        "feedback": NORTH.post(url, FEEDBACK, report()),
        "no card": NORTH.post(url, FEEDBACK, report(card=mark("card"))),
        "no outcome": NORTH.post(url, FEEDBACK, report(outcome=mark("outcome"))),
        "no time": NORTH.post(url, FEEDBACK, report(outcomeTimestamp=mark("time"))),
        "no suggestion": NORTH.post(
            url, FEEDBACK, report(outcome="accepted", acceptedSuggestions=[{"id": mark("suggestion")}])
        ),
        "a forged token": NORTH.post(url, VIEW, view, mark("jwt")),
        "another service": NORTH.post(url, f"/cds-services/{mark('service')}", view),
    }
    return made | odd(url, json.dumps(view))


def odd(url: str, body: str) -> dict[str, requests.Response]:
    """The answers to calls with odd headers, bodies, methods and addresses."""
    plain = {"Content-Type": "application/json"}
    told = {"X-Request-Id": mark("id"), "User-Agent": mark("agent"), "Cookie": mark("cookie")}
    origin = {"Origin": f"https://{mark('origin')}.example", "Access-Control-Request-Method": mark("method")}
    calls: dict[str, tuple[str, str, str, dict[str, str]]] = {
        "headers": ("POST", f"{VIEW}?patient={mark('query')}", body, bearer() | plain | told),
        "text": ("POST", VIEW, mark("body"), bearer() | plain),
        "another type": ("POST", VIEW, body, bearer() | {"Content-Type": f"text/{mark('type')}"}),
        "a method": ("DELETE", VIEW, body, plain),
        "an address": ("GET", f"/{mark('path')}", "", {}),
        "an origin": ("OPTIONS", VIEW, "", origin),
        "a basic login": ("POST", VIEW, body, plain | {"Authorization": f"Basic {mark('basic')}"}),
    }
    return {
        name: requests.request(method, url + path, data=content, headers=headers, timeout=SECONDS)
        for name, (method, path, content, headers) in calls.items()
    }


def bearer() -> dict[str, str]:
    """A header with a token of its own."""
    return {"Authorization": f"Bearer {NORTH.token(VIEW)}"}


def seen(answer: requests.Response) -> str:
    """All of an answer."""
    return "\n".join([*map(str, answer.headers.items()), answer.text])


def test_the_calls_are_of_all_kinds(planted: Planted, failed: Planted) -> None:
    """Answers with cards, from what was sent and from what was read; refusals; failures with their card."""
    statuses = {name: answer.status_code for name, answer in planted.answers.items()}
    good = ("sent", "read", "signed", "ordered and read")
    assert all(planted.answers[name].json()["cards"] for name in good)
    assert set(statuses.values()) == {200, 204, 400, 401, 404, 405, 412, 415}
    for answer in failed.answers.values():
        (card,) = answer.json()["cards"]
        assert card["source"]["topic"]["code"] == "not-assessed"


def test_no_refusal_repeats_what_came(planted: Planted) -> None:
    """Neither body nor headers of a refusal hold anything that the caller wrote."""
    refusals = {name: answer for name, answer in planted.answers.items() if answer.status_code != 200}
    assert refusals
    assert [name for name, answer in refusals.items() if mentions(seen(answer))] == []


def test_no_failure_repeats_what_came(failed: Planted) -> None:
    """The card that says that the service failed knows nothing of the patient."""
    for answer in failed.answers.values():
        assert mentions(seen(answer)) == set()
        assert "Traceback" not in answer.text
        assert ".py" not in answer.text


def test_cards_are_about_the_patient_and_nothing_else(planted: Planted) -> None:
    """They refer to entries of the chart; no name, token, address, key or comment is in them."""
    for name in ("sent", "read", "signed", "ordered and read", "headers", "feedback"):
        allowed = {mark("patient"), mark("resource"), mark("user"), mark("reason"), mark("encounter")}
        assert mentions(seen(planted.answers[name])) <= allowed, name


def test_the_log_holds_no_marker(planted: Planted, failed: Planted) -> None:
    """Every call has its line, a failure says where it was, and all that was written is ours."""
    for one in (planted, failed):
        ids = {answer.headers["X-Request-Id"] for name, answer in one.answers.items() if name != "an origin"}
        log = one.service.log
        until(lambda ids=ids, log=log: all(f"request_id={each} " in log.read_text() for each in ids))  # type: ignore[misc]
        text = log.read_text()
        assert mentions(text) == set()
        assert "Traceback" not in text
        assert "eyJ" not in text
    assert "ValueError in _fail" in failed.service.log.read_text()


def test_the_figures_hold_no_marker(planted: Planted, failed: Planted) -> None:
    """Labels are words of ours, whatever services, keys and methods callers invent."""
    for one in (planted, failed):
        figures = one.service.metrics()
        assert "ketamine_cds_calls_total" in figures
        assert mentions(figures) == set()


def test_the_database_holds_no_marker(planted: Planted, failed: Planted) -> None:
    """No file of it, no row of any table; the calls are there."""
    for one in (planted, failed):
        until(lambda one=one: one.service.figure("ketamine_cds_records_queued") == 0)  # type: ignore[misc]
        files = [file for file in one.folder.iterdir() if file.name.startswith("kept.db")]
        assert len(files) >= 2
        assert set().union(*(mentions(file.read_bytes()) for file in files)) == set()
        with closing(sqlite3.connect(one.folder / "kept.db")) as connection:
            rows = "\n".join(connection.iterdump())
        assert mentions(rows) == set()
        assert "eyJ" not in rows
        assert all(answer.headers["X-Request-Id"] in rows for answer in decided(one))


def decided(planted: Planted) -> list[requests.Response]:
    """The calls that were answered with cards."""
    return [one for one in planted.answers.values() if one.status_code == 200 and '"cards"' in one.text]


def test_the_commands_tell_no_marker(planted: Planted, hospital: Ward) -> None:
    """The report on feedback counts reasons of the clients' own as others."""
    done = command(settings(planted.folder, hospital), "feedback", "report", "--format", "csv")
    assert done.returncode == 0
    assert "feedback on unknown cards" in done.stdout
    assert mentions(done.stdout + done.stderr) == set()

"""Calls that cost more than they may: a card says that they were given up, and they are recorded."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.hooks.chart import call, condition, patient, prefetched
from tests.hooks.situations import ESKETAMINE, MIRTAZAPINE
from tests.operations.watched import LATEST, PATH, Watched, until, watched

BUDGET_MS = 50
ENTRIES = 6_000
"""Problems, each with words of its own: many times what the budget is enough for."""

JSON = {"Content-Type": "application/json"}
MEMBERS = 400_000
"""Members of one object: each of them costs a step of Python."""

LONG = 40_000
"""Problems that it takes far longer to read than to notice that a caller has hung up."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A service with a small budget."""
    folder = tmp_path_factory.mktemp("costly")
    settings = {
        "KETAMINE_CDS_CPU_BUDGET_MS": str(BUDGET_MS),
        "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/kept.db",
    }
    with watched(folder, settings) as started:
        yield started


def recorded(service: Watched, request_id: str) -> list[tuple[str, str | None, str]]:
    """Outcome, digest of the input, and the card, as the record of a call has them."""
    query = (
        "select outcome, input_digest, topic from decision join card on decision_id = decision.id "
        "where decision.id = ?"
    )
    with closing(sqlite3.connect(service.log.parent / "kept.db")) as database:
        return database.execute(query, (request_id,)).fetchall()


def costly(entries: int = ENTRIES) -> dict[str, Any]:
    """A record that takes long to read."""
    problems = [
        condition(f"F10.2{number % 2}", id=f"c{number}", code={"text": f"alcohol, entry {number} of many"})
        for number in range(entries)
    ]
    return prefetched(patient(), *problems)


def answered(service: Watched, body: dict[str, Any]) -> requests.Response:
    """The answer to a call."""
    path = PATH.replace("patient-view", str(body["hook"]))
    return requests.post(f"{service.url}{path}", json.dumps(body), headers=JSON, timeout=LATEST)


@pytest.mark.parametrize(
    ("hook", "drafts", "indicator"),
    [
        ("patient-view", [], "info"),
        ("order-sign", [MIRTAZAPINE], "info"),
        ("order-sign", [ESKETAMINE], "warning"),
    ],
)
def test_a_call_that_costs_too_much_says_so(
    service: Watched, hook: str, drafts: list[dict[str, Any]], indicator: str
) -> None:
    """One card tells that nothing was assessed, a warning on an agent's order; it is logged and kept."""
    before = service.figure("ketamine_cds_calls_stopped_total", reason="budget")
    answer = answered(service, call(hook, costly(), drafts))
    (card,) = answer.json()["cards"]
    assert (card["source"]["topic"]["code"], card["indicator"]) == ("not-assessed", indicator)
    assert "too long" in card["summary"]
    assert service.figure("ketamine_cds_calls_stopped_total", reason="budget") == before + 1
    (line,) = [each for each in service.lines("call") if each["request_id"] == answer.headers["X-Request-Id"]]
    assert (line["outcome"], line["reason"], line["level"]) == ("stopped", "budget", "info")
    until(lambda: recorded(service, answer.headers["X-Request-Id"]) == [("stopped", None, "not-assessed")])


def test_a_body_that_costs_too_much_to_read_is_refused(service: Watched) -> None:
    """Before anything is known of it that a card could tell about."""
    before = service.figure("ketamine_cds_calls_stopped_total", reason="budget")
    members = ",".join(f'"member {number}":0' for number in range(MEMBERS))
    body = f"{json.dumps(call('patient-view', prefetched(patient())))[:-1]},{members}}}"
    answer = requests.post(f"{service.url}{PATH}", body, headers=JSON, timeout=LATEST)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (422, "too-costly")
    assert service.figure("ketamine_cds_calls_stopped_total", reason="budget") == before + 1


def test_a_caller_that_hangs_up_costs_nothing_more(tmp_path: Path) -> None:
    """What is under way for it is given up, whatever it might still cost."""
    with watched(tmp_path, {"KETAMINE_CDS_CPU_BUDGET_MS": "600000"}) as service:
        body = json.dumps(call("patient-view", costly(LONG)), separators=(",", ":")).encode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        address = ("127.0.0.1", int(service.url.rpartition(":")[2]))
        with socket.create_connection(address, LATEST) as connection:
            connection.sendall(head.encode() + body)
        until(lambda: service.figure("ketamine_cds_calls_stopped_total", reason="gone") == 1)


def test_an_assessment_that_costs_too_much_is_refused(service: Watched) -> None:
    """Who asks for the whole assessment of a record waits longer, and then learns why there is none."""
    body = json.dumps(call("patient-view", costly(LONG)))
    answer = requests.post(f"{service.url}/assessments", body, headers=JSON, timeout=LATEST)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (422, "too-costly")

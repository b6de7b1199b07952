"""One time for the whole call, whatever servers do, and room for other servers meanwhile."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

import pytest

from mappings.knowledge import load_knowledge
from service.answer.read import read_chart, read_record
from service.clinical.facts import Completeness, FetchFailure
from service.fetch.fetching import MOST_BYTES, SLOTS, Fetching
from service.fetch.server import AllowedServer
from service.fhir.received import Fetched
from tests.fetch.calls import (
    SECONDS,
    TOKEN,
    Json,
    call,
    condition,
    fetched,
    fetching,
    order,
    record,
    searchset,
    sent,
    sent_but,
)
from tests.fetch.servers import Answer, Heard, Server, always, dripping, response, serving, silent

BUDGET = 2.0  # seconds of a call in these tests, in which what is not late has to come on a busy machine
SLACK = 5.0  # seconds later by which it must have returned; a server that is waited for takes longer
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 90000\r\n\r\n"


@pytest.fixture
def reader() -> Iterator[Fetching]:
    """What reads for a process."""
    with fetching() as made:
        yield made


def timed(reader: Fetching, server: Server, *absent: str, seconds: float = BUDGET) -> Fetched:
    """What a call comes to that lacks the `absent` keys; fails the test if it takes too long."""
    begun = time.monotonic()
    source = AllowedServer(base=server.base, token=TOKEN)
    made = call(sent_but(*absent))
    came = reader.fetch(made, sent(made), source, begun + seconds)
    assert time.monotonic() - begun < seconds + SLACK
    return came


def routed(**answers: Answer) -> Answer:
    """Answers by the resource type that is read; any other type is an empty list."""

    def answer(connection: socket.socket, heard: Heard) -> None:
        kind = urlsplit(heard.target).path.split("/")[2]
        answers.get(kind, always(response(searchset())))(connection, heard)

    return answer


def page(heard: Heard, pause: float = 0.0) -> Json:
    """A page of a list without an end."""
    time.sleep(pause)
    return searchset(condition(f"c{heard.number}"), following=f"Condition?page={heard.number}")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(silent, id="says nothing"),
        pytest.param(dripping(HEAD, b" ", 0.05), id="drips"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.05), id="drips its header"),
    ],
)
def test_a_slow_list_costs_only_itself(reader: Fetching, answer: Answer) -> None:
    """The others are used, and it is named as missing."""
    with serving(routed(Condition=answer)) as server:
        came = timed(reader, server, "conditions", "allergies", "procedures")
    words = {key: word for key, word in came.completeness.items() if word != "empty"}
    assert words == {"conditions": "failed:timeout", "allergies": "fetched", "procedures": "fetched"}
    assert record(call(), came).lists["Condition"] is Completeness.NOT_RETRIEVABLE


def test_a_dead_server_is_told_at_once(reader: Fetching) -> None:
    """It does not take the whole time."""
    with serving(silent) as server:
        pass
    begun = time.monotonic()
    came = timed(reader, server, "conditions", "patient", seconds=SECONDS)
    assert time.monotonic() - begun < SECONDS / 2
    assert came.completeness["conditions"] == came.completeness["patient"] == "failed:connect"


def test_pages_that_came_in_time_are_kept(reader: Fetching) -> None:
    """Of a list that goes on for longer than there is time."""

    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(response(page(heard, 0.3)))

    with serving(answer) as server:
        came = timed(reader, server, "conditions")
        found = record(call(), came)
    assert came.completeness["conditions"] == "fetched-partly"
    assert found.lists["Condition"] is Completeness.FIRST_PAGE
    assert 1 <= len(found.conditions) < 10


def test_medications_do_not_wait_for_a_slow_list(reader: Fetching) -> None:
    """They are read as soon as the order is there."""

    def product(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(response({"resourceType": "Medication", "id": "m"}))

    def orders(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(response(searchset(order("o", "Medication/m"))))

    with serving(routed(Condition=silent, MedicationRequest=orders, Medication=product)) as server:
        came = timed(reader, server, "conditions", "medicationRequests")
    assert (came.completeness["conditions"], came.completeness["medications"]) == (
        "failed:timeout",
        "fetched",
    )


def test_a_server_that_is_busy_for_too_long(reader: Fetching) -> None:
    """It is not waited for beyond the time of the call."""

    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(response({}, status="503 Busy", Retry_After="60"))

    with serving(answer) as server:
        assert timed(reader, server, "conditions").completeness["conditions"] == "failed:status-503"
    assert len(server.heard) == 1


def test_the_bytes_of_a_call_are_bounded(reader: Fetching) -> None:
    """However many pages they come in."""
    padding = "x" * 4_000_000

    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(response(page(heard) | {"id": padding}))

    with serving(answer) as server:
        made = call(sent_but("conditions"))
        source = AllowedServer(base=server.base, token=None)
        came = reader.fetch(made, sent(made), source, time.monotonic() + SECONDS)
    assert came.completeness["conditions"] == "fetched-partly"
    assert MOST_BYTES // 4_000_000 <= len(server.heard) <= MOST_BYTES // 4_000_000 + 1


def test_the_bytes_of_a_call_are_bounded_in_all(reader: Fetching) -> None:
    """However many lists come at the same time."""
    keys = ("conditions", "allergies", "procedures", "observations", "serviceRequests", "deviceUses")
    together = threading.Barrier(len(keys))

    def answer(connection: socket.socket, heard: Heard) -> None:
        together.wait(SECONDS)
        connection.sendall(response(searchset() | {"id": "x" * 8_000_000}))

    with serving(answer) as server:
        came = timed(reader, server, *keys, seconds=SECONDS)
    words = [came.completeness[key] for key in keys]
    assert sorted(words) == ["failed:too-large"] * 2 + ["fetched"] * 4


def test_a_medication_that_nobody_had_time_for_is_missing(reader: Fetching) -> None:
    """The orders came, page by page, until the time was up; what they are for was never asked."""

    def orders(connection: socket.socket, heard: Heard) -> None:
        if "page" in heard.target:
            silent(connection, heard)
        page = searchset(order("o", "Medication/m"), following="MedicationRequest?page=2")
        connection.sendall(response(page))

    with serving(routed(MedicationRequest=orders)) as server:
        came = timed(reader, server, "medicationRequests")
    assert came.completeness["medications"] == "failed:timeout"
    assert came.failures == {
        "MedicationRequest": FetchFailure.INTERRUPTED,
        "Medication": FetchFailure.INTERRUPTED,
    }


def test_a_stalled_server_leaves_room_for_another(reader: Fetching) -> None:
    """Calls that wait for one in vain do not keep those of another from being read."""

    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(response(searchset(condition("c"))))

    with serving(silent) as stalled, serving(answer) as healthy:
        source = AllowedServer(base=stalled.base, token=None)
        waiting = [
            threading.Thread(
                target=reader.fetch, args=(call(), sent(call()), source, time.monotonic() + 2 * BUDGET)
            )
            for _ in range(8)
        ]
        for thread in waiting:
            thread.start()
        while len(stalled.heard) < SLOTS and any(thread.is_alive() for thread in waiting):
            time.sleep(0.01)
        came = timed(reader, healthy, "conditions")
        assert came.completeness["conditions"] == "fetched"
        assert len(stalled.heard) == SLOTS
        for thread in waiting:
            thread.join()


def test_a_server_that_recovers_is_read_again(reader: Fetching) -> None:
    """What was given up holds no place for good."""
    stalled = threading.Event()

    def answer(connection: socket.socket, heard: Heard) -> None:
        if stalled.is_set():
            silent(connection, heard)
        else:
            connection.sendall(response(searchset(condition("c"))))

    with serving(answer) as server:
        stalled.set()
        source = AllowedServer(base=server.base, token=None)
        for _ in range(6):
            reader.fetch(call(), sent(call()), source, time.monotonic() + 0.2)
        stalled.clear()
        assert timed(reader, server, "conditions", seconds=SECONDS).completeness["conditions"] == "fetched"


def test_nothing_is_read_when_there_is_no_time(reader: Fetching) -> None:
    """A budget of nothing is a budget."""
    with serving(silent) as server:
        came = timed(reader, server, "conditions", seconds=0)
    assert came.completeness["conditions"] == "failed:timeout"
    assert server.heard == []


def test_what_is_about_somebody_else_is_set_aside() -> None:
    """A server that mixes up patients gives this one nothing."""

    def conditions(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(response(searchset(condition("mine"), condition("theirs", "somebody-else"))))

    def person(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(response({"resourceType": "Patient", "id": "somebody-else"}))

    with serving(routed(Condition=conditions, Patient=person)) as server:
        request = call(sent_but("conditions", "patient"))
        came = fetched(request, AllowedServer(base=server.base, token=None))
    found = read_record(read_chart(request, came), load_knowledge(), date(2026, 11, 2))
    foreign = [one.reference for one in found.facts.unreadable if "another person" in one.reason]
    assert foreign == ["Condition/theirs"]
    assert found.facts.person is None
    assert [row.label for row in found.record.patients] == ["Patient/somebody-else"]

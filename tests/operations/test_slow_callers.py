"""Callers that send slowly: they take nothing from the others, and do not wait for ever."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from service.operations.bodies import BODY_SECONDS, LARGE
from tests.hooks.chart import CHART, call, prefetched
from tests.operations.watched import LATEST, PATH, Watched, until, watched

IDLE = 600
STALLED = 40
CALLERS = 48  # thrice as many as there are threads
JSON = {"Content-Type": "application/json"}
HEADERS = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
DECLARED = f"{HEADERS}Content-Length: 5000\r\n\r\n".encode()
LARGE_DECLARED = f"{HEADERS}Content-Length: 30000000\r\n\r\n".encode()
IN_CHUNKS = f"{HEADERS}Transfer-Encoding: chunked\r\n\r\n".encode()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A service of its own."""
    with watched(tmp_path_factory.mktemp("slow"), {}) as started:
        yield started


def opened(service: Watched, sent: bytes) -> socket.socket:
    """A connection on which the beginning of a request was sent."""
    connection = socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), LATEST)
    connection.sendall(sent)
    return connection


def test_slow_callers_do_not_keep_others_waiting(service: Watched) -> None:
    """While headers and bodies come byte by byte calls are answered; late bodies get 408 and are let go."""
    headers = [opened(service, HEADERS.encode()) for _ in range(CALLERS)]
    bodies = [opened(service, DECLARED) for _ in range(CALLERS)]
    chunked = [opened(service, IN_CHUNKS) for _ in range(CALLERS)]
    ended = threading.Event()

    def drip() -> None:
        while not ended.wait(0.5):
            for connections, piece in ((headers, b"X"), (bodies, b" "), (chunked, b"1\r\n \r\n")):
                for connection in connections:
                    try:
                        connection.send(piece)
                    except OSError:  # it has got its answer
                        connections.remove(connection)

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        body = json.dumps(call("patient-view", prefetched(*CHART)))
        for _ in range(20):
            assert requests.post(f"{service.url}{PATH}", body, headers=JSON, timeout=LATEST).ok
        late = [status_and_end(connection) for connection in (bodies[0], chunked[0])]
    finally:
        ended.set()
        dripping.join()
        for connection in (*headers, *bodies, *chunked):
            connection.close()
    assert late == [(408, "timeout", True)] * 2


def status_and_end(connection: socket.socket) -> tuple[int, str, bool]:
    """Status and issue code of the answer, and whether the connection ends with it."""
    started = time.monotonic()
    with connection.makefile("rb") as stream:
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        code = json.loads(answer.read())["issue"][0]["code"]
        try:
            end = stream.read() == b""
        except ConnectionError:
            end = True
    assert time.monotonic() - started < BODY_SECONDS + LATEST
    return answer.status, code, end


def test_idle_connections_lock_nobody_out(service: Watched) -> None:
    """While hundreds of connections say nothing, new ones are answered, and so is a look at its life."""
    idle = [opened(service, b"") for _ in range(IDLE)]
    try:
        body = json.dumps(call("patient-view", prefetched(*CHART)))
        for _ in range(10):
            assert requests.get(f"{service.url}/health/live", timeout=LATEST).ok
            assert requests.post(f"{service.url}{PATH}", body, headers=JSON, timeout=LATEST).ok
    finally:
        for connection in idle:
            connection.close()


def test_stalled_senders_of_large_bodies_lose_their_room(service: Watched) -> None:
    """While they hold it small calls are answered; a large one is told when to come again, and answered."""
    begun = LARGE_DECLARED + b" " * (LARGE + 1)
    stalled = [opened(service, begun) for _ in range(STALLED)]
    body = json.dumps(call("patient-view", prefetched(*CHART)))
    statuses = list[int]()
    try:
        for _ in range(10):
            assert requests.post(f"{service.url}{PATH}", body, headers=JSON, timeout=LATEST).ok

        def is_answered() -> bool:
            answer = requests.post(f"{service.url}{PATH}", body + " " * LARGE, headers=JSON, timeout=LATEST)
            statuses.append(answer.status_code)
            assert answer.ok or answer.headers["Retry-After"]
            return answer.ok

        until(is_answered)
    finally:
        for connection in stalled:
            connection.close()
    assert set(statuses) <= {200, 503}


def test_a_caller_that_goes_away_is_no_failure(service: Watched) -> None:
    """A body that ends too early because its sender left is noted as late, and as nothing worse."""
    opened(service, DECLARED).close()
    assert requests.get(f"{service.url}/health/live", timeout=LATEST).ok
    assert [line for line in service.lines() if line["level"] == "error"] == []

"""The routes behind the server of production: what a test client does not send, such as chunks."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cds_hooks.example import BOOSTER_DUE, MAX_BODY_BYTES, PATIENT_VIEW, call
from tests.served import REPOSITORY, free_port

PATH = f"/cds-services/{PATIENT_VIEW.id}"
START_SECONDS = 30


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port at which granian serves the example."""
    at = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(at)]
    process = subprocess.Popen([*command, "tests.cds_hooks.example:app"], cwd=REPOSITORY)
    try:
        until_it_answers(at)
        yield at
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def until_it_answers(port: int) -> None:
    """Return when the server at `port` answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            answered(port, "GET", "/cds-services")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start")


def answered(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON of what the server at `port` answers; a `body` of many pieces is sent in chunks."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        sent = {"Content-Type": "application/json", **headers}
        connection.request(method, path, body, sent, encode_chunked=not isinstance(body, bytes))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or "null")
    finally:
        connection.close()


def in_chunks(body: bytes, size: int = 10_000) -> Iterator[bytes]:
    """The pieces of `body`."""
    return (body[at : at + size] for at in range(0, len(body), size))


class TestCalls:
    """R-01: a call over a real connection."""

    @pytest.mark.parametrize(
        "path",
        [PATH, f"{PATH}/", f"/cds-services//{PATIENT_VIEW.id}", f"//cds-services//{PATIENT_VIEW.id}//"],
    )
    def test_every_spelling_of_the_path(self, port: int, path: str) -> None:
        """Slashes too many, even at the beginning, lead to the service without a redirect."""
        assert answered(port, "POST", path, json.dumps(call()).encode()) == (
            200,
            {"cards": [BOOSTER_DUE.to_json()]},
        )

    def test_chunks(self, port: int) -> None:
        """A body whose length is not declared is read whole."""
        body = json.dumps(call()).encode().ljust(MAX_BODY_BYTES)
        assert answered(port, "POST", PATH, in_chunks(body)) == (200, {"cards": [BOOSTER_DUE.to_json()]})


class TestRefusals:
    """Q-05: refusals that depend on how the body is sent."""

    @pytest.mark.parametrize("more", [1, 2, 50_000, 30_000_000])
    def test_too_large_in_chunks(self, port: int, more: int) -> None:
        """More bytes than allowed are 413 although no length was declared."""
        body = json.dumps(call()).encode().ljust(MAX_BODY_BYTES + more)
        status, outcome = answered(port, "POST", PATH, in_chunks(body))
        assert (status, outcome["issue"][0]["code"]) == (413, "too-long")

    @pytest.mark.parametrize("more", [1, 2, 50_000, 30_000_000])
    def test_too_large_as_declared(self, port: int, more: int) -> None:
        """More bytes than allowed are 413 by their declared length."""
        body = json.dumps(call()).encode().ljust(MAX_BODY_BYTES + more)
        status, outcome = answered(port, "POST", PATH, body)
        assert (status, outcome["issue"][0]["code"]) == (413, "too-long")

    def test_malformed_in_chunks(self, port: int) -> None:
        """A body that ends too early for JSON is 400."""
        assert answered(port, "POST", PATH, in_chunks(b'{"hook": '))[0] == 400

    @pytest.mark.parametrize(
        ("method", "path", "content_type", "expected"),
        [
            ("POST", "/cds-services/unknown", "application/json", 404),
            ("PUT", PATH, "application/json", 405),
            ("POST", PATH, "text/plain", 415),
        ],
    )
    def test_refusals_before_the_body_is_read(
        self, port: int, method: str, path: str, content_type: str, expected: int
    ) -> None:
        """A caller that is refused by address or headers reads why, even after a very long body."""
        headers = {"Content-Type": content_type}
        assert answered(port, method, path, b" " * 30_000_000, **headers)[0] == expected
        assert answered(port, method, path, in_chunks(b" " * 3_000_000), **headers)[0] == expected

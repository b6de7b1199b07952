"""The way out for forms: guarded like reads, and sent once."""

import json
import socket
import time
import traceback
from urllib.parse import parse_qs

import pytest
import responses

from service.fetch.http_client import Failure, Outbound, OutboundError
from tests.fetch.calls import outbound
from tests.fetch.servers import Answer, Heard, always, dripping, response, serving

MARK = "planted-marker"
PLENTY = 60.0  # seconds
URL = "https://login.example.org/token"
FORM = {"code": MARK, "code_verifier": "a b&c"}
BODY = {"access_token": "t"}


def post(
    url: str = URL, *, seconds: float = 10.0, max_bytes: int = 10_000, way: Outbound | None = None
) -> bytes:
    """What the form is answered with."""
    with outbound() as own:
        return (way or own).post_form(
            url, FORM, deadline=time.monotonic() + seconds, max_bytes=max_bytes, accept="application/json"
        )


def failure(url: str = URL, *, seconds: float = PLENTY) -> Failure:
    """Why there was no answer; the error tells nothing of what was sent, nor to whom."""
    with pytest.raises(OutboundError) as caught:
        post(url, seconds=seconds)
    written = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert MARK not in written
    assert "127.0.0.1" not in written
    return caught.value.reason


@responses.activate
def test_the_form_arrives_as_it_is() -> None:
    """As OAuth wants it: form-encoded, in the body, without a token of anybody."""
    responses.post(URL, json=BODY)
    assert json.loads(post()) == BODY
    sent = responses.calls[0].request
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in sent.headers
    assert parse_qs(str(sent.body)) == {name: [value] for name, value in FORM.items()}
    assert sent.url == URL


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://login.example.org/token", Failure.NOT_ALLOWED),
        ("https://user@login.example.org/token", Failure.NOT_ALLOWED),
        ("https://login.example.org/../token", Failure.NOT_ALLOWED),
        ("file:///etc/passwd", Failure.NOT_ALLOWED),
        ("https://169.254.169.254/latest/api/token", Failure.ADDRESS),
        ("https://[fd00:ec2::254]/token", Failure.ADDRESS),
        ("https://100.100.100.200/token", Failure.ADDRESS),
    ],
)
def test_addresses_that_nothing_is_sent_to(url: str, reason: Failure) -> None:
    """The same as for reads."""
    assert failure(url) is reason


def test_http_to_this_machine_is_for_development() -> None:
    """In production it is refused."""
    way = Outbound()
    with pytest.raises(OutboundError) as caught:
        post("http://127.0.0.1:9/token", way=way)
    assert caught.value.reason is Failure.NOT_ALLOWED


def test_the_peer_itself_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means a metadata address gets not one byte of the form."""
    with serving(always(response(BODY))) as server:
        port = server.base.rsplit(":", 1)[1].split("/")[0]
        monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("169.254.169.254", int(port)))
        resolved = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(port)))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: resolved)
        assert failure(f"https://rebound.example.org:{port}/token") is Failure.ADDRESS
    assert server.heard == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (always(response(BODY, status="400 Bad Request")), Failure.REFUSED),
        (always(response(BODY, status="401 Unauthorized")), Failure.UNAUTHORIZED),
        (always(response(BODY, status="302 Found", Location="http://127.0.0.1:9/x")), Failure.REDIRECT),
        (always(response(BODY, status="307 Temporary Redirect", Location="/elsewhere")), Failure.REDIRECT),
        (always(response(b"<html>", media="text/html")), Failure.MEDIA),
        (always(response(b"x" * 20_000)), Failure.TOO_LARGE),
        (always(response(BODY, status="500 Failed")), Failure.BROKEN),
        (dripping(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" ", 0.1), Failure.TIMEOUT),
    ],
)
def test_what_goes_wrong_has_a_word(answer: Answer, reason: Failure) -> None:
    """No redirect is followed, with or without the form; answers have their limits."""
    with serving(answer) as server:
        seconds = 0.7 if reason is Failure.TIMEOUT else PLENTY
        assert failure(f"{server.base}/token", seconds=seconds) is reason
    assert len(server.heard) == 1


def test_a_form_is_sent_once() -> None:
    """A server that is busy or hangs up may have used up the code in it."""

    def hang_up(connection: socket.socket, heard: Heard) -> None:
        connection.close()

    for answer in (always(response(BODY, status="503 Unavailable", Retry_After="0")), hang_up):
        with serving(answer) as server:
            assert failure(f"{server.base}/token") in (Failure.UNAVAILABLE, Failure.CONNECT)
        assert len(server.heard) == 1

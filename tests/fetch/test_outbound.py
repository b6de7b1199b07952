"""The one way out: what it refuses, what it makes of answers, and what it lets slip of none of it."""

import gzip
import json
import logging
import socket
import ssl
import subprocess
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
import responses

from service.fetch.http_client import Failure, Outbound, OutboundError
from tests.fetch.calls import SECONDS, outbound
from tests.fetch.servers import Answer, Heard, always, dripping, response, serving, silent

MARK = "planted-marker"
URL = f"https://ehr.example.org/fhir/Patient/{MARK}"
BODY = {"resourceType": "Patient", "id": MARK}
SOON = 0.7  # seconds that a slow server is given
SLACK = 5.0  # seconds in which it must be given up on a busy machine; the server itself takes longer


def read(
    url: str = URL, *, seconds: float = SECONDS, max_bytes: int = 100_000, token: str | None = None
) -> bytes:
    """What the way out brings from `url`."""
    with outbound() as way:
        return way.get(
            url,
            deadline=time.monotonic() + seconds,
            max_bytes=max_bytes,
            accept="application/json",
            token=token,
        )


def failure(url: str = URL, *, seconds: float = SECONDS, max_bytes: int = 100_000) -> Failure:
    """Why nothing could be brought from `url`; fails the test if something was, or if that took too long."""
    begun = time.monotonic()
    with pytest.raises(OutboundError) as caught:
        read(url, seconds=seconds, max_bytes=max_bytes, token=MARK)
    assert time.monotonic() - begun < seconds + SLACK
    assert caught.value.__context__ is None
    written = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert MARK not in written
    assert "127.0.0.1" not in written
    return caught.value.reason


class TestAddresses:
    """What is not even tried."""

    @pytest.mark.parametrize(
        "url",
        [
            "http://ehr.example.org/fhir",
            "http://10.0.0.1/fhir",
            "http://2130706433/fhir",
            "http://127.1/fhir",
            "http://localhost.example.org/fhir",
            "ftp://ehr.example.org/fhir",
            "file:///etc/passwd",
            "//ehr.example.org/fhir",
            "ehr.example.org/fhir",
            "",
            "https://",
            "https:///fhir",
            "https://user@ehr.example.org/fhir",
            "https://user:word@ehr.example.org/fhir",
            "https://good.example.org\\@ehr.example.org/fhir",
            "https://good.example.org\\.ehr.example.org/fhir",
            "https://ehr.example.org/fhir#part",
            "https://ehr.example.org:0/fhir",
            "https://ehr.example.org:65536/fhir",
            "https://ehr.example.org:/fhir",
            "https://ehr.example.org:99999999999/fhir",
            "https://ehr.example.org /fhir",
            " https://ehr.example.org/fhir",
            "https://ehr.example.org/fhir\n",
            "https://ehr.example.org/fh\tir",
            "https://ehr.example.org/fhir\r\nHost: other",
            "https://ehr.example.org/fhir\x00",
            "https://ehr.exämple.org/fhir",
            "https://ehr.example.org/ﬁhir",
            "https://ehr。example.org/fhir",
            "https://%65hr.example.org/fhir",
            "https://[fe80::1%25eth0]/fhir",
            "https://[::1/fhir",
            "https://ehr.example.org/fhir/../admin",
            "https://ehr.example.org/fhir/%2e%2E/admin",
            "https://ehr.example.org/fhir/.%2e",
            "https://ehr.example.org/fhir/./Patient",
            "https://ehr.example.org/fhir/..%2fadmin",
            "https://ehr.example.org/fhir/..;/admin",
            "https://ehr.example.org/fhir/%2e%2e;x=y/admin",
            "https://ehr.example.org/fhir/..%3B/admin",
        ],
    )
    def test_odd_addresses_are_refused(self, url: str) -> None:
        """Nothing that two readers of a URL could read in two ways."""
        assert failure(url) is Failure.NOT_ALLOWED

    @pytest.mark.parametrize(
        "host",
        [
            "169.254.169.254",
            "100.100.100.200",
            "168.63.129.16",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:a9fe:a9fe::]",
            "[::a9fe:a9fe]",
            "[::]",
        ],
    )
    def test_forbidden_addresses_are_refused(self, host: str) -> None:
        """Whatever the scheme: a listed name is no excuse."""
        assert failure(f"https://{host}/latest/meta-data/") is Failure.ADDRESS

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
    def test_http_to_this_machine_is_for_development(self, host: str) -> None:
        """In production it is refused like any other http."""
        way = Outbound()
        with pytest.raises(OutboundError) as caught:
            way.get(f"http://{host}:9/", deadline=time.monotonic() + 1, max_bytes=9, accept="x")
        way.close()
        assert caught.value.reason is Failure.NOT_ALLOWED

    @pytest.mark.parametrize("answer", ["169.254.169.254", "100.100.100.200", "0.0.0.0"])
    def test_the_peer_itself_is_checked(self, answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A listed name that suddenly means a forbidden address gets not one byte."""
        with serving(always(response(BODY))) as server:
            port = int(server.base.rsplit(":", 1)[1].split("/")[0])
            monkeypatch.setattr(socket.socket, "getpeername", lambda _: (answer, port))
            resolved = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_: resolved)
            assert failure(f"https://rebound.example.org:{port}/fhir") is Failure.ADDRESS
            assert failure(f"http://localhost:{port}/fhir") is Failure.ADDRESS
        assert server.heard == []

    def test_localhost_elsewhere_gets_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without TLS the peer must be this machine, whatever its name says."""
        with serving(always(response(BODY))) as server:
            port = int(server.base.rsplit(":", 1)[1].split("/")[0])
            monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("10.0.0.1", port))
            assert failure(f"http://127.0.0.1:{port}/fhir") is Failure.ADDRESS
        assert server.heard == []


class TestAnswers:
    """What statuses, media types and header fields come to."""

    @responses.activate
    def test_a_body_is_brought(self) -> None:
        """With the token, the types that are accepted, and nothing of the environment."""
        responses.get(URL, json=BODY, content_type="application/fhir+json; charset=utf-8")
        assert json.loads(read(token="t0ken")) == BODY
        sent = responses.calls[0].request
        assert sent.headers["Authorization"] == "Bearer t0ken"
        assert sent.headers["Accept"] == "application/json"
        assert sent.headers["Accept-Encoding"] == "gzip"

    @responses.activate
    def test_without_a_token_there_is_no_authorization(self) -> None:
        """Neither from a file of passwords."""
        responses.get(URL, json=BODY)
        read()
        assert "Authorization" not in responses.calls[0].request.headers

    @responses.activate
    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (201, Failure.UNREADABLE),
            (204, Failure.UNREADABLE),
            (206, Failure.UNREADABLE),
            (301, Failure.REDIRECT),
            (302, Failure.REDIRECT),
            (304, Failure.REDIRECT),
            (307, Failure.REDIRECT),
            (400, Failure.REFUSED),
            (401, Failure.UNAUTHORIZED),
            (403, Failure.FORBIDDEN),
            (404, Failure.NOT_FOUND),
            (410, Failure.NOT_FOUND),
            (418, Failure.REFUSED),
            (500, Failure.BROKEN),
            (502, Failure.BROKEN),
        ],
    )
    def test_every_status_but_200_is_a_failure(self, status: int, expected: Failure) -> None:
        """Asked once only."""
        responses.get(URL, status=status, json=BODY, headers={"Location": "https://elsewhere.example.org/"})
        assert failure() is expected
        assert len(responses.calls) == 1

    @responses.activate
    @pytest.mark.parametrize(
        "media",
        [
            "application/json",
            "application/fhir+json",
            "application/json+fhir",
            "application/fhir+json;fhirVersion=4.0",
            "application/jwk-set+json",
            "text/json",
            "APPLICATION/FHIR+JSON; charset=UTF-8",
        ],
    )
    def test_json_by_any_of_its_names(self, media: str) -> None:
        """Servers of before R4 have names of their own."""
        responses.get(URL, body=b"{}", content_type=media)
        assert read() == b"{}"

    @responses.activate
    @pytest.mark.parametrize("media", ["text/html", "application/fhir+xml", "", "application/jsonp", "json"])
    def test_other_media_are_a_failure(self, media: str) -> None:
        """An error page with status 200 is no record."""
        responses.get(URL, body=b"<html>Sorry, {}</html>", content_type=media)
        assert failure() is Failure.MEDIA

    @responses.activate
    @pytest.mark.parametrize("status", [429, 503])
    @pytest.mark.parametrize("wait", [None, "0", "1"])
    def test_a_busy_server_is_asked_once_more(self, status: int, wait: str | None) -> None:
        """After as long as it wants."""
        responses.get(URL, status=status, headers={"Retry-After": wait} if wait else {})
        responses.get(URL, json=BODY)
        assert json.loads(read()) == BODY

    @responses.activate
    def test_a_date_to_retry_is_held_against_the_clock_of_the_server(self) -> None:
        """Ours may be years off."""
        wait = {"Date": "Wed, 21 Oct 2015 07:28:00 GMT", "Retry-After": "Wed, 21 Oct 2015 07:28:01 GMT"}
        responses.get(URL, status=503, headers=wait)
        responses.get(URL, json=BODY)
        assert json.loads(read()) == BODY

    @responses.activate
    @pytest.mark.parametrize(
        "wait",
        ["3600", "99999999999", "soon", "-1", "1.5", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Foo 2015"],
    )
    def test_a_server_that_wants_more_time_than_there_is_gets_it(self, wait: str) -> None:
        """And one whose wish cannot be told is left alone."""
        responses.get(URL, status=503, headers={"Retry-After": wait})
        assert failure() is Failure.UNAVAILABLE
        assert len(responses.calls) == 1

    @responses.activate
    def test_a_busy_server_is_not_asked_a_third_time(self) -> None:
        """Once is polite."""
        responses.get(URL, status=429, headers={"Retry-After": "0"})
        assert failure() is Failure.BUSY
        assert len(responses.calls) == 2

    @responses.activate
    def test_the_limit_of_size_is_of_the_body(self) -> None:
        """Up to and including it."""
        responses.get(URL, body=b"x" * 100, content_type="application/json")
        assert len(read(max_bytes=100)) == 100
        assert failure(max_bytes=99) is Failure.TOO_LARGE

    @responses.activate
    def test_no_cookie_is_kept(self) -> None:
        """Calls of several callers share the connections."""
        responses.get(URL, json=BODY, headers={"Set-Cookie": "session=of-somebody; Path=/"})
        with outbound() as way:
            for _ in range(2):
                way.get(URL, deadline=time.monotonic() + SECONDS, max_bytes=999, accept="x")
        assert all("Cookie" not in call.request.headers for call in responses.calls)

    @responses.activate
    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (requests.ConnectionError(MARK), Failure.CONNECT),
            (requests.ConnectTimeout(MARK), Failure.TIMEOUT),
            (requests.ReadTimeout(MARK), Failure.TIMEOUT),
            (requests.exceptions.SSLError(MARK), Failure.TLS),
            (requests.exceptions.InvalidURL(MARK), Failure.NOT_ALLOWED),
            (requests.exceptions.InvalidHeader(MARK), Failure.UNREADABLE),
        ],
    )
    def test_errors_of_the_libraries_have_a_word(self, error: Exception, expected: Failure) -> None:
        """And none of their text remains."""
        responses.get(URL, body=error)
        assert failure() is expected

    def test_after_the_deadline_nothing_is_asked(self) -> None:
        """Not even the name is looked up."""
        assert failure(seconds=0) is Failure.TIMEOUT


def bomb() -> bytes:
    """Thirty million bytes in thirty thousand."""
    return response(gzip.compress(b" " * 30_000_000), Content_Encoding="gzip")


def dying(connection: socket.socket, heard: Heard) -> None:
    """Hangs up in the middle of a body."""
    connection.sendall(response(BODY, length=5000))


def chunked(*chunks: bytes) -> bytes:
    """A response in chunks."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class TestRealServers:
    """Servers that listen on this machine; the deadline holds whatever they do."""

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            pytest.param(dying, Failure.UNREADABLE, id="dies in the body"),
            pytest.param(always(b""), Failure.CONNECT, id="hangs up"),
            pytest.param(always(b"SSH-2.0-OpenSSH\r\n"), Failure.CONNECT, id="speaks something else"),
            pytest.param(always(response(BODY, status="401 No")), Failure.UNAUTHORIZED, id="401"),
            pytest.param(always(response(b"<html>", media="text/html")), Failure.MEDIA, id="HTML"),
            pytest.param(always(response(b"x" * 200_000)), Failure.TOO_LARGE, id="huge"),
            pytest.param(always(response(b"x", length=10**12)), Failure.TOO_LARGE, id="says it is huge"),
            pytest.param(always(chunked(b"x" * 200_000)), Failure.TOO_LARGE, id="huge in chunks"),
            pytest.param(always(bomb()), Failure.TOO_LARGE, id="gzip bomb"),
            pytest.param(
                always(response(b"no gzip", Content_Encoding="gzip")), Failure.UNREADABLE, id="no gzip"
            ),
            pytest.param(always(chunked() + b"zz\r\n"), Failure.UNREADABLE, id="no chunk"),
            pytest.param(always(HEAD + b"X: " + b"x" * 100_000), Failure.CONNECT, id="huge header"),
            pytest.param(always(HEAD + b"X: 1\r\n" * 500 + b"\r\n"), Failure.CONNECT, id="endless header"),
        ],
    )
    def test_what_goes_wrong_has_a_word(self, answer: Answer, expected: Failure) -> None:
        """And is told well before the deadline."""
        with serving(answer) as server:
            assert failure(f"{server.base}/Patient/{MARK}") is expected

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(silent, id="says nothing"),
            pytest.param(dripping(b"HTTP/1.1 200", b" ", 0.05), id="drips the status"),
            pytest.param(dripping(HEAD, b"X: y\r\n", 0.05), id="drips the header"),
            pytest.param(dripping(HEAD + b"Content-Length: 500\r\n\r\n", b"x", 0.05), id="drips the body"),
            pytest.param(dripping(chunked(), b"1\r\nx\r\n", 0.05), id="drips chunks"),
            pytest.param(dripping(chunked(), b"0", 0.05), id="drips the length of a chunk"),
            pytest.param(
                dripping(
                    HEAD
                    + b"Content-Length: 500\r\nContent-Encoding: gzip\r\n\r\n"
                    + gzip.compress(b"x")[:10],
                    b"\x00",
                    0.05,
                ),
                id="drips gzip",
            ),
        ],
    )
    def test_slow_servers_do_not_outlive_the_deadline(self, answer: Answer) -> None:
        """However little they send at a time."""
        with serving(answer) as server:
            assert failure(f"{server.base}/Patient/{MARK}", seconds=SOON) is Failure.TIMEOUT

    @pytest.mark.parametrize(
        "target", ["http://169.254.169.254/latest/", "{base}/other", "file:///etc/passwd"]
    )
    def test_redirects_are_not_followed(self, target: str) -> None:
        """Not even to the same server, and their body is not read."""

        def answer(connection: socket.socket, heard: Heard) -> None:
            there = target.format(base="http://127.0.0.1")
            connection.sendall(response(b"x" * 1000, status="302 Found", Location=there, length=10**9))

        with serving(answer) as server:
            assert failure(f"{server.base}/Patient/{MARK}") is Failure.REDIRECT
        assert len(server.heard) == 1

    def test_a_closed_port(self) -> None:
        """A server that is away."""
        with serving(silent) as server:
            pass
        assert failure(f"{server.base}/Patient/{MARK}") is Failure.CONNECT

    def test_a_tls_handshake_that_never_ends(self) -> None:
        """It is bounded by the same deadline, and no token is sent before it."""
        with serving(silent) as server:
            port = server.base.rsplit(":", 1)[1].split("/")[0]
            assert failure(f"https://127.0.0.1:{port}/fhir", seconds=SOON) is Failure.TIMEOUT
        assert server.heard == []

    def test_gzip_is_unpacked(self) -> None:
        """Large records come in it."""
        packed = gzip.compress(json.dumps(BODY).encode())
        with serving(always(response(packed, Content_Encoding="gzip"))) as server:
            assert json.loads(read(f"{server.base}/Patient/p")) == BODY

    def test_a_connection_serves_several_reads(self) -> None:
        """Opening one costs more than the read."""
        with serving(always(response(BODY)), keep=True) as server, outbound() as way:
            for _ in range(5):
                way.get(f"{server.base}/x", deadline=time.monotonic() + SECONDS, max_bytes=999, accept="x")
        assert (len(server.heard), server.connections) == (5, 1)

    def test_bytes_after_a_body_are_no_answer_to_the_next_read(self) -> None:
        """A server that sends more than it said could slip in what somebody else asked for."""
        smuggled = response(BODY) + response({"resourceType": "Patient", "id": "somebody-else"})
        with serving(always(smuggled), keep=True) as server, outbound() as way:
            for _ in range(3):
                raw = way.get(
                    f"{server.base}/x", deadline=time.monotonic() + SECONDS, max_bytes=999, accept="x"
                )
                assert json.loads(raw) == BODY
                time.sleep(0.05)

    def test_a_server_that_had_closed_an_idle_connection_is_asked_again(self) -> None:
        """As every server does after a while."""

        def answer(connection: socket.socket, heard: Heard) -> None:
            connection.sendall(b"" if heard.number == 0 else response(BODY))

        with serving(answer) as server:
            assert json.loads(read(f"{server.base}/x")) == BODY
        assert len(server.heard) == 2

    def test_a_busy_server_and_then_an_answer(self) -> None:
        """Over a real connection."""

        def answer(connection: socket.socket, heard: Heard) -> None:
            busy = response(b"{}", status="429 Too Many Requests", Retry_After="1")
            connection.sendall(response(BODY) if heard.number else busy)

        with serving(answer) as server:
            assert json.loads(read(f"{server.base}/x")) == BODY
        assert len(server.heard) == 2

    def test_nothing_of_an_address_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        """Not even where the header of an answer is so odd that urllib3 warns of it."""
        odd = HEAD + b"no field at all\r\nContent-Length: 2\r\n\r\n{}"
        with caplog.at_level(logging.DEBUG), serving(always(odd)) as server, outbound() as way:
            way.get(
                f"{server.base}/Patient/{MARK}",
                deadline=time.monotonic() + SECONDS,
                max_bytes=999,
                accept="x",
                token=MARK,
            )
        assert MARK not in caplog.text


@contextmanager
def serving_tls(folder: Path, answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that shows a certificate of its own making, once: its port, and what it was sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(folder))
    heard: list[bytes] = []

    def accept(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            heard.append(secure.recv(10_000))
            secure.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept, args=(listening,))
        thread.start()
        yield listening.getsockname()[1], heard
        thread.join()


def test_certificates_that_nobody_vouches_for(tmp_path: Path) -> None:
    """A server that shows one gets no request."""
    with serving_tls(tmp_path, response(BODY)) as (port, heard):
        assert failure(f"https://localhost:{port}/fhir") is Failure.TLS
    assert not any(heard)


def test_certificates_that_the_machine_trusts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a hospital's own authority, which its machines are told of; the name must be right."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with serving_tls(tmp_path, response(BODY)) as (port, heard):
        assert json.loads(read(f"https://localhost:{port}/fhir", token="of-this-call")) == BODY
    assert b"Authorization: Bearer of-this-call" in heard[0]
    with serving_tls(tmp_path, response(BODY)) as (port, heard):
        assert failure(f"https://127.0.0.1:{port}/fhir") is Failure.TLS
    assert not any(heard)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that its own key has signed, and the key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    of_localhost = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            *of_localhost,
            "-keyout",
            key,
            "-out",
            certificate,
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key

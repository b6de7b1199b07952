"""The gateway: what the application is given of a request, and what goes out of what it answers."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from cds_hooks.errors import UnavailableError
from service.operations import bodies
from service.operations.bodies import AT_ONCE, LARGE, Refused
from service.operations.gateway import HUNG_UP, MIDDLING, Gateway
from tests.hooks.ehr import PATH, usual

MOST = 4 * LARGE
T = TypeVar("T")
Header = tuple[str, str]


class Headers(list[Header]):
    """Headers as granian has them: names in small letters, a name more than once where it came so."""

    def items(self) -> list[Header]:
        """All of them."""
        return list(self)

    def __contains__(self, name: object) -> bool:
        return any(name == known for known, _ in self)

    def get(self, name: str, default: str) -> str:
        """The first value of a name."""
        return next((value for known, value in self if known == name), default)


@dataclass
class Exchange:
    """One request as granian hands it over, sent in `pieces`, and what it got as answer."""

    pieces: Sequence[bytes] = ()
    pause: float = 0.0
    answer: tuple[int, Any, bytes] | None = None
    waited: list[bytes] = field(default_factory=list)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            await asyncio.sleep(self.pause)
            self.waited.append(piece)
            yield piece

    async def client_disconnect(self) -> None:
        """Stay."""
        await asyncio.sleep(3600)

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        """Take an answer."""
        self.answer = (status, headers, body)

    def response_empty(self, status: int, headers: Any) -> None:
        """Take an answer without a body."""
        self.answer = (status, headers, b"")


class Seen:
    """An application that keeps what it is given and answers with the body."""

    def __init__(self) -> None:
        self.environ: WSGIEnvironment = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with the body."""
        self.environ = environ
        try:
            body = environ["wsgi.input"].read()
        except TimeoutError:
            start_response("408 Request Timeout", [])
            return [b"late"]
        start_response("200 OK", [("A", "1"), ("A", "2")])
        return [body[:1], body[1:]]


def scope(headers: Iterable[Header] = (), **changes: Any) -> Any:
    """A request as granian describes it."""
    return SimpleNamespace(
        **{
            "method": "POST",
            "path": "/",
            "query_string": "",
            "server": "127.0.0.1:8000",
            "scheme": "http",
            "client": "[::1]:5000",
            "http_version": "1.1",
            "headers": Headers(headers),
            **changes,
        }
    )


def in_a_loop(run: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a coroutine returns, run in a thread of its own: that of the tests may drive a browser."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: asyncio.run(run())).result()


def passed(app: WSGIApplication, request: Any, *exchanges: Exchange, seconds: float = 60.0) -> None:
    """Let requests go through the gateway at the same time."""

    async def run() -> None:
        gateway = Gateway(app, threads=2, most_bytes=MOST, on_stop=lambda: None, body_seconds=seconds)
        await asyncio.gather(*(gateway.__rsgi__(request, each) for each in exchanges))  # type: ignore[arg-type]
        gateway.__rsgi_del__(asyncio.get_running_loop())

    in_a_loop(run)


def body_of(length: int | None) -> Mapping[str, str]:
    """The header of a body."""
    return {"transfer-encoding": "chunked"} if length is None else {"content-length": str(length)}


def test_the_application_gets_the_request() -> None:
    """Address, query and headers as PEP 3333 has them; a header that came twice is one with a comma."""
    app = Seen()
    headers = [("content-type", "a/b"), ("x-a", "1"), ("x-a", "2"), ("content-length", "2")]
    exchange = Exchange([b"h", b"i"])
    passed(app, scope(headers, path="/\u00e4", query_string="q=1"), exchange)
    expected = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/\xc3\xa4",
        "QUERY_STRING": "q=1",
        "CONTENT_TYPE": "a/b",
        "CONTENT_LENGTH": "2",
        "HTTP_X_A": "1,2",
        "REMOTE_ADDR": "[::1]",
        "SERVER_PORT": "8000",
    }
    assert {name: app.environ[name] for name in expected} == expected
    assert exchange.answer == (200, [("A", "1"), ("A", "2")], b"hi")


def test_a_header_cannot_pass_for_another() -> None:
    """A name with an underscore would read like the one with a hyphen: it is left out."""
    app = Seen()
    passed(app, scope([("x_request_id", "forged"), ("authorization", "a")]), Exchange())
    assert "HTTP_X_REQUEST_ID" not in app.environ
    assert app.environ["HTTP_AUTHORIZATION"] == "a"


def test_a_request_without_a_body_is_not_waited_for() -> None:
    """Neither length nor encoding means that there is none."""
    exchange = Exchange([b"x"], pause=60)
    passed(Seen(), scope(method="GET"), exchange)
    assert exchange.answer == (200, [("A", "1"), ("A", "2")], b"")


@pytest.mark.parametrize("length", [3, None])
def test_a_late_body_is_told_from_a_whole_one(length: int | None) -> None:
    """What did not come in time reads as a time-out, however the length was declared."""
    exchange = Exchange([b"a", b"b", b"c"], pause=60)
    passed(Seen(), scope(body_of(length).items()), exchange, seconds=0.2)
    assert exchange.answer == (408, [], b"late")


def test_a_body_that_ends_early_is_no_body() -> None:
    """Fewer bytes than declared are never taken for the whole."""
    exchange = Exchange([b"{}"])
    passed(Seen(), scope(body_of(3).items()), exchange)
    assert exchange.answer == (408, [], b"late")


def test_of_a_body_that_is_too_long_little_is_kept() -> None:
    """The application sees that it is too long, and its sender gets to send it all."""
    app = Seen()
    exchange = Exchange([b"x" * LARGE] * 10)
    passed(app, scope(body_of(None).items()), exchange)
    assert exchange.answer is not None
    assert MOST < len(exchange.answer[2]) <= MOST + LARGE
    assert len(exchange.waited) == 10


class Large(Exchange):
    """A request with a large body: that its first byte beyond LARGE is asked for shows that it has room."""

    holding: ClassVar[set[int]] = set()
    most: ClassVar[list[int]] = []

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"x" * LARGE
        yield b"x"
        self.holding.add(id(self))
        self.most.append(len(self.holding))
        await asyncio.sleep(0.01)

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        """Take an answer."""
        self.holding.discard(id(self))
        super().response_bytes(status, headers, body)


def test_few_large_bodies_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those beyond wait for room, as many bytes as they declare, until others are answered."""
    monkeypatch.setattr(bodies, "WAIT_SECONDS", 60.0)
    Large.most.clear()
    many = [Large() for _ in range(3 * AT_ONCE)]
    passed(Seen(), scope(body_of(None).items()), *many)
    assert {each.answer[0] for each in many if each.answer} == {200}
    assert (len(Large.most), max(Large.most)) == (len(many), AT_ONCE)


def test_a_body_that_waits_too_long_for_room_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is welcome again later; others that came before are answered."""
    monkeypatch.setattr(bodies, "WAIT_SECONDS", 0.05)
    release = threading.Event()

    def waits(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            environ["wsgi.input"].read()
        except UnavailableError as refusal:
            release.set()
            start_response("503 Service Unavailable", list(refusal.headers.items()))
            return [b""]
        release.wait()
        start_response("200 OK", [])
        return [b""]

    many = [Large() for _ in range(AT_ONCE + 1)]
    passed(waits, scope(body_of(None).items()), *many)
    answers = sorted((each.answer for each in many if each.answer), key=lambda answer: answer[0])
    assert [status for status, _, _ in answers] == [200] * AT_ONCE + [503]
    assert answers[-1][1] == [("Retry-After", "5")]


@pytest.mark.parametrize("token", ["", "Bearer x"])
def test_the_service_refuses_what_there_was_no_room_for(token: str) -> None:
    """With 503 and the time after which it is welcome again, in the form of every other refusal."""
    app = usual().application
    builder = EnvironBuilder(method="POST", path=PATH.format(hook="patient-view"))
    builder.content_type = "application/json"
    builder.headers["Authorization"] = token
    refused = {"wsgi.input": Refused(), "wsgi.input_terminated": True, "CONTENT_LENGTH": "33000000"}
    made, status, headers = run_wsgi_app(app.wsgi_app, {**builder.get_environ(), **refused})
    assert (status[:3], headers["Retry-After"]) == ("503", "5")
    assert json.loads(b"".join(made))["issue"][0]["code"] == "transient"


@pytest.mark.parametrize(("name", "pause"), [("STALL_SECONDS", 3600.0), ("GRACE_SECONDS", 0.01)])
def test_a_sender_that_stalls_loses_its_room(
    monkeypatch: pytest.MonkeyPatch, name: str, pause: float
) -> None:
    """With room taken a body has to keep coming, at a pace, or it is late long before its time is over."""
    monkeypatch.setattr(bodies, name, 0.1)

    class Stalled(Exchange):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"x" * (LARGE + 1)
            while True:
                await asyncio.sleep(pause)
                yield b"x"

    many = [Stalled() for _ in range(2 * AT_ONCE)]
    passed(Seen(), scope(body_of(None).items()), *many, seconds=3600)
    assert [each.answer for each in many] == [(408, [], b"late")] * len(many)


def test_small_calls_do_not_wait_behind_large_ones() -> None:
    """However many threads larger bodies keep busy."""
    answered = threading.Event()

    def waits(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        if len(environ["wsgi.input"].read()) > 1:
            return [b"after it" if answered.wait(30) else b"in vain"]
        answered.set()
        return [b"small"]

    sizes = [LARGE + 1] * 3 + [MIDDLING + 1] * 8 + [1]
    exchanges = [Exchange([b"x" * size]) for size in sizes]
    passed(waits, scope(body_of(None).items()), *exchanges)
    answers = [each.answer[2] for each in exchanges if each.answer]
    assert answers == [b"after it"] * 11 + [b"small"]


def test_what_nobody_waits_for_is_told_or_not_begun() -> None:
    """When callers hang up, the call under way can see it, and those that still wait are never begun."""
    begun = threading.Event()
    seen: list[bool] = []
    left: list[int] = []

    def waits(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun.set()
        seen.append(environ[HUNG_UP].wait(30))
        start_response("200 OK", [])
        return [b""]

    class Gone(Exchange):
        async def client_disconnect(self) -> None:
            while not begun.is_set() or (self is many[0] and len(left) < len(many) - 1):
                await asyncio.sleep(0.01)
            left.append(id(self))

    many = [Gone([b"x" * (LARGE + 1)]) for _ in range(4)]
    passed(waits, scope(body_of(None).items()), *many)
    assert seen == [True]
    assert [each.answer is not None for each in many] == [True, False, False, False]


def test_busy_threads_do_not_hide_that_the_service_lives() -> None:
    """Whoever looks after it is answered while every call waits for something else."""
    looked = threading.Event()

    def waits(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/health/live":
            looked.set()
            return [b"lives"]
        return [b"after it" if looked.wait(30) else b"in vain"]

    async def run() -> list[Exchange]:
        gateway = Gateway(waits, threads=2, most_bytes=MOST, on_stop=lambda: None)
        exchanges = [Exchange() for _ in range(4)]
        paths = ("/cds-services/a", "/cds-services/a", "/cds-services/a", "/health/live")
        requests = [scope(path=path) for path in paths]
        await asyncio.gather(*map(gateway.__rsgi__, requests, exchanges))  # type: ignore[arg-type]
        gateway.__rsgi_del__(asyncio.get_running_loop())
        return exchanges

    answers = [each.answer[2] for each in in_a_loop(run) if each.answer]
    assert answers == [b"after it"] * 3 + [b"lives"]


def test_an_application_that_fails_is_logged_without_values(caplog: pytest.LogCaptureFixture) -> None:
    """The caller gets a bare 500; the text of the exception goes nowhere but into the record's exception."""

    def failing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise ValueError("Zzyzx")

    exchange = Exchange()
    with caplog.at_level(logging.ERROR):
        passed(failing, scope(method="GET"), exchange)
    assert exchange.answer == (500, [], b"")
    assert [record.getMessage() for record in caplog.records] == ["the application failed"]

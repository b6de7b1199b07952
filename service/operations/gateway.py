"""The way in: granian hands requests over here, and whole ones go on to the WSGI application.

Over WSGI granian gives a thread to a request before its body has come, and has no limit for how long that may
take: a few callers that send a byte now and then would take all threads. Here bodies are received beside the
threads (`service.operations.bodies`). Then a request waits for a thread of its lane: there are many for small
bodies, some for middling ones, and one for large ones, so that a small call does not wait behind large ones.
A caller who hangs up is noticed, and nothing is begun for it any more.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from threading import Event
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]  # imported there without `as`

from service.operations.bodies import BODY_SECONDS, LARGE, Bodies, Body
from service.operations.memory import give_back

MIDDLING = 256 * 1024  # bytes from which a body is none of the small ones
MIDDLING_AT_ONCE = 4
LARGE_AT_ONCE = 1
GIVE_BACK_SECONDS = 1.0  # after a large call, when nothing refers to it any more
LOOKED_AT = ("/health", "/metrics")
LOOKS_AT_ONCE = 2
HUNG_UP = "ketamine_cds.hung_up"
"""The key in the environment of an event that is set when the caller hangs up; small calls have none."""
WEIGHT = "ketamine_cds.weight"
"""The key in the environment of how many bytes a body has, unpacked; small calls have none."""

_OWN_NAME = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}

_log = logging.getLogger(__name__)


class Gateway:
    """Runs `app` in `threads` threads, on requests whose bodies of at most `most_bytes` have come."""

    def __init__(
        self,
        app: WSGIApplication,
        *,
        threads: int,
        most_bytes: int,
        on_stop: Callable[[], None],
        on_start: Callable[[asyncio.AbstractEventLoop], None] = lambda _: None,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._bodies = Bodies(most_bytes, body_seconds)
        self._small = ThreadPoolExecutor(threads, "call")
        self._middling = ThreadPoolExecutor(MIDDLING_AT_ONCE, "middling")
        self._large = ThreadPoolExecutor(LARGE_AT_ONCE, "large")
        # While all threads wait for an EHR the service lives, and who finds it dead would make it worse.
        self._lookers = ThreadPoolExecutor(LOOKS_AT_ONCE, "look")
        self._on_start, self._on_stop = on_start, on_stop

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, when granian is about to listen."""
        self._on_start(loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        async with AsyncExitStack() as places:
            body = await self._bodies.receive(scope, protocol, places)
            environment = environ(scope, body)
            lane = self._lane(scope, body)
            if lane in (self._small, self._lookers):
                await asyncio.wrap_future(lane.submit(self._respond, environment, protocol))
                return
            hung_up = environment[HUNG_UP] = Event()
            environment[WEIGHT] = body.weight
            answer = lane.submit(self._respond, environment, protocol)
            del body, environment  # they are large, and nothing here needs them any more
            await _unless_hung_up(answer, hung_up, protocol)
        if lane is self._large:
            asyncio.get_running_loop().call_later(GIVE_BACK_SECONDS, self._give_back)

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """End, when granian has stopped listening and everything in flight is answered."""
        for lane in (self._small, self._middling, self._large, self._lookers):
            lane.shutdown()
        self._on_stop()

    def _give_back(self) -> None:
        with suppress(RuntimeError):  # the lane has been closed
            self._large.submit(give_back)

    def _lane(self, scope: Scope, body: Body) -> ThreadPoolExecutor:
        if scope.path.startswith(LOOKED_AT):
            return self._lookers
        if body.weight > LARGE:
            return self._large
        return self._middling if body.weight > MIDDLING else self._small

    def _respond(self, environment: WSGIEnvironment, protocol: HTTPProtocol) -> None:
        answer = _Answer()
        try:
            made = self._app(environment, answer.start)
            try:
                content = b"".join(made)
            finally:
                if hasattr(made, "close"):
                    made.close()
        except Exception:
            _log.exception("the application failed")
            protocol.response_empty(500, [])
        else:
            protocol.response_bytes(answer.status, answer.headers, content)


async def _unless_hung_up(answer: Future[None], hung_up: Event, protocol: HTTPProtocol) -> None:
    """Wait for an answer; if the caller hangs up, have the work given up or not begun."""

    async def look_out() -> None:
        await protocol.client_disconnect()
        hung_up.set()
        answer.cancel()

    looking_out = asyncio.ensure_future(look_out())
    try:
        await asyncio.wrap_future(answer)
    except asyncio.CancelledError:
        if not answer.cancelled():
            raise
    finally:
        looking_out.cancel()


class _Answer:
    """Status and headers, as an application passes them to `start_response`."""

    status = 500
    headers: list[tuple[str, str]]

    def start(
        self, status: str, headers: list[tuple[str, str]], _failure: Any = None
    ) -> Callable[[bytes], object]:
        self.status, self.headers = int(status[:3]), headers
        return self._write

    @staticmethod
    def _write(_: bytes) -> object:
        raise NotImplementedError("no framework of today writes this way")


def environ(scope: Scope, body: Body) -> WSGIEnvironment:
    """Return the request as a WSGI environment (PEP 3333).

    A header with an underscore in its name is left out: it could pass for the one with a hyphen.
    """
    host, _, port = scope.server.rpartition(":")
    made: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body.content,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" not in name:
            key = _OWN_NAME.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
            made[key] = f"{made[key]},{value}" if key in made else value
    return made

"""The way in: granian hands requests over here, and whole ones go on to the WSGI application.

Over WSGI granian gives a thread to a request before its body has come, and has no limit for how long that may
take: a few callers that send a byte now and then would take all threads. Here bodies are received beside the
threads, within a time, and only few large ones at once. A body that did not come whole in time raises
TimeoutError when the application reads it.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from io import BytesIO, RawIOBase
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]  # imported there without `as`

BODY_SECONDS = 10.0
LARGE = 1024 * 1024  # bytes from which a body needs one of the places for large ones
LARGE_AT_ONCE = 8
LOOKED_AT = ("/health", "/metrics")
LOOKS_AT_ONCE = 2
DROPPED_BYTES = 64 * 1024 * 1024  # of a body that is too long, so that its sender gets to read the refusal

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
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._kept = most_bytes + 1  # with one byte more the application sees that there is too much
        self._seconds = body_seconds
        self._threads = ThreadPoolExecutor(threads, "call")
        # While all threads wait for an EHR the service lives, and who finds it dead would make it worse.
        self._lookers = ThreadPoolExecutor(LOOKS_AT_ONCE, "look")
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._on_stop = on_stop

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        async with AsyncExitStack() as places:
            body = await self._received(scope, protocol, places)
            threads = self._lookers if scope.path.startswith(LOOKED_AT) else self._threads
            called = asyncio.get_running_loop().run_in_executor(
                threads, self._respond, environ(scope, body), protocol
            )
            await called

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """End, when granian has stopped listening and everything in flight is answered."""
        self._threads.shutdown()
        self._lookers.shutdown()
        self._on_stop()

    async def _received(
        self, scope: Scope, protocol: HTTPProtocol, places: AsyncExitStack
    ) -> "BytesIO | Unfinished":
        if "content-length" not in scope.headers and "transfer-encoding" not in scope.headers:
            return BytesIO()
        pieces, size = [], 0
        try:
            async with asyncio.timeout(self._seconds):
                async for piece in protocol:
                    if size <= LARGE < size + len(piece):
                        await places.enter_async_context(self._large)
                    if size < self._kept:
                        pieces.append(piece)
                    size += len(piece)
                    if size > DROPPED_BYTES:
                        break
        except TimeoutError:
            return Unfinished()
        if size < int(scope.headers.get("content-length", "0")) and size <= DROPPED_BYTES:
            return Unfinished()  # the caller has gone
        return BytesIO(b"".join(pieces))

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


class Unfinished(RawIOBase):
    """A body that did not come whole in time."""

    def readable(self) -> bool:
        """It may be read, yet nothing comes."""
        return True

    def readinto(self, _: Any) -> int:
        """Raise TimeoutError, as a socket does that was waited for too long."""
        raise TimeoutError("the body did not come whole in time")


class _Answer:
    """What an application says by calling `start_response`."""

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


def environ(scope: Scope, body: BytesIO | Unfinished) -> WSGIEnvironment:
    """The request as WSGI has it (PEP 3333).

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
        "wsgi.input": body,
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

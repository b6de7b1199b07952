"""Receives the bodies of requests beside the threads: within a time, a pace and a number of bytes.

A large body needs room before it is read further than LARGE, as many bytes as it declares. Room is given in
the order of coming; a body that waits for longer than WAIT_SECONDS is refused with 503, and read on only so
that its sender gets to read that. With its room a body has to keep coming, and at a pace, so that senders
that stall do not hold what others wait for.
"""

import asyncio
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import BytesIO, RawIOBase
from typing import Any

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]  # imported there without `as`

from cds_hooks.errors import UnavailableError

BODY_SECONDS = 10.0
LARGE = 1024 * 1024  # bytes from which a body needs room
AT_ONCE = 4  # bodies of the greatest length that there is room for in a worker
WAIT_SECONDS = 5.0  # for room
STALL_SECONDS = 2.0  # without a byte, after which a sender loses its room
GRACE_SECONDS = 5.0
PACE = 2 * 1024 * 1024  # bytes a second that a large body has to come with, after GRACE_SECONDS
DROPPED_BYTES = 64 * 1024 * 1024  # of a body that is not kept, so that its sender gets to read the refusal
AGAIN_SECONDS = 5  # after which a body is welcome again for which there was no room

_GZIP_END = 4  # bytes of a gzip stream that state its length unpacked


class Room:
    """A number of bytes to share, on one event loop; a body that does not fit waits for earlier ones."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int) -> None:
        """Wait until there is room for `size` bytes, and take it."""
        if not self._waiting and size <= self._left:
            self._left -= size
            return
        turn = (size, asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        try:
            await turn[1]
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
                self._admit()
            else:  # its turn came when it was no longer waited for
                self.give(size)
            raise

    def give(self, size: int) -> None:
        """Give back what was taken."""
        self._left += size
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._left:
            size, turn = self._waiting.popleft()
            self._left -= size
            if not turn.done():
                turn.set_result(None)


class Unfinished(RawIOBase):
    """A body that did not arrive completely in time."""

    def readable(self) -> bool:
        """Return True: the body may be read, although nothing comes."""
        return True

    def readinto(self, _: Any) -> int:
        """Raise TimeoutError, as a socket does after too long a wait."""
        raise TimeoutError("the body did not come whole in time")


class Refused(RawIOBase):
    """A body for which there was no room."""

    def readable(self) -> bool:
        """Return True: the body may be read, and reading it raises the refusal."""
        return True

    def readinto(self, _: Any) -> int:
        """Raise the error with which the call is answered."""
        raise UnavailableError("expected fewer large bodies at a time", AGAIN_SECONDS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What came, and its size in bytes; for a packed body, the size when unpacked."""

    content: BytesIO | Unfinished | Refused
    weight: int = 0


class Bodies:
    """Receives bodies of at most `most_bytes`, and one byte more, which shows that there is too much."""

    def __init__(self, most_bytes: int, seconds: float = BODY_SECONDS) -> None:
        self._kept = most_bytes + 1
        self._seconds = seconds
        self._room = Room(AT_ONCE * self._kept)

    async def receive(self, scope: Scope, protocol: HTTPProtocol, places: AsyncExitStack) -> Body:
        """Return the body of a request; the room that it takes is given back when `places` is left."""
        if "content-length" not in scope.headers and "transfer-encoding" not in scope.headers:
            return Body(content=BytesIO())
        declared = int(scope.headers.get("content-length", "0"))
        coming = _Coming(self._kept)
        try:
            await self._read(protocol, coming, declared, places)
        except TimeoutError:
            return Body(content=Refused() if coming.is_refused else Unfinished())
        if coming.is_refused:
            return Body(content=Refused())
        if coming.size < min(declared, DROPPED_BYTES):  # the caller has gone
            return Body(content=Unfinished())
        return await self._weighed(coming, scope.headers.get("content-encoding", ""), places)

    async def _read(
        self, protocol: HTTPProtocol, coming: "_Coming", declared: int, places: AsyncExitStack
    ) -> None:
        clock = asyncio.get_running_loop().time
        async with asyncio.timeout(self._seconds) as limit:
            since = None
            async for piece in protocol:
                if since is None and coming.size + len(piece) > LARGE:
                    limit.reschedule(None)
                    coming.is_refused = not await self._has_room(declared or self._kept, places)
                    since = clock()
                coming.add(piece)
                if since is not None:
                    limit.reschedule(min(clock() + STALL_SECONDS, since + GRACE_SECONDS + coming.size / PACE))
                if coming.size > DROPPED_BYTES:
                    return

    async def _weighed(self, coming: "_Coming", coding: str, places: AsyncExitStack) -> Body:
        """Return the body with its weight; a small body that unfolds to a large one needs room as well."""
        weight = min(coming.unfolds_to() if coding.lower() == "gzip" else coming.size, self._kept)
        if coming.size <= LARGE < weight and not await self._has_room(weight, places):
            return Body(content=Refused())
        return Body(content=coming.whole(), weight=weight)

    async def _has_room(self, size: int, places: AsyncExitStack) -> bool:
        taken = min(size, self._kept)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._room.take(taken)
        except TimeoutError:
            return False
        places.callback(self._room.give, taken)
        return True


class _Coming:
    """The part of a body that has arrived, of which `kept` bytes are kept."""

    def __init__(self, kept: int) -> None:
        self.size = 0
        self.is_refused = False
        self._kept = kept
        self._content = BytesIO()

    def add(self, piece: bytes) -> None:
        if self.size < self._kept and not self.is_refused:
            self._content.write(piece)
        self.size += len(piece)

    def unfolds_to(self) -> int:
        """Return the number of bytes that a gzip stream claims to hold; unpacking stops there."""
        return int.from_bytes(self._content.getbuffer()[-_GZIP_END:], "little")

    def whole(self) -> BytesIO:
        self._content.seek(0)
        return self._content

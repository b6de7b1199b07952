"""Loads a service over HTTP/1.1 with bodies made before, and keeps what each answer took.

One connection is a blocking socket, so that the client adds next to nothing. More are asyncio connections
of this process, which shares the cores with the service: rates are for comparison side by side.
An answer that is not the expected one stops the run: a fast wrong answer is worth nothing.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LATEST = 120.0  # seconds after which an answer will not come any more
LEAST = 5  # calls, however long they take

Check = Callable[[bytes, bytes], None]
"""Raises for an answer, header and body, that is not the expected one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What the calls of a run took, in milliseconds in rising order, and how long the run was in seconds."""

    ms: Sequence[float]
    seconds: float

    def at(self, share: float) -> float:
        """The time within which this share of the calls was answered."""
        return self.ms[min(int(len(self.ms) * share), len(self.ms) - 1)]

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.ms) / self.seconds


def as_request(path: str, body: bytes) -> bytes:
    """The bytes of one request."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def one_connection(port: int, requests: Sequence[bytes], check: Check, *, seconds: float, most: int) -> Taken:
    """Ask one after the other, for so many seconds or calls at most."""
    with connection(port) as link:
        times: list[float] = []
        began = perf_counter()
        for request in cycle(requests):
            sent = perf_counter()
            link.sendall(request)
            head, body = answer_of(link)
            times.append((perf_counter() - sent) * 1000)
            check(head, body)
            if len(times) >= most or (perf_counter() - began > seconds and len(times) >= LEAST):
                break
        return Taken(ms=sorted(times), seconds=perf_counter() - began)


def connection(port: int) -> socket.socket:
    """A connection to the service on this machine."""
    link = socket.create_connection(("127.0.0.1", port), timeout=LATEST)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def answer_of(link: socket.socket) -> tuple[bytes, bytes]:
    """The header and the body of the next answer."""
    read = bytearray()
    while (end := read.find(b"\r\n\r\n")) < 0:
        read += _some(link)
    head = bytes(read[:end])
    whole = end + 4 + _length(head)
    while len(read) < whole:
        read += _some(link)
    return head, bytes(read[end + 4 :])


def _some(link: socket.socket) -> bytes:
    if piece := link.recv(262_144):
        return piece
    raise ConnectionError("the service closed the connection")


def _length(head: bytes) -> int:
    found = LENGTH.search(head)
    if found is None:
        raise ValueError("an answer without Content-Length")
    return int(found[1])


def many_connections(
    port: int,
    requests: Sequence[bytes],
    check: Check,
    *,
    connections: int,
    seconds: float,
    most: int | None = None,
) -> Taken:
    """Ask over so many connections at a time, each as fast as it is answered."""
    run = _Run(requests, check, seconds, most)
    return asyncio.run(run.over(port, connections))


class _Run:
    def __init__(self, requests: Sequence[bytes], check: Check, seconds: float, most: int | None) -> None:
        self._next, self._check, self._seconds, self._left = cycle(requests), check, seconds, most
        self._times: list[float] = []

    async def over(self, port: int, connections: int) -> Taken:
        began = perf_counter()
        self._until = began + self._seconds
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(self._ask(port))
        return Taken(ms=sorted(self._times), seconds=perf_counter() - began)

    async def _ask(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while perf_counter() < self._until and self._left != 0:
            if self._left is not None:
                self._left -= 1
            sent = perf_counter()
            writer.write(next(self._next))
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LATEST)
            body = await asyncio.wait_for(reader.readexactly(_length(head)), LATEST)
            self._times.append((perf_counter() - sent) * 1000)
            self._check(head, body)
        writer.close()

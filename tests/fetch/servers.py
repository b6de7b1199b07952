"""Servers on this machine that misbehave, byte for byte as a test wants it."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[[socket.socket, "Heard"], None]
"""Answers one request on its connection; when it returns, the connection is closed unless it says keep."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One request: its target, its header fields in lower case, and how many came before it."""

    target: str
    fields: dict[str, str]
    number: int


@dataclass(kw_only=True, slots=True)
class Server:
    """A server that listens: its base, and what it has heard."""

    base: str
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(answer: Answer, *, keep: bool = False) -> Iterator[Server]:
    """A server whose every connection is answered by `answer` in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        server = Server(base=f"http://127.0.0.1:{listening.getsockname()[1]}/fhir")
        accepting = threading.Thread(target=_accept, args=(listening, server, answer, keep))
        accepting.start()
        try:
            yield server
        finally:
            server.closing.set()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listening: socket.socket, server: Server, answer: Answer, keep: bool) -> None:
    threads = []
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            break
        server.connections += 1
        threads.append(threading.Thread(target=_converse, args=(connection, server, answer, keep)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _converse(connection: socket.socket, server: Server, answer: Answer, keep: bool) -> None:
    connection.settimeout(0.1)
    with connection, suppress(OSError):
        while (head := _head(connection, server)) is not None:
            target, *lines = head.split("\r\n")
            fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            heard = Heard(target=target.split(" ")[1], fields=fields, number=len(server.heard))
            server.heard.append(heard)
            connection.settimeout(10)
            answer(connection, heard)
            connection.settimeout(0.1)
            if not keep:
                break


def _head(connection: socket.socket, server: Server) -> str | None:
    """The header of a request; None if the connection ends or the server is to end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        try:
            more = connection.recv(1)
        except TimeoutError:
            if server.closing.is_set():
                return None
            continue
        if not more:
            return None
        head += more
    return head.decode().removesuffix("\r\n\r\n")


def response(
    body: Any,
    *,
    status: str = "200 OK",
    media: str = "application/fhir+json",
    length: int | None = None,
    **fields: str,
) -> bytes:
    """A whole response; `body` is bytes or becomes JSON, `length` is what is said of it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", f"Content-Length: {length or len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode() + raw


def always(raw: bytes) -> Answer:
    """Answers every request with the same bytes."""
    return lambda connection, heard: connection.sendall(raw)


def dripping(first: bytes, drop: bytes, pause: float, server_gone: threading.Event | None = None) -> Answer:
    """Sends `first`, and then a drop now and then until nobody listens any more."""
    gone = server_gone or threading.Event()

    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(first)
        for _ in range(200):
            if gone.wait(pause):
                return
            connection.sendall(drop)

    return answer


def silent(connection: socket.socket, heard: Heard) -> None:
    """Says nothing until the other side gives up."""
    connection.settimeout(10)
    connection.recv(1)

"""Measures this service over loopback as users run it, and the peers beside it."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from time import perf_counter

from bench.calls import Call, Shapes
from bench.load import Check, answer_of, as_request, connection, many_connections, one_connection
from bench.servers import FIRST_PORT, Server, service

STUB_PORT = FIRST_PORT + 4
HUNG_PORT = FIRST_PORT + 5
LAG_MS = 20  # of the FHIR server for each query
BUDGET_MS = 300  # for reading from a FHIR server that hangs
CHARTS = 20  # different ones while memory is looked at
LIMIT = 33_554_432  # bytes of a body that the service takes
READING = {"KETAMINE_CDS_MODE": "development"}  # production reads FHIR servers over TLS only


@dataclass(frozen=True, kw_only=True, slots=True)
class Paced:
    """What a server does with calls of one size: milliseconds, calls a second, processor time a call."""

    server: str
    resources: int
    p50: float
    p99: float
    longest: float
    rates: Mapping[int, float]
    cpu_ms: float
    pss_mb: float


def same_as_first(calls: int = 1) -> Check:
    """A check that answers bring cards, and that so many calls have no more answers, ids aside."""
    seen: set[bytes] = set()

    def check(head: bytes, body: bytes) -> None:
        if b" 200 " not in head[:16] or b'"cards":' not in body:
            raise ValueError(f"not an answer with cards: {head[:80]!r} {body[:200]!r}")
        seen.add(MADE_ID.sub(b"", body))
        if len(seen) > calls:
            raise ValueError("the same calls are answered differently")

    return check


MADE_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def path_of(server: Server, call: Call) -> str:
    """Where a server answers calls of this hook: the peers have one address for all."""
    return f"{server.path}{call.hook}" if server.path.endswith("-") else server.path


def paced(server: Server, call: Call, connections: tuple[int, ...], seconds: float) -> Paced:
    """Ask over one connection, and then over so many at a time."""
    requests, check = [as_request(path_of(server, call), call.body)], same_as_first()
    one_connection(server.port, requests, check, seconds=seconds / 4, most=40)  # warm
    alone = one_connection(server.port, requests, check, seconds=seconds, most=1_000)
    rates, spent, asked = {1: alone.rate}, 0.0, 0
    for number in connections:
        before = server.cpu_seconds()
        together = many_connections(server.port, requests, check, connections=number, seconds=seconds)
        rates[number] = together.rate
        spent, asked = spent + server.cpu_seconds() - before, asked + len(together.ms)
    return Paced(
        server=server.name, resources=0, p50=alone.at(0.5), p99=alone.at(0.99), longest=alone.ms[-1],
        rates=rates, cpu_ms=spent / asked * 1000 if asked else 0.0, pss_mb=server.pss_mb(),
    )  # fmt: skip


def first_answer(port: int, today: date) -> float:
    """Seconds from the start of the process until a call is answered."""
    call = Shapes(today).opened(20)
    began = perf_counter()
    with service(port) as server:
        check = same_as_first()
        one_connection(port, [as_request(path_of(server, call), call.body)], check, seconds=0, most=1)
        return perf_counter() - began


def memory_after(server: Server, today: date, calls: int) -> float:
    """Megabytes of both workers after so many calls of 100 resources of several charts."""
    made = [Shapes(today).opened(100, seed) for seed in range(CHARTS)]
    requests = [as_request(path_of(server, call), call.body) for call in made]
    check = same_as_first(CHARTS)
    many_connections(server.port, requests, check, connections=8, seconds=3600, most=calls)
    return server.pss_mb()


def missing(port: int, today: date) -> tuple[float, float]:
    """Milliseconds that a call takes for which six lists have to be read, and one for which all came."""
    shapes, base = Shapes(today), f"http://127.0.0.1:{STUB_PORT}/fhir"
    with service(port, **READING, KETAMINE_CDS_FHIR_SERVERS=base) as server:
        taken = [_median(server, call) for call in (shapes.missing_keys(100, base), shapes.opened(100))]
    return taken[0], taken[1]


def hung(port: int, today: date) -> float:
    """Milliseconds past the budget after which a call is answered whose FHIR server never answers."""
    base = f"http://127.0.0.1:{HUNG_PORT}/fhir"
    settings = {
        **READING,
        "KETAMINE_CDS_FHIR_SERVERS": base,
        "KETAMINE_CDS_FETCH_BUDGET_MS": str(BUDGET_MS),
    }
    with service(port, **settings) as server:
        return _median(server, Shapes(today).missing_keys(100, base)) - BUDGET_MS


def _median(server: Server, call: Call) -> float:
    requests = [as_request(path_of(server, call), call.body)]
    return one_connection(server.port, requests, same_as_first(), seconds=4, most=60).at(0.5)


def large_bodies(port: int, today: date, number: int = 20) -> tuple[float, float, list[str]]:
    """Megabytes at rest and at most, and the statuses, while so many bodies of nearly the limit come at once.

    Each holds 2,000 resources, and narrative up to the limit.
    """
    body = _filled(Shapes(today).opened(2_000))
    statuses: list[str] = []
    with service(port) as server, _watching(server) as most:
        rest = server.pss_mb()
        request = as_request(f"{server.path}patient-view", body)

        def ask() -> None:
            statuses.append(_status(port, request))

        threads = [threading.Thread(target=ask) for _ in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return rest, max(most), statuses


def _status(port: int, request: bytes) -> str:
    """The status of an answer, which may come before the whole request is sent."""
    with connection(port) as link:
        with suppress(OSError):  # the answer says why no more is read
            link.sendall(request)
        try:
            return answer_of(link)[0].split(b" ")[1].decode()
        except OSError:
            return "closed"


def _filled(call: Call) -> bytes:
    """The body with a text that fills it up to the limit."""
    room = LIMIT - len(call.body) - len(b',"extension":{"filling":""}')
    return call.body[:-1] + b',"extension":{"filling":"' + b"x" * room + b'"}}'


@contextmanager
def _watching(server: Server) -> Iterator[list[float]]:
    """The memory of the workers while the block runs, looked at ten times a second."""
    seen, done = [server.pss_mb()], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            seen.append(server.pss_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()

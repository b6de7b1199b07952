"""`make soak`: mixed calls for a long time; memory stays flat, and no answer is an error.

    python -m bench.soak [CALLS]

Every tenth body is one that has to be refused. Ends with code 1 when a worker was lost, an answer was not the
expected one, or the second half of the run made the workers grow.
"""

import sys
from datetime import UTC, datetime
from itertools import islice

from bench.calls import Shapes
from bench.load import as_request, many_connections
from bench.overhttp import path_of
from bench.servers import FIRST_PORT, Server, service

CONNECTIONS, ROUNDS = 8, 20
GROWTH = 0.05
"""The share by which the second half may make the workers larger: room for what is remembered of texts."""
BROKEN = (b"{", b"[]", b'{"hook":"patient-view"}', b"\xff\xfe", b'{"prefetch":' + b"[" * 5_000)


def requests(server: Server, shapes: Shapes) -> list[bytes]:
    """A mixture of calls: sizes as charts have them, all shapes, texts of their own, and refused ones."""
    made = [shapes.opened(20, seed) for seed in range(20)]
    made += [shapes.unrelated(100, seed) for seed in range(20)]
    made += [shapes.signed(20, seed) for seed in range(10)]
    made += [shapes.unseen(20, seed) for seed in range(20)]
    made += [make(100) for make in (shapes.opened, shapes.malformed, shapes.mixed, shapes.small_bundles)]
    made += [shapes.courses(200, number=number) for number in (0, 2, 40)]
    sent = [as_request(path_of(server, call), call.body) for call in made]
    refused = [as_request(f"{server.path}patient-view", body) for body in BROKEN]
    return [*sent, *refused * (len(sent) // 9 // len(refused) + 1)]


def check(head: bytes, body: bytes) -> None:
    """Raise for an answer that is neither cards nor a refusal."""
    if b" 200 " in head[:16] and b'"cards":' in body:
        return
    if b" 400 " in head[:16] and b'"OperationOutcome"' in body:
        return
    raise ValueError(f"an error: {head[:100]!r} {body[:300]!r}")


def main(calls: int) -> int:
    """Make the calls; return the exit code."""
    today = datetime.now(UTC).date()
    with service(FIRST_PORT) as server:
        mixture, workers = requests(server, Shapes(today)), set(server.workers())
        sizes: list[float] = []
        for turn in range(ROUNDS):
            begin = turn * len(mixture) // ROUNDS
            turned = mixture[begin:] + mixture[:begin]
            taken = many_connections(
                server.port, turned, check, connections=CONNECTIONS, seconds=86_400, most=calls // ROUNDS
            )
            sizes.append(server.pss_mb())
            made = f"{(turn + 1) * calls // ROUNDS:>9,} calls  {taken.rate:6.0f}/s"
            print(f"{made}  p99 {taken.at(0.99):6.1f} ms  {sizes[-1]:6.1f} MB", flush=True)
        lost = workers - set(server.workers())
    grown = sizes[-1] / sizes[len(sizes) // 2] - 1
    print(f"the second half made the workers {grown:+.1%} larger; workers lost: {len(lost)}")
    return 1 if lost or grown > GROWTH else 0


if __name__ == "__main__":
    sys.exit(main(int(next(islice(sys.argv, 1, None), "100000"))))

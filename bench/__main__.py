"""`make bench`: measure this service and its peers in one run, and write the figures.

    python -m bench [--quick]

A quick run measures less, prints the figures and writes nothing; a whole one writes
docs/performance-figures.md.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from statistics import median

import msgspec

from bench import overhttp
from bench.calls import Shapes
from bench.inprocess import Measured
from bench.peers.agreement import disagreement
from bench.peers.installed import all_running
from bench.report import Beside, machine, written
from bench.servers import FIRST_PORT, ROOT, Server, service, started

PAGE = ROOT / "docs/performance-figures.md"
HEAD = """# Figures

Written by `make bench`; [performance.md](performance.md) says how to read them. """


def main(*, quick: bool) -> None:
    """Measure, print and, unless `quick`, write."""
    today = datetime.now(UTC).date()
    where = machine(today.isoformat())
    _say("in process")
    within = _within(quick)
    paced, absent = _beside_peers(today, quick)
    _say("alone")
    page = f"{HEAD}{where}\n\n{written(within, paced, _alone(today, quick), absent)}"
    print(page)
    if not quick:
        PAGE.write_text(page, encoding="utf-8")


def _say(what: str) -> None:
    print(f"measuring: {what}", file=sys.stderr, flush=True)


def _within(quick: bool) -> Measured:
    command = [sys.executable, "-m", "bench.inprocess", *(["--quick"] if quick else [])]
    found = subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout
    return msgspec.json.decode(found, type=Measured)


def _beside_peers(today: date, quick: bool) -> tuple[dict[int, list[overhttp.Paced]], dict[str, str]]:
    """The paces by number of resources, and why a peer is not among them."""
    with ExitStack() as stack:
        peers = stack.enter_context(all_running())
        absent = {name: found for name, found in peers.items() if isinstance(found, str)}
        for name, reason in absent.items():
            _say(f"without {name}: {reason}")
        running = [found for found in peers.values() if isinstance(found, Server)]
        if unlike := disagreement(running, today, calls=12 if quick else 60):
            raise SystemExit(f"the peers do not decide alike: {unlike}")
        running = [stack.enter_context(service(FIRST_PORT)), *running]
        sizes = (20, 100, 500) if quick else (20, 100, 500, 2_000)
        return {size: list(_paced(running, size, today, quick)) for size in sizes}, absent


def _paced(running: list[Server], size: int, today: date, quick: bool) -> Iterator[overhttp.Paced]:
    call, seconds = Shapes(today).opened(size), 1.0 if quick else 4.0
    connections = (8,) if quick or size != 100 else (8, 64)
    for server in running:
        _say(f"{server.name}, {size} resources")
        yield replace(overhttp.paced(server, call, connections, seconds), resources=size)


def _alone(today: date, quick: bool) -> Beside:
    calls = 500 if quick else 5_000
    firsts = [overhttp.first_answer(FIRST_PORT, today) for _ in range(1 if quick else 5)]
    with service(FIRST_PORT) as server:
        unrelated = overhttp.paced(server, Shapes(today).unrelated(500), (8,), 1.0 if quick else 4.0)
        memory = overhttp.memory_after(server, today, calls)
    stubs = {overhttp.STUB_PORT: overhttp.LAG_MS, overhttp.HUNG_PORT: -1}
    with ExitStack() as stack:
        for port, delay in stubs.items():
            command = (sys.executable, "-m", "bench.stub", str(port), str(delay), "100")
            stack.enter_context(started("FHIR stub", command, port=port, path="/fhir"))
        missing, whole = overhttp.missing(FIRST_PORT, today)
        hung = overhttp.hung(FIRST_PORT, today)
    return Beside(
        first_answer_s=median(firsts),
        memory_mb=memory,
        memory_calls=calls,
        unrelated=unrelated,
        missing_ms=missing,
        prefetched_ms=whole,
        hung_ms=hung,
        large=None if quick else overhttp.large_bodies(FIRST_PORT, today),
    )


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)

"""Starts what is measured, each on a port of its own, and reads what the kernel counts of it."""

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

ROOT = Path(__file__).parent.parent
COMMAND = Path(sys.executable).with_name("ketamine-cds")
FIRST_PORT = int(os.environ.get("BENCH_PORT", "8121"))
START_SECONDS = 120.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A started server: what it is called, where it answers, and how long it took to accept connections."""

    name: str
    port: int
    path: str
    pid: int
    start_seconds: float

    def processes(self) -> list[int]:
        """Its process and all that it has started."""
        return list(_family(self.pid))

    def workers(self) -> list[int]:
        """The processes that answer."""
        return [pid for pid in self.processes() if pid != self.pid]

    def pss_mb(self, *, of: Sequence[int] | None = None) -> float:
        """Megabytes in use by its workers, or the processes `of`; what several share is counted once."""
        return sum(_pss_kb(pid) for pid in (of or self.workers() or [self.pid])) / 1024

    def cpu_seconds(self) -> float:
        """What all its processes have computed for."""
        return sum(_cpu(pid) for pid in self.processes())


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _pss_kb(pid: int) -> int:
    with suppress(OSError):
        found = re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


def _cpu(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0


@contextmanager
def started(
    name: str,
    command: Sequence[str | Path],
    *,
    port: int,
    path: str,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run `command` until the block ends; its log is shown when it does not come to answer."""
    began = perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env=_environment(settings or {}),
            stdout=log,
            stderr=log,
        )
        try:
            if not _accepts(port, process, began + START_SECONDS):
                log.seek(0)
                raise RuntimeError(f"{name} did not start:\n{log.read().decode(errors='replace')[-2000:]}")
            yield Server(
                name=name, port=port, path=path, pid=process.pid, start_seconds=perf_counter() - began
            )
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def service(port: int, **settings: str) -> Iterator[Server]:
    """This service as users run it: production mode, open on loopback, decision records on SQLite."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        own = {
            "KETAMINE_CDS_PORT": str(port),
            "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/bench.db",
            "KETAMINE_CDS_RATE_LIMIT": "10000000",
        }
        path = "/cds-services/ketamine-referral-"
        with started(
            "this service", (COMMAND, "serve"), port=port, path=path, settings=own | settings
        ) as server:
            yield server


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    inherited = os.environ.items()
    kept = {name: value for name, value in inherited if not name.startswith("KETAMINE_CDS_")}
    return {**kept, "PYTHONPATH": str(ROOT), **settings}


def _accepts(port: int, process: subprocess.Popen[bytes], until: float) -> bool:
    while perf_counter() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        sleep(0.005)
    return False

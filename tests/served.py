"""A service that really runs: the installed command in a process of its own, asked over HTTP."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

import requests

REPOSITORY = Path(__file__).parent.parent
COMMAND = Path(sys.executable).with_name("ketamine-cds")
SERVE = (COMMAND, "serve")
START_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A started service: where it answers, and its process."""

    url: str
    process: subprocess.Popen[str]


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with `settings` as the only settings of the service."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("KETAMINE_CDS_")}
    return {**foreign, **scratch(), **settings}


UNHURRIED = {"KETAMINE_CDS_CPU_BUDGET_MS": "600000"}
"""For a service that is called cold, in a process whose collector has all tests to look through."""


def scratch() -> dict[str, str]:
    """Return settings of a service with a database of its own, outside of the folder where it starts."""
    folder = tempfile.mkdtemp(dir=_folder())
    return {"KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/ketamine-cds.db", **UNHURRIED}


@cache
def _folder() -> str:
    """A folder that is gone when this process ends."""
    made = tempfile.mkdtemp(prefix="ketamine-cds-")
    # After the recorders of the applications that were called in this process have written.
    Finalize(None, shutil.rmtree, args=(made, True), exitpriority=0)
    return made


@contextmanager
def running(
    settings: Mapping[str, str], command: Sequence[str | Path] = SERVE, cwd: Path = REPOSITORY
) -> Iterator[Service]:
    """Start the service on a free port, wait until it answers, and stop it in the end."""
    port = free_port()
    process = subprocess.Popen(
        command,
        env=environment({"KETAMINE_CDS_PORT": str(port), **settings}),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Service(url=_answering(f"http://127.0.0.1:{port}", process), process=process)
    finally:
        process.terminate()
        process.communicate(timeout=START_SECONDS)


def _answering(url: str, process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(f"{url}/health/live", timeout=START_SECONDS).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return url
    process.kill()
    raise AssertionError(f"the service did not start: {process.communicate()[0]}")

"""A started service whose log is kept, and what can be seen of it from outside."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import requests

from tests.served import COMMAND, running

PATIENT_VIEW = "ketamine-referral-patient-view"
PATH = f"/cds-services/{PATIENT_VIEW}"
LOGGED = 'exec "$0" serve 2>"$1"'
LATEST = 120.0
"""Seconds after which what is waited for will not come any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """A service that runs: where it answers, its process, and the file of its log."""

    url: str
    process: Popen[str]
    log: Path

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """What it has logged, each line as JSON; of one event if that is named."""
        read = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in read if event in (None, line["event"])]

    def metrics(self) -> str:
        """Its figures."""
        return requests.get(f"{self.url}/metrics", timeout=LATEST).text

    def figure(self, name: str, **labels: str) -> float:
        """The sum of the figures of a name that have these labels."""
        return sum(
            float(value)
            for found, text, value in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", self.metrics(), re.MULTILINE)
            if found == name and all(f'{label}="{word}"' in text for label, word in labels.items())
        )

    def workers(self) -> list[int]:
        """The processes that answer."""
        pid = self.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def watched(folder: Path, settings: Mapping[str, str], script: str = LOGGED) -> Iterator[Watched]:
    """Start the service by a line of bash, with a log file in `folder`, and stop it in the end."""
    log = folder / "log"
    with running(settings, command=("bash", "-c", script, COMMAND, log)) as started:
        yield Watched(url=started.url, process=started.process, log=log)


def until(comes: Callable[[], object], seconds: float = LATEST) -> None:
    """Return when `comes` is true; fail when it does not become so."""
    deadline = time.monotonic() + seconds
    while not comes():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

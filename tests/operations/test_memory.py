"""Memory does not grow with the number of calls, whatever is called."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.hooks.chart import CHART, PATIENT, call, prefetched
from tests.operations.watched import LATEST, PATH, Watched, watched

WARMING, CALLS = 600, 3_000
GROWTH_MB = 24
"""What both workers together may grow: a leak of one body in ten would be more."""

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A service of its own."""
    with watched(tmp_path_factory.mktemp("memory"), {}) as started:
        yield started


def memory(service: Watched) -> float:
    """Megabytes that the workers use, pages that they share counted by halves."""
    rolled_up = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in service.workers()]
    return (
        sum(int(found) for text in rolled_up for found in re.findall(r"^Pss: +(\d+)", text, re.MULTILINE))
        / 1024
    )


def call_often(service: Watched, calls: int) -> None:
    """Make calls of many kinds, four at a time; every one has a body of its own."""

    def ask(number: int) -> None:
        patient = f"q{number}" if number % 2 else PATIENT
        body = json.dumps(call("patient-view", prefetched(*CHART), patientId=patient))
        content = {3: body[:-9], 4: "{}", 5: " " * 100_000}.get(number % 6, body)
        path = PATH if number % 7 else f"/cds-services/{number}"
        token = {"Authorization": f"Bearer {number}.{number}.{number}"}
        requests.post(f"{service.url}{path}", content, headers=JSON | token, timeout=LATEST)

    with ThreadPoolExecutor(4) as callers:
        list(callers.map(ask, range(calls)))


def test_memory_is_bounded(service: Watched) -> None:
    """Thousands of answers and refusals later the workers are about as large as before."""
    call_often(service, WARMING)
    before = memory(service)
    call_often(service, CALLS)
    assert memory(service) - before < GROWTH_MB
    assert len(service.workers()) == 2

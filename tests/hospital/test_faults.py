"""Faults around the service: a worker that is killed, and a database whose folder is taken away."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.hospital.callers import NORTH, PUBLIC, SECONDS, VIEW, listed, overridden, topics, viewed
from tests.hospital.kept import record_of
from tests.operations.watched import Watched, until, watched

LOST_CARD = {"uuid": "4e0a3a1e-3f0a-4b0e-8f0a-0a6a35c1a001"}
CALLS = 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the database alone."""
    made = tmp_path / "database"
    made.mkdir()
    return made


@pytest.fixture
def service(tmp_path: Path, folder: Path) -> Iterator[Watched]:
    """A service with JWT that keeps what it knows in `folder`, but not its key."""
    settings = {
        "KETAMINE_CDS_ISSUERS": listed(tmp_path),
        "KETAMINE_CDS_PUBLIC_URL": PUBLIC,
        "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/kept.db",
        "KETAMINE_CDS_HASH_KEY": "0123456789abcdef" * 4,
    }
    with watched(tmp_path, settings) as started:
        yield started


def ready(service: Watched) -> int:
    """What a load balancer is told."""
    return requests.get(f"{service.url}/health/ready", timeout=SECONDS).status_code


def late(service: Watched) -> float:
    """How often it was answering without the database."""
    return service.figure("ketamine_cds_database_failures_total")


def report(service: Watched) -> requests.Response:
    """Feedback about a card that nobody knows."""
    return NORTH.post(service.url, f"{VIEW}/feedback", overridden(LOST_CARD))


def test_a_used_token_is_refused_after_the_workers_were_killed(service: Watched) -> None:
    """Those that follow know what those that were killed had seen, where the database answers in time."""
    tokens = [NORTH.token(VIEW) for _ in range(CALLS)]
    assert {NORTH.post(service.url, VIEW, viewed(), token).status_code for token in tokens} == {200}
    killed = set(service.workers())
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    until(lambda: len(set(service.workers()) - killed) == 2 and answers(service))

    def is_refused() -> bool:
        before, token = late(service), tokens.pop()
        statuses = [NORTH.post(service.url, VIEW, viewed(), token).status_code for _ in range(4)]
        assert statuses == [401] * 4 or late(service) > before
        return late(service) == before

    until(is_refused)
    assert topics(NORTH.post(service.url, VIEW, viewed())) == ["recommend"]


def answers(service: Watched) -> bool:
    """Whether it lives."""
    try:
        return requests.get(f"{service.url}/health/live", timeout=SECONDS).ok
    except requests.ConnectionError:
        return False


def test_a_database_whose_folder_is_gone_costs_no_answer(service: Watched, folder: Path) -> None:
    """Calls are answered, feedback is not taken, probes and figures tell; when it is back nothing is lost."""
    record_of(NORTH.post(service.url, VIEW, viewed()), f"sqlite:///{folder}/kept.db")
    shutil.rmtree(folder)
    made = [NORTH.post(service.url, VIEW, viewed()) for _ in range(CALLS)]
    assert [topics(answer) for answer in made] == [["recommend"]] * CALLS
    refusal = report(service)
    assert (refusal.status_code, refusal.json()["issue"][0]["code"]) == (503, "transient")
    assert int(refusal.headers["Retry-After"]) > 0
    until(lambda: ready(service) == 503)
    until(lambda: service.figure("ketamine_cds_database_up") == 0)
    folder.mkdir()
    until(lambda: ready(service) == 200)
    for answer in made:
        assert record_of(answer, f"sqlite:///{folder}/kept.db").outcome == "answered"
    until(lambda: report(service).status_code == 200)
    assert service.figure("ketamine_cds_records_lost_total") == 0


def test_a_database_that_is_deleted_is_begun_anew(service: Watched, folder: Path) -> None:
    """What is written afterwards is in the file that is there, not in the one that nobody can open."""
    record_of(NORTH.post(service.url, VIEW, viewed()), f"sqlite:///{folder}/kept.db")
    for file in folder.iterdir():
        file.unlink()
    made = [NORTH.post(service.url, VIEW, viewed()) for _ in range(CALLS)]
    assert [topics(answer) for answer in made] == [["recommend"]] * CALLS
    for answer in made:
        assert record_of(answer, f"sqlite:///{folder}/kept.db").status == 200

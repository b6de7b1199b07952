"""The started service and its database: what was answered is kept, and nobody waits for a database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests
from sqlalchemy import select

from service.store.database import Database
from service.store.tables import decision
from tests.hooks.chart import CHART, call, prefetched
from tests.postgres import Cluster
from tests.served import Service, running
from tests.store.opened import Opened

CALL = call("patient-view", prefetched(*CHART))
PATH = "/cds-services/ketamine-referral-patient-view"
CALLS = 120
STOP_SECONDS = 60.0  # generous; a worker that hangs is killed after twenty
SECONDS = 120.0  # that anything may take where time is not what is tested


def test_a_stop_loses_no_record(url: str, opened: Opened) -> None:
    """Every call that was answered before, or while, the service was told to stop has its record."""
    with _serving(url) as service, ThreadPoolExecutor(4) as callers:
        answered = [callers.submit(_call, service.url) for _ in range(CALLS)]
        ids = {each.result() for each in answered}
        service.process.terminate()
        service.process.wait(timeout=SECONDS)
    assert len(ids) == CALLS
    assert _ids(opened.database(url)) == ids


def test_a_stop_does_not_wait_for_a_stalled_server(postgresql: Cluster, opened: Opened) -> None:
    """Calls are answered while the server is frozen, and the service ends in time all the same."""
    url = postgresql.new_database()
    with _serving(url) as service:
        _call(service.url)
        with postgresql.frozen():
            for _ in range(8):
                _call(service.url)
            service.process.terminate()
            service.process.wait(timeout=STOP_SECONDS)
    assert opened.database(url).ping(SECONDS) is None


def test_without_a_database_calls_are_answered(tmp_path: Path) -> None:
    """A folder that is missing costs the records, not the answers."""
    with _serving(f"sqlite:///{tmp_path}/missing/kept.db") as service:
        assert len({_call(service.url) for _ in range(8)}) == 8


@contextmanager
def _serving(url: str) -> Iterator[Service]:
    settings = {
        "KETAMINE_CDS_MODE": "development",
        "KETAMINE_CDS_DATABASE_URL": url,
        "KETAMINE_CDS_HASH_KEY": "0123456789abcdef" * 4,
    }
    with running(settings) as service:
        yield service


def _call(url: str) -> str:
    """Make a call that gets its cards, and return the id of its record."""
    answer = requests.post(url + PATH, json=CALL, timeout=SECONDS)
    assert answer.status_code == 200
    assert answer.json()["cards"]
    return answer.headers["X-Request-Id"]


def _ids(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.scalars(select(decision.c.id)))

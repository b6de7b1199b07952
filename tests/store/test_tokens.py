"""A token is used once, across processes and restarts, until it has expired."""

from datetime import timedelta
from pathlib import Path

from service.store.database import Database
from service.store.tokens import use_once
from tests.store.making import NOW
from tests.store.opened import Opened, everything
from tests.store.processes import at_once, started

EXPIRES = NOW + timedelta(minutes=5)


def test_second_use_is_refused(database: Database, opened: Opened, url: str) -> None:
    """The same token again is refused, also after a restart; that of another issuer is another token."""
    uses = [("ehr", "digest"), ("ehr", "digest"), ("other", "digest"), ("ehr", "another")]
    assert [use_once(database, *use, EXPIRES, unsure=False) for use in uses] == [True, False, True, True]
    restarted = opened.database(url)
    assert restarted.ping(5) is None
    assert use_once(restarted, "ehr", "digest", EXPIRES) is False


def test_processes_that_race(url: str) -> None:
    """Of processes that use the same hundred tokens at the same time exactly one wins each."""
    answers = at_once([started("use", url, "100") for _ in range(2)])
    assert [sum(map(int, column)) for column in zip(*answers, strict=True)] == [1] * 100


def test_expired_tokens_are_forgotten(database: Database, opened: Opened) -> None:
    """What is refused anyway is deleted by the thread that writes records, and nothing else."""
    use_once(database, "ehr", "old", NOW - timedelta(seconds=1))
    use_once(database, "ehr", "live", EXPIRES)
    recorder = opened.recorder(database)
    recorder.start()
    recorder.close(20)
    assert [row["jti_digest"] for row in everything(database)["token_use"]] == ["live"]


def test_without_a_database(opened: Opened, tmp_path: Path) -> None:
    """Whoever asks says what holds when the database cannot tell."""
    database = opened.database(f"sqlite:///{tmp_path}/missing/kept.db")
    assert use_once(database, "ehr", "digest", EXPIRES, unsure=True) is True
    assert use_once(database, "ehr", "digest", EXPIRES, unsure=False) is False
    assert opened.failures == ["token", "token"]

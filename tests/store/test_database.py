"""The database is opened without connecting, and waited for only so long."""

import logging
import os
import select
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from service.settings import SettingsError
from service.store.database import MOST_ASKERS, SOON_SECONDS, Database, open_database
from service.store.errors import StoreError
from service.store.overrides import overridden
from service.store.tokens import use_once
from service.store.waiting import Breaker
from tests.postgres import PASSWORD, Cluster
from tests.store.making import NOW
from tests.store.opened import Opened

NOBODY = 65_534  # a user and a group that own nothing
AT_ONCE = 10.0  # seconds, generous: a busy machine is slow; to wait for each of 50 questions takes longer
SECONDS = 60.0  # that a database may take where time is not what is tested


def test_new_file_is_private(sqlite_url: str, opened: Opened, tmp_path: Path) -> None:
    """Nobody else on the machine may read the file, nor the files that SQLite keeps beside it."""
    database = opened.database(sqlite_url)
    with database.writing() as connection:
        connection.execute(text("SELECT 1"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"kept.db": 0o600, "kept.db-wal": 0o600, "kept.db-shm": 0o600}


def test_how_sqlite_is_used(sqlite_url: str, opened: Opened) -> None:
    """Readers don't wait for writers, a lost power supply does not spoil the file, and references hold."""
    with opened.database(sqlite_url).reading() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        assert [connection.scalar(text(f"PRAGMA {name}")) for name in pragmas] == ["wal", 1, 1, 5000]


def test_postgresql_gives_up_by_itself(postgresql_url: str, opened: Opened) -> None:
    """A statement that runs for too long is ended by the server."""
    with opened.database(postgresql_url).reading() as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "5s"
        assert connection.scalar(text("SHOW timezone")) == "UTC"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://cds:{PASSWORD}@db:port/cds",
        f"postgresql+asyncpg://cds:{PASSWORD}@db/cds",
        f"mysql://cds:{PASSWORD}@db/cds",
        f"{PASSWORD}",
        "sqlite:///:memory:",
        "sqlite://",
    ],
)
def test_what_is_no_address_stops_the_start(url: str) -> None:
    """The complaint names the setting and repeats nothing, for the password stands in it."""
    with pytest.raises(SettingsError, match="KETAMINE_CDS_DATABASE_URL: expected") as complaint:
        open_database(url)
    assert PASSWORD not in str(complaint.value)


def test_password_in_no_message(
    postgresql: Cluster, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither errors, nor the log, nor `repr` tell the password, the user or the host."""
    caplog.set_level(logging.DEBUG)
    refused = opened.database(postgresql.new_database().replace(PASSWORD, "wrong-word-of-the-database"))
    with pytest.raises(StoreError) as error:
        refused.migrate()
    refused.soon(refused.check, None, what="check")
    told = [str(error.value), repr(error.value), repr(refused), repr(refused.engine), caplog.text]
    assert "no-connection" in caplog.text
    assert not any("wrong-word" in text for text in told)


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_folder_that_cannot_be_used(folder: str, opened: Opened, tmp_path: Path) -> None:
    """The service starts without its database, says why, and answers without it."""
    (tmp_path / "file").write_text("no folder")
    database = opened.database(f"sqlite:///{tmp_path}/{folder}/kept.db")
    assert database.ping(SECONDS) == "SQLITE_CANTOPEN"
    assert database.soon(partial(_ask, database), "default", what="asked") == "default"
    assert opened.failures == ["asked"]


def test_file_that_is_no_database(sqlite_url: str, opened: Opened, tmp_path: Path) -> None:
    """A file that holds something else is left as it is."""
    (tmp_path / "kept.db").write_text("something else" * 1000)
    assert opened.database(sqlite_url).ping(SECONDS) == "SQLITE_NOTADB"
    assert (tmp_path / "kept.db").read_text() == "something else" * 1000


def test_file_that_cannot_be_written(sqlite_url: str, opened: Opened) -> None:
    """A database that can only be read is no database to keep anything in."""
    opened.database(sqlite_url).migrate()
    read_only = opened.database(sqlite_url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true")
    assert read_only.ping(SECONDS) == "SQLITE_READONLY"


def test_file_that_could_not_be_written_for_a_while(opened: Opened, tmp_path: Path) -> None:
    """A file that was read-only when it was opened is written to as soon as it can be."""
    folder = tmp_path / "kept"
    folder.mkdir()
    with _as_ordinary_user(tmp_path, folder):
        address = f"sqlite:///{folder}/kept.db"
        opened.database(address).migrate()
        (folder / "kept.db").chmod(0o400)
        database = opened.database(address)
        assert database.ping(SECONDS) == "SQLITE_READONLY"
        (folder / "kept.db").chmod(0o600)
        assert database.ping(SECONDS) is None


@contextmanager
def _as_ordinary_user(way: Path, folder: Path) -> Iterator[None]:
    """Be somebody whom modes of files hold back, and who owns `folder`; root is not held back."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, NOBODY, NOBODY)
    closed = [each for each in (way, *way.parents) if not each.stat().st_mode & 0o001]
    modes = [each.stat().st_mode for each in closed]
    for each, mode in zip(closed, modes, strict=True):
        each.chmod(mode | 0o011)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        for each, mode in zip(closed, modes, strict=True):
            each.chmod(mode)


@pytest.mark.parametrize(("what", "trips"), [("token", 1), ("overridden", 1)])
def test_a_call_waits_for_one_trip_to_the_database(
    postgresql: Cluster, opened: Opened, what: str, trips: int
) -> None:
    """A server far away costs a call one round trip for each question, and no look at the connection."""
    with counting(postgresql) as (address, count):
        database = opened.database(address)
        asks: dict[str, Callable[[int], object]] = {
            "token": lambda number: use_once(database, "https://ehr.example.org", f"{number}", NOW),
            "overridden": lambda number: overridden(database, [f"{number}"], NOW),
        }
        database.migrate()
        asks[what](0)
        before = count()
        asks[what](1)
        assert count() - before == trips


@contextmanager
def counting(postgresql: Cluster) -> Iterator[tuple[str, Callable[[], int]]]:
    """A way to a new database on which it is counted how often something was sent and answered."""
    address = postgresql.new_database()
    trips = [0]

    def carry(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", postgresql.port)) as server:
            asking = False
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    if not (piece := ready.recv(65_536)):
                        return
                    if ready is server and asking:
                        trips[0] += 1
                    asking = ready is client
                    (server if ready is client else client).sendall(piece)

    def accept() -> None:
        with suppress(OSError):  # it is closed
            while True:
                Thread(target=carry, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=accept, daemon=True).start()
        port = listener.getsockname()[1]
        yield address.replace(f":{postgresql.port}/", f":{port}/") + "?sslmode=disable", lambda: trips[0]
        listener.shutdown(socket.SHUT_RDWR)


def test_server_that_only_reads(postgresql_url: str, opened: Opened) -> None:
    """A standby that PostgreSQL has not promoted yet is no database to keep anything in either."""
    opened.database(postgresql_url).migrate()
    standby = opened.database(f"{postgresql_url}?options=-c%20default_transaction_read_only%3Don")
    assert standby.ping(SECONDS) == "25006"


def test_asked_in_time(database: Database, opened: Opened) -> None:
    """A database that works is asked."""
    assert database.soon(partial(_ask, database), "default", what="asked", timeout=SECONDS) == "answer"
    assert opened.failures == []


def test_dead_database(postgresql: Cluster, opened: Opened) -> None:
    """Without its server the service goes on, counts what it could not ask, and is well when it is back."""
    database = opened.database(postgresql.new_database())
    database.migrate()
    postgresql.stop()
    try:
        assert database.soon(partial(_ask, database), "default", what="asked") == "default"
        assert database.ping(SECONDS) is not None
        assert opened.failures == ["asked"]
    finally:
        postgresql.start()
    assert database.ping(SECONDS) is None


def test_stalled_database_delays_nobody(postgresql: Cluster, opened: Opened) -> None:
    """A server that takes calls and never answers costs the first call a moment and the next ones nothing."""
    database = opened.database(postgresql.new_database())
    database.migrate()
    with postgresql.frozen():
        began = time.monotonic()
        answers = [database.soon(partial(_ask, database), "default", what="asked") for _ in range(50)]
        spent = time.monotonic() - began
    assert answers == ["default"] * 50
    assert opened.failures == ["asked"] * 50
    assert SOON_SECONDS <= spent < AT_ONCE


def test_stuck_questions_do_not_pile_up(opened: Opened, sqlite_url: str) -> None:
    """When all that may be asked at once is stuck, the next question is not even asked."""
    database, release = opened.database(sqlite_url), Event()
    for _ in range(MOST_ASKERS):
        with pytest.raises(StoreError, match="timeout"):
            database.within(partial(release.wait, 60), 0.01)
    with pytest.raises(StoreError, match="busy"):
        database.within(lambda: "never asked", SECONDS)
    release.set()


def test_a_machine_without_threads_gets_over_it(
    opened: Opened, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question for which there was no thread takes nobody's place."""
    database = opened.database(sqlite_url)
    with monkeypatch.context() as full:
        full.setattr("service.store.waiting.Thread.start", _no_thread)
        for _ in range(MOST_ASKERS + 1):
            with pytest.raises(StoreError, match="busy"):
                database.within(partial(_ask, database), AT_ONCE)
    assert database.within(partial(_ask, database), SECONDS) == "answer"


def test_any_failure_gives_the_default(opened: Opened, sqlite_url: str) -> None:
    """Even a fault of our own never reaches the answer to an EHR."""
    database = opened.database(sqlite_url)
    assert database.soon(lambda: 1 // 0, 7, what="asked") == 7
    assert opened.failures == ["asked"]


def test_after_a_failure_nobody_tries_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the rest one tries; the others follow when that worked."""
    now = [1000.0]
    monkeypatch.setattr("service.store.waiting.monotonic", lambda: now[0])
    breaker = Breaker(5, patience=3)
    assert breaker.lets_through()
    breaker.failed(slow=False)
    now[0] += 4.9
    assert not breaker.lets_through()
    now[0] += 0.2
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    breaker.worked()
    assert [breaker.lets_through() for _ in range(3)] == [True, True, True]


def test_a_database_that_is_only_slow_is_asked_again() -> None:
    """One answer that came too late is no reason to do without the database for seconds."""
    breaker = Breaker(60, patience=3)
    breaker.failed(slow=True)
    breaker.failed(slow=True)
    assert breaker.lets_through()
    breaker.worked()
    for _ in range(3):
        assert breaker.lets_through()
        breaker.failed(slow=True)
    assert not breaker.lets_through()


def _no_thread(_: object) -> None:
    raise RuntimeError("can't start new thread")


def _ask(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.scalar(text("SELECT 'answer'")))

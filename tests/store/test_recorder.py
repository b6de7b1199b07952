"""Records reach the database without delaying anybody, and as few as possible are ever lost."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from service.records.record import DecisionRecord
from service.store import recorder as module
from service.store.database import Database
from service.store.decisions import keep, read_decision
from service.store.recorder import MOST_QUEUED, RecordCounts
from service.store.tables import card as card_table
from service.store.tables import decision
from tests.postgres import Cluster
from tests.store.making import card, record
from tests.store.opened import Opened, everything, integrity
from tests.store.processes import said, started

SECONDS = 60.0  # generous: for what takes a moment
AT_ONCE = 10.0


class Counted:
    """What a recorder told while it worked."""

    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self.written = 0
        self.up: list[bool] = []

    def counts(self) -> RecordCounts:
        """Where the recorder counts."""
        return RecordCounts(written=self._written, lost=self._lost, up=self.up.append)

    def _written(self, number: int) -> None:
        self.written += number

    def _lost(self, number: int, reason: str) -> None:
        self.lost[reason] += number


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Count what a recorder does, which tries again faster than in earnest."""
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.25)
    return Counted()


def test_record_is_kept_as_it_is(database: Database, opened: Opened) -> None:
    """What was handed over is read back without a difference, suppressed cards and unknowns included."""
    full = record(
        card(suppression_key="f" * 64), card(suppressed=True, suggestions=()), issuer="ehr", tenant="a"
    )
    empty = record(
        outcome="refused",
        status=400,
        patient_key=None,
        user_key=None,
        evaluated_on=None,
        input_digest=None,
        assessment_digest=None,
        verdict={},
        completeness={},
        timings_ms={},
    )
    recorder = opened.recorder(database)
    for each in (full, empty):
        recorder.put(each)
    recorder.close(SECONDS)
    assert read_decision(database, empty.id) == empty
    assert _sorted(read_decision(database, full.id)) == _sorted(full)
    assert read_decision(database, "another") is None


def test_stop_loses_nothing(database: Database, opened: Opened, counted: Counted) -> None:
    """All that was handed over before a clean stop is there after it."""
    recorder = opened.recorder(database, counted.counts())
    for _ in range(1000):
        recorder.put(record(card()))
    recorder.close(SECONDS)
    assert (_number(database), counted.written, counted.lost) == (1000, 1000, Counter())


def test_who_waits_finds_what_was_handed_over(
    database: Database, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that would come together for a long time are written at once when somebody needs them."""
    monkeypatch.setattr(module, "GATHER_SECONDS", 10 * SECONDS)
    recorder = opened.recorder(database)
    for number in (1, 2, 3):
        recorder.put(record(card()))
        recorder.settle(SECONDS)
        assert _number(database) == number


def test_forked_worker_that_ends_loses_nothing(url: str, opened: Opened) -> None:
    """A worker writes in a thread of its own, and what it holds when it ends is written first."""
    said(started("forked", url, "300"))
    assert _number(opened.database(url)) == 300


def test_after_the_stop_records_are_counted_as_lost(
    database: Database, opened: Opened, counted: Counted
) -> None:
    """Nothing vanishes without being counted."""
    recorder = opened.recorder(database, counted.counts())
    recorder.close(SECONDS)
    recorder.put(record())
    assert counted.lost == Counter(stopped=1)


def test_same_record_twice(database: Database) -> None:
    """A batch whose fate was unknown may be written again."""
    kept = record(card(), card())
    for _ in range(2):
        with database.writing() as connection:
            keep(connection, [kept])
    assert len(everything(database)["decision"]) == 1
    assert len(everything(database)["card"]) == 2


def test_database_that_comes_late(opened: Opened, counted: Counted, tmp_path: Path) -> None:
    """Records wait until there is a database, get their tables then, and are all written."""
    database = opened.database(f"sqlite:///{tmp_path}/late/kept.db")
    recorder = opened.recorder(database, counted.counts())
    for _ in range(50):
        recorder.put(record(card()))
    _wait(lambda: recorder.fault == "SQLITE_CANTOPEN")
    assert counted.up[0] is False
    (tmp_path / "late").mkdir()
    _wait(lambda: counted.written == 50 and counted.up[-1])
    assert (_number(database), counted.lost) == (50, Counter())
    assert recorder.fault is None


def test_server_that_dies_and_comes_back(postgresql: Cluster, opened: Opened, counted: Counted) -> None:
    """Records of the time in which the server was away are written afterwards."""
    database = opened.database(postgresql.new_database())
    recorder = opened.recorder(database, counted.counts())
    _put(recorder.put, 50)
    _wait(lambda: counted.written == 50)
    postgresql.stop()
    try:
        _put(recorder.put, 50)
        _wait(lambda: recorder.fault is not None)
        assert recorder.depth() == 50
    finally:
        postgresql.start()
    _wait(lambda: counted.written == 100)
    assert (_number(database), counted.lost, recorder.fault) == (100, Counter(), None)


def test_stalled_server(postgresql: Cluster, opened: Opened, counted: Counted) -> None:
    """While the server is frozen nobody who hands over a record waits, and nothing is lost."""
    database = opened.database(postgresql.new_database())
    recorder = opened.recorder(database, counted.counts())
    _put(recorder.put, 1)
    _wait(lambda: counted.written == 1)
    with postgresql.frozen():
        began = time.monotonic()
        _put(recorder.put, 500)
        assert time.monotonic() - began < AT_ONCE
        assert recorder.depth() == 500
    _wait(lambda: counted.written == 501)
    assert (_number(database), counted.lost) == (501, Counter())


def test_stop_does_not_wait_for_a_stalled_server(
    postgresql: Cluster, opened: Opened, counted: Counted
) -> None:
    """The process ends in time, and says how many records it had to give up."""
    database = opened.database(postgresql.new_database())
    recorder = opened.recorder(database, counted.counts())
    _put(recorder.put, 1)
    _wait(lambda: counted.written == 1)
    with postgresql.frozen():
        _put(recorder.put, 20)
        began = time.monotonic()
        recorder.close(0.5)
        assert 0.5 <= time.monotonic() - began < AT_ONCE
    assert counted.lost == Counter(stopped=20)
    _wait(lambda: recorder.depth() == 0)


def test_full_disk(opened: Opened, sqlite_url: str, counted: Counted) -> None:
    """On a full disk records wait; when there is room again they are written."""
    database = opened.database(sqlite_url)
    database.migrate()
    limit = _limit_pages(database.engine)
    recorder = opened.recorder(database, counted.counts())
    _put(recorder.put, 300)
    _wait(lambda: recorder.fault == "SQLITE_FULL")
    assert recorder.depth() > 0
    assert counted.lost == Counter()
    limit["pages"] = 1_000_000
    _wait(lambda: counted.written == 300)
    assert _number(database) == 300


@pytest.mark.parametrize("spoilt", [{"issuer": "\ud800"}, {"verdict": {"conclusion": object()}}])
def test_spoilt_record_is_left_out(
    spoilt: dict[str, Any], database: Database, opened: Opened, counted: Counted
) -> None:
    """A record that no database takes is counted as lost; those beside it are written."""
    assert _written_beside(record(card(), **spoilt), database, opened, counted) == 40
    assert counted.lost == Counter(row=1)


@pytest.mark.parametrize(
    "spoilt",
    [
        record(issuer="\x00"),
        record(verdict={"conclusion": "\x00"}),
        record(status=100_000),
        record(card(suppression_key=os.urandom(20_000).hex())),
    ],
    ids=["nul", "nul-in-json", "number", "index"],
)
def test_record_that_only_postgresql_refuses(
    spoilt: DecisionRecord, postgresql_url: str, opened: Opened, counted: Counted
) -> None:
    """Limits of the server, too, cost no more than the record that passes them."""
    assert _written_beside(spoilt, opened.database(postgresql_url), opened, counted) == 40
    assert counted.lost == Counter(row=1)


def test_memory_is_bounded_while_the_database_is_away(
    opened: Opened, counted: Counted, tmp_path: Path
) -> None:
    """Of many records as many as fit wait, the others are counted, and none takes long to hand over."""
    recorder = opened.recorder(opened.database(f"sqlite:///{tmp_path}/missing/kept.db"), counted.counts())
    one = record(card())
    began = time.monotonic()
    for _ in range(MOST_QUEUED + 1_500):
        recorder.put(one)
    assert time.monotonic() - began < SECONDS
    # What the thread has already taken in hand leaves room for others.
    assert MOST_QUEUED <= recorder.depth() <= MOST_QUEUED + module.BATCH
    assert counted.lost["full"] == MOST_QUEUED + 1_500 - recorder.depth()
    recorder.close(0)


def test_killed_writer_leaves_a_sound_database(url: str, opened: Opened, tmp_path: Path) -> None:
    """A process that is killed while it writes leaves whole records, and the next one can go on."""
    database = opened.database(url)
    database.migrate()
    process = started("write-on", url)
    try:
        _wait(lambda: _number(database) > 100)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(card_table)) == _number(database)
    recorder = opened.recorder(database)
    last = record()
    recorder.put(last)
    recorder.close(SECONDS)
    assert read_decision(database, last.id) == last
    if url.startswith("sqlite"):
        assert integrity(tmp_path / "kept.db") == "ok"


def test_thread_outlives_its_own_faults(opened: Opened, sqlite_url: str, counted: Counted) -> None:
    """Whatever fails beside the database, later records are written."""
    failing = iter([RuntimeError("once")])

    def up(_: bool) -> None:
        for error in failing:
            raise error

    recorder = opened.recorder(opened.database(sqlite_url), RecordCounts(written=counted._written, up=up))
    for number in (1, 2):
        recorder.put(record())
        _wait(lambda number=number: counted.written == number)  # type: ignore[misc]


def _put(put: Callable[[DecisionRecord], None], number: int) -> None:
    for _ in range(number):
        put(record(card()))


def _written_beside(spoilt: DecisionRecord, database: Database, opened: Opened, counted: Counted) -> int:
    """Write a record among forty others, and return how many others were written."""
    recorder = opened.recorder(database, counted.counts())
    others = [record(card()) for _ in range(40)]
    for each in (*others[:23], spoilt, *others[23:]):
        recorder.put(each)
    recorder.close(SECONDS)
    assert read_decision(database, spoilt.id) is None
    return sum(read_decision(database, other.id) == other for other in others)


def _limit_pages(engine: Engine) -> dict[str, int]:
    """Let the file grow no further than the pages that are set in what is returned."""
    limit = {"pages": 40}

    @event.listens_for(engine, "checkout")
    def _limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit['pages']}")

    return limit


def _number(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(decision)) or 0


def _sorted(kept: DecisionRecord | None) -> list[Any]:
    """All of a record, its cards in any order."""
    assert kept is not None
    members = {name: getattr(kept, name) for name in DecisionRecord.__slots__}
    return [sorted(map(repr, members.pop("cards"))), members]


def _wait(for_: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not for_():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.02)

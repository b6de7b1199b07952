"""Decision records on their way to the database: handed over in no time, written by a thread of their own."""

import logging
import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing.util import Finalize
from threading import Condition, Thread
from time import monotonic, sleep

from service.records.record import DecisionRecord
from service.store.database import Database
from service.store.decisions import keep
from service.store.errors import RowError, StoreError
from service.store.tokens import forget_expired

MOST_QUEUED = 10_000
CLOSE_SECONDS = 5.0  # at the end of the process, within the time that a worker has to stop
BATCH = 200  # records in a transaction
GATHER_SECONDS = 0.05  # after a transaction, in which the records of further calls come together for the next
LOOK_SECONDS = 10.0  # after which an idle thread looks whether the database is still there
FORGET_SECONDS = 600.0
FIRST_PAUSE, LONGEST_PAUSE, LAST_PAUSE = 0.25, 10.0, 0.2  # the last one: while the process waits to end

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordCounts:
    """Listeners for the numbers of records waiting, written and lost, and for whether the database is up."""

    queued: Callable[[int], None] = lambda depth: None
    written: Callable[[int], None] = lambda number: None
    lost: Callable[[int, str], None] = lambda number, reason: None
    up: Callable[[bool], None] = lambda up: None


class Recorder:
    """Writes records without delaying callers or raising errors to them.

    What waits is bounded: while the database is away the newest records are dropped and counted. The thread
    starts with the first record, thus in the process that serves, even if that was forked later.
    """

    def __init__(
        self, database: Database, *, now: Callable[[], datetime], counts: RecordCounts | None = None
    ) -> None:
        self._database = database
        self._now = now
        self._counts = counts or RecordCounts()
        self._changed = Condition()
        self._waiting: deque[DecisionRecord] = deque()
        self._taken: list[Sequence[DecisionRecord]] = []  # groups being written, the next one last
        self._stopping = False
        self._hurried = False
        self._process = 0
        self._thread: Thread | None = None
        self._at_exit: Finalize | None = None
        self._forget_at = 0.0
        self._look_after = 0.0  # seconds: at once when the thread starts, later now and then
        self._fault: str | None = None

    @property
    def fault(self) -> str | None:
        """The reason why nothing can be written now; None if the last attempt succeeded."""
        return self._fault

    def put(self, record: DecisionRecord) -> None:
        """Take over `record`. Never waits for the database and never raises."""
        with self._changed:
            reason = "stopped" if self._stopping else "full" if len(self._waiting) >= MOST_QUEUED else None
            if reason is None:
                self._waiting.append(record)
                self._changed.notify()
        if reason is not None:
            self._counts.lost(1, reason)
            return
        self._counts.queued(self.depth())
        self.start()

    def lose(self, reason: str) -> None:
        """Count a record that never came to be."""
        self._counts.lost(1, reason)

    def settle(self, seconds: float) -> None:
        """Write at once what waits here, and return when it is written, or when the time is up."""
        with self._changed:
            if self.depth() == 0:
                return
            self._hurried = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.depth() == 0 or self._stopping, seconds)

    def depth(self) -> int:
        """Return the number of records still to be written."""
        return len(self._waiting) + sum(map(len, self._taken))

    def start(self) -> None:
        """Start the thread in this process, unless it runs."""
        with self._changed:
            if self._process == os.getpid() or self._stopping:
                return
            with suppress(RuntimeError):  # no thread to be had: with the next record perhaps
                self._thread = Thread(target=self._run, name="recorder", daemon=True)
                self._thread.start()
                self._process = os.getpid()
                # For servers that do not call `close`. A worker that `multiprocessing` has forked runs no
                # `atexit`, but these, and by then its calls are answered.
                self._at_exit = Finalize(None, self.close, args=(CLOSE_SECONDS,), exitpriority=10)

    def close(self, timeout: float) -> None:
        """Write what waits, for at most `timeout` seconds, and stop; what is left then is counted as lost."""
        with self._changed:
            if self._stopping:
                return
            self._stopping = True
            self._changed.notify()
        if self._at_exit is not None:
            self._at_exit.cancel()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join(timeout)
        if left := self.depth():
            self._counts.lost(left, "stopped")
            _log.error("%d decision records were lost at the end: %s", left, self._fault)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not (self._stopping and self.depth() == 0):
            try:
                self._forget()
                if taken := self._take():
                    self._write()
                else:
                    self._database.check()
                self._worked()
                pause = FIRST_PAUSE
                if taken:
                    self._gather()
            except Exception as error:  # nothing may end this thread but the end of the process
                self._failed(error)
                self._rest(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _take(self) -> bool:
        """Take the waiting records, waiting a while for some; tell whether there is something to write."""
        if self._taken:
            return True
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping, self._look_after)
            self._look_after = LOOK_SECONDS
            batch = list(islice(self._waiting, BATCH))
            if batch:
                self._taken.append(batch)
            for _ in batch:
                self._waiting.popleft()
        return bool(batch)

    def _write(self) -> None:
        """Write what was taken; raise StoreError, and keep it, when the database cannot be used.

        If a group is refused its halves are tried, down to the row that spoils it.
        """
        while self._taken:
            group = self._taken[-1]
            try:
                with self._database.writing() as connection:
                    keep(connection, group)
            except RowError as error:
                self._split(error.reason)
            except StoreError:
                raise
            except Exception as error:  # a value that the driver cannot even send
                self._split(type(error).__name__)
            else:
                self._taken.pop()
                self._counts.written(len(group))
            self._counts.queued(self.depth())

    def _gather(self) -> None:
        """Wait for more records: one transaction for each costs as much as judging a small chart."""
        with self._changed:
            self._changed.notify_all()  # those who wait for what was written
            self._changed.wait_for(lambda: self._stopping or self._hurried, GATHER_SECONDS)
            self._hurried = False

    def _split(self, reason: str) -> None:
        group = self._taken.pop()
        if len(group) > 1:
            middle = len(group) // 2
            self._taken += [group[middle:], group[:middle]]
        else:
            self._counts.lost(1, "row")
            _log.error("a decision record was refused by the database: %s", reason)

    def _forget(self) -> None:
        """Delete expired tokens now and then; the first time, this also makes the tables."""
        if monotonic() >= self._forget_at:
            forget_expired(self._database, self._now())
            self._forget_at = monotonic() + FORGET_SECONDS

    def _failed(self, error: Exception) -> None:
        reason = error.reason if isinstance(error, StoreError) else type(error).__name__
        if self._fault is None:
            _log.error("decision records cannot be written: %s", reason)
        self._fault = reason
        with suppress(Exception):  # what failed may have been the counting
            self._counts.up(False)

    def _worked(self) -> None:
        if self._fault is not None:
            _log.warning("decision records can be written again")
        self._fault = None
        self._counts.up(True)

    def _rest(self, seconds: float) -> None:
        if self._stopping:
            sleep(LAST_PAUSE)
            return
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, seconds)

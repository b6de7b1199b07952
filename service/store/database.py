"""The database: opened without connecting, brought up to date at its first use, never waited for too long."""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import TypeVar

from sqlalchemy import Connection, Engine, delete, false
from sqlalchemy.exc import SQLAlchemyError

from service.store.engines import WRITES, engine_of, single_statements
from service.store.errors import RowError, StoreError, store_error
from service.store.migrating import upgrade
from service.store.plain import PlainQuery
from service.store.tables import token_use
from service.store.waiting import BUSY, TIMEOUT, Askers, Breaker

SOON_SECONDS = 0.25  # that an answer to an EHR waits for the database
REST_SECONDS = 5.0  # in which nobody waits again after the database failed
PATIENCE = 3  # answers in a row that are too slow, before that counts as a failure
MOST_ASKERS = 8  # as many as the threads of a worker

_MIGRATING = Lock()  # Alembic keeps what it works on in its module

T = TypeVar("T")
OnFailure = Callable[[str], None]

_log = logging.getLogger(__name__)


def open_database(url: str, on_failure: OnFailure = lambda what: None) -> "Database":
    """Return the database at `url`; raise SettingsError if `url` does not name a supported database.

    `on_failure` hears of everything that was answered without the database, by what was asked.
    """
    return Database(engine_of(url), on_failure)


class Database:
    """One process's connections to the database. Open it after the process was forked."""

    def __init__(self, engine: Engine, on_failure: OnFailure) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._single = single_statements(engine)
        self._on_failure = on_failure
        self._askers = Askers(MOST_ASKERS)
        self._breaker = Breaker(REST_SECONDS, PATIENCE)
        self._migrated = False

    def migrate(self) -> None:
        """Bring the tables up to date; raise StoreError.

        Processes that start together take turns: the first does the work, the others find it done.
        """
        with _MIGRATING:
            if self._migrated:
                return
            with self._failures(), self._writer.begin() as connection:
                upgrade(connection)
            self._migrated = True

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection to read by; raise StoreError."""
        self._prepare()
        with self._failures(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a transaction, committed unless its body raises; raise StoreError."""
        self._prepare()
        with self._failures(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def statement(self, *, writes: bool) -> Iterator[Connection]:
        """Yield a connection for one statement; raise StoreError.

        A call waits for it, and a transaction around it would take two more trips to a server.
        """
        self._prepare()
        engine = self._single or (self._writer if writes else self.engine)
        with self._failures(), engine.begin() as connection:
            yield connection

    def plainly(self, query: PlainQuery, keys: Collection[str], since: datetime) -> frozenset[str] | None:
        """Return the answer to a query without SQLAlchemy; None where it has to be asked by `statement`."""
        self._prepare()
        return query.ask(self.engine, keys, since)

    def within(self, ask: Callable[[], T], timeout: float) -> T:
        """Return what `ask` returns; raise StoreError if it fails or takes more than `timeout` seconds."""
        return self._askers.within(ask, timeout)

    def soon(self, ask: Callable[[], T], default: T, *, what: str, timeout: float = SOON_SECONDS) -> T:
        """Return what `ask` returns, or `default` if the database fails, is slow, or has just failed."""
        if self._breaker.lets_through():
            try:
                answer = self.within(ask, timeout)
            except Exception as error:  # an answer to an EHR never fails because of the database
                self._breaker.failed(slow=_word(error) in (TIMEOUT, BUSY))
                _log.error("%s was answered without the database: %s", what, _word(error))
            else:
                self._breaker.worked()
                return answer
        self._on_failure(what)
        return default

    def ping(self, timeout: float) -> str | None:
        """Return None when the database can be written to, else the reason, in at most `timeout` seconds."""
        try:
            self.within(self.check, timeout)
        except StoreError as error:
            return error.reason
        return None

    def check(self) -> None:
        """Delete nothing, which only a database that can be written to allows; raise StoreError."""
        with self.writing() as connection:
            connection.execute(delete(token_use).where(false()))

    def close(self) -> None:
        """Close the connections and end the threads that ask."""
        self._askers.close()
        self.engine.dispose()

    def _prepare(self) -> None:
        if not self._migrated:
            self.migrate()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            failure = store_error(error)
            if not isinstance(failure, RowError):
                self._migrated = False  # who knows what comes back: perhaps an empty database
            raise failure from None


def _word(error: Exception) -> str:
    return error.reason if isinstance(error, StoreError) else type(error).__name__

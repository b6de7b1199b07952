"""From the address of a database to SQLAlchemy's engine, with limits on every wait.

Nothing connects here, and a server that is away is no error yet.
"""

import os
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from service.settings import SettingsError

BUSY_SECONDS = 5  # SQLite: wait for another writer
CONNECT_SECONDS = 3
STATEMENT_MS = 5_000
UNACKNOWLEDGED_MS = 5_000  # a server that vanished from the network
POOL_SECONDS = 1

_FILE, _USED = "file", "used"
IDLE_SECONDS = 1.0  # after which a connection to a server is looked at before it is used
_STAYS = ("SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN")
"""Errors of SQLite that a connection keeps although their cause is gone."""

WRITES = "writes"
"""Execution option of connections that are going to write."""


def engine_of(url: str) -> Engine:
    """Return the engine for `sqlite:///FILE` or `postgresql://...`; raise SettingsError for anything else.

    The complaint does not repeat the address: it may hold a password.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise _not_an_address() from None
    if address.drivername == "postgresql":
        return _postgresql(address)
    if address.drivername == "sqlite" and address.database not in (None, "", ":memory:"):
        return _sqlite(address)
    raise _not_an_address()


def _not_an_address() -> SettingsError:
    return SettingsError(
        "KETAMINE_CDS_DATABASE_URL: expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
    )


def _postgresql(address: URL) -> Engine:
    """Return an engine with few connections that notice a lost server; the address may override limits."""
    limits: dict[str, Any] = {
        "application_name": "ketamine-cds",
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": UNACKNOWLEDGED_MS,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
    own = {name: value for name, value in limits.items() if name not in address.query}
    # Periods are cut from the text of a time, so that is in UTC and in the form of ISO.
    given = address.query.get("options", "")
    options = f"-c statement_timeout={STATEMENT_MS} {given} -c timezone=UTC -c datestyle=ISO"
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args={**own, "options": options},
        pool_size=2,
        max_overflow=8,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_look_if_idle, engine.dialect))
    return engine


def _note_use(_: object, opened: ConnectionPoolEntry) -> None:
    opened.info[_USED] = monotonic()


def _look_if_idle(dialect: Dialect, connection: Any, opened: ConnectionPoolEntry, _: object) -> None:
    """Check a connection that was idle for a while; each check costs a round trip."""
    if monotonic() - opened.info.get(_USED, monotonic()) < IDLE_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error:
        raise DisconnectionError from None


def single_statements(engine: Engine) -> Engine | None:
    """Return the engine for statements that need no transaction.

    None for SQLite, which has no server to go to.
    """
    return None if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")


def _sqlite(address: URL) -> Engine:
    engine = create_engine(
        address,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=2,
        max_overflow=8,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
    )

    @event.listens_for(engine, "do_connect")
    def _private(*_: object) -> None:
        """Create a new file that only its owner can read.

        An existing one is not even opened: closing it again would drop the locks that SQLite holds on it.
        """
        with suppress(OSError):  # SQLite is about to complain of the same
            os.close(os.open(str(address.database), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, opened: ConnectionPoolEntry) -> None:
        opened.info[_FILE] = _identity(address)
        connection.isolation_level = None  # transactions begin where SQLAlchemy says so, those of DDL too
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "checkout")
    def _still_there(_: object, opened: ConnectionPoolEntry, __: object) -> None:
        """Drop a connection whose file was deleted or replaced: nobody will read what is written there."""
        if opened.info[_FILE] != _identity(address):
            raise DisconnectionError

    @event.listens_for(engine, "handle_error")
    def _leave(failed: ExceptionContext) -> None:
        """Have the file reopened after a failure: a connection to a read-only file stays read-only."""
        if getattr(failed.original_exception, "sqlite_errorname", "").startswith(_STAYS):
            failed.is_disconnect = True

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        """Take the write lock as a writing transaction begins: a reader cannot wait to become a writer."""
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _identity(address: URL) -> tuple[int, int] | None:
    """Return an identity of the file at the address that no later file shares; None if there is no file."""
    try:
        file = os.stat(str(address.database))
    except OSError:
        return None
    return file.st_dev, file.st_ino

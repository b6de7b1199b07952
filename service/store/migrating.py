"""Alembic, without a file of configuration: the migrations are part of this package."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from service.store.errors import StoreError

CONNECTION = "connection"
"""The attribute by which `migrations/env.py` finds its connection."""

_LOCK = 0x6B65_7461  # of ours among the advisory locks of a database
_LOCK_SECONDS = 60


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date within the transaction of `connection`, which no other process shares.

    Raise StoreError when the database was made by a newer version of the service.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time, and this is it
        connection.execute(text(f"SET LOCAL statement_timeout = '{_LOCK_SECONDS}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError:
        raise StoreError("newer-version") from None


def configuration(connection: Connection) -> Config:
    """Return what Alembic needs to know: where the migrations are, and the connection."""
    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    config.attributes[CONNECTION] = connection
    return config

"""Tables brought up to date: a new database gets those of today, an older one the missing migrations.

Alembic needs no file of configuration: the migrations are part of this package. It is imported where a
database is behind only, for that takes a fifth of the time of a start.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text

from service.store.errors import StoreError
from service.store.tables import METADATA

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0002"
"""The newest migration, after which the tables are those of METADATA."""
CONNECTION = "connection"
"""The attribute by which `migrations/env.py` finds its connection."""

_VERSION = Table(  # as Alembic makes it
    "alembic_version",
    MetaData(naming_convention={"pk": "%(table_name)s_pkc"}),
    Column("version_num", String(32), primary_key=True),
)
_LOCK = 0x6B65_7461  # of ours among the advisory locks of a database
_LOCK_SECONDS = 60


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date within the transaction of `connection`, which no other process shares.

    Raise StoreError when the database was made by a newer version of the service.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time, and this is it
        connection.execute(text(f"SET LOCAL statement_timeout = '{_LOCK_SECONDS}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    there = set(inspect(connection).get_table_names())
    if there.isdisjoint({_VERSION.name, *METADATA.tables}):
        METADATA.create_all(connection)
        _VERSION.create(connection)
        connection.execute(_VERSION.insert(), {"version_num": HEAD})
    elif _VERSION.name not in there or connection.scalars(select(_VERSION)).all() != [HEAD]:
        migrate(connection)


def migrate(connection: Connection) -> None:
    """Apply the migrations missing from the database; raise StoreError if it has unknown ones."""
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(configuration(connection), "head")
    except CommandError:
        raise StoreError("newer-version") from None


def configuration(connection: Connection) -> "Config":
    """Return the configuration for Alembic: the place of the migrations, and the connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    config.attributes[CONNECTION] = connection
    return config

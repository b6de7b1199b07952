"""The migrations make the tables that the code expects, on both databases, whoever starts first."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from service.store import migrating
from service.store.database import Database
from service.store.errors import StoreError
from service.store.migrating import HEAD, configuration, migrate
from service.store.tables import METADATA
from tests.store.making import card, record
from tests.store.opened import Opened, everything
from tests.store.processes import at_once, started


def shape(connection: Connection) -> dict[str, Any]:
    """Return what the database says of each of its tables."""
    looked = inspect(connection)
    return {
        name: {
            "columns": {
                each["name"]: {**each, "type": str(each["type"])} for each in looked.get_columns(name)
            },
            "primary key": looked.get_pk_constraint(name),
            "foreign keys": looked.get_foreign_keys(name),
            "indexes": sorted(looked.get_indexes(name), key=lambda each: str(each["name"])),
        }
        for name in looked.get_table_names()
    }


def drop_everything(connection: Connection) -> None:
    """Leave nothing of the tables."""
    for table in (*reversed(METADATA.sorted_tables), "alembic_version"):
        connection.execute(text(f"DROP TABLE {table}"))


def test_a_new_database_is_as_the_migrations_make_it(database: Database) -> None:
    """The tables of today, made at once, are those that all migrations lead to, and nothing is left to do."""
    with database.writing() as connection:
        made = shape(connection)
        drop_everything(connection)
        migrate(connection)
        assert shape(connection) == made
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_database_that_is_up_to_date_needs_no_alembic(
    database: Database, opened: Opened, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migrations are carried out where one is lacking, and only there."""
    behind: list[bool] = []
    monkeypatch.setattr(migrating, "migrate", lambda _: behind.append(True))
    opened.database(url).migrate()
    assert behind == []
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    opened.database(url).migrate()
    assert behind == [True]


def test_one_line_of_migrations(database: Database) -> None:
    """The migrations are one line that begins nowhere and ends in one head, and the database is at it."""
    with database.reading() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection))
        heads = scripts.get_heads()
        assert heads == [HEAD]
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == heads[0]
        assert len(list(scripts.walk_revisions())) == len(
            [step for step in files("service.store.migrations.versions").iterdir() if "step_" in step.name]
        )


def test_several_processes_start_together(url: str, opened: Opened) -> None:
    """Workers and replicas that find an empty database at the same moment all get their tables."""
    assert at_once([started("migrate", url) for _ in range(4)]) == ["migrated"] * 4
    assert set(everything(opened.database(url))) == set(METADATA.tables)


def test_a_second_start_loses_nothing(
    database: Database, opened: Opened, url: str, keep_records: Callable[..., None]
) -> None:
    """A database with records stays as it is when the service starts again."""
    keep_records(record(card()))
    before = everything(database)
    again = opened.database(url)
    again.migrate()
    assert everything(again) == before


def test_database_of_a_newer_version(database: Database, opened: Opened, url: str) -> None:
    """An older version of the service leaves the database of a newer one alone and says so."""
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    older = opened.database(url)
    with pytest.raises(StoreError, match="newer-version"):
        older.migrate()
    assert older.ping(5) == "newer-version"


def test_tables_that_vanish_are_made_again(database: Database) -> None:
    """A database that comes back empty, restored or replaced, gets its tables without a restart."""
    with database.writing() as connection:
        drop_everything(connection)
    with pytest.raises(StoreError):
        everything(database)
    assert everything(database) == {name: [] for name in METADATA.tables}

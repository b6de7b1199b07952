"""Every test that asks for `database` or `url` runs on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import enumerate as threads

import pytest

from service.records.record import DecisionRecord
from service.store.database import Database
from service.store.decisions import keep
from tests.postgres import Cluster, cluster
from tests.store.opened import Opened


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server for the whole session."""
    with cluster() as started:
        yield started


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/kept.db"


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> str:
    """The address of an empty PostgreSQL database."""
    return postgresql.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a new database, of one kind and then of the other."""
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address


@pytest.fixture
def opened() -> Iterator[Opened]:
    """What the test opens is closed after it."""
    made, of_others = Opened(), set(threads())
    yield made
    for recorder in made.recorders:
        recorder.close(5)
    for database in made.databases:
        database._askers.close()
    for thread in set(threads()) - of_others:
        if thread.name == "database":  # was stuck with a server that has stalled
            thread.join(10)
    for database in made.databases:
        database.close()


@pytest.fixture
def database(opened: Opened, url: str) -> Database:
    """An empty database, with its tables."""
    made = opened.database(url)
    made.migrate()
    return made


@pytest.fixture
def keep_records(database: Database) -> Callable[..., None]:
    """Writes records at once."""

    def write(*records: DecisionRecord) -> None:
        with database.writing() as connection:
            keep(connection, records)

    return write

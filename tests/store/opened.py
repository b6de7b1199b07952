"""Databases and recorders that a test opens, and what is in them."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from service.store.database import Database, open_database
from service.store.recorder import RecordCounts, Recorder
from service.store.tables import METADATA
from tests.store.making import NOW


@dataclass(kw_only=True)
class Opened:
    """Opens databases and recorders that are closed after the test; `failures` is what was not answered."""

    failures: list[str] = field(default_factory=list)
    databases: list[Database] = field(default_factory=list)
    recorders: list[Recorder] = field(default_factory=list)

    def database(self, url: str) -> Database:
        """Open a database."""
        self.databases.append(open_database(url, self.failures.append))
        return self.databases[-1]

    def recorder(self, database: Database, counts: RecordCounts | None = None) -> Recorder:
        """Make a recorder to which it is always the same moment."""
        self.recorders.append(Recorder(database, now=lambda: NOW, counts=counts))
        return self.recorders[-1]


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables."""
    with database.reading() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in METADATA.sorted_tables
        }


def integrity(file: Path) -> str:
    """Return what SQLite says of the file, read by a process that had no part in writing it."""
    with closing(sqlite3.connect(file)) as connection:
        verdict: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
        return verdict

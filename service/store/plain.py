"""A query for the overrides of a few cards, asked of SQLite itself.

Every answer waits for it. SQLAlchemy writes its SQL, once for each number of keys; what it does around each
question on top of that takes 170 of 290 us, and of 750 us where other processes want the processor as well.
"""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Dialect, Engine, Select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.compiler import ExpandedState

from service.store.tables import UtcTime

_MOMENT = UtcTime()
MOST_KEPT = 64  # statements: a card has a key for each score of a band


class PlainQuery:
    """A query of one text by the `keys` of cards and the moment `since`."""

    def __init__(self, query: Select[tuple[str]]) -> None:
        self.query = query
        self._written = lru_cache(MOST_KEPT)(self._write)

    def ask(self, engine: Engine, keys: Collection[str], since: datetime) -> frozenset[str] | None:
        """Return what is found; None where it has to be asked the usual way, as after any failure."""
        if engine.dialect.name != "sqlite":
            return None
        written = self._written(engine.dialect, len(keys))
        numbered = {f"keys_{number}": key for number, key in enumerate(keys, 1)}
        values = {**written.parameters, **numbered, "since": _stored(since, engine.dialect)}
        try:
            connection = engine.raw_connection()
        except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error):
            return None
        try:
            cursor = connection.cursor()
            cursor.execute(written.statement, [values[name] for name in written.positiontup or ()])
            return frozenset(text for (text,) in cursor.fetchall())
        except engine.dialect.loaded_dbapi.Error:
            connection.invalidate()
            return None
        finally:
            connection.close()

    def _write(self, dialect: Dialect, number: int) -> ExpandedState:
        """Return the SQL with a place for each of so many keys, and how its values are written."""
        made = self.query.compile(dialect=dialect)
        return made.construct_expanded_state({"keys": [""] * number, "since": None})


def _stored(moment: datetime, dialect: Dialect) -> object:
    """Return the moment as the database holds it."""
    stored = _MOMENT.dialect_impl(dialect).bind_processor(dialect)
    return stored(moment) if stored else moment

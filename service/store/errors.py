"""What can go wrong with the database.

    StoreError      the database cannot be used: away, stalled, full, not ours to write
    └── RowError    the database works, and refuses this row

`reason` is a short word of the database or its driver, such as SQLITE_FULL or the SQLSTATE 53100. The texts
of drivers are never repeated: they name users and hosts, and hold the values of rows.
"""

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)

_LIMITS = "54"  # SQLSTATE class "program limit exceeded": a row that is too large for an index


class StoreError(Exception):
    """The database cannot be used; `reason` is a word without any value in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the database cannot be used: {reason}")
        self.reason = reason


class RowError(StoreError):
    """The database refuses a row, and would refuse it again."""


def store_error(error: SQLAlchemyError) -> StoreError:
    """Return `error` without the values that its text holds."""
    kind = RowError if _is_of_the_row(error) else StoreError
    return kind(_reason(error))


def _is_of_the_row(error: SQLAlchemyError) -> bool:
    if isinstance(error, DBAPIError):
        return isinstance(error, DataError | IntegrityError) or _sqlstate(error).startswith(_LIMITS)
    return isinstance(error, StatementError)  # a value that cannot be sent at all


def _reason(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None) or error
    word: str = getattr(original, "sqlite_errorname", None) or _sqlstate(error)
    if not word and isinstance(error, OperationalError):
        return "no-connection"  # psycopg gives no code where the server could not be asked
    return word or type(original).__name__


def _sqlstate(error: SQLAlchemyError) -> str:
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""

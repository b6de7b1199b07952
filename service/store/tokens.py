"""Tokens that were used: each may be used once, whichever worker or replica it reaches."""

from datetime import datetime
from functools import partial

from sqlalchemy import delete

from service.store.database import Database
from service.store.decisions import new_rows
from service.store.tables import token_use

TOKEN_SECONDS = 1.0
"""Longer than others wait: a database that is only slow shall not let a token be used twice."""


def use_once(
    database: Database, issuer: str, jti_digest: str, expires: datetime, *, unsure: bool = True
) -> bool:
    """Tell whether this is the first use of the token; return `unsure` if the database cannot tell."""
    ask = partial(_use, database, issuer, jti_digest, expires)
    return database.soon(ask, unsure, what="token", timeout=TOKEN_SECONDS)


def forget_expired(database: Database, now: datetime) -> int:
    """Delete what is refused anyway because it has expired; return how many; raise StoreError."""
    with database.writing() as connection:
        return connection.execute(delete(token_use).where(token_use.c.expires < now)).rowcount


def _use(database: Database, issuer: str, jti_digest: str, expires: datetime) -> bool:
    row = {"issuer": issuer, "jti_digest": jti_digest, "expires": expires}
    with database.statement(writes=True) as connection:
        inserted = new_rows(connection, token_use).returning(token_use.c.jti_digest)
        return connection.execute(inserted, row).one_or_none() is not None

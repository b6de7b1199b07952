"""What is too old to be kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, func, select

from service.store.database import Database
from service.store.tables import card, decision, feedback, token_use

_AT_ONCE = 1_000  # rows in a transaction: who writes records in the meantime waits for one of them


@dataclass(frozen=True, kw_only=True, slots=True)
class Purged:
    """How many rows were deleted."""

    decisions: int
    cards: int
    feedback: int
    tokens: int


def purge(database: Database, before: datetime) -> Purged:
    """Delete the records of calls, with their cards, and the feedback of before; raise StoreError."""
    old_cards = select(func.count()).where(card.c.at < before)
    with database.reading() as connection:
        cards = connection.execute(old_cards).scalar_one()
    return Purged(
        cards=cards,
        decisions=_delete(database, decision, decision.c.id, decision.c.at < before),
        feedback=_delete(database, feedback, feedback.c.id, feedback.c.received_at < before),
        tokens=_delete(database, token_use, token_use.c.jti_digest, token_use.c.expires < before),
    )


def purged_text(purged: Purged) -> str:
    """Return the numbers of deleted rows as text for people."""
    return (
        f"deleted: {purged.decisions} decision records with {purged.cards} cards, "
        f"{purged.feedback} items of feedback, {purged.tokens} used tokens"
    )


def _delete(database: Database, table: Table, key: ColumnElement[object], old: ColumnElement[bool]) -> int:
    """Delete the old rows of `table` in batches; cards are deleted with their decision."""
    some = delete(table).where(old, key.in_(select(key).where(old).limit(_AT_ONCE)))
    deleted = 0
    while True:
        with database.writing() as connection:
            gone = connection.execute(some).rowcount
        deleted += gone
        if not gone:
            return deleted

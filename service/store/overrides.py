"""Overridden cards: advice that the same user has seen before and declined."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from sqlalchemy import Select, bindparam, func, select

from service.store.database import Database
from service.store.feedback import ANSWERS, NEWEST_FIRST
from service.store.plain import PlainQuery
from service.store.tables import card, feedback


def _newest_overrides() -> Select[tuple[str]]:
    rank = func.row_number().over(partition_by=card.c.suppression_key, order_by=NEWEST_FIRST)
    ranked = (
        select(card.c.suppression_key, feedback.c.outcome, feedback.c.outcome_at, rank.label("rank"))
        .join_from(card, feedback, ANSWERS)
        .where(card.c.suppression_key.in_(bindparam("keys", expanding=True)))
        .subquery()
    )
    return select(ranked.c.suppression_key).where(
        ranked.c.rank == 1, ranked.c.outcome == "overridden", ranked.c.outcome_at >= bindparam("since")
    )


_OVERRIDDEN = PlainQuery(_newest_overrides())  # put together once: that takes longer than to ask it


def overridden(database: Database, suppression_keys: Collection[str], since: datetime) -> frozenset[str]:
    """Return those of the keys whose newest feedback is an override, made at `since` or later.

    Return none of them if the database cannot answer in time: better one card too many than too few.
    """
    if not suppression_keys:
        return frozenset()
    ask = partial(_overridden, database, suppression_keys, since)
    return database.soon(ask, frozenset(), what="overridden")


def _overridden(database: Database, suppression_keys: Collection[str], since: datetime) -> frozenset[str]:
    keys = list(suppression_keys)
    found = database.plainly(_OVERRIDDEN, keys, since)
    if found is not None:
        return found
    with database.statement(writes=False) as connection:
        return frozenset(connection.scalars(_OVERRIDDEN.query, {"keys": keys, "since": since}))

"""Feedback as rows: what was done with a card and why, in codes, without a word of the user's."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Insert, and_, insert

from cds_hooks.feedback import Feedback, GivenReason
from cds_hooks.trust import CdsClient
from service.store.database import Database
from service.store.tables import card, feedback

OTHER = "other"
"""Stands for every reason that no card offers: a code of a client's own may be free text."""

KEEP_SECONDS = 2.0
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_SUGGESTIONS = 20  # of one card; our cards have one

ANSWERS = and_(
    feedback.c.card_uuid == card.c.uuid,
    feedback.c.issuer.is_not_distinct_from(card.c.issuer),
    ~card.c.suppressed,
    ~card.c.silent,
)
"""Which feedback counts for which card: one that was shown, to the same issuer.

It is asked when reading: a card may be written a moment after its feedback, and by another replica.
"""

NEWEST_FIRST = (feedback.c.outcome_at.desc(), feedback.c.received_at.desc(), feedback.c.id.desc())
"""The same card may be reported again: what was done last counts."""

Offered = Collection[tuple[str, str]]
"""Code system and code of each reason that cards offer."""


def keep_feedback(
    database: Database,
    caller: CdsClient,
    service_id: str,
    items: Sequence[Feedback],
    at: datetime,
    *,
    offered: Offered,
) -> None:
    """Keep what was received `at` this time, for known and unknown cards; raise StoreError."""
    rows = [_row(caller, service_id, item, at, offered) for item in items]
    database.within(partial(_write, database, insert(feedback), rows), KEEP_SECONDS)


def _write(database: Database, statement: Insert, rows: Sequence[dict[str, Any]]) -> None:
    with database.writing() as connection:
        connection.execute(statement, rows)


def _row(
    caller: CdsClient, service_id: str, item: Feedback, received_at: datetime, offered: Offered
) -> dict[str, Any]:
    system, code = _kept_reason(item.reason, offered)
    return {
        "card_uuid": item.card,
        "service": service_id,
        "issuer": caller.issuer,
        "outcome": item.outcome,
        "suggestions": list(item.accepted_suggestions[:_MOST_SUGGESTIONS]),
        "reason_system": system,
        "reason_code": code,
        "has_comment": bool(item.comment),
        "outcome_at": max(_EARLIEST, min(item.at, received_at)),
        "received_at": received_at,
    }


def _kept_reason(reason: GivenReason | None, offered: Offered) -> tuple[str | None, str | None]:
    """Return system and code as a card offers them; clients may leave out the system."""
    if reason is None:
        return None, None
    for system, code in offered:
        if code == reason.code and reason.system in (None, system):
            return system, code
    return None, OTHER

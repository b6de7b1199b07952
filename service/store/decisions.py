"""Decision records as rows: written as often as need be, read back for a replay."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, RowMapping, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from service.records.record import DecisionRecord, ShownCard
from service.store.database import Database
from service.store.tables import card, decision

_CARD = tuple(field.name for field in fields(ShownCard))
_DECISION = tuple(field.name for field in fields(DecisionRecord) if field.name != "cards")


def keep(connection: Connection, records: Sequence[DecisionRecord]) -> None:
    """Write the records, at least one.

    What is there already stays: whether a transaction that was cut off has taken place is not always known.
    """
    connection.execute(new_rows(connection, decision), [_decision(record) for record in records])
    if cards := [row for record in records for row in _cards(record)]:
        connection.execute(new_rows(connection, card), cards)


def read_decision(database: Database, record_id: str) -> DecisionRecord | None:
    """Return the record with this id; raise StoreError."""
    cards = select(card).where(card.c.decision_id == record_id).order_by(card.c.suppressed, card.c.uuid)
    with database.reading() as connection:
        found = connection.execute(select(decision).where(decision.c.id == record_id)).mappings()
        row = found.one_or_none()
        shown = tuple(map(_shown, connection.execute(cards).mappings()))
    return DecisionRecord(**row, cards=shown) if row else None


def new_rows(connection: Connection, table: Table) -> Insert:
    """Return the statement that inserts those of the rows given whose keys are new."""
    return _new_rows(connection.dialect.name, table)


@cache
def _new_rows(dialect: str, table: Table) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def _decision(record: DecisionRecord) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in _DECISION}
    documents = {name: dict(row[name]) for name in ("verdict", "completeness", "timings_ms")}
    return {**row, **documents}


def _cards(record: DecisionRecord) -> Iterator[dict[str, Any]]:
    for shown in record.cards:
        row = {name: getattr(shown, name) for name in _CARD}
        yield {**row, "decision_id": record.id, "at": record.at, "issuer": record.issuer}


def _shown(row: RowMapping) -> ShownCard:
    members = {name: row[name] for name in _CARD}
    return ShownCard(**{**members, "suggestions": tuple(members["suggestions"])})

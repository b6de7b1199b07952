"""What is older than the retention is deleted, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

from cds_hooks.trust import CdsClient
from service.store.database import Database
from service.store.feedback import keep_feedback
from service.store.retention import Purged, purge, purged_text
from service.store.tokens import use_once
from tests.store.making import NOW, OFFERED, card, overridden, record
from tests.store.opened import everything

BEFORE = NOW - timedelta(days=365)
OLD = BEFORE - timedelta(seconds=1)


def test_old_rows_are_deleted(database: Database, keep_records: Callable[..., None]) -> None:
    """Records go with their cards; a record, and feedback, of the very moment stay."""
    young = record(card(), at=BEFORE)
    keep_records(record(card(), card(), at=OLD), record(at=OLD), young)
    for at in (OLD, BEFORE):
        keep_feedback(database, CdsClient(), "service", [overridden(card().uuid)], at, offered=OFFERED)
    use_once(database, "ehr", "old", OLD)
    use_once(database, "ehr", "live", NOW)
    assert purge(database, BEFORE) == Purged(decisions=2, cards=2, feedback=1, tokens=1)
    left = everything(database)
    assert [row["id"] for row in left["decision"]] == [young.id]
    assert [row["uuid"] for row in left["card"]] == [young.cards[0].uuid]
    assert [row["received_at"] for row in left["feedback"]] == [BEFORE]
    assert [row["jti_digest"] for row in left["token_use"]] == ["live"]
    assert purge(database, BEFORE) == Purged(decisions=0, cards=0, feedback=0, tokens=0)


def test_more_than_is_deleted_at_once(database: Database, keep_records: Callable[..., None]) -> None:
    """However many there are, all old ones go."""
    keep_records(*(record(card(), at=OLD) for _ in range(2_100)))
    assert purge(database, BEFORE) == Purged(decisions=2_100, cards=2_100, feedback=0, tokens=0)
    assert everything(database)["card"] == []


def test_what_a_person_reads() -> None:
    """The line names all that was deleted."""
    assert purged_text(Purged(decisions=3, cards=4, feedback=2, tokens=1)) == (
        "deleted: 3 decision records with 4 cards, 2 items of feedback, 1 used tokens"
    )

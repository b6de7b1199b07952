"""Which cards were overridden is told by the newest feedback on any card with the same key."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from cds_hooks.feedback import Feedback
from cds_hooks.trust import CdsClient
from service.store import overrides
from service.store.database import Database
from service.store.feedback import keep_feedback
from tests.store.making import NOW, OFFERED, accepted, card, overridden, record
from tests.store.opened import Opened

SINCE = NOW - timedelta(days=7)
HOUR = timedelta(hours=1)
Keep = Callable[..., None]


@pytest.fixture
def report(database: Database) -> Keep:
    """Keeps feedback of a caller, received `at`."""

    def keep(*items: Feedback, issuer: str | None = None, at: datetime = NOW) -> None:
        keep_feedback(database, CdsClient(issuer=issuer), "service", items, at, offered=OFFERED)

    return keep


def test_overridden_card(database: Database, keep_records: Keep, report: Keep) -> None:
    """Only the key whose card was overridden is told."""
    cards = [card(suppression_key=key) for key in ("refused", "followed", "ignored")]
    keep_records(record(*cards))
    report(overridden(cards[0].uuid), accepted(cards[1].uuid))
    asked = ["refused", "followed", "ignored", "never shown"]
    assert overrides.overridden(database, asked, SINCE) == {"refused"}
    assert overrides.overridden(database, [], SINCE) == frozenset()


def test_sqlite_tells_the_same_without_sqlalchemy(
    database: Database, keep_records: Keep, report: Keep
) -> None:
    """Asked itself, SQLite tells what it tells SQLAlchemy, of one key or many; not of a failure."""
    cards = [card(suppression_key=key) for key in ("refused", "old")]
    keep_records(record(*cards))
    report(overridden(cards[0].uuid, at=SINCE), overridden(cards[1].uuid, at=SINCE - HOUR))
    asked = ["refused", "old", "never shown"]
    for keys in (asked, asked[:1], asked[1:], asked * 20):
        found = database.plainly(overrides._OVERRIDDEN, keys, SINCE)
        with database.statement(writes=False) as connection:
            usual: set[Any] = set(
                connection.scalars(overrides._OVERRIDDEN.query, {"keys": keys, "since": SINCE})
            )
        assert found == (usual if database.engine.dialect.name == "sqlite" else None)
    with database.writing() as connection:
        connection.execute(text("DROP TABLE feedback"))
    assert database.plainly(overrides._OVERRIDDEN, asked, SINCE) is None


@pytest.mark.parametrize(
    ("first", "then", "suppressed"),
    [
        (overridden, accepted, False),
        (accepted, overridden, True),
        (overridden, overridden, True),
    ],
)
def test_newest_feedback_counts(
    database: Database,
    keep_records: Keep,
    report: Keep,
    first: Callable[..., Feedback],
    then: Callable[..., Feedback],
    suppressed: bool,
) -> None:
    """The same card reported again changes what counts, in whatever order the reports arrive."""
    again, late = card(suppression_key="again"), card(suppression_key="late")
    keep_records(record(again, late))
    report(first(again.uuid, at=NOW - HOUR), then(again.uuid, at=NOW))
    report(then(late.uuid, at=NOW), at=NOW)
    report(first(late.uuid, at=NOW - HOUR), at=NOW + HOUR)
    expected = {"again", "late"} if suppressed else set()
    assert overrides.overridden(database, ["again", "late"], SINCE) == expected


def test_same_moment(database: Database, keep_records: Keep, report: Keep) -> None:
    """Of two items with the same time the one that came later counts."""
    shown = card(suppression_key="key")
    keep_records(record(shown))
    report(accepted(shown.uuid), overridden(shown.uuid))
    assert overrides.overridden(database, ["key"], SINCE) == {"key"}


def test_two_cards_with_the_same_key(database: Database, keep_records: Keep, report: Keep) -> None:
    """Who accepts the card when it comes again is told it the next time as well."""
    first, second = card(suppression_key="key"), card(suppression_key="key")
    keep_records(record(first), record(second))
    report(overridden(first.uuid, at=NOW - HOUR))
    assert overrides.overridden(database, ["key"], SINCE) == {"key"}
    report(accepted(second.uuid, at=NOW))
    assert overrides.overridden(database, ["key"], SINCE) == frozenset()


def test_the_window(database: Database, keep_records: Keep, report: Keep) -> None:
    """An override counts from the moment in which the window opens."""
    before, at = card(suppression_key="before"), card(suppression_key="at")
    keep_records(record(before, at))
    report(overridden(before.uuid, at=SINCE - timedelta(seconds=1)), overridden(at.uuid, at=SINCE))
    assert overrides.overridden(database, ["before", "at"], SINCE) == {"at"}


def test_time_in_the_future(database: Database, keep_records: Keep, report: Keep) -> None:
    """A client whose clock is ahead cannot suppress a card for longer than the window."""
    shown = card(suppression_key="key")
    keep_records(record(shown))
    report(overridden(shown.uuid, at=NOW + timedelta(days=3650)), at=NOW)
    assert overrides.overridden(database, ["key"], NOW + timedelta(seconds=1)) == frozenset()


def test_card_that_is_written_after_its_feedback(
    database: Database, keep_records: Keep, report: Keep
) -> None:
    """Feedback that overtakes the record of its card counts as soon as the record is there."""
    shown = card(suppression_key="key")
    report(overridden(shown.uuid))
    assert overrides.overridden(database, ["key"], SINCE) == frozenset()
    keep_records(record(shown))
    assert overrides.overridden(database, ["key"], SINCE) == {"key"}


@pytest.mark.parametrize(
    ("shown_to", "reported_by", "counts"),
    [("ehr", "ehr", True), ("ehr", "other", False), ("ehr", None, False), (None, "ehr", False)],
)
def test_feedback_of_another_issuer(
    database: Database,
    keep_records: Keep,
    report: Keep,
    shown_to: str | None,
    reported_by: str | None,
    counts: bool,
) -> None:
    """Nobody suppresses a card that was shown to somebody else."""
    shown = card(suppression_key="key")
    keep_records(record(shown, issuer=shown_to))
    report(overridden(shown.uuid), issuer=reported_by)
    assert overrides.overridden(database, ["key"], SINCE) == ({"key"} if counts else set())


def test_without_a_database(opened: Opened, tmp_path: Path) -> None:
    """A card is rather shown once more than left out on a guess."""
    database = opened.database(f"sqlite:///{tmp_path}/missing/kept.db")
    assert overrides.overridden(database, ["key"], SINCE) == frozenset()
    assert opened.failures == ["overridden"]

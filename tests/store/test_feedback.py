"""Feedback is kept in codes and times, for known and unknown cards, without a word of the user's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from cds_hooks.feedback import Feedback, GivenReason
from cds_hooks.trust import CdsClient
from service.store.database import Database
from service.store.errors import StoreError
from service.store.feedback import keep_feedback
from tests.postgres import Cluster
from tests.store.making import NOW, OFFERED, SYSTEM, accepted, card, overridden, record
from tests.store.opened import Opened, everything

CARD = "6f8b1b5e-5a5b-4d5a-9b1a-3a3c2c6d1e01"
MARKER = "Smith-4711"


def kept(database: Database, *items: Feedback, at: datetime = NOW) -> list[dict[str, object]]:
    """Keep the items, and return all rows of feedback."""
    caller = CdsClient(issuer="ehr", tenant=MARKER)
    keep_feedback(database, caller, "the-service", items, at, offered=OFFERED)
    return everything(database)["feedback"]


def test_what_is_kept(database: Database) -> None:
    """Each item is a row of its own, in the order in which they came."""
    first, second = overridden(CARD, "patient-refuses"), accepted(CARD)
    plain = {
        "card_uuid": CARD,
        "service": "the-service",
        "issuer": "ehr",
        "outcome_at": NOW,
        "received_at": NOW,
    }
    assert kept(database, first, second) == [
        {
            **plain,
            "id": 1,
            "outcome": "overridden",
            "suggestions": [],
            "reason_system": SYSTEM,
            "reason_code": "patient-refuses",
            "has_comment": False,
        },
        {
            **plain,
            "id": 2,
            "outcome": "accepted",
            "suggestions": list(second.accepted_suggestions),
            "reason_system": None,
            "reason_code": None,
            "has_comment": False,
        },
    ]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (GivenReason(code="patient-refuses", system=SYSTEM, display=MARKER), (SYSTEM, "patient-refuses")),
        (GivenReason(code="patient-refuses", system=None, display=None), (SYSTEM, "patient-refuses")),
        (GivenReason(code="patient-refuses", system=MARKER, display=None), (None, "other")),
        (GivenReason(code=MARKER, system=SYSTEM, display=None), (None, "other")),
        (GivenReason(code=MARKER, system=None, display=None), (None, "other")),
        (None, (None, None)),
    ],
)
def test_reasons(
    database: Database, reason: GivenReason | None, expected: tuple[str | None, str | None]
) -> None:
    """A reason that a card offers is kept, any other one is only counted: it may hold anything."""
    (row,) = kept(database, overridden(CARD, reason=reason))
    assert (row["reason_system"], row["reason_code"]) == expected


def test_no_word_of_the_caller(database: Database, sqlite_url: str, opened: Opened, tmp_path: Path) -> None:
    """Comment, display, foreign codes and systems are nowhere in the database, nor in its files."""
    reason = GivenReason(code=MARKER, system=f"urn:{MARKER}", display=MARKER)
    (row,) = kept(database, overridden(CARD, reason=reason, comment=MARKER))
    assert row["has_comment"] is True
    assert MARKER not in str(everything(database))
    kept(opened.database(sqlite_url), overridden(CARD, reason=reason, comment=MARKER))
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert CARD.encode() in written
    assert MARKER.encode() not in written


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (NOW - timedelta(days=400), NOW - timedelta(days=400)),
        (NOW + timedelta(seconds=1), NOW),
        (datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=2))), NOW - timedelta(minutes=30)),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))), NOW),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_times(database: Database, said: datetime, expected: datetime) -> None:
    """A time in the future is that of the arrival; late feedback keeps its time, however odd."""
    (row,) = kept(database, overridden(CARD, at=said))
    assert row["outcome_at"] == expected


def test_many_items(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long list of feedback is kept as a whole."""
    monkeypatch.setattr("service.store.feedback.KEEP_SECONDS", 600)  # how fast is not what is tested
    assert len(kept(database, *[overridden(CARD)] * 5_000)) == 5_000


def test_dead_database_is_told(opened: Opened, tmp_path: Path) -> None:
    """What cannot be kept is not acknowledged."""
    with pytest.raises(StoreError, match="SQLITE_CANTOPEN"):
        kept(opened.database(f"sqlite:///{tmp_path}/missing/kept.db"), overridden(CARD))


def test_stalled_database_is_told_in_time(postgresql: Cluster, opened: Opened) -> None:
    """A server that never answers does not hold the caller."""
    database = opened.database(postgresql.new_database())
    database.migrate()
    with postgresql.frozen(), pytest.raises(StoreError, match="timeout"):
        kept(database, overridden(CARD))


def test_feedback_stays_when_its_card_is_unknown(
    database: Database, keep_records: Callable[..., None]
) -> None:
    """Unknown cards are accepted like known ones, and repeats as well."""
    known = card()
    keep_records(record(known))
    rows = kept(database, overridden(CARD), overridden(known.uuid), overridden(known.uuid))
    assert [row["card_uuid"] for row in rows] == [CARD, known.uuid, known.uuid]

"""The feedback report counts what became of cards, by type, over time, in three forms."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from cds_hooks.feedback import Feedback
from cds_hooks.trust import CdsClient
from service.store.database import Database
from service.store.feedback import keep_feedback
from service.store.report import CardCounts, CardRate, Report, ReportPeriod, feedback_report
from service.store.report_forms import report_csv, report_json, report_text
from tests.store.making import NOW, OFFERED, accepted, card, overridden, record

HOOK = "patient-view"
FEBRUARY = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
FEBRUARY_SUPPORTED = CardCounts(
    period="2026-02",
    topic="supported",
    shown=1,
    accepted=1,
    overridden=0,
    reasons={},
    ignored=0,
    suppressed=0,
    silent=0,
)
MARCH_SUPPORTED = CardCounts(
    period="2026-03",
    topic="supported",
    shown=5,
    accepted=1,
    overridden=3,
    reasons={"no reason": 1, "other": 1, "patient-refuses": 1},
    ignored=1,
    suppressed=1,
    silent=1,
)
MARCH_UNCLEAR = CardCounts(
    period="2026-03",
    topic="unclear",
    shown=1,
    accepted=0,
    overridden=0,
    reasons={},
    ignored=1,
    suppressed=0,
    silent=0,
)
RATES = (
    CardRate(period="2026-02", hook=HOOK, topic="supported", calls=1, cards=1, overridden=0),
    CardRate(period="2026-03", hook=HOOK, topic="supported", calls=3, cards=6, overridden=3),
    CardRate(period="2026-03", hook=HOOK, topic="unclear", calls=3, cards=1, overridden=0),
)
WHOLE = Report(
    cards=(FEBRUARY_SUPPORTED, MARCH_SUPPORTED, MARCH_UNCLEAR),
    rates=RATES,
    unknown={"2026-02": 1, "2026-03": 3},
)


@pytest.fixture
def reported(database: Database, keep_records: Callable[..., None]) -> Database:
    """Two months of cards: followed, overridden, changed in mind, ignored, left out, and of others."""
    old = card(topic="supported")
    cards = [card(topic="supported") for _ in range(5)]
    hidden, foreign = card(topic="supported", suppressed=True), card(topic="unclear")
    keep_records(
        record(old, at=FEBRUARY),
        record(*cards, hidden, at=MARCH),
        record(foreign, at=MARCH, issuer="another"),
        record(card(topic="supported", silent=True), at=MARCH),
    )

    def report(*items: Feedback, at: datetime = NOW) -> None:
        keep_feedback(database, CdsClient(), "service", items, at, offered=OFFERED)

    report(accepted(old.uuid))
    report(accepted("0" * 8), at=FEBRUARY)
    report(
        overridden(cards[0].uuid, "patient-refuses"),
        overridden(cards[1].uuid, "a reason of its own", at=NOW - timedelta(hours=1)),
        overridden(cards[2].uuid),
        overridden(cards[3].uuid, at=NOW - timedelta(hours=1)),
        accepted(cards[3].uuid),
        # The answer to a card that was shown to another issuer, to one that was not shown, to none at all.
        accepted(foreign.uuid),
        accepted(hidden.uuid),
        accepted("1" * 8),
    )
    return database


def test_by_month(reported: Database) -> None:
    """Every card is counted once, in the month in which it was shown, by its newest feedback."""
    assert feedback_report(reported) == WHOLE


def test_by_day(reported: Database) -> None:
    """The same by days of UTC."""
    report = feedback_report(reported, by=ReportPeriod.DAY)
    assert [(counts.period, counts.shown) for counts in report.cards] == [
        ("2026-02-28", 1),
        ("2026-03-01", 5),
        ("2026-03-01", 1),
    ]
    assert report.unknown == {"2026-02-28": 1, "2026-03-02": 3}


def test_from_a_day_to_a_day(reported: Database) -> None:
    """The first moment belongs to the report, the last one to the next."""
    assert feedback_report(reported, since=MARCH).cards == WHOLE.cards[1:]
    assert feedback_report(reported, until=MARCH) == Report(
        cards=WHOLE.cards[:1], rates=RATES[:1], unknown={"2026-02": 1}
    )
    assert feedback_report(reported, since=MARCH, until=MARCH) == Report(cards=(), rates=(), unknown={})


def test_nothing_yet(database: Database) -> None:
    """A report on nothing says so in every form."""
    report = feedback_report(database)
    assert report == Report(cards=(), rates=(), unknown={})
    assert report_text(report) == "no cards, no feedback"
    assert json.loads(report_json(report)) == {"cards": [], "rates": [], "unknownCards": []}
    assert len(report_csv(report).splitlines()) == 1


def test_text() -> None:
    """A person reads a table, the reasons below the line they explain."""
    counts, rates = report_text(WHOLE).split("\n\n")
    assert [line.split() for line in counts.splitlines()] == [
        ["period", "card", "shown", "accepted", "overridden", "ignored", "suppressed", "silent"],
        ["2026-02", "supported", "1", "1", "0", "0", "0", "0"],
        ["2026-03", "supported", "5", "1", "3", "1", "1", "1"],
        ["overridden,", "no", "reason:", "1"],
        ["overridden,", "other:", "1"],
        ["overridden,", "patient-refuses:", "1"],
        ["2026-03", "unclear", "1", "0", "0", "1", "0", "0"],
        ["2026-02", "feedback", "on", "unknown", "cards", "1"],
        ["2026-03", "feedback", "on", "unknown", "cards", "3"],
    ]
    assert [line.split() for line in rates.splitlines()] == [
        ["period", "hook", "card", "calls", "cards", "per", "1,000", "overridden"],
        ["2026-02", "patient-view", "supported", "1", "1", "1000.0", "0"],
        ["2026-03", "patient-view", "supported", "3", "6", "2000.0", "3"],
        ["2026-03", "patient-view", "unclear", "3", "1", "333.3", "0"],
    ]
    rows = [line for line in counts.splitlines() if line.startswith("2026") and "unknown" not in line]
    assert len({len(row) for row in rows}) == 1


def test_csv() -> None:
    """A spreadsheet gets a column for each reason, and the feedback on unknown cards in one of its own."""
    rows = list(csv.DictReader(io.StringIO(report_csv(WHOLE))))
    assert len(rows) == 5
    assert rows[1] == {
        "period": "2026-03",
        "card": "supported",
        "shown": "5",
        "accepted": "1",
        "overridden": "3",
        "ignored": "1",
        "suppressed": "1",
        "silent": "1",
        "overridden: no reason": "1",
        "overridden: other": "1",
        "overridden: patient-refuses": "1",
        "feedback on unknown cards": "0",
    }
    assert (rows[4]["period"], rows[4]["card"], rows[4]["feedback on unknown cards"]) == ("2026-03", "", "3")


def test_json() -> None:
    """A program gets the same numbers under names."""
    answer = json.loads(report_json(WHOLE))
    assert answer["cards"][1] == {
        "period": "2026-03",
        "card": "supported",
        "shown": 5,
        "accepted": 1,
        "overridden": 3,
        "ignored": 1,
        "suppressed": 1,
        "silent": 1,
        "overriddenByReason": {"no reason": 1, "other": 1, "patient-refuses": 1},
    }
    assert answer["rates"][1] == {
        "period": "2026-03",
        "hook": "patient-view",
        "card": "supported",
        "calls": 3,
        "cards": 6,
        "per1000Calls": 2000.0,
        "overridden": 3,
    }
    assert answer["unknownCards"] == [
        {"period": "2026-02", "feedback": 1},
        {"period": "2026-03", "feedback": 3},
    ]

"""The commands about what the service keeps: replay, feedback report, records purge."""

import argparse
import os
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from service.answer.replay import replay, replay_text
from service.cli.arguments import put
from service.cli.files import read, understood
from service.operations.rules import read_rules
from service.settings import SQLITE, Settings, read_settings
from service.store.database import Database, open_database
from service.store.decisions import read_decision
from service.store.hash_key import hash_key
from service.store.report import ReportPeriod, feedback_report
from service.store.report_forms import report_csv, report_json, report_text
from service.store.retention import purge, purged_text

_FORMS = {"text": report_text, "csv": report_csv, "json": report_json}
NOT_THE_SAME = 1


class NothingKeptError(Exception):
    """There is no such database, or no such record in it; the message is one line."""


def run_replay(chosen: argparse.Namespace) -> int:
    """Tell whether a call gives again what its record says."""
    settings = read_settings(os.environ)
    knowledge = read_rules(settings)
    raw = read(chosen.request)
    with closing(_database(settings)) as database:
        record = read_decision(database, chosen.record)
    if record is None:
        raise NothingKeptError(f"no decision record has the id {chosen.record!r}")
    key = hash_key(settings)
    replayed = understood(
        chosen.request, raw, lambda content: replay(content, record, settings, knowledge, key)
    )
    print(replay_text(replayed))
    return 0 if replayed.same else NOT_THE_SAME


def run_report(chosen: argparse.Namespace) -> None:
    """Count what became of the cards."""
    with closing(_database(read_settings(os.environ))) as database:
        report = feedback_report(
            database,
            by=ReportPeriod(chosen.by),
            since=_begin(chosen.since) if chosen.since else None,
            until=_begin(chosen.until + timedelta(days=1)) if chosen.until else None,
        )
    put(chosen, _FORMS[chosen.format](report).rstrip("\n"))


def run_purge(_: argparse.Namespace) -> None:
    """Delete what is old."""
    settings = read_settings(os.environ)
    before = datetime.now(UTC) - timedelta(days=settings.retention_days)
    with closing(_database(settings)) as database:
        print(purged_text(purge(database, before)))


def _database(settings: Settings) -> Database:
    """Return the database that a service keeps; a file that is not there would only be made."""
    url = settings.database_url
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).is_file():
        raise NothingKeptError("no database is where KETAMINE_CDS_DATABASE_URL says")
    return open_database(url)


def _begin(of: date) -> datetime:
    return datetime.combine(of, time.min, UTC)

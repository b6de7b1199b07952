"""The commands about what the service keeps: replay, feedback report, records purge."""

import argparse
import os
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from service.answer.replay import replay, replay_text
from service.cli.arguments import Commands, add, add_format, add_group, day, read
from service.settings import SQLITE, Settings, read_rules, read_settings
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


def add_commands(commands: Commands) -> None:
    """Declare them."""
    _add_replay(
        add(
            commands,
            "replay",
            _replay,
            "prove that a captured call still gives the assessment of its decision record",
        )
    )
    feedback = add_group(commands, "feedback", "what users did with cards")
    _add_report(
        add(
            feedback,
            "report",
            _report,
            "tell what became of the cards: shown, accepted, overridden and why, ignored, suppressed, silent",
        )
    )
    records = add_group(commands, "records", "what is kept of calls")
    add(records, "purge", _purge, "delete records and feedback that are older than the retention")


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("request", metavar="REQUEST", help="body of the call; - reads standard input")
    parser.add_argument("--record", required=True, metavar="ID", help="the X-Request-Id of the call's answer")


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="first day (default: all)")
    parser.add_argument("--until", type=day, metavar="YYYY-MM-DD", help="last day (default: today)")
    parser.add_argument(
        "--by",
        choices=[period.value for period in ReportPeriod],
        default=ReportPeriod.MONTH.value,
        help="default: month",
    )
    add_format(parser, *_FORMS)


def _replay(chosen: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    knowledge = read_rules(settings)
    raw = read(chosen.request)
    with closing(_database(settings)) as database:
        record = read_decision(database, chosen.record)
    if record is None:
        raise NothingKeptError(f"no decision record has the id {chosen.record!r}")
    replayed = replay(raw, record, settings, knowledge, hash_key(settings))
    print(replay_text(replayed))
    return 0 if replayed.same else NOT_THE_SAME


def _report(chosen: argparse.Namespace) -> None:
    with closing(_database(read_settings(os.environ))) as database:
        report = feedback_report(
            database,
            by=ReportPeriod(chosen.by),
            since=_begin(chosen.since) if chosen.since else None,
            until=_begin(chosen.until + timedelta(days=1)) if chosen.until else None,
        )
    print(_FORMS[chosen.format](report).rstrip("\n"))


def _purge(_: argparse.Namespace) -> None:
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

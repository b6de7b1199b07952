"""The command line: serve, or assess one patient's record.

Bad input gives one line on stderr and exit code 2; nothing that a record contains is printed there.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from importlib.metadata import metadata
from pathlib import Path
from typing import NoReturn

from cds_hooks.errors import CallerError
from mappings.knowledge import load_knowledge
from mappings.tables import TableError
from service.evaluate import assess_document, evaluation_day
from service.render.document import document
from service.render.report import text_report
from service.serve import AddressError, serve
from service.settings import PROFILES, Settings, SettingsError, read_settings

STDIN = "-"


class _Parser(argparse.ArgumentParser):
    """Complains in one line instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help tells more)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ)
        if chosen.command == "serve":
            serve(settings)
        else:
            print(_assess(chosen, settings))
    except (SettingsError, TableError, AddressError, CallerError, OSError) as error:
        print(f"ketamine-cds: {_one_line(error)}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    about = metadata("ketamine-cds")
    parser = _Parser(prog="ketamine-cds", description=about["Summary"])
    parser.add_argument("--version", action="version", version=f"%(prog)s {about['Version']}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="start the CDS Hooks service (configured by KETAMINE_CDS_* variables)")
    assess = commands.add_parser("assess", help="assess one patient's record")
    assess.add_argument(
        "file", metavar="FILE", help="FHIR Bundle or CDS Hooks request; - reads standard input"
    )
    assess.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="day of assessment (default: today)")
    assess.add_argument("--profile", choices=PROFILES, help="definition of treatment resistance")
    assess.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    return parser


def _day(text: str) -> date:
    try:
        return evaluation_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _assess(chosen: argparse.Namespace, settings: Settings) -> str:
    knowledge = load_knowledge()
    assessment = assess_document(
        _read(chosen.file),
        knowledge,
        profile=chosen.profile or settings.profile,
        as_of=chosen.as_of or settings.today(),
    )
    if chosen.format == "json":
        return json.dumps(document(assessment), indent=2, ensure_ascii=False)
    return text_report(assessment, knowledge.wording)


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

"""The commands about one patient's record: assess, check."""

import argparse
import os
from datetime import date

from service.checking.check import check
from service.cli.arguments import Commands, add, add_format, day, print_json, read
from service.evaluate import assess_document, read_document
from service.render.document import document
from service.render.report import text_report
from service.rules import read_rules
from service.settings import PROFILES, Settings, read_settings
from service.tabulated import check_text


def add_commands(commands: Commands) -> None:
    """Declare them."""
    assess = add(commands, "assess", _assess, "assess one patient's record")
    _add_record(assess)
    assess.add_argument("--profile", choices=PROFILES, help="definition of treatment resistance")
    _add_record(add(commands, "check", _check, "show entry by entry what was understood of a record"))


def _add_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="FHIR Bundle or CDS Hooks request; - reads standard input"
    )
    parser.add_argument("--as-of", type=day, metavar="YYYY-MM-DD", help="day of assessment (default: today)")
    add_format(parser, "text", "json")


def _assess(chosen: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    knowledge = read_rules(settings)
    assessment = assess_document(
        read(chosen.file),
        knowledge,
        profile=chosen.profile or settings.profile,
        as_of=_as_of(chosen, settings),
    )
    if chosen.format == "json":
        print_json(document(assessment))
    else:
        print(text_report(assessment, knowledge.wording))


def _check(chosen: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    knowledge, as_of = read_rules(settings), _as_of(chosen, settings)
    raw = read(chosen.file)
    answer = check(raw, read_document(raw, knowledge, as_of), knowledge, as_of)
    if chosen.format == "json":
        print_json(answer)
    else:
        print(check_text(answer))


def _as_of(chosen: argparse.Namespace, settings: Settings) -> date:
    asked: date | None = chosen.as_of
    return asked or settings.today()

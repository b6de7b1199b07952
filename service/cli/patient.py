"""The commands about one patient's record: assess, check."""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import date

from mappings.knowledge import Knowledge
from service.answer.read import read_document
from service.assess import assess
from service.cli.arguments import Commands, add, add_format, day, print_json, read
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.explain.check import check
from service.explain.text import check_text
from service.picture import evidence_page, timeline_png, timeline_svg
from service.render.document import document
from service.render.report import text_report
from service.settings import PROFILES, Settings, read_rules, read_settings

Draw = Callable[[Assessment, PatientFacts, Knowledge], bytes]


class NotForTerminalError(Exception):
    """A PNG was asked for where its bytes would only upset a terminal."""


def _page(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> bytes:
    return evidence_page(assessment, facts, knowledge).encode()


PICTURES: dict[str, Draw] = {"html": _page, "svg": timeline_svg, "png": timeline_png}


def add_commands(commands: Commands) -> None:
    """Declare them."""
    assessing = add(
        commands, "assess", _assess, "assess one patient's record: a Bundle or a captured CDS Hooks request"
    )
    _add_record(assessing, "text", "json", *PICTURES)
    assessing.add_argument("--profile", choices=PROFILES, help="definition of treatment resistance")
    checking = add(
        commands,
        "check",
        _check,
        "show entry by entry what the service understood of a record, and why not the rest",
    )
    _add_record(checking, "text", "json")


def _add_record(parser: argparse.ArgumentParser, *formats: str) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="FHIR Bundle or CDS Hooks request; - reads standard input"
    )
    parser.add_argument("--as-of", type=day, metavar="YYYY-MM-DD", help="day of assessment (default: today)")
    parser.add_argument(
        "--rules-as-of",
        type=day,
        metavar="YYYY-MM-DD",
        help="leave out rows that hold since a later day; what is missing then is named",
    )
    add_format(parser, *formats)


def _assess(chosen: argparse.Namespace) -> None:
    if chosen.format == "png" and sys.stdout.isatty():
        raise NotForTerminalError("PNG is not for a terminal: send it to a file, as in > picture.png")
    settings = read_settings(os.environ)
    knowledge, as_of = _rules(chosen, settings), _as_of(chosen, settings)
    profile = chosen.profile or settings.profile
    facts = read_document(read(chosen.file), knowledge, as_of).facts
    assessment = assess(facts, knowledge, profile, as_of)
    if chosen.format in PICTURES:
        sys.stdout.buffer.write(PICTURES[chosen.format](assessment, facts, knowledge))
    elif chosen.format == "json":
        print_json(document(assessment))
    else:
        print(text_report(assessment, knowledge.wording))


def _check(chosen: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    knowledge, as_of = _rules(chosen, settings), _as_of(chosen, settings)
    raw = read(chosen.file)
    answer = check(raw, read_document(raw, knowledge, as_of), knowledge, as_of)
    if chosen.format == "json":
        print_json(answer)
    else:
        print(check_text(answer))


def _rules(chosen: argparse.Namespace, settings: Settings) -> Knowledge:
    """Return the rules, of an earlier day where one is asked for; the rows that it lacks are named."""
    knowledge = read_rules(settings, chosen.rules_as_of)
    for row in knowledge.missing if chosen.rules_as_of else ():
        print(f"not as of {chosen.rules_as_of}: {row}", file=sys.stderr)
    return knowledge


def _as_of(chosen: argparse.Namespace, settings: Settings) -> date:
    asked: date | None = chosen.as_of
    return asked or settings.today()

"""The commands about one patient's record: assess, check."""

import argparse
import os
import sys
from datetime import date

from mappings.knowledge import Knowledge
from service.answer.read import ReadRecord, read_document
from service.assess import assess
from service.cli.arguments import PICTURES, CriteriaError, NotForTerminalError, as_json, put
from service.cli.files import read, understood
from service.explain.check import check
from service.explain.text import check_text
from service.operations.rules import read_rules
from service.render.document import document
from service.render.report import text_report
from service.render.view import View
from service.settings import Settings, read_settings

BYTES = ("png", "pdf")


def run_assess(chosen: argparse.Namespace) -> None:
    """Assess a record, and tell or draw the assessment."""
    if chosen.format in BYTES and chosen.output is None and sys.stdout.isatty():
        name = chosen.format
        raise NotForTerminalError(
            f"{name.upper()} is not for a terminal: name a file, as in --output picture.{name}"
        )
    if chosen.format == "pdf" and chosen.criteria is None:
        raise CriteriaError("--format pdf: expected --criteria")
    settings = read_settings(os.environ)
    knowledge, as_of = rules(chosen, settings), as_of_day(chosen, settings)
    profile = chosen.profile or settings.profile
    raw = read(chosen.file)
    facts = _read(chosen.file, raw, knowledge, as_of).facts
    assessment = assess(facts, knowledge, profile, as_of)
    if chosen.criteria is not None:
        from service.cli.criteria import with_criteria

        put(chosen, with_criteria(chosen, assessment, facts, knowledge, raw))
    elif chosen.format in PICTURES:
        from service.cli.pictures import drawn

        put(chosen, drawn(chosen.format, assessment, facts, knowledge))
    elif chosen.format == "json":
        put(chosen, as_json(document(View(wording=knowledge.wording, of=assessment))))
    else:
        put(chosen, text_report(assessment, knowledge.wording))


def run_check(chosen: argparse.Namespace) -> None:
    """Show what was understood of a record."""
    settings = read_settings(os.environ)
    knowledge, as_of = rules(chosen, settings), as_of_day(chosen, settings)
    raw = read(chosen.file)
    answer = check(raw, _read(chosen.file, raw, knowledge, as_of), knowledge, settings.profile, as_of)
    put(chosen, as_json(answer) if chosen.format == "json" else check_text(answer, knowledge.wording))


def _read(file: str, raw: bytes, knowledge: Knowledge, as_of: date) -> ReadRecord:
    return understood(file, raw, lambda content: read_document(content, knowledge, as_of))


def rules(chosen: argparse.Namespace, settings: Settings) -> Knowledge:
    """Return the rules, of an earlier day where one is asked for; the rows that it lacks are named."""
    knowledge = read_rules(settings, chosen.rules_as_of)
    for row in knowledge.missing if chosen.rules_as_of else ():
        print(f"not as of {chosen.rules_as_of}: {row}", file=sys.stderr)
    return knowledge


def as_of_day(chosen: argparse.Namespace, settings: Settings) -> date:
    """Return the day of the assessment: the one asked for, else today."""
    asked: date | None = chosen.as_of
    return asked or settings.today()

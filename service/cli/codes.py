"""The commands about code tables: codes, terminology build."""

import argparse
import os
import sys

from mappings.knowledge import load_knowledge
from mappings.renewal.build import Sources, build
from service.cli.arguments import as_json, put
from service.explain.codes import look_up
from service.explain.text import codes_text
from service.operations.rules import read_rules
from service.settings import read_settings


def run_codes(chosen: argparse.Namespace) -> None:
    """Show what the tables know."""
    knowledge = read_rules(read_settings(os.environ))
    answers = look_up(chosen.asked, knowledge)
    if chosen.format == "json":
        known = {"codes": [{"asked": answer.asked, "found": answer.found} for answer in answers]}
        put(chosen, as_json(known))
    else:
        put(chosen, codes_text(answers, knowledge.wording))


def run_build(chosen: argparse.Namespace) -> None:
    """Make the tables. The settings are not read: they may ask for the very folder that is to be built."""
    sources = Sources(rxnorm=chosen.rxnorm, icd10cm=chosen.icd10cm, valuesets=chosen.valuesets)
    for line in build(sources, chosen.out, load_knowledge(), _progress):
        print(line)


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)

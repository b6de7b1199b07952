"""The commands about code tables: codes, terminology build."""

import argparse
import os
import sys
from pathlib import Path

from mappings.knowledge import load_knowledge
from mappings.renewal.build import Sources, build
from service.cli.arguments import Commands, add, add_format, add_group, print_json
from service.explain.codes import look_up
from service.explain.text import codes_text
from service.settings import read_rules, read_settings

BUILT = "terminology"  # folder that `terminology build` writes unless told otherwise


def add_commands(commands: Commands) -> None:
    """Declare them."""
    _add_codes(
        add(
            commands,
            "codes",
            _codes,
            "show what the tables know of codes and names: drug, strength, class, rules, source",
        )
    )
    actions = add_group(commands, "terminology", "renew the code tables")
    _add_build(add(actions, "build", _build, "make the code tables from official releases"))


def _add_codes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "asked",
        nargs="+",
        metavar="CODE|NAME",
        help="a code, a name, or a code with its system: rxnorm|36437",
    )
    add_format(parser, "text", "json")


def _add_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rxnorm",
        type=Path,
        required=True,
        metavar="DIR",
        help="RxNorm release, full or prescribable content",
    )
    parser.add_argument(
        "--icd10cm", type=Path, metavar="FILE", help="ICD-10-CM order file, to check the rules"
    )
    parser.add_argument(
        "--valuesets", type=Path, metavar="DIR", help="FHIR ValueSets (JSON) to add codes from"
    )
    parser.add_argument(
        "--out", type=Path, default=Path(BUILT), metavar="DIR", help="folder to write (default: %(default)s)"
    )


def _codes(chosen: argparse.Namespace) -> None:
    answers = look_up(chosen.asked, read_rules(read_settings(os.environ)))
    if chosen.format == "json":
        print_json({"codes": [{"asked": answer.asked, "found": answer.found} for answer in answers]})
    else:
        print(codes_text(answers))


def _build(chosen: argparse.Namespace) -> None:
    """The settings are not read: they may ask for the very folder that is to be built."""
    sources = Sources(rxnorm=chosen.rxnorm, icd10cm=chosen.icd10cm, valuesets=chosen.valuesets)
    for line in build(sources, chosen.out, load_knowledge(), _progress):
        print(line)


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)

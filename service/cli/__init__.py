"""The command line: serve, assess or check one patient's record, look codes up, build terminology tables.

Bad input gives one line on stderr and exit code 2; nothing that a record contains is printed there.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, NoReturn

from cds_hooks.errors import CallerError
from mappings.knowledge import load_knowledge
from mappings.renewal.build import Sources, build
from mappings.tables import TableError
from service.checking.check import check
from service.codes import UnknownSystemError, look_up
from service.evaluate import assess_document, evaluation_day, read_document
from service.render.document import document
from service.render.report import text_report
from service.rules import read_rules
from service.serve import AddressError, serve
from service.settings import PROFILES, Settings, SettingsError, read_settings
from service.tabulated import check_text, codes_text

STDIN = "-"
BUILT = "terminology"  # folder that `terminology build` writes unless told otherwise
_FAULTS = (SettingsError, TableError, AddressError, CallerError, UnknownSystemError, OSError)


class _Parser(argparse.ArgumentParser):
    """Complains in one line instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help tells more)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except _FAULTS as error:
        print(f"ketamine-cds: {_one_line(error)}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    about = metadata("ketamine-cds")
    parser = _Parser(prog="ketamine-cds", description=about["Summary"])
    parser.add_argument("--version", action="version", version=f"%(prog)s {about['Version']}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "serve", _serve, "start the CDS Hooks service (configured by KETAMINE_CDS_* variables)")
    _add_assess(_add(commands, "assess", _assess, "assess one patient's record"))
    _add_check(_add(commands, "check", _check, "show entry by entry what was understood of a record"))
    _add_codes(_add(commands, "codes", _codes, "show what the tables know of codes and names"))
    terminology = commands.add_parser("terminology", help="renew the code tables")
    actions = terminology.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_build(_add(actions, "build", _build, "make the code tables from official releases"))
    return parser


_Run = Callable[[argparse.Namespace], None]
_Commands = Any  # argparse does not name the type that add_subparsers returns


def _add(commands: _Commands, name: str, run: _Run, about: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def _add_assess(parser: argparse.ArgumentParser) -> None:
    _add_record(parser)
    parser.add_argument("--profile", choices=PROFILES, help="definition of treatment resistance")


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_record(parser)


def _add_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="FHIR Bundle or CDS Hooks request; - reads standard input"
    )
    parser.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="day of assessment (default: today)")
    _add_format(parser)


def _add_codes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "asked",
        nargs="+",
        metavar="CODE|NAME",
        help="a code, a name, or a code with its system: rxnorm|36437",
    )
    _add_format(parser)


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


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


def _day(text: str) -> date:
    try:
        return evaluation_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _serve(_: argparse.Namespace) -> None:
    serve(read_settings(os.environ))


def _assess(chosen: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    knowledge = read_rules(settings)
    assessment = assess_document(
        _read(chosen.file),
        knowledge,
        profile=chosen.profile or settings.profile,
        as_of=_as_of(chosen, settings),
    )
    if chosen.format == "json":
        _print_json(document(assessment))
    else:
        print(text_report(assessment, knowledge.wording))


def _check(chosen: argparse.Namespace) -> None:
    settings = read_settings(os.environ)
    knowledge, as_of = read_rules(settings), _as_of(chosen, settings)
    raw = _read(chosen.file)
    answer = check(raw, read_document(raw, knowledge, as_of), knowledge, as_of)
    if chosen.format == "json":
        _print_json(answer)
    else:
        print(check_text(answer))


def _codes(chosen: argparse.Namespace) -> None:
    answers = look_up(chosen.asked, read_rules(read_settings(os.environ)))
    if chosen.format == "json":
        _print_json({"codes": [{"asked": one.asked, "found": one.found} for one in answers]})
    else:
        print(codes_text(answers))


def _build(chosen: argparse.Namespace) -> None:
    """The settings are not read: they may ask for the very folder that is to be built."""
    sources = Sources(rxnorm=chosen.rxnorm, icd10cm=chosen.icd10cm, valuesets=chosen.valuesets)
    for line in build(sources, chosen.out, load_knowledge(), _progress):
        print(line)


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _as_of(chosen: argparse.Namespace, settings: Settings) -> date:
    day: date | None = chosen.as_of
    return day or settings.today()


def _print_json(answer: Mapping[str, Any]) -> None:
    print(json.dumps(answer, indent=2, ensure_ascii=False))


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

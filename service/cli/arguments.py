"""What the commands share: how they are declared and how they answer. Every start imports it: it is light."""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from service.cli.terminal import red, with_headings

Commands = Any  # argparse does not name the type that add_subparsers returns

_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)", re.DOTALL)
_MOST_DIGITS = 9  # more is a slip of the hand
_OPTION = re.compile(r"unrecognized arguments: (--[\w-]+)")


PICTURES, PAPER = ("html", "svg", "png"), "pdf"
"""The forms of an assessment that are drawn, besides text and JSON."""


class NotForTerminalError(Exception):
    """A picture was asked for where its bytes would only upset a terminal."""


class CriteriaError(Exception):
    """Criteria were asked for of a policy that is not there, or in a form that does not tell them."""


class Parser(argparse.ArgumentParser):
    """Complains in one line instead of a page of usage, and names what may have been meant."""

    def parse(self, arguments: Sequence[str] | None) -> argparse.Namespace:
        """Return what was chosen; of an option that is not there the command itself complains."""
        chosen, unknown = self.parse_known_args(arguments)
        if unknown:
            chosen.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        return chosen

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        start = red(f"{self.prog}:", sys.stderr)
        self.exit(2, f"{start} {message}{self._meant(message)} ({self.prog} --help tells more)\n")

    def _meant(self, message: str) -> str:
        from difflib import get_close_matches

        if wrong := _CHOICE.search(message):
            near = get_close_matches(wrong[1], re.findall(r"[\w-]+", wrong[2]), n=1)
        elif wrong := _OPTION.search(message):
            options = [option for action in self._actions for option in action.option_strings]
            near = get_close_matches(wrong[1], options, n=1)
        else:
            return ""
        return f": did you mean {near[0]}?" if near else ""


def add(commands: Commands, name: str, run: str, about: str, *examples: str) -> argparse.ArgumentParser:
    """Declare a command, the `module:function` that runs it, and how it is used."""
    shown = "\n".join(["examples:", *(f"  ketamine-cds {example}" for example in examples)])
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=about,
        epilog=shown,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, parser=parser)
    return parser


def add_group(commands: Commands, name: str, about: str) -> Commands:
    """Declare a word under which commands stand."""
    group = commands.add_parser(name, help=about, description=about)
    return group.add_subparsers(dest="action", required=True, metavar="ACTION")


def add_answer(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Declare how the answer may be written, the usual way first, and where."""
    parser.add_argument("--format", choices=formats, default=formats[0], help=f"default: {formats[0]}")
    parser.add_argument("--output", metavar="FILE", help="file to write (default: standard output)")


def day(text: str) -> date:
    """Return a day on the command line."""
    from service.answer.read import evaluation_day

    try:
        return evaluation_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def days(text: str) -> Sequence[date]:
    """Return several days on the command line, separated by commas."""
    return [day(part) for part in text.split(",")]


def whole(text: str) -> int:
    """Return a whole number on the command line, of at least 0."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise argparse.ArgumentTypeError(f"expected a whole number of up to {_MOST_DIGITS} digits")
    return int(text)


def positive(text: str) -> int:
    """Return a whole number on the command line, of at least 1."""
    if not (number := whole(text)):
        raise argparse.ArgumentTypeError("expected at least 1")
    return number


def share(text: str) -> tuple[int, int]:
    """Return which of how many shares."""
    first, _, last = text.partition("/")
    number, of = positive(first), positive(last)
    if number > of:
        raise argparse.ArgumentTypeError("expected a share such as 1/8, up to 8/8")
    return number, of


def put(chosen: argparse.Namespace, answer: str | bytes) -> None:
    """Write an answer where it was asked for; a report for people has bold headings on a terminal."""
    if chosen.output is not None:
        Path(chosen.output).write_bytes(answer if isinstance(answer, bytes) else f"{answer}\n".encode())
    elif isinstance(answer, bytes):
        sys.stdout.buffer.write(answer)
    else:
        print(with_headings(answer, sys.stdout) if chosen.format == "text" else answer)


def as_json(answer: Mapping[str, Any]) -> str:
    """Return an answer for programs."""
    return json.dumps(answer, indent=2, ensure_ascii=False)

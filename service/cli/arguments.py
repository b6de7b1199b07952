"""What the commands share: how they are declared, and how they read and print."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from service.answer.read import evaluation_day

STDIN = "-"

Run = Callable[[argparse.Namespace], int | None]
"""Runs a command; what it returns is the exit code, nothing for 0."""

Commands = Any  # argparse does not name the type that add_subparsers returns


def add(commands: Commands, name: str, run: Run, about: str) -> argparse.ArgumentParser:
    """Declare a command and what runs it."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def add_group(commands: Commands, name: str, about: str) -> Commands:
    """Declare a word under which commands stand."""
    group = commands.add_parser(name, help=about, description=about)
    return group.add_subparsers(dest="action", required=True, metavar="ACTION")


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Declare how the answer may be written, the usual way first."""
    parser.add_argument("--format", choices=formats, default=formats[0], help=f"default: {formats[0]}")


def day(text: str) -> date:
    """Return a day on the command line."""
    try:
        return evaluation_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def read(file: str) -> bytes:
    """Return what stands in a file, or comes on standard input."""
    return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()


def print_json(answer: Mapping[str, Any]) -> None:
    """Print an answer for programs."""
    print(json.dumps(answer, indent=2, ensure_ascii=False))

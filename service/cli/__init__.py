"""The command line: serve, assess or check a record, look codes up, examine EHRs, account for what is kept.

Bad input gives one line on stderr and exit code 2; nothing that a record contains is printed there.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import metadata
from typing import NoReturn

from cds_hooks.errors import CallerError
from mappings.tables import TableError
from service.cli import codes, doctor, kept, patient
from service.cli.arguments import add
from service.doctor.captures import CaptureError
from service.explain.codes import UnknownSystemError
from service.serve import AddressError, serve
from service.settings import SettingsError, read_settings
from service.store.errors import StoreError
from service.store.hash_key import HashKeyError

_FAULTS = (
    SettingsError,
    TableError,
    AddressError,
    CallerError,
    UnknownSystemError,
    CaptureError,
    HashKeyError,
    StoreError,
    kept.NothingKeptError,
    patient.NotForTerminalError,
    OSError,
)


class _Parser(argparse.ArgumentParser):
    """Complains in one line instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help tells more)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = command_line().parse_args(arguments)
    try:
        code: int | None = chosen.run(chosen)
    except _FAULTS as error:
        print(f"ketamine-cds: {_one_line(error)}", file=sys.stderr)
        return 2
    return code or 0


def command_line() -> argparse.ArgumentParser:
    """Return what reads the arguments of every command."""
    about = metadata("ketamine-cds")
    parser = _Parser(prog="ketamine-cds", description=about["Summary"])
    parser.add_argument("--version", action="version", version=f"%(prog)s {about['Version']}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add(commands, "serve", _serve, "start the service, in production mode unless told otherwise")
    for each in (patient, codes, doctor, kept):
        each.add_commands(commands)
    return parser


def _serve(_: argparse.Namespace) -> None:
    serve(read_settings(os.environ))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

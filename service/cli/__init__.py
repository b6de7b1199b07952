"""The command line: serve, assess or check a record, look codes up, examine EHRs, account for what is kept.

Bad input gives one line on stderr and exit code 2; nothing that a record contains is printed there. What a
command needs is imported when it is run, so that help and version come at once.
"""

import sys
from collections.abc import Sequence
from enum import IntEnum
from importlib import import_module

from service.cli.commands import command_line
from service.cli.faults import is_fault, one_line
from service.cli.terminal import red, to_nowhere


class Exit(IntEnum):
    """What a command ends with; docs/command-line.md tells it to users."""

    DONE = 0
    NO = 1
    BAD_INPUT = 2
    INTERRUPTED = 130
    CLOSED_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        return _exit_code(arguments)
    except BrokenPipeError:  # whoever read the answer has seen enough
        to_nowhere(sys.stdout)
        return Exit.CLOSED_PIPE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except Exception as error:
        if not is_fault(error):
            raise
        print(f"{red('ketamine-cds:', sys.stderr)} {one_line(error)}", file=sys.stderr)
        return Exit.BAD_INPUT
    return code


def _run(arguments: Sequence[str] | None) -> int:
    try:
        chosen = command_line().parse(arguments)
    except SystemExit as answered:  # help, version, or a complaint
        return int(answered.code or Exit.DONE)
    module, _, name = chosen.run.partition(":")
    code: int | None = getattr(import_module(module), name)(chosen)
    return code or Exit.DONE

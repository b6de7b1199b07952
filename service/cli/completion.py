"""The command that teaches a shell to complete the others: completion."""

import argparse
from collections.abc import Iterator

import shtab

from service.cli.commands import command_line

_COMPLETED = {"FILE": shtab.FILE, "REQUEST": shtab.FILE, "CAPTURE": shtab.FILE, "DIR": shtab.DIRECTORY}


def run(chosen: argparse.Namespace) -> None:
    """Print the script of a shell."""
    parser = command_line()
    for action in _actions(parser):
        if action.metavar in _COMPLETED:
            action.complete = _COMPLETED[action.metavar]  # type: ignore[attr-defined]  # where shtab looks for it
    print(shtab.complete(parser, shell=chosen.shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield what a command and those below it take."""
    for action in parser._actions:  # noqa: SLF001  # argparse tells nobody what was declared
        yield action
        for below in action.choices.values() if isinstance(action.choices, dict) else ():
            yield from _actions(below)

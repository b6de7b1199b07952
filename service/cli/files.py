"""Files that commands read: what is wrong with one is told with its name, line and column."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cds_hooks.errors import CallerError, NotJsonError
from service.doctor.captures import CaptureError

STDIN = "-"

_Read = TypeVar("_Read")
_BYTE = re.compile(r"\(byte (\d+)\)")


class FileError(Exception):
    """A file does not hold what it should; the message begins with its name."""


def read(file: str) -> bytes:
    """Return what stands in a file, or comes on standard input."""
    return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()


def understood(file: str, raw: bytes, reader: Callable[[bytes], _Read]) -> _Read:
    """Return what `reader` makes of the content of `file`; raise FileError for what it refuses."""
    try:
        return reader(raw)
    except NotJsonError as error:
        raise FileError(f"{_name(file)}: {_not_json(error, raw)}") from error
    except (CallerError, CaptureError) as error:
        raise FileError(f"{_name(file)}: {error}") from error


def _name(file: str) -> str:
    return "standard input" if file == STDIN else file


def _not_json(error: NotJsonError, raw: bytes) -> str:
    """Return where the JSON ends to be any, as far as its reader knows; else what was expected."""
    (issue,) = error.issues
    told = issue.diagnostics or ""
    place = _BYTE.search(told)
    if place is None and "truncated" not in told:
        return issue.text
    before = raw[: int(place[1]) if place else len(raw)].decode(errors="replace")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return f"line {line}, column {column}: {'not UTF-8' if 'UTF-8' in issue.text else 'not JSON'}"

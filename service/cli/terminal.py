"""What is done for whoever sits at a terminal, and for nobody else."""

import os
import re
from typing import TextIO

_HEADING = re.compile(r"^(?=\S)(.+)$", re.MULTILINE)
_BOLD, _RED, _PLAIN = "\033[1m", "\033[31m", "\033[0m"


def with_headings(text: str, stream: TextIO) -> str:
    """Return a report with its headings, which are the lines that begin at the margin, in bold."""
    return _HEADING.sub(rf"{_BOLD}\1{_PLAIN}", text) if _in_colour(stream) else text


def red(text: str, stream: TextIO) -> str:
    """Return what is to be seen first."""
    return f"{_RED}{text}{_PLAIN}" if _in_colour(stream) else text


def to_nowhere(stream: TextIO) -> None:
    """Let `stream` end nowhere: Python would try to write what it still holds, and end with an error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _in_colour(stream: TextIO) -> bool:
    """Tell whether `stream` is a terminal that shows colours, and nobody has said no (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

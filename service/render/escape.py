"""Text from the record made harmless: the only way a string gets onto a card.

A record may hold anything, so no character of it may end a line, start Markdown or HTML, become a
link in a renderer that links bare addresses, or change the direction of the text around it.
"""

import re

from mappings.remembering import remembered

_NOTHING = "–"  # an empty list item below a line of text would make that line a heading
_NO_TAGS = str.maketrans("<>&", "‹›+")
_MARKS = str.maketrans(
    {mark: f"\\{mark}" for mark in "\\`*_{}[]#|~$^"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "@": " (at) "}
)
# What is a mark only where it stands: a plus at the start, equals signs in a row, the dot of an address, a
# dash beside a blank. Some renderers link bare addresses after reading Markdown, so escaping does not stop
# them: the address itself is broken up. Each way begins with its character, not with what stands before it:
# `re` then looks for those characters alone, which takes a third of the time (5 us a sentence otherwise).
_ADDRESS = ("/", "w", "W")
_PLACED = re.compile(
    r"\+(?<!(?s:.)\+)|=(?==)|=(?<===)|\.(?=[^\W\d])|-(?<!\w-)|-(?!\w)|//+|w[wW]{2}(?=\.)|W[wW]{2}(?=\.)"
)
_LIST_NUMBER = re.compile(r"^(\d+)([.)])(?=\s|$)")


class Markdown(str):
    """Text that is CommonMark already: sentences of the tables, which carry marks of their own."""

    __slots__ = ()


def visible(text: str) -> str:
    """Return `text` on one line: nothing in it is invisible or changes what stands around it."""
    if not text.isprintable():  # controls, bidi and zero-width marks, odd spaces
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())


def shortened(text: str, longest: int) -> str:
    """Return `text`, cut at `longest` characters with a mark that shows the cut."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def markdown(text: str, longest: int) -> Markdown:
    """Return `text` of the record so that CommonMark and HTML renderers show it as these characters."""
    return escaped(plain(text, longest))


@remembered
def escaped(line: str) -> Markdown:
    """Return one visible line so that CommonMark and HTML renderers show it as these characters."""
    safe = _PLACED.sub(_broken_up, (line or _NOTHING).translate(_MARKS))
    return Markdown(_LIST_NUMBER.sub(r"\1\\\2", safe) if safe[0].isdigit() else safe)


def plain(text: str, longest: int) -> str:
    """Return `text` of the record for places that show plain text."""
    return shortened(visible(text), longest)


def without_tags(text: str) -> str:
    """Return plain text that stays text where a client takes it for HTML."""
    return text.translate(_NO_TAGS)


def _broken_up(found: re.Match[str]) -> str:
    mark = found.group()
    return " ".join(mark) if mark.startswith(_ADDRESS) else f"\\{mark}"

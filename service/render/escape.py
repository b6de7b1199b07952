"""Text from the record made harmless: the only way a string gets onto a card.

A record may hold anything, so no character of it may end a line, start Markdown or HTML, become a
link in a renderer that links bare addresses, or change the direction of the text around it.
"""

import re
import unicodedata

_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}  # controls, bidi and zero-width marks, odd spaces
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_NOTHING = "–"  # an empty list item below a line of text would make that line a heading
_NO_TAGS = str.maketrans("<>&", "‹›+")
_MARKS = re.compile(r"([\\`*_{}\[\]#|~$^]|^\+|=(?==)|(?<==)=)")
_DOT_OF_ADDRESS = re.compile(r"\.(?=[^\W\d])")
_FREE_DASH = re.compile(r"(?<!\w)-|-(?!\w)")
_LIST_NUMBER = re.compile(r"^(\d+)([.)])")
_ADDRESS = re.compile(r"//+|www(?=\.)", re.IGNORECASE)


class Markdown(str):
    """Text that is CommonMark already: templates of the wording table filled through `markdown`."""

    __slots__ = ()


def visible(text: str) -> str:
    """Return `text` on one line: nothing in it is invisible or changes what stands around it."""
    seen = "".join(" " if unicodedata.category(char) in _UNSEEN else char for char in text)
    return " ".join(seen.split())


def shortened(text: str, longest: int) -> str:
    """Return `text`, cut at `longest` characters with a mark that shows the cut."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def markdown(text: str, longest: int) -> Markdown:
    """Return `text` of the record so that CommonMark and HTML renderers show it as these characters."""
    safe = _no_address(shortened(visible(text), longest)) or _NOTHING
    safe = _MARKS.sub(r"\\\1", safe)
    safe = _DOT_OF_ADDRESS.sub(r"\\.", safe)
    safe = _FREE_DASH.sub(r"\\-", safe)
    safe = _LIST_NUMBER.sub(r"\1\\\2", safe)
    return Markdown("".join(_ENTITIES.get(char, char) for char in safe))


def plain(text: str, longest: int) -> str:
    """Return `text` of the record for places that show plain text."""
    return shortened(visible(text), longest)


def without_tags(text: str) -> str:
    """Return plain text that stays text where a client takes it for HTML."""
    return text.translate(_NO_TAGS)


def _no_address(text: str) -> str:
    # Some renderers link bare addresses after reading Markdown, so escaping does not stop them:
    # the address itself is broken up.
    return _ADDRESS.sub(lambda found: " ".join(found.group()), text).replace("@", " (at) ")

"""How wide words are, from the table of the font that is shipped (`fonts/widths.json`).

DejaVu Sans is the widest of the usual fonts without serifs: what fits in it fits in the page's own.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_UNKNOWN = 1.0  # a letter that the font lacks takes as much room as it is high


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of `text`."""
    known = widths()["bold" if bold else "regular"]
    return size * sum(known.get(letter, _UNKNOWN) for letter in text)


@cache
def widths() -> Mapping[str, Mapping[str, float]]:
    """Return how wide each letter of each weight is, as a part of the size of the letters."""
    read: Mapping[str, Mapping[str, float]] = json.loads(
        (files("service.picture") / "fonts" / "widths.json").read_bytes()
    )
    return read

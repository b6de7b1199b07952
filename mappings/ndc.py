"""National Drug Codes in their written forms.

An NDC names labeler, product and package. Written with hyphens it has ten or eleven digits, and the
missing zero belongs to one segment; ten digits without hyphens can be read in three ways and so name
nothing.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice

PRODUCT_DIGITS = 9  # labeler and product, without the package

_HYPHENATED = re.compile(r"(\d{4,5})-(\d{3,4})(?:-(\d{1,2}))?")


def digits(written: str) -> str | None:
    """Return the 11 digits (or the 9 of labeler and product) of a written NDC; None when it is ambiguous."""
    text = "".join(written.split())
    if re.fullmatch(r"\d{11}", text, re.ASCII):
        return text
    if not (parts := _HYPHENATED.fullmatch(text)) or not text.isascii():
        return None
    labeler, product, package = parts.groups()
    return _padded(labeler, product, package)


def _padded(labeler: str, product: str, package: str | None) -> str | None:
    short = (5 - len(labeler)) + (4 - len(product)) + (2 - len(package) if package else 0)
    if short > 1:
        return None
    return labeler.zfill(5) + product.zfill(4) + (package.zfill(2) if package else "")


def codes_of(lines: Sequence[str], ndc: str) -> tuple[str, ...]:
    """Return the RxNorm codes of every package whose NDC opens with `ndc`.

    `lines` are the sorted lines `ndc,rxcui` of the package table.
    """
    found: dict[str, None] = {}
    for line in islice(lines, bisect_left(lines, ndc), None):
        if not line.startswith(ndc):
            break
        found[line.partition(",")[2]] = None
    return tuple(found)

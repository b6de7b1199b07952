"""Words as they are compared: without case, accents, punctuation, or more spaces than one."""

import string
import unicodedata

LONGEST = 600
"""Characters of a text that are looked at: no question and no answer of a form is longer."""

_SPACES = str.maketrans(
    {sign: " " for sign in map(chr, range(128)) if sign not in string.ascii_letters + string.digits}
)


def plain(text: str) -> str:
    """Return the beginning of `text` in small letters, letters and digits only, words one space apart."""
    begun = text[:LONGEST]
    if begun.isascii():
        return " ".join(begun.translate(_SPACES).lower().split())
    bare = unicodedata.normalize("NFKD", begun).casefold()
    kept = (letter if letter.isalnum() else " " for letter in bare if unicodedata.category(letter) != "Mn")
    return " ".join("".join(kept).split())


def joined(text: str) -> str:
    """Return `text` as `plain` does, without any space: "Several-days" and "SeveralDays" are one."""
    return plain(text).replace(" ", "")

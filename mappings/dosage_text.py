"""How the text of a dosage is cut into tokens: its typography, none of its meaning.

The phrases of `dosage.toml` are cut in the same way, so that a phrase and a text meet token by token.
"""

import re
import unicodedata

LONGEST_TEXT = 500  # characters: a longer text is no plain sentence, and a hostile one costs no time

_INITIALS = re.compile(r"(?<![^\W\d_])[a-z](?:\.[a-z])+(?![^\W\d_])\.?")
_LONE_INITIAL = re.compile(r"(?<![^\W_.])([a-z])\.(?= ?[a-z])")
_PLURAL = re.compile(r"(?<=[a-z])\((?:e?s)\)")
_JOINED = re.compile(r"(?<=\d)-(?=[a-z])")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_LONE_DASH = re.compile(r"(?<!\d) - | - (?!\d)")
_TOKEN = re.compile(
    r"\d{4}-\d\d?-\d\d?(?!\d)|\d\d?[/.]\d\d?[/.]\d{2,4}(?!\d)|\d\d?:\d\d(?!\d)"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+\.\d+|(?<![\d.])\.\d+|\d+|[^\W\d_]+(?:'[^\W\d_]+)?|\S"
)


def tokens(text: str) -> tuple[str, ...]:
    """Return the numbers, words and signs of a text, in small letters; nothing if it is too long.

    >>> tokens("Take 1-2 tab(s) P.O. b.i.d.; 37.5mg")
    ('take', '1', '-', '2', 'tab', 'po', 'bid', ';', '37.5', 'mg')
    """
    return tuple(_TOKEN.findall(_plain(text))) if len(text) <= LONGEST_TEXT else ()


def _plain(text: str) -> str:
    spaced = re.sub(
        r"([¼½¾⅓⅔])",
        r" \1 ",
        text.replace("\n", " ; ").replace("×", " x ").replace("µ", "u").replace("\u03bc", "u"),
    )
    plain = unicodedata.normalize("NFKC", spaced).lower().replace("\u2044", "/").replace("\u2019", "'")
    plain = " ".join(_DASHES.sub("-", plain).split())
    plain = _LONE_DASH.sub(" , ", _PLURAL.sub("", plain))
    plain = _INITIALS.sub(lambda found: found[0].replace(".", "") + " ", plain)
    return _JOINED.sub(" ", _LONE_INITIAL.sub(r"\1 ", plain))

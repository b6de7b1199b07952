"""Words broken into lines that fit."""

from service.picture.letters import text_width

CUT = "…"


def lines(text: str, width: float, size: float, most: int, bold: bool = False) -> list[str]:
    """Return `text` in at most `most` lines, none wider than `width`; a mark shows what was cut."""
    broken: list[str] = []
    for word in text.split():
        for piece in _pieces(word, width, size, bold):
            joined = f"{broken[-1]} {piece}" if broken else piece
            if broken and text_width(joined, size, bold) <= width:
                broken[-1] = joined
            else:
                broken.append(piece)
    if len(broken) > most:
        return [*broken[: most - 1], fitted(f"{broken[most - 1]} {CUT}", width, size, bold)]
    return broken


def fitted(text: str, width: float, size: float, bold: bool = False) -> str:
    """Return `text`, shortened if it is too wide."""
    if text_width(text, size, bold) <= width:
        return text
    kept = text.removesuffix(CUT).rstrip()
    while kept and text_width(kept + CUT, size, bold) > width:
        kept = kept[:-1].rstrip()
    return kept + CUT


def _pieces(word: str, width: float, size: float, bold: bool) -> list[str]:
    """Return a word that is wider than a line in parts, each as long as a line holds."""
    pieces = [""]
    for char in word:
        if text_width(pieces[-1] + char, size, bold) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces if text_width(word, size, bold) > width else [word]

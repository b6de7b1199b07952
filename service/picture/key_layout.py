"""How to read the picture: one line of samples with words."""

from service.picture.axis import LEFT
from service.picture.lane_layout import LOOKS, UNDER
from service.picture.rows import Timeline
from service.picture.sheet import FAINT, INK, SMALL, SOFT, Box, Sheet, Stroke, TextLine, text_width


def place_key(sheet: Sheet, shown: Timeline, y: float) -> float:
    """Return one line that says how to read the picture, with samples; return where it ends."""
    x, base = LEFT, y + 18
    for status, (fill, edge, hatch) in LOOKS.items():
        sheet.draw(Box(x=x, y=base - 8, width=18, height=9, fill=fill, edge=edge, hatch=hatch))
        x = _key_words(sheet, x + 23, base, shown.statuses[status])
    sheet.draw(Box(x=x, y=base - 5, width=18, height=UNDER, fill=INK))
    x = _key_words(sheet, x + 23, base, shown.labels["key_qualifying"])
    sheet.draw(Stroke(points=((x, base - 3), (x + 18, base - 3)), width=0.8, dashes=(5, 3)))
    x = _key_words(sheet, x + 23, base, shown.labels["key_minimum"])
    sheet.draw(Stroke(points=((x, base - 3), (x + 18, base - 3)), colour=SOFT, dashes=(1, 2)))
    x = _key_words(sheet, x + 23, base, shown.labels["key_no_supply"])
    sheet.draw(Box(x=x, y=base - 8, width=18, height=9, edge=FAINT, hatch="///"))
    _key_words(sheet, x + 23, base, shown.labels["key_unknown"])
    return base + 8


def _key_words(sheet: Sheet, x: float, base: float, text: str) -> float:
    sheet.draw(TextLine(x=x, y=base, text=text, size=SMALL, colour=SOFT))
    return x + text_width(text, SMALL) + 16

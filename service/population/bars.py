"""Numbers of patients as bars, in the style of the timeline."""

from collections.abc import Sequence

from service.picture.letters import text_width
from service.picture.sheet import LINE, SIZE, SMALL, Box, Colour, Sheet, TextLine
from service.picture.svg import drawing

_WIDTH, _NAMES, _NUMBERS, _MARGIN = 860.0, 330.0, 90.0, 12.0
_HEIGHT = 14.0
_FONT = "DejaVu Sans"


def bars(rows: Sequence[tuple[str, int | None]], whole: int) -> str:
    """Return the picture of some numbers out of `whole`; one that is not told has no length."""
    sheet = Sheet(width=_WIDTH, height=_MARGIN * 2 + LINE * 1.3 * len(rows))
    sheet.draw(Box(x=0, y=0, width=sheet.width, height=sheet.height, fill=Colour.PAPER))
    room = _WIDTH - _NAMES - _NUMBERS - 2 * _MARGIN
    for place, (name, number) in enumerate(rows):
        y = _MARGIN + LINE * 1.3 * place
        left = _MARGIN + _NAMES
        sheet.draw(TextLine(x=_MARGIN, y=y + SIZE, text=_fitted(name)))
        if number is None:
            sheet.draw(Box(x=left, y=y + 1, width=_HEIGHT, height=_HEIGHT, edge=Colour.SOFT, hatched=True))
        else:
            width = room * number / whole if whole else 0.0
            sheet.draw(Box(x=left, y=y + 1, width=width, height=_HEIGHT, fill=Colour.COUNTED))
        told = "not told" if number is None else f"{number:,}"
        sheet.draw(TextLine(x=_WIDTH - _MARGIN, y=y + SIZE, text=told, size=SMALL, align="right"))
    return drawing(sheet, _FONT)


def _fitted(name: str) -> str:
    """Return as much of a name as there is room for."""
    while text_width(name, SIZE) > _NAMES - 8:
        name = f"{name[:-2].rstrip()}…"
    return name

"""Three columns run through the picture: names, time, words; and how words stand in the outer two."""

from dataclasses import dataclass

from service.picture.axis import LEFT, Axis, axis_of
from service.picture.letters import text_width
from service.picture.paragraphs import lines
from service.picture.rows import Timeline
from service.picture.sheet import LINE, SIZE, SMALL, SMALL_LINE, Colour, Sheet, TextLine

MARGIN = 16.0
NAMES_WIDTH = LEFT - MARGIN - 10
REMARKS_WIDTH = 268.0
_BETWEEN = 14.0  # from the end of the axis to the words


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a picture of a `width` lie."""

    width: float
    axis: Axis

    @property
    def remarks(self) -> float:
        """Where the words at the right begin."""
        return self.axis.right + _BETWEEN


def columns_of(shown: Timeline, width: float) -> Columns:
    """Return the columns; the axis gets the width that the outer two leave."""
    return Columns(width, axis_of(shown.stretches, width - MARGIN - REMARKS_WIDTH - _BETWEEN))


def name(sheet: Sheet, text: str, y: float, most: int = 3) -> float:
    """Write a name at the left from `y` down; return where it ends."""
    for line in lines(text, NAMES_WIDTH, SIZE, most, bold=True):
        sheet.draw(TextLine(x=MARGIN, y=y + SIZE, text=line, bold=True))
        y += LINE
    return y


def small(sheet: Sheet, text: str, x: float, y: float, width: float, most: int, colour: Colour) -> float:
    """Write small words in as many lines as they need; return where they end."""
    for line in lines(text, width, SMALL, most):
        sheet.draw(TextLine(x=x, y=y + SMALL, text=line, size=SMALL, colour=colour))
        y += SMALL_LINE
    return y


def room(text: str, bold: bool = False) -> float:
    """Return the width of small words."""
    return text_width(text, SMALL, bold)

"""The head of the picture, and what lies below all: days before the episode, ticks, breaks, two days."""

from service.picture.axis import LEFT
from service.picture.columns import MARGIN, Columns, room
from service.picture.paragraphs import lines
from service.picture.rows import Timeline
from service.picture.sheet import EPISODE, LINE, SIZE, SMALL, Box, Colour, Sheet, Stroke, TextLine

_TITLE = 17.0
_MOST_LINES = 3
_TEETH = 5.0  # height of each tooth of a break


def place_head(sheet: Sheet, shown: Timeline, columns: Columns) -> float:
    """Write heading, conclusion, and the words of the two days that matter; return where the panels begin."""
    width = columns.width - 2 * MARGIN
    sheet.draw(TextLine(x=MARGIN, y=30, text=shown.heading, size=_TITLE, bold=True))
    y = 40.0
    for place, text in enumerate(shown.conclusion):
        for line in lines(text, width, SIZE, _MOST_LINES, bold=place < len(shown.conclusion) - 1):
            sheet.draw(TextLine(x=MARGIN, y=y + SIZE, text=line, bold=place < len(shown.conclusion) - 1))
            y += LINE
    sheet.draw(TextLine(x=MARGIN, y=y + SIZE + 1, text=shown.about, size=SMALL, colour=Colour.SOFT))
    y += LINE + 22
    _tick_words(sheet, columns, y)
    sheet.draw(TextLine(x=columns.remarks, y=y + 18, text=shown.assessed, size=SMALL, bold=True))
    sheet.draw(_at_line(columns.axis.place(shown.episode[0]), y + 18, shown.episode_text, columns))
    return y + 24


def place_ticks(sheet: Sheet, columns: Columns, bottom: float) -> float:
    """Write the words of the axis below it; return where they end."""
    _tick_words(sheet, columns, bottom + 14)
    return bottom + 18


def draw_ground(sheet: Sheet, shown: Timeline, columns: Columns, top: float, bottom: float) -> None:
    """Draw from `top` to `bottom` the days before the episode, its begin, ticks and breaks."""
    axis = columns.axis
    begins, latest = (axis.place(day) for day in shown.episode)
    if begins > LEFT:
        width, height = begins - LEFT, bottom - top
        sheet.draw(Box(x=LEFT, y=top, width=width, height=height, fill=Colour.SHADE, name="before"))
    for place, _ in axis.ticks():
        for start, end in ((top - 36, top - 24), (top, bottom + 16)):
            sheet.draw(Stroke(points=((place, start), (place, end)), colour=Colour.FAINT, width=0.6))
    for place in dict.fromkeys((begins, latest)):
        points = ((place, top - 17), (place, bottom))
        sheet.draw(Stroke(points=points, colour=Colour.SOFT, width=1.2, dashes=EPISODE, name="episode"))
    for left, right in axis.breaks():
        draw_break(sheet, left, right, top - 17, bottom)
    sheet.draw(Stroke(points=((axis.right, top - 17), (axis.right, bottom)), width=1.2, name="assessed"))


def draw_break(sheet: Sheet, left: float, right: float, top: float, bottom: float) -> None:
    """Draw torn paper where years are left out."""
    sheet.draw(Box(x=left, y=top, width=right - left, height=bottom - top, fill=Colour.PAPER, name="break"))
    teeth = int((bottom - top) / _TEETH)
    for x in (left, right - 3):
        points = tuple((x + 3 * (number % 2), top + number * _TEETH) for number in range(teeth + 1))
        sheet.draw(Stroke(points=points, colour=Colour.THRESHOLD, width=0.8))


def _at_line(x: float, y: float, text: str, columns: Columns) -> TextLine:
    """Return words that begin at a line, or end at it if they would not fit before the end of the axis."""
    width = room(text, bold=True)
    latest = columns.axis.right - width - 4
    place = x + 4 if x + 4 <= latest else x - 4 - width
    return TextLine(
        x=place if place >= MARGIN else latest, y=y, text=text, size=SMALL, bold=True, rimmed=True
    )


def _tick_words(sheet: Sheet, columns: Columns, y: float) -> None:
    reach = LEFT
    for place, text in columns.axis.ticks():
        x = columns.axis.words(place, room(text), reach)
        if x is not None:
            sheet.draw(TextLine(x=x, y=y, text=text, size=SMALL, colour=Colour.SOFT, name="tick"))
            reach = x + room(text) + 8

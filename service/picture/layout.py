"""The picture as shapes: scores, a lane for each drug, what stood beside, pressures, and what it comes to.

Every lane has the same scale, its dose as a multiple of its own minimum, so that the minimum is one line at
one height everywhere. A verdict is read three ways: as words, as filled, hatched or empty, and by colour.
"""

from service.picture.axis import LEFT
from service.picture.beside_layout import beside_row
from service.picture.columns import MARGIN, REMARKS_WIDTH, Columns, columns_of, small
from service.picture.ground_layout import draw_ground, place_head, place_ticks
from service.picture.key_layout import place_key
from service.picture.lane_layout import lane_row
from service.picture.panel_layout import draw_panel
from service.picture.paragraphs import fitted, lines
from service.picture.rows import Timeline
from service.picture.sheet import LINE, SIZE, SMALL, Box, Colour, Sheet, Stroke, TextLine

WIDTH = 880.0
"""On a page of A4 with margins of 12 mm the smallest letters are then 7 pt high."""
NARROWEST, WIDEST = 720.0, 1200.0
_MOST_LINES = 8  # of one statement
_PANEL, _EMPTY = 84.0, 34.0


def laid_out(shown: Timeline, width: float = WIDTH) -> Sheet:
    """Return all shapes of the picture, and its height."""
    width = min(max(width, NARROWEST), WIDEST)
    columns = columns_of(shown, width)
    body = Sheet(width=width)
    top = place_head(body, shown, columns)
    y = _scores(body, shown, columns, top)
    y = _lanes(body, shown, columns, y)
    y = _besides(body, shown, columns, y)
    bottom = _pressures(body, shown, columns, y) + 4
    y = place_key(body, shown, columns, place_ticks(body, columns, bottom))
    for title, texts in (("findings", shown.findings), ("asked", shown.asked), ("missing", shown.missing)):
        y = _told(body, columns, y, shown.labels[title], texts)
    sheet = Sheet(width=width, height=round(y + MARGIN), title=shown.heading, description=shown.description)
    sheet.draw(
        Box(x=0.5, y=0.5, width=width - 1, height=sheet.height - 1, fill=Colour.PAPER, edge=Colour.FAINT)
    )
    draw_ground(sheet, shown, columns, top, bottom)
    sheet.draw(*body.shapes)
    return sheet


def _section(sheet: Sheet, columns: Columns, y: float, text: str) -> float:
    """Draw a heading above a hair line; return where its rows begin."""
    sheet.draw(
        Stroke(points=((MARGIN, y + 5), (columns.width - MARGIN, y + 5)), colour=Colour.FAINT, width=0.7),
        TextLine(x=MARGIN, y=y + 21, text=text, size=SMALL, bold=True, colour=Colour.SOFT, rimmed=True),
    )
    return y + 28


def _scores(sheet: Sheet, shown: Timeline, columns: Columns, y: float) -> float:
    y = _section(sheet, columns, y, shown.labels["scores"])
    for number, panel in enumerate(shown.scores, 1):
        y = draw_panel(sheet, panel, columns, y, _PANEL if panel.name else _EMPTY, f"score-{number}")
    return y


def _pressures(sheet: Sheet, shown: Timeline, columns: Columns, y: float) -> float:
    y = _section(sheet, columns, y, shown.labels["pressures"])
    height = _PANEL if shown.pressures.figures else _EMPTY
    return draw_panel(sheet, shown.pressures, columns, y, height, "pressure")


def _lanes(sheet: Sheet, shown: Timeline, columns: Columns, y: float) -> float:
    y = _section(sheet, columns, y, shown.labels["antidepressants"])
    for text in shown.unread:
        y = _unread(sheet, text, columns, y)
    for number, lane in enumerate(shown.lanes, 1):
        y = lane_row(sheet, shown, lane, columns, y, number)
    if not shown.lanes:
        y = small(sheet, shown.labels["no_trial"], MARGIN, y, LEFT - 2 * MARGIN, 4, Colour.SOFT) + 8
    return _more(sheet, shown.more_lanes, columns, y)


def _besides(sheet: Sheet, shown: Timeline, columns: Columns, y: float) -> float:
    if not shown.besides:
        return y
    y = _section(sheet, columns, y, shown.labels["beside"])
    for number, beside in enumerate(shown.besides, 1):
        y = beside_row(sheet, shown, beside, columns, y, number)
    return _more(sheet, shown.more_besides, columns, y)


def _unread(sheet: Sheet, text: str, columns: Columns, y: float) -> float:
    """Draw a list that did not arrive completely as a gap across all days."""
    width = columns.axis.right - LEFT
    words = fitted(text, REMARKS_WIDTH, SMALL, bold=True)
    sheet.draw(
        Box(x=LEFT, y=y + 2, width=width, height=14, edge=Colour.FAINT, hatched=True, name="gap"),
        TextLine(x=columns.remarks, y=y + 13, text=words, size=SMALL, bold=True),
    )
    return y + 22


def _more(sheet: Sheet, text: str, columns: Columns, y: float) -> float:
    return small(sheet, text, MARGIN, y, columns.width - 2 * MARGIN, 3, Colour.SOFT)


def _told(sheet: Sheet, columns: Columns, y: float, title: str, texts: tuple[str, ...]) -> float:
    """Write statements across the full width, each on new lines."""
    if not texts:
        return y
    y = _section(sheet, columns, y, title)
    for text in texts:
        for line in lines(text, columns.width - 2 * MARGIN, SIZE, _MOST_LINES):
            sheet.draw(TextLine(x=MARGIN, y=y + SIZE, text=line))
            y += LINE
        y += 1
    return y

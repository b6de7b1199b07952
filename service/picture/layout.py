"""The picture as shapes: scores above, a lane for each drug, what stood beside, pressures, what is missing.

Three columns run through: names, time, words. Every lane has the same scale, its dose as a multiple of its
own minimum, so that the minimum is one line at one height everywhere. A verdict is read three ways: as words,
as filled, hatched or empty, and by colour.
"""

from service.picture.axis import LEFT, RIGHT, Axis
from service.picture.beside_layout import beside_row
from service.picture.key_layout import place_key
from service.picture.lane_layout import lane_row
from service.picture.panel_layout import draw_panel
from service.picture.paragraphs import fitted, lines
from service.picture.rows import Timeline
from service.picture.sheet import (
    FAINT,
    INK,
    LINE,
    PAPER,
    SIZE,
    SMALL,
    SOFT,
    Box,
    Sheet,
    Stroke,
    TextLine,
    text_width,
)

WIDTH, MARGIN, REMARKS = 960.0, 16.0, 668.0
_BEFORE = "#f3f2ee"  # days before the episode
_TICK = "#e2e2e2"
_TOP = 98.0
_MOST_LINES = 8  # of one gap
_SCORES_HEIGHT, _PRESSURE_HEIGHT, _EMPTY_HEIGHT = 74.0, 74.0, 30.0


def laid_out(shown: Timeline) -> Sheet:
    """Return all shapes of the picture, and how high it is."""
    sheet = Sheet(width=WIDTH, title=shown.heading, description=shown.description)
    axis = Axis(shown.first, shown.assessed_on)
    body = Sheet(width=WIDTH)
    top = _head(body, shown, axis)
    y = _scores(body, shown, axis, top)
    y = _lanes(body, shown, axis, y)
    y = _besides(body, shown, axis, y)
    bottom = _pressures(body, shown, axis, y) + 4
    sheet.height = _missing(body, shown, place_key(body, shown, _ticks_below(body, axis, bottom))) + MARGIN
    sheet.draw(Box(x=0.5, y=0.5, width=WIDTH - 1, height=sheet.height - 1, fill=PAPER, edge=FAINT))
    _ground(sheet, shown, axis, top, bottom)
    sheet.draw(*body.shapes)
    return sheet


def _head(sheet: Sheet, shown: Timeline, axis: Axis) -> float:
    """Heading, about, and the words of the two days that matter; return where the panels begin."""
    sheet.draw(
        TextLine(x=MARGIN, y=28, text=shown.heading, size=15, bold=True),
        TextLine(x=MARGIN, y=46, text=shown.about, size=SMALL, colour=SOFT),
    )
    _tick_words(sheet, axis, 74)
    sheet.draw(TextLine(x=REMARKS, y=92, text=shown.assessed, size=SMALL, bold=True))
    sheet.draw(_beside_line(axis.place(shown.episode[0]), 92, shown.episode_text))
    return _TOP


def _beside_line(x: float, y: float, text: str) -> TextLine:
    """Return words that begin at a line, or end there when the right half holds it."""
    right = x > (LEFT + RIGHT) / 2
    return TextLine(
        x=x - 4 if right else x + 4, y=y, text=text, size=SMALL, bold=True, align="right" if right else "left"
    )


def _tick_words(sheet: Sheet, axis: Axis, y: float) -> None:
    for place, text in axis.ticks():
        if place + 3 + text_width(text, SMALL) <= RIGHT:
            sheet.draw(TextLine(x=place + 3, y=y, text=text, size=SMALL, colour=SOFT))


def _ticks_below(sheet: Sheet, axis: Axis, bottom: float) -> float:
    _tick_words(sheet, axis, bottom + 12)
    return bottom + 16


def _ground(sheet: Sheet, shown: Timeline, axis: Axis, top: float, bottom: float) -> None:
    """What lies below everything: days before the episode, ticks, begin of the episode, day of assessment."""
    begins, latest = (axis.place(day) for day in shown.episode)
    if begins > LEFT:
        sheet.draw(Box(x=LEFT, y=top, width=begins - LEFT, height=bottom - top, fill=_BEFORE, name="before"))
    for place, _ in axis.ticks():
        for start, end in ((top - 34, top - 22), (top, bottom + 14)):
            sheet.draw(Stroke(points=((place, start), (place, end)), colour=_TICK, width=0.7))
    for place in dict.fromkeys((begins, latest)):
        sheet.draw(
            Stroke(points=((place, top - 16), (place, bottom)), colour=SOFT, dashes=(4, 3), name="episode")
        )
    sheet.draw(Stroke(points=((RIGHT, top - 16), (RIGHT, bottom)), colour=INK, width=1.2, name="assessed"))


def _section(sheet: Sheet, y: float, text: str) -> float:
    """Return a heading above a hair line; return where its rows begin."""
    sheet.draw(
        Stroke(points=((MARGIN, y + 4), (WIDTH - MARGIN, y + 4)), colour=FAINT, width=0.7),
        TextLine(x=MARGIN, y=y + 18, text=text, size=SMALL, bold=True, colour=SOFT),
    )
    return y + 24


def _scores(sheet: Sheet, shown: Timeline, axis: Axis, y: float) -> float:
    y = _section(sheet, y, shown.labels["scores"])
    for number, panel in enumerate(shown.scores, 1):
        height = _SCORES_HEIGHT if panel.name else _EMPTY_HEIGHT
        y = draw_panel(sheet, panel, axis, y, height, f"score-{number}")
    return y


def _pressures(sheet: Sheet, shown: Timeline, axis: Axis, y: float) -> float:
    y = _section(sheet, y, shown.labels["pressures"])
    height = _PRESSURE_HEIGHT if shown.pressures.figures else _EMPTY_HEIGHT
    return draw_panel(sheet, shown.pressures, axis, y, height, "pressure")


def _lanes(sheet: Sheet, shown: Timeline, axis: Axis, y: float) -> float:
    y = _section(sheet, y, shown.labels["antidepressants"])
    for text in shown.unread:
        y = _unread(sheet, text, y)
    for number, lane in enumerate(shown.lanes, 1):
        y = lane_row(sheet, shown, lane, axis, y, number)
    if not shown.lanes:
        y = _none(sheet, shown.labels["no_trial"], y)
    return _more(sheet, shown.more_lanes, y)


def _none(sheet: Sheet, text: str, y: float) -> float:
    for line in lines(text, LEFT - 2 * MARGIN, SMALL, 3):
        sheet.draw(TextLine(x=MARGIN, y=y + 12, text=line, size=SMALL, colour=SOFT))
        y += LINE
    return y + 8


def _besides(sheet: Sheet, shown: Timeline, axis: Axis, y: float) -> float:
    if not shown.besides:
        return y
    y = _section(sheet, y, shown.labels["beside"])
    for number, one in enumerate(shown.besides, 1):
        y = beside_row(sheet, shown, one, axis, y, number)
    return _more(sheet, shown.more_besides, y)


def _unread(sheet: Sheet, text: str, y: float) -> float:
    """Return a list that did not come in whole is a gap across all days."""
    sheet.draw(
        Box(x=LEFT, y=y + 2, width=RIGHT - LEFT, height=12, edge=FAINT, hatch="///", name="gap"),
        TextLine(
            x=REMARKS, y=y + 12, text=fitted(text, WIDTH - MARGIN - REMARKS, SMALL), size=SMALL, bold=True
        ),
    )
    return y + 20


def _more(sheet: Sheet, text: str, y: float) -> float:
    for line in lines(text, WIDTH - 2 * MARGIN, SMALL, 3):
        sheet.draw(TextLine(x=MARGIN, y=y + 12, text=line, size=SMALL, colour=SOFT))
        y += LINE
    return y


def _missing(sheet: Sheet, shown: Timeline, y: float) -> float:
    if not shown.missing:
        return y
    y = _section(sheet, y, shown.labels["missing"])
    for text in shown.missing:
        for line in lines(text, WIDTH - 2 * MARGIN, SIZE, _MOST_LINES):
            sheet.draw(TextLine(x=MARGIN, y=y + 12, text=line))
            y += LINE + 1
    return y

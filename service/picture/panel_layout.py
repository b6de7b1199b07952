"""One panel of figures over time with its thresholds."""

from collections.abc import Callable
from itertools import pairwise
from typing import Literal

from service.picture.axis import LEFT, RIGHT, Axis
from service.picture.paragraphs import fitted, lines
from service.picture.rows import Panel, Point, PressureReading
from service.picture.sheet import (
    FAINT,
    INK,
    LINE,
    SMALL,
    SOFT,
    Box,
    Dot,
    Hover,
    Sheet,
    Stroke,
    TextLine,
    text_width,
)

_NAMES, _NAMES_WIDTH, _REMARKS, _REMARKS_WIDTH = 16.0, 128.0, 668.0, 276.0
_THRESHOLD = "#767676"
_JOINED_DAYS = 183  # a line says nothing about what lay between totals farther apart
_MOST_TOTALS = 24
_ABOVE = 8.0  # free at the top

Height = Callable[[float], float]


def draw_panel(sheet: Sheet, panel: Panel, axis: Axis, y: float, height: float, name: str) -> float:
    """Draw the panel from `y` down; return where it ends."""

    def level(value: float) -> float:
        share = (value - panel.lowest) / (panel.highest - panel.lowest)
        return y + height - min(max(share, 0.0), 1.0) * (height - _ABOVE)

    if panel.silent:
        first, last = axis.place(panel.silent[0]), axis.place(panel.silent[1])
        sheet.draw(Box(x=first, y=y, width=last - first, height=height, edge=FAINT, hatch="///", name="gap"))
    _thresholds(sheet, panel, level)
    _curve(sheet, panel, axis, level)
    _totals(sheet, panel, axis, level)
    for number, figure in enumerate(panel.figures, 1):
        _figure(sheet, figure, axis, level, f"{name}-{number}")
    return max(y + height, _notes(sheet, panel, y)) + 8


def _notes(sheet: Sheet, panel: Panel, y: float) -> float:
    if panel.name:
        sheet.draw(TextLine(x=_NAMES, y=y + 12, text=panel.name, bold=True))
        y += LINE
    for note in panel.notes:
        for line in lines(note, _NAMES_WIDTH, SMALL, 3):
            sheet.draw(TextLine(x=_NAMES, y=y + 12, text=line, size=SMALL, colour=SOFT))
            y += LINE - 1
    return y + 4


def _thresholds(sheet: Sheet, panel: Panel, level: Height) -> None:
    """Lines with their words at the right; the words of the first value when there are several."""
    if not panel.figures and not panel.name:
        return
    free = 0.0
    for threshold in panel.thresholds:
        for value in threshold.values:
            points = ((LEFT, level(value)), (RIGHT, level(value)))
            sheet.draw(Stroke(points=points, colour=_THRESHOLD, width=0.7, dashes=(2, 2), name="threshold"))
            if len(threshold.values) > 1:  # the words stand at the first of them only
                sheet.draw(_value(value, LEFT - 5, level(value) + 3.5, "right"))
        free = max(level(threshold.values[0]) + 3.5, free)
        text = fitted(threshold.text, _REMARKS_WIDTH, SMALL)
        sheet.draw(TextLine(x=_REMARKS, y=free, text=text, size=SMALL, colour=SOFT))
        free += LINE - 2


def _value(value: float, x: float, y: float, align: Literal["left", "right"]) -> TextLine:
    return TextLine(x=x, y=y, text=f"{value:g}", size=SMALL, colour=SOFT, align=align)


def _totals(sheet: Sheet, panel: Panel, axis: Axis, level: Height) -> None:
    """Each total above its point, where it does not touch the one before; of many the line says enough."""
    if len(panel.figures) > _MOST_TOTALS:
        return
    reach = LEFT
    for figure in panel.figures:
        if isinstance(figure, Point):
            width = text_width(f"{figure.value:g}", SMALL)
            x = min(axis.place(figure.days[1]) - width / 2, RIGHT - width - 3)
            if x > reach:
                sheet.draw(_value(figure.value, x, level(figure.value) - 6, "left"))
                reach = x + width + 4


def _curve(sheet: Sheet, panel: Panel, axis: Axis, level: Height) -> None:
    """Totals are joined by a line, by a dotted one where months lie between them; pressures are not."""
    points = [figure for figure in panel.figures if isinstance(figure, Point)]
    for one, next_one in pairwise(points):
        ends = tuple((axis.place(point.days[1]), level(point.value)) for point in (one, next_one))
        far = (next_one.days[1] - one.days[1]).days > _JOINED_DAYS
        sheet.draw(
            Stroke(
                points=ends,
                width=1.2,
                colour=SOFT if far else INK,
                dashes=(1, 3) if far else None,
                name="scores",
            )
        )


def _figure(sheet: Sheet, figure: Point | PressureReading, axis: Axis, level: Height, name: str) -> None:
    first, last = axis.place(figure.days[0]), axis.place(figure.days[1])
    if isinstance(figure, Point):
        values = [figure.value]
        sheet.draw(Dot(x=last, y=level(figure.value)))
    else:
        values = [value for value in (figure.systolic, figure.diastolic) if value is not None]
        _reading(sheet, figure, last, level)
    heights = [level(value) for value in values]
    if last > first:  # a day that is known to the month or year only
        sheet.draw(Stroke(points=((first, heights[0]), (last, heights[0])), width=1.0, dashes=(1, 2)))
    if heights:
        top, bottom = min(heights) - 5, max(heights) + 5
        sheet.draw(
            Hover(
                x=first - 5,
                y=top,
                width=last - first + 10,
                height=bottom - top,
                text=figure.hover,
                name=name,
            )
        )


def _reading(sheet: Sheet, reading: PressureReading, x: float, level: Height) -> None:
    """Systolic over diastolic as a bar between two caps; of half a reading one cap."""
    for value in (reading.systolic, reading.diastolic):
        if value is not None:
            sheet.draw(Stroke(points=((x - 3, level(value)), (x + 3, level(value))), width=1.6))
    if reading.systolic is not None and reading.diastolic is not None:
        sheet.draw(
            Stroke(
                points=((x, level(reading.systolic)), (x, level(reading.diastolic))), colour=INK, width=1.2
            )
        )

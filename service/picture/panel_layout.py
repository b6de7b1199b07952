"""One panel of figures over time with its thresholds."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from service.picture.axis import LEFT, Axis
from service.picture.columns import MARGIN, NAMES_WIDTH, REMARKS_WIDTH, Columns, name, room, small
from service.picture.paragraphs import fitted
from service.picture.rows import Panel, Point, PressureReading
from service.picture.sheet import (
    NOTHING,
    SMALL,
    SMALL_LINE,
    Box,
    Colour,
    Dot,
    Hover,
    Sheet,
    Stroke,
    TextLine,
)
from service.render.courses import number

_BESIDE_FIGURES = 112.0
_JOINED_DAYS = 183  # a line says nothing about what lay between totals farther apart
_MOST_TOTALS, _MOST_USED = 24, 120  # the panel has room for no more
_ABOVE = 12.0  # free at the top
_HIGH = 11.0  # of a figure

Height = Callable[[float], float]


class _Place(NamedTuple):
    """Where a figure stands: its left and right edge, and the line that it stands on."""

    left: float
    right: float
    base: float

    def touches(self, other: "_Place") -> bool:
        """Tell whether both overlap."""
        return (
            self.left < other.right + 2
            and other.left < self.right + 2
            and abs(self.base - other.base) < _HIGH
        )


def draw_panel(sheet: Sheet, panel: Panel, columns: Columns, y: float, height: float, title: str) -> float:
    """Draw the panel from `y` down; return where it ends."""
    axis = columns.axis

    def level(value: float) -> float:
        share = (value - panel.lowest) / (panel.highest - panel.lowest)
        return y + height - min(max(share, 0.0), 1.0) * (height - _ABOVE)

    if panel.silent:
        first, last = axis.place(panel.silent[0]), axis.place(panel.silent[1])
        width = last - first
        sheet.draw(Box(x=first, y=y, width=width, height=height, edge=Colour.FAINT, hatched=True, name="gap"))
    _thresholds(sheet, panel, columns, level)
    _curve(sheet, panel, axis, level)
    crowded = len(panel.figures) > _MOST_TOTALS  # the line says enough
    for place, figure in enumerate(panel.figures, 1):
        _figure(sheet, figure, axis, level, f"{title}-{place}", crowded)
    _totals(sheet, panel, axis, level, (y, y + height))
    return max(y + height, _notes(sheet, panel, y)) + 10


def _notes(sheet: Sheet, panel: Panel, y: float) -> float:
    width = NAMES_WIDTH if panel.name else _BESIDE_FIGURES
    if panel.name:
        y = name(sheet, panel.name, y)
    for note in panel.notes:
        y = small(sheet, note, MARGIN, y, width, 4, Colour.SOFT)
    return y + 4


def _thresholds(sheet: Sheet, panel: Panel, columns: Columns, level: Height) -> None:
    """Draw the thresholds as lines, each with its words at the right of its first value."""
    if not panel.figures and not panel.name:
        return
    free = 0.0
    for threshold in panel.thresholds:
        for value in threshold.values:
            points = ((LEFT, level(value)), (columns.axis.right, level(value)))
            sheet.draw(Stroke(points=points, colour=Colour.THRESHOLD, width=0.8, name="threshold"))
        if len(threshold.values) > 1:
            _scale(sheet, threshold.values, level)
        free = max(level(threshold.values[0]) + 4, free)
        text = fitted(threshold.text, REMARKS_WIDTH, SMALL)
        sheet.draw(TextLine(x=columns.remarks, y=free, text=text, size=SMALL, colour=Colour.SOFT))
        free += SMALL_LINE - 1


def _scale(sheet: Sheet, values: tuple[float, ...], level: Height) -> None:
    """Write the values of a threshold at the left."""
    for value in values:
        x, y = LEFT - 5, level(value) + 4
        sheet.draw(TextLine(x=x, y=y, text=number(value), size=SMALL, colour=Colour.SOFT, align="right"))


def _totals(sheet: Sheet, panel: Panel, axis: Axis, level: Height, within: tuple[float, float]) -> None:
    """Write each total that a verdict uses at its point, and the others if there is room."""
    points = [figure for figure in panel.figures if isinstance(figure, Point)]
    used = [point for point in points if point.used][-_MOST_USED:]
    others = [point for point in points if not point.used] if len(points) <= _MOST_TOTALS else []
    taken: list[_Place] = []
    for point in (*used, *others):
        free = [
            place
            for place in _places(point, axis, level)
            if within[0] - 4 <= place.base - _HIGH + 4
            and place.base <= within[1] + 2
            and not any(place.touches(other) for other in taken)
        ]
        if free and (point.used or free[0].base < level(point.value)):
            taken.append(free[0])
            text = number(point.value)
            line = TextLine(
                x=free[0].left, y=free[0].base, text=text, size=SMALL, bold=point.used, rimmed=True
            )
            sheet.draw(line)


def _places(point: Point, axis: Axis, level: Height) -> Iterator[_Place]:
    """Yield the places for the figure of a point: above it, below it, beside it, and farther away."""
    width, x, y = room(number(point.value), bold=point.used), axis.place(point.days[1]), level(point.value)
    for rise in (-6.0, 16.0, -19.0, 29.0, -32.0, 42.0, -45.0, 55.0, -58.0):
        for shift in (0.0, -width / 2 - 3, width / 2 + 3, -width - 6, width + 6):
            left = min(max(x - width / 2 + shift, LEFT + 1), axis.right - width - 3)
            yield _Place(left, left + width, y + rise)


def _curve(sheet: Sheet, panel: Panel, axis: Axis, level: Height) -> None:
    """Draw a line between totals, dotted if months lie between them; pressures are not joined."""
    points = [figure for figure in panel.figures if isinstance(figure, Point)]
    for point, after in pairwise(points):
        ends = tuple((axis.place(each.days[1]), level(each.value)) for each in (point, after))
        far = (after.days[1] - point.days[1]).days > _JOINED_DAYS
        look = (Colour.SOFT, NOTHING) if far else (Colour.INK, ())
        sheet.draw(Stroke(points=ends, width=1.2, colour=look[0], dashes=look[1], name="scores"))


def _figure(
    sheet: Sheet, figure: Point | PressureReading, axis: Axis, level: Height, name: str, crowded: bool
) -> None:
    first, last = axis.place(figure.days[0]), axis.place(figure.days[1])
    if isinstance(figure, Point):
        values = [figure.value]
    else:
        values = [value for value in (figure.systolic, figure.diastolic) if value is not None]
    heights = [level(value) for value in values]
    if last - first > 1:  # a day that is known to the month or year only
        _span(sheet, first, last, heights[0])
    if isinstance(figure, Point):
        if figure.used or not crowded:
            sheet.draw(Dot(x=last, y=heights[0], filled=figure.used))
    else:
        _reading(sheet, heights, last)
    if heights:
        top, width = min(heights) - 5, last - first + 10
        height = max(heights) + 5 - top
        sheet.draw(Hover(x=first - 5, y=top, width=width, height=height, text=figure.hover, name=name))


def _span(sheet: Sheet, first: float, last: float, height: float) -> None:
    sheet.draw(
        Stroke(points=((first, height), (last, height)), colour=Colour.SOFT),
        Stroke(points=((first, height - 3), (first, height + 3)), colour=Colour.SOFT),
    )


def _reading(sheet: Sheet, heights: list[float], x: float) -> None:
    """Draw systolic over diastolic as a bar between two caps; draw half a reading as one cap."""
    for height in heights:
        sheet.draw(Stroke(points=((x - 3, height), (x + 3, height)), width=1.6))
    if len(heights) > 1:
        sheet.draw(Stroke(points=((x, heights[0]), (x, heights[1])), width=1.2))

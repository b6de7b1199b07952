"""How to read the picture: samples with words."""

from collections.abc import Callable

from service.picture.columns import MARGIN, Columns, room
from service.picture.ground_layout import draw_break
from service.picture.lane_layout import LOOKS, UNDER
from service.picture.rows import Point, Timeline
from service.picture.sheet import (
    MINIMUM,
    NOTHING,
    SMALL,
    SMALL_LINE,
    UNDATED,
    Box,
    Colour,
    Dot,
    Shape,
    Sheet,
    Stroke,
    TextLine,
)

_WIDE = 22.0
Sample = Callable[[float, float], list[Shape]]


def place_key(sheet: Sheet, shown: Timeline, columns: Columns, y: float) -> float:
    """Draw the samples, line by line, from the left edge of the axis; return where they end."""
    x, base = MARGIN, y + 20
    for text, sample in _entries(shown):
        width = _WIDE + 5 + room(text)
        if x + width > columns.width - MARGIN:
            x, base = MARGIN, base + SMALL_LINE + 3
        sheet.draw(*sample(x, base))
        sheet.draw(TextLine(x=x + _WIDE + 5, y=base, text=text, size=SMALL, colour=Colour.SOFT))
        x += width + 16
    return base + 8


def _entries(shown: Timeline) -> list[tuple[str, Sample]]:
    """Return the entries of the key: the looks of bars always, lines only if the picture has any."""
    bars = [bar for lane in shown.lanes for bar in lane.bars]
    entries: list[tuple[str, Sample]] = [
        (shown.statuses[status], _bar(fill, edge, hatched)) for status, (fill, edge, hatched) in LOOKS.items()
    ]
    points = [point for panel in shown.scores for point in panel.figures if isinstance(point, Point)]
    wanted: list[tuple[bool, str, Sample]] = [
        (bool(bars), "key_qualifying", _qualifying),
        (bool(bars), "key_minimum", _line(Colour.INK, 0.9, MINIMUM)),
        (any(len(bar.trial.steps) > 1 for bar in bars), "key_no_supply", _line(Colour.SOFT, 1.4, NOTHING)),
        (any(not bar.trial.steps for bar in bars), "key_undated", _line(Colour.POSSIBLE, 1.6, UNDATED)),
        (any(panel.figures for panel in (*shown.scores, shown.pressures)), "key_threshold", _threshold),
        (any(point.used for point in points), "key_used", _dot),
        (True, "key_unknown", _bar(None, Colour.FAINT, True)),
        (len(shown.stretches) > 1, "key_left_out", _break),
    ]
    return entries + [(shown.labels[key], sample) for needed, key, sample in wanted if needed]


def _bar(fill: Colour | None, edge: Colour, hatched: bool) -> Sample:
    return lambda x, y: [Box(x=x, y=y - 9, width=_WIDE, height=10, fill=fill, edge=edge, hatched=hatched)]


def _line(colour: Colour, width: float, dashes: tuple[float, ...]) -> Sample:
    return lambda x, y: [
        Stroke(points=((x, y - 4), (x + _WIDE, y - 4)), colour=colour, width=width, dashes=dashes)
    ]


def _threshold(x: float, y: float) -> list[Shape]:
    return [Stroke(points=((x, y - 4), (x + _WIDE, y - 4)), colour=Colour.THRESHOLD, width=0.8)]


def _qualifying(x: float, y: float) -> list[Shape]:
    return [Box(x=x, y=y - 6, width=_WIDE, height=UNDER, fill=Colour.INK)]


def _dot(x: float, y: float) -> list[Shape]:
    return [Dot(x=x + _WIDE / 2, y=y - 4)]


def _break(x: float, y: float) -> list[Shape]:
    sample = Sheet(width=0)
    draw_break(sample, x, x + _WIDE, y - 10, y + 2)
    return sample.shapes

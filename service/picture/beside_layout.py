"""What was given beside the count: a drug as a thin bar, treatments as marks."""

from service.picture.axis import LEFT
from service.picture.columns import REMARKS_WIDTH, Columns, name, room, small
from service.picture.lane_layout import MOST_STEPS
from service.picture.rows import Beside, Timeline
from service.picture.sheet import SMALL, UNDATED, Box, Colour, Hover, Sheet, Stroke, TextLine
from service.render.courses import number as written


def beside_row(
    sheet: Sheet, shown: Timeline, beside: Beside, columns: Columns, y: float, number: int
) -> float:
    """Draw a drug or procedure beside the count as a thin bar or as marks; return where it ends."""
    base = y + 26
    left = name(sheet, beside.row.name, y)
    right = small(sheet, beside.row.text, columns.remarks, y, REMARKS_WIDTH, 4, Colour.SOFT)
    first, last = _given(sheet, shown, beside, columns, base)
    sheet.draw(
        Hover(
            x=min(first, last - 8) - 4,
            y=y + 2,
            width=max(last - first, 8) + 8,
            height=30,
            text=beside.hover,
            name=f"beside-{number}",
        )
    )
    return max(y + 36, left + 4, right + 4)


def _given(
    sheet: Sheet, shown: Timeline, beside: Beside, columns: Columns, base: float
) -> tuple[float, float]:
    axis, given = columns.axis, beside.row.of
    first = axis.place(given.start) if given.start else LEFT
    last = axis.after(given.end) if given.end else axis.right
    for step in given.steps[-MOST_STEPS:]:
        start, width = axis.place(step.first), axis.after(step.last) - axis.place(step.first)
        sheet.draw(Box(x=start, y=base - 9, width=max(width, 1), height=9, fill=Colour.BESIDE, name="beside"))
    for mark in beside.marks[-MOST_STEPS:]:
        place = axis.place(mark[1])
        sheet.draw(Stroke(points=((place, base - 10), (place, base + 1)), width=1.3, name="beside"))
    if given.steps and given.steps[-1].daily_mg is not None:
        text = written(given.steps[-1].daily_mg)
        x = min(first, axis.right - room(text) - 3)
        sheet.draw(TextLine(x=x, y=base - 12, text=text, size=SMALL, rimmed=True))
    if not given.steps and not beside.marks:
        unknown, points = shown.labels["unknown"], ((first, base - 4), (last, base - 4))
        x = min(first + 4, axis.right - 12)
        sheet.draw(
            Stroke(points=points, colour=Colour.SOFT, width=1.6, dashes=UNDATED, name="beside"),
            TextLine(x=x, y=base - 9, text=unknown, size=SMALL, bold=True),
        )
    return first, last

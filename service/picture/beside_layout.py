"""What was given beside the count: a drug as a thin bar, treatments as marks."""

from service.picture.axis import LEFT, RIGHT, Axis
from service.picture.lane_layout import MOST_STEPS
from service.picture.paragraphs import lines
from service.picture.rows import Beside, Timeline
from service.picture.sheet import LINE, SIZE, SMALL, SOFT, Box, Hover, Sheet, Stroke, TextLine

_NAMES, _NAMES_WIDTH, _REMARKS, _REMARKS_WIDTH = 16.0, 152.0, 668.0, 276.0


def beside_row(sheet: Sheet, shown: Timeline, beside: Beside, axis: Axis, y: float, number: int) -> float:
    """Draw a drug or procedure beside the count as a thin bar or as marks; return where it ends."""
    base, left, right = y + 20, y, y
    for line in lines(beside.row.name, _NAMES_WIDTH, SIZE, 3, bold=True):
        sheet.draw(TextLine(x=_NAMES, y=left + 14, text=line, bold=True))
        left += LINE
    for line in lines(beside.row.text, _REMARKS_WIDTH, SMALL, 4):
        sheet.draw(TextLine(x=_REMARKS, y=right + 14, text=line, size=SMALL, colour=SOFT))
        right += LINE - 1
    first, last = _given(sheet, shown, beside, axis, base)
    sheet.draw(
        Hover(
            x=min(first, last - 8) - 4,
            y=y + 2,
            width=max(last - first, 8) + 8,
            height=24,
            text=beside.hover,
            name=f"beside-{number}",
        )
    )
    return max(y + 30, left + 4, right + 4)


def _given(sheet: Sheet, shown: Timeline, beside: Beside, axis: Axis, base: float) -> tuple[float, float]:
    first = axis.place(beside.row.of.start) if beside.row.of.start else LEFT
    last = axis.after(beside.row.of.end) if beside.row.of.end else RIGHT
    for step in beside.row.of.steps[-MOST_STEPS:]:
        start, end = axis.place(step.first), axis.after(step.last)
        if end > LEFT:
            sheet.draw(
                Box(x=start, y=base - 8, width=max(end - start, 1), height=8, fill="#8f8f8f", name="beside")
            )
    for mark in beside.marks[-MOST_STEPS:]:
        place = axis.place(mark[1])
        sheet.draw(Stroke(points=((place, base - 9), (place, base + 1)), width=1.3, name="beside"))
    if beside.row.of.steps and beside.row.of.steps[-1].daily_mg is not None:
        text = f"{beside.row.of.steps[-1].daily_mg:g}"
        sheet.draw(TextLine(x=min(first, RIGHT - 24), y=base - 10.5, text=text, size=SMALL))
    if not beside.row.of.steps and not beside.marks:
        sheet.draw(
            Stroke(points=((first, base - 4), (last, base - 4)), colour=SOFT, width=1.6, dashes=(1.5, 3)),
            TextLine(
                x=min(first + 4, RIGHT - 12), y=base - 8, text=shown.labels["unknown"], size=SMALL, bold=True
            ),
        )
    return first, last

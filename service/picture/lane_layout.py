"""Lanes: the doses of every course against the minimum, its qualifying days, and its verdict in words."""

from itertools import pairwise

from service.clinical.assessment import DoseStep, TrialStatus
from service.picture.axis import LEFT, Axis
from service.picture.columns import MARGIN, NAMES_WIDTH, REMARKS_WIDTH, Columns, name, room, small
from service.picture.dose_layout import DoseLabel, draw_labels, labels_of
from service.picture.paragraphs import fitted
from service.picture.rows import Bar, Lane, Timeline
from service.picture.sheet import (
    LINE,
    MINIMUM,
    NOTHING,
    SMALL,
    SMALL_LINE,
    UNDATED,
    Box,
    Colour,
    Hover,
    Sheet,
    Stroke,
    TextLine,
)

_LANE, _NUMBERED = 64.0, 74.0  # height, at least
_TALLEST, _LABEL = 38.0, 15.0  # of doses; of the words above them
_MOST_BARS = 12
MOST_STEPS = 240  # more than a lane has room for; the table tells all
_LEAST_SCALE, _MOST_SCALE = 2.0, 5.0  # multiples of the minimum that reach the top of a lane
UNDER = 4.0  # height of the mark of qualifying days below the bars
LOOKS: dict[TrialStatus, tuple[Colour, Colour, bool]] = {
    TrialStatus.COUNTED: (Colour.COUNTED, Colour.COUNTED, False),
    TrialStatus.POSSIBLE: (Colour.PAPER, Colour.POSSIBLE, True),
    TrialStatus.NOT_COUNTED: (Colour.PAPER, Colour.SOFT, False),
}
"""Fill, edge and whether it is hatched: filled, hatched, empty."""


def lane_row(sheet: Sheet, shown: Timeline, lane: Lane, columns: Columns, y: float, number: int) -> float:
    """Draw one lane from `y` down; return where it ends."""
    drawn, axis = lane.bars[-_MOST_BARS:], columns.axis
    base = y + _LABEL + _TALLEST
    named = _name(sheet, lane, y)
    scale = _scale(shown)
    sheet.draw(Stroke(points=((LEFT, base), (axis.right, base)), colour=Colour.FAINT, width=0.7))
    for place, bar in enumerate(drawn, 1):
        _bar(sheet, bar, axis, base, scale, f"trial-{number}-{place}", str(place) if len(drawn) > 1 else "")
    minimum = base - _TALLEST / scale
    _minimum(sheet, minimum, axis)
    labels = [label for bar in drawn for label in _labels(bar, shown.labels["unknown"], axis, base, scale)]
    draw_labels(sheet, labels, minimum, axis)
    hidden = len(lane.bars) - len(drawn)
    earlier = shown.labels["earlier"].format(count=hidden) if hidden else ""
    return (
        max(y + (_NUMBERED if len(drawn) > 1 else _LANE), named, _verdicts(sheet, drawn, columns, y, earlier))
        + 6
    )


def _scale(shown: Timeline) -> float:
    """Return the highest multiple of the minimum that any dose reaches, within bounds."""
    steps = (step for lane in shown.lanes for bar in lane.bars for step in bar.trial.steps)
    multiples = [step.daily_mg / step.minimum_mg for step in steps if step.daily_mg is not None]
    return min(max([_LEAST_SCALE, *multiples]), _MOST_SCALE)


def _name(sheet: Sheet, lane: Lane, y: float) -> float:
    y = name(sheet, lane.name, y)
    for text in (lane.drug_class, lane.minimum):
        words = fitted(text, NAMES_WIDTH, SMALL)
        y = small(sheet, words, MARGIN, y, NAMES_WIDTH, 1, Colour.SOFT)
    return y


def _minimum(sheet: Sheet, height: float, axis: Axis) -> None:
    """Draw the minimum of the lane as a line at a fixed height, visible on bars as well."""
    points = ((LEFT, height), (axis.right, height))
    sheet.draw(
        Stroke(points=points, colour=Colour.PAPER, width=2.2, dashes=MINIMUM),
        Stroke(points=points, colour=Colour.INK, width=0.9, dashes=MINIMUM, name="minimum"),
    )


def _bar(sheet: Sheet, bar: Bar, axis: Axis, base: float, scale: float, name: str, label: str) -> None:
    steps = bar.trial.steps
    if steps:
        _joining(sheet, bar, axis, base)
        for step in steps[-MOST_STEPS:]:
            _step(sheet, step, bar.trial.status, axis, base, scale, name)
        _qualifying(sheet, bar, axis, base)
        first, last = axis.place(steps[0].first), axis.after(steps[-1].last)
    else:
        first, last = _undetermined(sheet, bar, axis, base, f"{name}-{bar.trial.status}")
    if bar.trial.running:
        _arrow(sheet, axis.right, base)
    if label:  # the number under which the words at the right speak of this bar
        place = min(first, axis.right - room(label, bold=True) - 1)
        sheet.draw(
            TextLine(x=place, y=base + 18, text=label, size=SMALL, bold=True, name="place", rimmed=True)
        )
    sheet.draw(
        Hover(
            x=min(first, last - 8),
            y=base - _TALLEST,
            width=max(last - first, 8),
            height=_TALLEST + 8,
            text=bar.hover,
            name=name,
        )
    )


def _step(
    sheet: Sheet, step: DoseStep, status: TrialStatus, axis: Axis, base: float, scale: float, name: str
) -> None:
    fill, edge, hatched = LOOKS[status]
    height, first = _height(step, scale), axis.place(step.first)
    unknown = step.daily_mg is None
    sheet.draw(
        Box(
            x=first,
            y=base - height,
            width=max(axis.after(step.last) - first, 1.0),
            height=height,
            fill=Colour.PAPER if unknown else fill,
            edge=edge,
            hatched=hatched and not unknown,
            dashed=unknown,
            name=f"{name}-{status}",
        )
    )


def _labels(bar: Bar, unknown: str, axis: Axis, base: float, scale: float) -> list[DoseLabel]:
    """Return a label for the dose of each step; for the course's dose if its days are unknown."""
    trial = bar.trial
    if not trial.steps:
        day = trial.start or trial.end
        first = (axis.place(day) if day else LEFT) + 3
        return labels_of([(first, axis.right, base - 11, trial.daily_mg)], unknown)
    return labels_of(
        [
            (axis.place(step.first), axis.after(step.last), base - _height(step, scale), step.daily_mg)
            for step in trial.steps[-MOST_STEPS:]
        ],
        unknown,
    )


def _height(step: DoseStep, scale: float) -> float:
    """Return the height of a dose; an unknown dose is drawn at the minimum, without fill."""
    multiple = 1.0 if step.daily_mg is None else min(step.daily_mg / step.minimum_mg, scale)
    return max(multiple / scale * _TALLEST, 2.0)


def _qualifying(sheet: Sheet, bar: Bar, axis: Axis, base: float) -> None:
    for first, last in bar.trial.qualifying[-MOST_STEPS:]:
        start, width = axis.place(first), axis.after(last) - axis.place(first)
        sheet.draw(
            Box(x=start, y=base + 2, width=max(width, 1.0), height=UNDER, fill=Colour.INK, name="qualifying")
        )


def _joining(sheet: Sheet, bar: Bar, axis: Axis, base: float) -> None:
    """Draw the days without supply inside a course as dots in place of a bar."""
    steps = bar.trial.steps[-MOST_STEPS:]
    for before, after in pairwise(steps):
        start, end = axis.after(before.last), axis.place(after.first)
        if end - start > 1:
            points = ((start, base - 4), (end, base - 4))
            sheet.draw(Stroke(points=points, colour=Colour.SOFT, width=1.4, dashes=NOTHING, name="gap"))


def _undetermined(sheet: Sheet, bar: Bar, axis: Axis, base: float, name: str) -> tuple[float, float]:
    """Draw a course whose days are unknown: open from its start, or open at both ends."""
    first = axis.place(bar.trial.start) if bar.trial.start else LEFT
    last = axis.after(bar.trial.end) if bar.trial.end else axis.right
    _, edge, _ = LOOKS[bar.trial.status]
    points = ((first, base - 6), (last, base - 6))
    sheet.draw(Stroke(points=points, colour=edge, width=1.8, dashes=UNDATED, name=name))
    for place in (first,) * bool(bar.trial.start) + (last,) * bool(bar.trial.end):
        sheet.draw(Stroke(points=((place, base - 12), (place, base)), colour=edge, width=1.6))
    return first, last


def _arrow(sheet: Sheet, x: float, base: float) -> None:
    """Draw an arrow: the supply lasts beyond the day of assessment."""
    points = ((x, base - 5), (x + 6, base - 1), (x, base + 3))
    sheet.draw(Stroke(points=points, width=1.4, name="beyond"))


def _verdicts(sheet: Sheet, bars: tuple[Bar, ...], columns: Columns, y: float, earlier: str) -> float:
    """Write the verdict and reasons of every bar, equal ones once; return where they end."""
    alike: dict[tuple[TrialStatus, str, str, str], list[int]] = {}
    doses: dict[tuple[TrialStatus, str, str, str], dict[str, None]] = {}
    for place, bar in enumerate(bars, 1):
        row = bar.row
        said = (bar.trial.status, row.verdict, "; ".join(row.reasons), "; ".join(bar.remarks))
        alike.setdefault(said, []).append(place)
        doses.setdefault(said, {})[bar.doses] = None
    for said, places in alike.items():
        status, verdict, reasons, remarks = said
        numbers = ", ".join(map(str, places)) if len(bars) > 1 else ""
        indent = room(numbers, bold=True) + 7 if numbers else 0.0
        x, base = columns.remarks, y + LINE - 3
        sheet.draw(
            TextLine(x=x, y=base, text=numbers, size=SMALL, bold=True, name="place"),
            TextLine(x=x + indent, y=base, text=verdict, bold=True, colour=LOOKS[status][1]),
        )
        y += LINE
        told = "; ".join((" / ".join(doses[said]), remarks))
        for text, colour in ((reasons, Colour.INK), (told, Colour.SOFT)):
            y = small(sheet, text, x, y, REMARKS_WIDTH, 5, colour)
        y += 3
    if earlier:
        sheet.draw(TextLine(x=columns.remarks, y=y + SMALL, text=earlier, size=SMALL, colour=Colour.SOFT))
        y += SMALL_LINE
    return y + 2

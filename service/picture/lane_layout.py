"""Lanes: the doses of every course against the minimum, its qualifying days, and its verdict in words."""

from dataclasses import dataclass

from service.clinical.assessment import DoseStep, TrialStatus
from service.picture.axis import LEFT, RIGHT, Axis
from service.picture.paragraphs import fitted, lines
from service.picture.rows import Bar, Lane, Timeline
from service.picture.sheet import (
    FAINT,
    INK,
    LINE,
    PAPER,
    SIZE,
    SMALL,
    SOFT,
    Box,
    Hover,
    Sheet,
    Stroke,
    TextLine,
    text_width,
)

_NAMES, _NAMES_WIDTH, _REMARKS, _REMARKS_WIDTH = 16.0, 152.0, 668.0, 276.0
_LANE = 58.0  # height, at least
_TALLEST, _LABEL = 36.0, 11.0  # of doses; of the words above them
_MOST_BARS = 12
MOST_STEPS = 240  # more than a lane has room for; the table tells all
_LEAST_SCALE, _MOST_SCALE = 2.0, 5.0  # multiples of the minimum that reach the top of a lane
UNDER = 3.5  # height of the mark of qualifying days below the bars
LOOKS = {
    TrialStatus.COUNTED: ("#0b5fa5", "#0b5fa5", ""),
    TrialStatus.POSSIBLE: ("#ffffff", "#a84a00", "/////"),
    TrialStatus.NOT_COUNTED: ("#ffffff", "#595959", ""),
}
"""Fill, edge and hatch: filled, hatched, empty."""


def lane_row(sheet: Sheet, shown: Timeline, lane: Lane, axis: Axis, y: float, number: int) -> float:
    """Draw one lane from `y` down; return where it ends."""
    drawn = lane.bars[-_MOST_BARS:]
    base = y + _LABEL + _TALLEST
    _name(sheet, lane, y)
    scale = _scale(shown)
    sheet.draw(Stroke(points=((LEFT, base), (RIGHT, base)), colour=FAINT, width=0.7))
    for place, bar in enumerate(drawn, 1):
        label = str(place) if len(drawn) > 1 else ""
        _bar(sheet, bar, axis, base, scale, f"trial-{number}-{place}", label)
    _minimum(sheet, base, scale)
    unknown = shown.labels["unknown"]
    _doses(sheet, [one for bar in drawn for one in _labels(bar, unknown, axis, base, scale)], base, scale)
    hidden = len(lane.bars) - len(drawn)
    earlier = shown.labels["earlier"].format(count=hidden) if hidden else ""
    return max(y + _LANE, _verdicts(sheet, drawn, y, earlier)) + 6


def _scale(shown: Timeline) -> float:
    """Return the highest multiple of its minimum that any dose reaches, within bounds."""
    steps = (step for lane in shown.lanes for bar in lane.bars for step in bar.trial.steps)
    multiples = [step.daily_mg / step.minimum_mg for step in steps if step.daily_mg is not None]
    return min(max([_LEAST_SCALE, *multiples]), _MOST_SCALE)


def _name(sheet: Sheet, lane: Lane, y: float) -> None:
    for line in lines(lane.name, _NAMES_WIDTH, SIZE, 2, bold=True):
        sheet.draw(TextLine(x=_NAMES, y=y + 18, text=line, bold=True))
        y += LINE
    for text in (lane.drug_class, lane.minimum):
        sheet.draw(
            TextLine(x=_NAMES, y=y + 17, text=fitted(text, _NAMES_WIDTH, SMALL), size=SMALL, colour=SOFT)
        )
        y += LINE - 1


def _minimum(sheet: Sheet, base: float, scale: float) -> None:
    """One line at one height: the minimum of the lane, whatever its milligrams; seen on bars as well."""
    height = base - _TALLEST / scale
    points = ((LEFT, height), (RIGHT, height))
    sheet.draw(
        Stroke(points=points, colour=PAPER, width=2.0, dashes=(5, 3)),
        Stroke(points=points, colour=INK, width=0.8, dashes=(5, 3), name="minimum"),
    )


def _bar(sheet: Sheet, bar: Bar, axis: Axis, base: float, scale: float, name: str, label: str) -> None:
    if bar.trial.steps:
        _joining(sheet, bar, axis, base)
        for step in bar.trial.steps[-MOST_STEPS:]:
            _step(sheet, step, bar.trial.status, axis, base, scale, name)
        _qualifying(sheet, bar, axis, base)
        first, last = axis.place(bar.trial.steps[0].first), axis.after(bar.trial.steps[-1].last)
    else:
        first, last = _undetermined(sheet, bar, axis, base, f"{name}-{bar.trial.status}")
    if bar.trial.running:
        _arrow(sheet, RIGHT, base, 6)
    if last <= LEFT:
        _arrow(sheet, LEFT, base, -6)
    if label:
        _label(sheet, label, first, base)
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
    fill, edge, hatch = LOOKS[status]
    height = _height(step, scale)
    first, last = axis.place(step.first), axis.after(step.last)
    if last <= LEFT:
        return
    unknown = step.daily_mg is None
    sheet.draw(
        Box(
            x=first,
            y=base - height,
            width=max(last - first, 1.0),
            height=height,
            fill=PAPER if unknown else fill,
            edge=edge,
            hatch="" if unknown else hatch,
            dashed=unknown,
            name=f"{name}-{status}",
        )
    )


@dataclass(frozen=True, slots=True)
class _Label:
    """Words for what reaches from `first` to `last` and up to `top`."""

    first: float
    last: float
    top: float
    text: str


def _doses(sheet: Sheet, labels: list[_Label], base: float, scale: float) -> None:
    """Milligrams above each step, clear of the minimum, of higher steps and of each other; else left out."""
    reach, minimum = LEFT, base - _TALLEST / scale
    for label in labels:
        width = text_width(label.text, SMALL)
        x = min(max(label.first, reach), RIGHT - width - 2)
        if x < reach or x > max(label.last - width, label.first) or label.last <= LEFT:
            continue
        below = [other.top for other in labels if other.first < x + width and other.last > x]
        top = min([*below, minimum])
        sheet.draw(TextLine(x=x, y=top - 3, text=label.text, size=SMALL))
        reach = x + width + 4


def _labels(bar: Bar, unknown: str, axis: Axis, base: float, scale: float) -> list[_Label]:
    """Return one for each step; a question mark where the dose or the days are not known."""
    if not bar.trial.steps:
        return [_Label(axis.place(bar.trial.start or axis.first) + 3, RIGHT, base - 8, unknown)]
    return [
        _Label(
            axis.place(step.first),
            axis.after(step.last),
            base - _height(step, scale),
            unknown if step.daily_mg is None else f"{step.daily_mg:g}",
        )
        for step in bar.trial.steps[-MOST_STEPS:]
    ]


def _height(step: DoseStep, scale: float) -> float:
    """Return a dose that is not known stands at the minimum, without fill."""
    multiple = 1.0 if step.daily_mg is None else min(step.daily_mg / step.minimum_mg, scale)
    return max(multiple / scale * _TALLEST, 2.0)


def _qualifying(sheet: Sheet, bar: Bar, axis: Axis, base: float) -> None:
    for first, last in bar.trial.qualifying[-MOST_STEPS:]:
        start, end = axis.place(first), axis.after(last)
        if end > LEFT:
            sheet.draw(
                Box(
                    x=start,
                    y=base + 2,
                    width=max(end - start, 1.0),
                    height=UNDER,
                    fill=INK,
                    name="qualifying",
                )
            )


def _joining(sheet: Sheet, bar: Bar, axis: Axis, base: float) -> None:
    """Days without supply inside a course: a dotted line where a bar would stand."""
    for before, after in zip(bar.trial.steps, bar.trial.steps[1:], strict=False):
        start, end = axis.after(before.last), axis.place(after.first)
        if end - start > 1:
            sheet.draw(
                Stroke(points=((start, base - 4), (end, base - 4)), colour=SOFT, dashes=(1, 2), name="gap")
            )


def _undetermined(sheet: Sheet, bar: Bar, axis: Axis, base: float, name: str) -> tuple[float, float]:
    """Return a course whose days are not known: open from its start, or from nowhere to nowhere."""
    first = axis.place(bar.trial.start) if bar.trial.start else LEFT
    last = axis.after(bar.trial.end) if bar.trial.end else RIGHT
    _, edge, _ = LOOKS[bar.trial.status]
    sheet.draw(
        Stroke(
            points=((first, base - 6), (last, base - 6)), colour=edge, width=1.6, dashes=(1.5, 3), name=name
        )
    )
    if bar.trial.start:
        sheet.draw(Stroke(points=((first, base - 12), (first, base)), colour=edge, width=1.6))
    return first, last


def _arrow(sheet: Sheet, x: float, base: float, length: float) -> None:
    """The supply lasts beyond the day of assessment, or the course lies before the first day drawn."""
    points = ((x, base - 5), (x + length, base - 1), (x, base + 3))
    sheet.draw(Stroke(points=points, width=1.4, name="beyond"))


def _label(sheet: Sheet, label: str, first: float, base: float) -> None:
    """The number under which the words at the right speak of this bar."""
    sheet.draw(TextLine(x=min(first, RIGHT - 8), y=base + 15, text=label, size=SMALL, bold=True))


def _verdicts(sheet: Sheet, bars: tuple[Bar, ...], y: float, earlier: str) -> float:
    """Verdict and reasons of every bar in words, alike ones once; return where they end."""
    alike: dict[tuple[TrialStatus, str, str, str], list[int]] = {}
    for place, bar in enumerate(bars, 1):
        row = bar.row
        said = (bar.trial.status, row.verdict, "; ".join(row.reasons), "; ".join(bar.remarks))
        alike.setdefault(said, []).append(place)
    for (status, verdict, reasons, remarks), places in alike.items():
        numbers = ", ".join(map(str, places)) if len(bars) > 1 else ""
        indent = text_width(numbers, SMALL, bold=True) + 7 if numbers else 0.0
        sheet.draw(
            TextLine(x=_REMARKS, y=y + 14, text=numbers, size=SMALL, bold=True),
            TextLine(x=_REMARKS + indent, y=y + 14, text=verdict, bold=True, colour=LOOKS[status][1]),
        )
        y += LINE
        for text, colour in ((reasons, INK), (remarks, SOFT)):
            for line in lines(text, _REMARKS_WIDTH, SMALL, 4):
                sheet.draw(TextLine(x=_REMARKS, y=y + 13, text=line, size=SMALL, colour=colour))
                y += LINE - 1
        y += 3
    if earlier:
        sheet.draw(TextLine(x=_REMARKS, y=y + 13, text=earlier, size=SMALL, colour=SOFT))
        y += LINE
    return y + 2

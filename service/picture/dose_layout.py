"""The milligrams above the bars of a lane."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.picture.axis import LEFT, Axis
from service.picture.columns import room
from service.picture.sheet import SMALL, Sheet, TextLine
from service.render.courses import number


@dataclass(frozen=True, slots=True)
class DoseLabel:
    """Words for what reaches from `first` to `last` and up to `top`."""

    first: float
    last: float
    top: float
    text: str


def labels_of(doses: Iterable[tuple[float, float, float, float | None]], unknown: str) -> list[DoseLabel]:
    """Return a label for each dose; equal doses in succession share one."""
    made: list[DoseLabel] = []
    for first, last, top, mg in doses:
        text = unknown if mg is None else number(mg)
        if made and made[-1].text == text and first - made[-1].last < 2:
            made[-1] = DoseLabel(made[-1].first, last, min(top, made[-1].top), text)
        else:
            made.append(DoseLabel(first, last, top, text))
    return made


def draw_labels(sheet: Sheet, labels: list[DoseLabel], minimum: float, axis: Axis) -> None:
    """Write each clear of the minimum, of higher steps and of each other, or leave it to the words."""
    reach = LEFT
    for label in labels:
        width = room(label.text)
        x = min(max(label.first, reach), axis.right - width - 2)
        if x < reach or x > max(label.last - width, label.first):
            continue
        below = [other.top for other in labels if other.first < x + width and other.last > x]
        top = min([*below, minimum])
        sheet.draw(TextLine(x=x, y=top - 3, text=label.text, size=SMALL, rimmed=True))
        reach = x + width + 4

"""The drawing before it is written: boxes, lines and words at places, in CSS pixels, y downwards."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

SIZE, SMALL, LINE, SMALL_LINE = 13.0, 12.0, 17.0, 15.0
"""Sizes of letters, and from one line of words to the next; on paper the small ones are 7 pt high."""

SOLID: tuple[float, ...] = ()
MINIMUM = (7.0, 3.0)  # dashes of the minimum dose
NOTHING = (1.0, 3.0)  # dots: nothing on record between
UNDATED = (9.0, 3.0, 2.0, 3.0)  # a course whose days are not known
EPISODE = (3.0, 3.0)
RADIUS = 3.2  # of a dot
_APART = 7.0  # from one line of a hatch to the next

Spot = tuple[float, float]


class Colour(StrEnum):
    """What a colour is for; a page gives each another value in the dark (`timeline.css`)."""

    PAPER = "paper"
    SHADE = "shade"
    INK = "ink"
    SOFT = "soft"
    FAINT = "faint"
    THRESHOLD = "threshold"
    COUNTED = "counted"
    POSSIBLE = "possible"
    BESIDE = "beside"


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle; hatching has the colour of the edge."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour | None = None
    edge: Colour | None = None
    hatched: bool = False
    dashed: bool = False
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stroke:
    """A line through `points`; `dashes` are lengths of strokes and spaces in turn."""

    points: tuple[Spot, ...]
    colour: Colour = Colour.INK
    width: float = 1.0
    dashes: tuple[float, ...] = SOLID
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """A point, filled or only ringed."""

    x: float
    y: float
    filled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """One line of text whose letters stand on `y`; over lines it keeps a rim of paper."""

    x: float
    y: float
    text: str
    size: float = SIZE
    bold: bool = False
    colour: Colour = Colour.INK
    align: Literal["left", "right"] = "left"
    rimmed: bool = False
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hover:
    """An invisible rectangle that shows `text` to whoever points at it."""

    x: float
    y: float
    width: float
    height: float
    text: str
    name: str


Shape = Box | Stroke | Dot | TextLine | Hover


@dataclass(kw_only=True, slots=True)
class Sheet:
    """Shapes in the order in which they are painted; `name` tells it from other pictures of a page."""

    width: float
    height: float = 0.0
    name: str = "timeline"
    title: str = ""
    description: str = ""
    shapes: list[Shape] = field(default_factory=list)

    def draw(self, *shapes: Shape) -> None:
        """Paint over what is there."""
        self.shapes += shapes


def hatching(box: Box) -> Iterator[tuple[Spot, Spot]]:
    """Yield lines from lower left to upper right, continuous across boxes that touch."""
    right, bottom = box.x + box.width, box.y + box.height
    place = ((box.x + box.y) // _APART + 1) * _APART
    while place < right + bottom:
        low, high = max(box.x, place - bottom), min(right, place - box.y)
        yield (low, place - low), (high, place - high)
        place += _APART

"""The drawing before it is drawn: boxes, lines and words at places, in CSS pixels, y downwards."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

INK, SOFT, FAINT, PAPER = "#1a1a1a", "#595959", "#c4c4c4", "#ffffff"
SIZE, SMALL, LINE = 11.0, 9.5, 14.0
"""Sizes of letters, and from one line of words to the next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle. `hatch` is a pattern of matplotlib drawn in the colour of the edge."""

    x: float
    y: float
    width: float
    height: float
    fill: str | None = None
    edge: str | None = None
    hatch: str = ""
    dashed: bool = False
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stroke:
    """A line through `points`."""

    points: tuple[tuple[float, float], ...]
    colour: str = INK
    width: float = 1.0
    dashes: tuple[float, float] | None = None
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """A point."""

    x: float
    y: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """One line of text whose letters stand on `y`."""

    x: float
    y: float
    text: str
    size: float = SIZE
    bold: bool = False
    colour: str = INK
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hover:
    """An unseen rectangle that tells `text` to who points at it."""

    x: float
    y: float
    width: float
    height: float
    text: str
    name: str


Shape = Box | Stroke | Dot | TextLine | Hover


@dataclass(kw_only=True, slots=True)
class Sheet:
    """Shapes in the order in which they are painted."""

    width: float
    height: float = 0.0
    title: str = ""
    description: str = ""
    shapes: list[Shape] = field(default_factory=list)

    def draw(self, *shapes: Shape) -> None:
        """Paint over what is there."""
        self.shapes += shapes


@lru_cache(maxsize=2048)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return how wide `text` is in the widest of the usual sans-serif fonts, which matplotlib brings."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width)

"""Shapes to SVG, which a page may hold inline: no script, no style, no reference, all text escaped.

Every colour stands twice: as an attribute, for programs that only draw, and as a class that a style sheet
overrides in the dark and where the reader forces colours.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from service.picture.sheet import RADIUS, Box, Colour, Dot, Hover, Sheet, Stroke, TextLine, hatching

FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif"
"""Those of the pages: each system has one of them."""
LIGHT: Mapping[Colour, str] = {
    Colour.PAPER: "#ffffff",
    Colour.SHADE: "#f0efea",
    Colour.INK: "#1a1a1a",
    Colour.SOFT: "#545454",
    Colour.FAINT: "#c4c4c4",
    Colour.THRESHOLD: "#808080",
    Colour.COUNTED: "#0b5fa5",
    Colour.POSSIBLE: "#a84a00",
    Colour.BESIDE: "#767676",
}
PREFIX = "timeline-"


def document(sheet: Sheet, theme: str = "") -> str:
    """Return the picture with its hover texts; `theme` is the style sheet of a picture that stands alone."""
    title, description = f"{sheet.name}-title", f"{sheet.name}-description"
    named = f'role="img" aria-labelledby="{title}" aria-describedby="{description}"'
    parts = [
        f'<title id="{title}">{escape(sheet.title)}</title>',
        f'<desc id="{description}">{escape(sheet.description)}</desc>',
        f"<style>{theme}</style>" if theme else "",
        *_shapes(sheet, FONTS, hovers=True),
    ]
    return _root(sheet, named, parts)


def drawing(sheet: Sheet, font: str) -> str:
    """Return only the visible parts of the picture, in one font."""
    return _root(sheet, "", _shapes(sheet, f"'{font}'", hovers=False))


def _root(sheet: Sheet, named: str, parts: Any) -> str:
    size = f'width="{_number(sheet.width)}" height="{_number(sheet.height)}"'
    box = f'viewBox="0 0 {_number(sheet.width)} {_number(sheet.height)}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline-svg" {size} {box} {named}>'
    return "\n".join([start, *filter(None, parts), "</svg>"]) + "\n"


def _shapes(sheet: Sheet, fonts: str, *, hovers: bool) -> Iterator[str]:
    yield f"<g font-family={quoteattr(fonts)}>"
    for shape in sheet.shapes:
        if hovers or not isinstance(shape, Hover):
            yield _WRITERS[type(shape)](shape)
    yield "</g>"


def _paint(fill: Colour | None, edge: Colour | None) -> str:
    classes = [f"{kind}-{colour}" for kind, colour in (("fill", fill), ("stroke", edge)) if colour]
    filled = LIGHT[fill] if fill else "none"
    edged = f' stroke="{LIGHT[edge]}"' if edge else ""
    return f'class="{" ".join(classes)}" fill="{filled}"{edged}'


def _name(name: str) -> str:
    return f" data-name={quoteattr(name)}" if name else ""


def _box(box: Box) -> str:
    place = f'x="{_number(box.x)}" y="{_number(box.y)}"'
    size = f'width="{_number(box.width)}" height="{_number(box.height)}"'
    dashed = ' stroke-dasharray="2 2"' if box.dashed else ""
    drawn = f"<rect {place} {size} {_paint(box.fill, box.edge)}{dashed}{_name(box.name)}/>"
    return drawn + (_hatch(box) if box.hatched else "")


def _hatch(box: Box) -> str:
    lines = (
        f"M{_number(x)} {_number(y)}L{_number(to_x)} {_number(to_y)}"
        for (x, y), (to_x, to_y) in hatching(box)
    )
    return f'<path d="{"".join(lines)}" {_paint(None, box.edge)} data-name="hatch"/>'


def _stroke(stroke: Stroke) -> str:
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in stroke.points)
    width = f' stroke-width="{_number(stroke.width)}"' if stroke.width != 1 else ""
    dashes = f' stroke-dasharray="{" ".join(map(_number, stroke.dashes))}"' if stroke.dashes else ""
    return f'<polyline points="{points}" {_paint(None, stroke.colour)}{width}{dashes}{_name(stroke.name)}/>'


def _dot(dot: Dot) -> str:
    paint = _paint(Colour.INK if dot.filled else Colour.PAPER, Colour.INK)
    return f'<circle cx="{_number(dot.x)}" cy="{_number(dot.y)}" r="{RADIUS}" {paint}/>'


def _text(line: TextLine) -> str:
    if not line.text:
        return ""
    place = f'x="{_number(line.x)}" y="{_number(line.y)}" font-size="{_number(line.size)}"'
    weight = ' font-weight="bold"' if line.bold else ""
    anchor = ' text-anchor="end"' if line.align == "right" else ""
    paint = _paint(line.colour, Colour.PAPER if line.rimmed else None)
    rim = ' stroke-width="3" stroke-linejoin="round" paint-order="stroke"' if line.rimmed else ""
    return f"<text {place}{weight}{anchor} {paint}{rim}{_name(line.name)}>{escape(line.text)}</text>"


def _hover(hover: Hover) -> str:
    place = f'x="{_number(hover.x)}" y="{_number(hover.y)}"'
    size = f'width="{_number(hover.width)}" height="{_number(hover.height)}"'
    area = f'<rect {place} {size} fill="none" pointer-events="all"/>'
    return f'<g id="{PREFIX}{hover.name}"><title>{escape(hover.text)}</title>{area}</g>'


def _number(value: float) -> str:
    return f"{round(value, 1):.1f}".removesuffix(".0")


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    Box: _box,
    Stroke: _stroke,
    Dot: _dot,
    TextLine: _text,
    Hover: _hover,
}

"""Shapes to PDF by pydyf: lines and letters that can be searched and copied, no script and no reference.

The same shapes give the same bytes: nothing in them tells when or where they were made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from unicodedata import normalize

from pydyf import PDF, Array, Dictionary, Stream, String

from service.picture.font import embed, glyphs
from service.picture.letters import text_width
from service.picture.sheet import RADIUS, Box, Colour, Dot, Hover, Sheet, Stroke, TextLine, hatching
from service.picture.svg import LIGHT

POINTS = 0.75  # of a unit of a sheet
_CURVE = 0.5523  # of the radius: where the handles of a quarter of a circle lie
_RIM = 1.5
_ASCENT, _DESCENT = 0.85, 0.2  # of the size of letters
_FONTS = {"regular": "R", "bold": "B"}


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedSheet:
    """A drawing at a place of a page, larger or smaller than it is."""

    sheet: Sheet
    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A place to which a reader leads: its words, its page counted from 0; `below` the mark before."""

    text: str
    page: int
    below: bool = False


PaperPage = Sequence[PlacedSheet]
"""What stands on one page; all pages are as large as the first drawing of the first page."""


def pdf(pages: Sequence[PaperPage], title: str, marks: Sequence[Mark] = ()) -> bytes:
    """Return the pages as one document, with `marks` that lead to them."""
    document = PDF()
    fonts = {short: embed(document, weight) for weight, short in _FONTS.items()}
    resources = Dictionary({"Font": Dictionary(fonts)})
    document.add_object(resources)
    size = pages[0][0].sheet
    for page in pages:
        _add(document, page, size, resources)
    if marks:
        document.catalog["Outlines"] = _outline(document, marks)
    document.catalog.update(Lang=String("en"), ViewerPreferences=Dictionary({"DisplayDocTitle": "true"}))
    document.info["Title"] = String(title)
    written = BytesIO()
    document.write(written, compress=True)
    return written.getvalue()


def _add(document: PDF, page: PaperPage, size: Sheet, resources: Dictionary) -> None:
    content = Stream(compress=True)
    content.set_matrix(POINTS, 0, 0, -POINTS, 0, size.height * POINTS)
    for placed in page:
        content.push_state()
        content.set_matrix(placed.scale, 0, 0, placed.scale, placed.x, placed.y)
        for shape in placed.sheet.shapes:
            _PAINTERS[type(shape)](content, shape)
        content.pop_state()
    document.add_object(content)
    document.add_page(
        Dictionary(
            {
                "Type": "/Page",
                "Parent": document.pages.reference,
                "MediaBox": Array([0, 0, size.width * POINTS, size.height * POINTS]),
                "Contents": content.reference,
                "Resources": resources.reference,
            }
        )
    )


def _outline(document: PDF, marks: Sequence[Mark]) -> bytes:
    """Put the marks into the document; return the reference of their list."""
    root, above = Dictionary({"Type": "/Outlines"}), None
    document.add_object(root)
    last: dict[int, Dictionary] = {}
    for mark in marks:
        parent = above if mark.below and above else root
        place = Array([document.page_references[mark.page], "/Fit"])
        item = Dictionary({"Title": String(mark.text), "Parent": parent.reference, "Dest": place})
        document.add_object(item)
        parent.setdefault("First", item.reference)
        parent["Last"] = item.reference
        if before := last.get(parent.number):
            before["Next"], item["Prev"] = item.reference, before.reference
        last[parent.number] = item
        above = above if mark.below else item
    return bytes(root.reference)


def _colour(content: Stream, colour: Colour, *, stroke: bool) -> None:
    value = LIGHT[colour]
    red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    content.set_color_rgb(red, green, blue, stroke=stroke)


def _box(content: Stream, box: Box) -> None:
    content.set_line_width(1)
    content.set_dash([2, 2] if box.dashed else [], 0)
    for colour, paint in ((box.fill, content.fill), (box.edge, content.stroke)):
        if colour:
            _colour(content, colour, stroke=paint == content.stroke)
            content.rectangle(box.x, box.y, box.width, box.height)
            paint()
    if box.hatched and box.edge:
        content.set_dash([], 0)
        for start, end in hatching(box):
            content.move_to(*start)
            content.line_to(*end)
        content.stroke()


def _stroke(content: Stream, stroke: Stroke) -> None:
    _colour(content, stroke.colour, stroke=True)
    content.set_line_width(stroke.width)
    content.set_dash(list(stroke.dashes), 0)
    first, *others = stroke.points
    content.move_to(*first)
    for point in others:
        content.line_to(*point)
    content.stroke()


def _dot(content: Stream, dot: Dot) -> None:
    _colour(content, Colour.INK if dot.filled else Colour.PAPER, stroke=False)
    _colour(content, Colour.INK, stroke=True)
    content.set_line_width(1)
    content.set_dash([], 0)
    handle = RADIUS * _CURVE
    content.move_to(dot.x + RADIUS, dot.y)
    for x, y in ((0, 1), (-1, 0), (0, -1), (1, 0)):
        from_x, from_y = y, -x  # the quarter before
        content.curve_to(
            dot.x + from_x * RADIUS + x * handle,
            dot.y + from_y * RADIUS + y * handle,
            dot.x + x * RADIUS + from_x * handle,
            dot.y + y * RADIUS + from_y * handle,
            dot.x + x * RADIUS,
            dot.y + y * RADIUS,
        )
    content.fill_and_stroke()


def _text(content: Stream, line: TextLine) -> None:
    text = normalize("NFC", line.text)
    if not text:
        return
    weight = "bold" if line.bold else "regular"
    left = line.x - (text_width(text, line.size, line.bold) if line.align == "right" else 0)
    if line.rimmed:
        _rim(content, left, line.y, text_width(text, line.size, line.bold), line.size)
    _colour(content, line.colour, stroke=False)
    content.begin_text()
    content.set_font_size(_FONTS[weight], line.size)
    content.set_text_matrix(1, 0, 0, -1, left, line.y)
    content.show_text(f"<{glyphs(text, weight)}>")
    content.end_text()


def _rim(content: Stream, x: float, y: float, width: float, size: float) -> None:
    """Paint paper below letters: a second, wider copy of them would be copied and read aloud too."""
    _colour(content, Colour.PAPER, stroke=False)
    content.rectangle(x - _RIM, y - size * _ASCENT, width + 2 * _RIM, size * (_ASCENT + _DESCENT))
    content.fill()


def _nothing(_: Stream, __: Hover) -> None:
    """Paint nothing: nobody points at paper."""


_PAINTERS: Mapping[type, Callable[[Stream, Any], None]] = {
    Box: _box,
    Stroke: _stroke,
    Dot: _dot,
    TextLine: _text,
    Hover: _nothing,
}

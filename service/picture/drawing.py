"""Shapes to SVG and PNG by matplotlib, which is loaded when the first picture is drawn.

Only figures with a renderer of their own are made, never pyplot, which keeps figures alive. matplotlib keeps
settings and caches of letters for the whole process, so one picture is drawn at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any

from service.picture import mending
from service.picture.layout import laid_out
from service.picture.rows import Timeline
from service.picture.sheet import INK, Box, Dot, Hover, Sheet, Stroke, TextLine

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_PER_INCH, _CSS_PER_INCH = 72, 96  # a unit of the sheet is a point to matplotlib, a CSS pixel to the reader
_PNG_SCALE = 2
_ONE_AT_A_TIME = Lock()


def svg(shown: Timeline) -> bytes:
    """Return the picture as SVG."""
    with _ONE_AT_A_TIME:
        sheet = laid_out(shown)
        return mending.mended(_printed(sheet, format="svg", metadata={"Date": None}), sheet)


def png(shown: Timeline) -> bytes:
    """Return the picture as PNG, drawn of the same shapes and as large on paper."""
    dots = _CSS_PER_INCH * _PNG_SCALE
    with _ONE_AT_A_TIME:
        return _printed(
            laid_out(shown),
            format="png",
            dpi=_PER_INCH * _PNG_SCALE,
            metadata={"Software": None},
            pil_kwargs={"dpi": (dots, dots)},
        )


def _printed(sheet: Sheet, **how: Any) -> bytes:
    from matplotlib import rc_context

    written = BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "timeline", "hatch.linewidth": 1.1}):
        _figure(sheet).savefig(written, **how)
    return written.getvalue()


def _figure(sheet: Sheet) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(sheet.width / _PER_INCH, sheet.height / _PER_INCH), dpi=_PER_INCH)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0))
    for layer, shape in enumerate(sheet.shapes):
        for artist in _ARTISTS[type(shape)](shape):
            artist.set_zorder(layer)
            artist.set_clip_on(False)
            axes.add_artist(artist)
    return figure


def _box(box: Box) -> list[Artist]:
    from matplotlib.patches import Rectangle

    return [
        Rectangle(
            (box.x, box.y),
            box.width,
            box.height,
            facecolor=box.fill or "none",
            edgecolor=box.edge or "none",
            linewidth=1.0 if box.edge else 0.0,
            linestyle=(0, (2, 2)) if box.dashed else "solid",
            hatch=box.hatch or None,
            gid=box.name or None,
        )
    ]


def _stroke(stroke: Stroke) -> list[Artist]:
    from matplotlib.lines import Line2D

    xs, ys = zip(*stroke.points, strict=True)
    line = Line2D(xs, ys, color=stroke.colour, linewidth=stroke.width, gid=stroke.name or None)
    line.set_dash_capstyle("butt")
    if stroke.dashes:
        line.set_linestyle((0, tuple(length / stroke.width for length in stroke.dashes)))
    return [line]


def _dot(dot: Dot) -> list[Artist]:
    from matplotlib.lines import Line2D

    return [Line2D([dot.x], [dot.y], marker="o", markersize=5, color=INK, linestyle="none")]


def _words(words: TextLine) -> list[Artist]:
    from matplotlib.text import Text

    return [
        Text(
            words.x,
            words.y,
            words.text,
            fontfamily="DejaVu Sans",
            fontsize=words.size,
            fontweight="bold" if words.bold else "normal",
            color=words.colour,
            horizontalalignment=words.align,
            verticalalignment="baseline",
            parse_math=False,
        )
    ]


def _hover(hover: Hover) -> list[Artist]:
    from matplotlib.patches import Rectangle

    place = (hover.x, hover.y)
    return [Rectangle(place, hover.width, hover.height, facecolor="none", edgecolor="none", gid=hover.name)]


_ARTISTS: dict[type, Callable[[Any], list[Artist]]] = {
    Box: _box,
    Stroke: _stroke,
    Dot: _dot,
    TextLine: _words,
    Hover: _hover,
}

"""Shapes to PNG by resvg, in the font that is shipped: in a font that it does not find it draws no text."""

from importlib.resources import as_file, files
from struct import pack
from zlib import crc32

from service.picture.sheet import Sheet
from service.picture.svg import drawing

FONT = "DejaVu Sans"
SCALE = 2  # dots for each unit of the SVG
_DOTS_A_METRE = round(96 * SCALE / 0.0254)
_HEAD = 33  # bytes of the signature and of the first chunk, after which the resolution may stand


def png(sheet: Sheet) -> bytes:
    """Return the picture, as large on paper as the SVG."""
    from resvg_py import svg_to_bytes  # with the first picture, not with the service

    fonts = files("service.picture") / "fonts"
    with as_file(fonts / "DejaVuSans.ttf") as regular, as_file(fonts / "DejaVuSans-Bold.ttf") as bold:
        drawn = svg_to_bytes(
            svg_string=drawing(sheet, FONT),
            skip_system_fonts=True,
            font_files=[str(regular), str(bold)],
            zoom=SCALE,
        )
    return drawn[:_HEAD] + _resolution() + drawn[_HEAD:]


def _resolution() -> bytes:
    """Return the PNG chunk that states the dots per metre."""
    told = b"pHYs" + pack(">IIB", _DOTS_A_METRE, _DOTS_A_METRE, 1)
    return pack(">I", len(told) - 4) + told + pack(">I", crc32(told))

"""The font of PNG and PDF, the table of its widths, and what a PDF says of it, made from DejaVu Sans.

    python -m tests.picture.letters /usr/share/fonts/truetype/dejavu

writes all: what Latin, Vietnamese, Greek, Cyrillic and mathematical text needs, about 70 kB a weight.
"""

import json
import sys
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

from tests.served import REPOSITORY

FONTS = REPOSITORY / "service" / "picture" / "fonts"
WEIGHTS = {"regular": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
_KEPT = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x370, 0x530),
    *range(0x1E00, 0x1F00),
    *range(0x2010, 0x202A),
    *range(0x202F, 0x2040),
    *range(0x2190, 0x2194),
    *(0x2610, 0x25AF, 0x20AC, 0x2122, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265),
]


def make(folder: Path) -> None:
    """Write the fonts and the table of widths."""
    for file in WEIGHTS.values():
        options = subset.Options(
            layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2, 4, 6, 0]
        )
        font = subset.load_font(str(folder / file), options)
        chosen = subset.Subsetter(options)
        chosen.populate(unicodes=_KEPT)
        chosen.subset(font)
        subset.save_font(font, str(FONTS / file), options)
    for file, table in (("widths.json", widths()), ("embedding.json", embedding())):
        text = json.dumps(table, indent=1, sort_keys=True) + "\n"
        (FONTS / file).write_text(text, encoding="ascii")


def widths() -> dict[str, dict[str, float]]:
    """Return how wide each letter of each weight is, as a part of the size of the letters."""
    return {weight: _widths(TTFont(FONTS / file)) for weight, file in WEIGHTS.items()}


def _widths(font: TTFont) -> dict[str, float]:
    scale = font["head"].unitsPerEm
    advances = font["hmtx"].metrics
    return {chr(code): round(advances[glyph][0] / scale, 4) for code, glyph in font.getBestCmap().items()}


def embedding() -> dict[str, dict[str, Any]]:
    """Return what a PDF states about each weight: measures in thousandths, and the glyph of each letter."""
    return {weight: _embedding(TTFont(FONTS / file)) for weight, file in WEIGHTS.items()}


def _embedding(font: TTFont) -> dict[str, Any]:
    scale, head = font["head"].unitsPerEm / 1000, font["head"]
    return {
        "name": font["name"].getDebugName(6),
        "box": [round(side / scale) for side in (head.xMin, head.yMin, head.xMax, head.yMax)],
        "ascent": round(font["hhea"].ascent / scale),
        "descent": round(font["hhea"].descent / scale),
        "cap_height": round(font["glyf"]["H"].yMax / scale),
        "glyphs": {chr(code): font.getGlyphID(glyph) for code, glyph in font.getBestCmap().items()},
    }


if __name__ == "__main__":
    make(Path(sys.argv[1]))

"""The font that is shipped, as a PDF holds it: whole, with the letters that its glyphs stand for."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydyf import PDF, Array, Dictionary, Stream, String

from service.picture.letters import widths

FILES = {"regular": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
_LACKING = 0  # the glyph of a letter that the font has not: an empty box
_WIDTH_OF_LACKING = 600
_SYMBOLIC = 4
_STEM = {"regular": 80, "bold": 150}
_MOST_AT_ONCE = 100  # letters of one block of a character map


def glyphs(text: str, weight: str) -> str:
    """Return the glyphs of `text` as a PDF writes them."""
    known = _tables()[weight]["glyphs"]
    return "".join(f"{known.get(letter, _LACKING):04x}" for letter in text)


def lacks(text: str) -> bool:
    """Tell whether the font lacks a letter of `text`."""
    return not set(text) <= _tables()["regular"]["glyphs"].keys()


def embed(document: PDF, weight: str) -> bytes:
    """Put one weight of the font into the document; return its reference."""
    table = _tables()[weight]
    file = Stream([_file(weight)], {"Length1": len(_file(weight))}, compress=True)
    document.add_object(file)
    descriptor = Dictionary(
        {
            "Type": "/FontDescriptor",
            "FontName": f"/{table['name']}",
            "Flags": _SYMBOLIC,
            "FontBBox": Array(table["box"]),
            "ItalicAngle": 0,
            "Ascent": table["ascent"],
            "Descent": table["descent"],
            "CapHeight": table["cap_height"],
            "StemV": _STEM[weight],
            "FontFile2": file.reference,
        }
    )
    document.add_object(descriptor)
    letters = Stream([_letters(table["glyphs"])], compress=True)
    document.add_object(letters)
    font = Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/Type0",
            "BaseFont": f"/{table['name']}",
            "Encoding": "/Identity-H",
            "DescendantFonts": Array([_descendant(table, descriptor, weight)]),
            "ToUnicode": letters.reference,
        }
    )
    document.add_object(font)
    return bytes(font.reference)


def _descendant(table: Mapping[str, Any], descriptor: Dictionary, weight: str) -> Dictionary:
    measured = widths()[weight]
    advances = {glyph: round(1000 * measured[letter]) for letter, glyph in table["glyphs"].items()}
    return Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/CIDFontType2",
            "BaseFont": f"/{table['name']}",
            "CIDSystemInfo": Dictionary(
                {"Registry": String("Adobe"), "Ordering": String("Identity"), "Supplement": 0}
            ),
            "FontDescriptor": descriptor.reference,
            "DW": _WIDTH_OF_LACKING,
            "W": Array(part for glyph in sorted(advances) for part in (glyph, Array([advances[glyph]]))),
            "CIDToGIDMap": "/Identity",
        }
    )


def _letters(known: Mapping[str, int]) -> str:
    """Return the character map by which a reader copies and searches text."""
    by_glyph = {glyph: letter for letter, glyph in sorted(known.items(), reverse=True)}
    pairs = [f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>" for glyph, letter in by_glyph.items()]
    blocks = [pairs[at : at + _MOST_AT_ONCE] for at in range(0, len(pairs), _MOST_AT_ONCE)]
    return "\n".join(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <ffff> endcodespacerange",
            *(f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar" for block in blocks),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        )
    )


@cache
def _file(weight: str) -> bytes:
    return (files("service.picture") / "fonts" / FILES[weight]).read_bytes()


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    read: Mapping[str, Mapping[str, Any]] = json.loads(
        (files("service.picture") / "fonts" / "embedding.json").read_bytes()
    )
    return read

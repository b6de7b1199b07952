"""What matplotlib wrote, made fit to stand inside a page: no style attribute, a text for every hover, a name.

A strict Content-Security-Policy drops `style` attributes, so they become presentation attributes; namespaces
are written without prefixes, because HTML knows none. Everything is escaped by the XML library.
"""

from xml.etree import ElementTree as ET

from service.picture.sheet import Hover, Sheet

SVG = "http://www.w3.org/2000/svg"
PREFIX = "timeline-"
FONTS = "'DejaVu Sans', 'Liberation Sans', Arial, Helvetica, sans-serif"
_HREF = "{http://www.w3.org/1999/xlink}href"
_REFERRING = (("clip-path", "url(#"), ("fill", "url(#"), ("href", "#"))


def mended(written: bytes, sheet: Sheet) -> bytes:
    """Return the SVG document with title, description and hover texts of `sheet`."""
    root = ET.fromstring(written)  # noqa: S314 - what matplotlib wrote a moment ago
    for parent in list(root.iter()):
        for child in [one for one in parent if not _is_kept(one)]:
            parent.remove(child)
    for element in root.iter():
        _plain_names(element)
        _attributes_for_style(element)
        _prefix_names(element)
    _hovers(root, sheet)
    _name(root, sheet)
    written_anew: bytes = ET.tostring(root, encoding="utf-8")
    return written_anew


def _is_kept(element: ET.Element) -> bool:
    return element.tag not in (f"{{{SVG}}}metadata", f"{{{SVG}}}style")


def _plain_names(element: ET.Element) -> None:
    element.tag = element.tag.removeprefix(f"{{{SVG}}}")
    if _HREF in element.attrib:
        element.set("href", element.attrib.pop(_HREF))


def _attributes_for_style(element: ET.Element) -> None:
    for declaration in filter(None, map(str.strip, element.attrib.pop("style", "").split(";"))):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        element.attrib.update(_font(value) if name == "font" else {name: value})


def _font(shorthand: str) -> dict[str, str]:
    """`bold 11px 'DejaVu Sans'`: the weight may be lacking."""
    weight, _, rest = shorthand.partition(" ") if not shorthand[0].isdigit() else ("", "", shorthand)
    size = {"font-family": FONTS, "font-size": rest.split(" ")[0]}
    return size | {"font-weight": weight} if weight else size


def _prefix_names(element: ET.Element) -> None:
    """An inline picture shares its page's names."""
    if "id" in element.attrib:
        element.set("id", PREFIX + element.attrib["id"])
    for name, start in _REFERRING:
        value = element.attrib.get(name, "")
        if value.startswith(start):
            element.set(name, value.replace("#", f"#{PREFIX}", 1))


def _hovers(root: ET.Element, sheet: Sheet) -> None:
    texts = {PREFIX + shape.name: shape.text for shape in sheet.shapes if isinstance(shape, Hover)}
    for element in root.iter("g"):
        text = texts.get(element.get("id", ""))
        if text is not None:
            title = ET.Element("title")
            title.text = text
            element.insert(0, title)
            element.set("pointer-events", "all")


def _name(root: ET.Element, sheet: Sheet) -> None:
    """The picture is one image with a name and a description for those who do not see it."""
    title, described = ET.Element("title", id=f"{PREFIX}title"), ET.Element("desc", id=f"{PREFIX}description")
    title.text, described.text = sheet.title, sheet.description
    root.insert(0, described)
    root.insert(0, title)
    root.attrib.update(
        {
            "xmlns": SVG,
            "role": "img",
            "aria-labelledby": title.get("id", ""),
            "aria-describedby": described.get("id", ""),
            "width": f"{sheet.width:g}",
            "height": f"{sheet.height:g}",
        }
    )

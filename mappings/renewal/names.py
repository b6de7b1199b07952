"""What a RxNorm name says: `12 HR bupropion hydrochloride 150 MG Extended Release Oral Tablet`."""

import re
from dataclasses import dataclass

_BRAND = re.compile(r"(.*?) ?\[([^\]]+)\]", re.DOTALL)
_PACK = re.compile(r"\{(.*)\} *Pack")
_CONTENT = re.compile(r"(\d+) (?:\([\d.]+ [A-Z]+\) )?\((.+?)\)(?= /|\s*$)")
_LEAD = re.compile(r"(?:.*? )??(\d+(?:\.\d+)?) (HR|ML|ACTUAT) ")
_STATED = re.compile(r"(.+?) (\d+(?:\.\d+)?) ([A-Z\[\]'0-9]+(?:/[A-Z\[\]'0-9]+)?)(?: (.+))?")
_RELEASES = (
    ("Extended Release", "ER"),
    ("Delayed Release", "DR"),
    ("Disintegrating", "ODT"),
    ("Transdermal System", "patch"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamePart:
    """A component: its name in lower case, its strength and the unit of that; 0 and "" without strength."""

    name: str
    amount: float = 0.0
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A name taken apart. `contents` are how many of which product a pack holds."""

    parts: tuple[NamePart, ...] = ()
    dose_form: str = ""
    hours: str = ""
    brand: str = ""
    contents: tuple[tuple[int, str], ...] = ()

    @property
    def release(self) -> str:
        """The release that the dose form states, "IR" when it states none."""
        stated = (short for words, short in _RELEASES if words in self.dose_form)
        return next(stated, "IR") if self.dose_form else ""


def label(name: str) -> Label:
    """Take the name of a product or component apart."""
    branded = _BRAND.fullmatch(name)
    plain, brand = (branded[1], branded[2]) if branded else (name, "")
    pack = _PACK.match(name)
    if pack:
        contents = tuple((int(count), product) for count, product in _CONTENT.findall(pack[1].strip()))
        return Label(brand=_pack_brand(name), contents=contents)
    lead = _LEAD.match(plain)
    if lead:
        plain = plain[lead.end() :]
    parts, dose_form = _parts(plain)
    hours = lead[1] if lead and lead[2] == "HR" else ""
    return Label(parts=parts, dose_form=dose_form, hours=hours, brand=brand)


def _parts(plain: str) -> tuple[tuple[NamePart, ...], str]:
    parts, dose_form = [], ""
    for piece in plain.split(" / "):
        stated = _STATED.fullmatch(piece)
        if stated is None:
            parts.append(NamePart(name=piece.strip().lower()))
            continue
        parts.append(NamePart(name=stated[1].lower(), amount=float(stated[2]), unit=stated[3]))
        dose_form = stated[4] or dose_form
    return tuple(parts), dose_form


def _pack_brand(name: str) -> str:
    after = name.rpartition("} Pack")[2].strip()
    return after.removeprefix("[").removesuffix("]")

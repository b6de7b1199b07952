"""What the words of a drug's name say: names, amounts, release, form, route. Exact words, never alike ones.

The words of a text and of a name are normalised in the same way (case, accents, punctuation, salt
abbreviations), then compared whole. A name with a typing error is not a name.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

LONGEST_TEXT = 1000  # characters read; a drug's name is far shorter

_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
# A prefix makes another substance of a name: "es-citalopram" must not be read as citalopram.
_PREFIX = re.compile(
    r"\b(?:(es|des|nor|levo|dextro|dex|hydroxy|desmethyl|dihydro|meth|iso|chlor)[-\s]+|([a-z])-)(?=[^\W\d_])"
)
_SHORT = {"hcl": "hydrochloride", "hydrochlorid": "hydrochloride", "hbr": "hydrobromide"}


def words(text: str) -> tuple[str, ...]:
    """Return the normalised words and numbers of a text."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST_TEXT]).lower()
    plain = re.sub("[\u0300-\u036f'\u2019\u02bc]", "", plain)
    joined = _PREFIX.sub(lambda found: found[1] or found[2], plain)
    return tuple(_SHORT.get(word, word) for word in _WORD.findall(joined))


def named_in(text_words: Sequence[str], names: Mapping[str, Sequence[tuple[tuple[str, ...], T]]]) -> list[T]:
    """Return what the names in the text stand for, longest name first at each place.

    `names` holds, by first word, the words of each name (longest first) with what it stands for.
    """
    found, place = [], 0
    while place < len(text_words):
        for name, meaning in names.get(text_words[place], ()):
            if tuple(text_words[place : place + len(name)]) == name:
                found.append(meaning)
                place += len(name) - 1
                break
        place += 1
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Amounts:
    """The strengths that a text states in mg: in one mL or actuation when `per` says so, else in one unit.

    A rate per hour is given as the amount of 24 hours.
    """

    mg: tuple[float, ...] = ()
    per: str = ""


HOURS_A_DAY = 24

_NUMBER = r"(?:\d{1,6}(?:,\d{3})*(?:\.\d{1,6})?|\.\d{1,6})"
_AMOUNT = re.compile(
    rf"(?<![\w.])(?P<numbers>{_NUMBER}(?:\s*[-/]\s*{_NUMBER})*)\s*-?\s*"
    r"(?P<unit>mg|milligrams?|mcg|ug|micrograms?|g|gm|grams?)\b"
    rf"(?:\s*(?:/|per)\s*(?P<number>{_NUMBER})?\s*(?P<per>ml|l|hours?|hrs?|h|day|d|actuation|spray|dose)\b)?"
)
_BARE = re.compile(rf"(?<![\w.])({_NUMBER})\s*[-/]\s*({_NUMBER})(?![\w.])")
_PER = {"ml": "mL", "l": "mL", "actuation": "actuation", "spray": "actuation"}


def amounts(text: str) -> Amounts:
    """Return the strengths in a text; empty when it states none, or a daily dose only, or several kinds."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).lower().replace("\u03bcg", "mcg")
    stated = [found for found in _AMOUNT.finditer(plain) if found["per"] not in ("day", "d")]
    if not stated:
        bare = _BARE.findall(plain)
        return Amounts(mg=tuple(map(_value, bare[0]))) if len(bare) == 1 else Amounts()
    kinds = {_PER.get(found["per"], "") for found in stated}
    mg = tuple(dict.fromkeys(value for found in stated for value in _in_mg(found) if value))
    return Amounts(mg=mg, per=kinds.pop()) if len(kinds) == 1 else Amounts()


def bare_number(text_words: Sequence[str]) -> float | None:
    """Return the one number of a name that ends it, or that only release words follow; else None.

    It may be a strength ("Effexor XR 150"), and it is a number of tablets where tablets follow.

    >>> bare_number(("bupropion", "xl", "300")), bare_number(("prozac", "20", "capsules"))
    (300.0, None)
    """
    numbers = [place for place, word in enumerate(text_words) if word[0].isdecimal()]
    if len(numbers) != 1:
        return None
    after = text_words[numbers[0] + 1 :]
    return _value(text_words[numbers[0]]) if not after or all(release_forms((w,)) for w in after) else None


def _in_mg(found: re.Match[str]) -> list[float]:
    factor = _unit_in_mg(found["unit"]) * _share(found["per"] or "", found["number"])
    return [round(_value(number) * factor, 6) for number in re.findall(_NUMBER, found["numbers"])]


def _unit_in_mg(unit: str) -> float:
    if unit in ("mcg", "ug") or unit.startswith("micro"):
        return 0.001
    return 1.0 if unit.startswith("m") else 1000.0


def _share(per: str, number: str | None) -> float:
    """By what an amount is multiplied to be that of one mL, or of 24 hours when it is a rate per hour."""
    if per in ("ml", "l"):
        millilitres = _value(number or "1") * (1000 if per == "l" else 1)
        return 1 / millilitres if millilitres else 0.0
    return HOURS_A_DAY if per.startswith("h") and not number else 1.0


def _value(number: str) -> float:
    return float(number.replace(",", ""))


# Words that tell a release form, and the forms of the product table that they may mean.
_RELEASE = (
    (r"weekly", ("weekly",)),
    (r"patch(es)?|transdermal", ("patch",)),
    (r"odt|soltab|orodispersible|(orally )?disintegrating", ("ODT",)),
    (r"cr|controlled release", ("CR", "ER")),
    (r"sr|sustained release", ("SR", "ER")),
    (r"xl", ("XL", "ER", "CR")),
    (r"12 (hr|hrs|hour|hours|h)", ("ER", "SR")),
    (r"24 (hr|hrs|hour|hours|h)", ("ER", "XL", "CR", "patch")),
    (r"xr|er|extended( release)?|prolonged release|modified release", ("ER", "XL", "SR", "CR")),
    (r"dr|ec|delayed release|enteric coated", ("DR", "weekly")),
    (r"ir|immediate release", ("IR",)),
)
_UNITS = (
    (r"tab|tabs|tablets?|caplets?", "tablet"),
    (r"cap|caps|capsules?", "capsule"),
    (r"solution|soln|liquid|syrup|elixir|suspension|concentrate", "mL"),
    (r"patch|patches|transdermal", "patch"),
)
_ROUTES = (
    (r"patch|patches|transdermal", "transdermal"),
    (r"nasal|intranasal|nostrils?|nose", "nasal"),
    (r"cream|ointment|topical|topically", "topical"),
    (r"ophthalmic|eye|eyes", "ophthalmic"),
    (r"inhalation|inhaler|inhaled|hfa|diskus", "inhalation"),
    (r"injection|injectable|iv|intravenous|im|intramuscular|infusion|subcutaneous", "injection"),
    (r"sublingual|sl", "sublingual"),
    (r"rectal|suppository|suppositories|enema", "rectal"),
    (r"buccal", "buccal"),
    (r"lozenge|lozenges|troche|lollipop", "oromucosal"),
)
_BY_MOUTH = r"oral|orally|mouth|po|tab|tabs|tablets?|cap|caps|capsules?"


def release_forms(text_words: Sequence[str]) -> tuple[str, ...]:
    """The product forms that the release words of a text allow, likeliest first; empty when it has none."""
    said = [forms for pattern, forms in _RELEASE if _says(text_words, pattern)]
    if not said:
        return ()
    return tuple(form for form in said[0] if all(form in forms for forms in said)) or said[0]


def unit(text_words: Sequence[str]) -> str:
    """Return the unit (tablet, capsule, mL, patch) that a text names, "" when none."""
    return next((name for pattern, name in _UNITS if _says(text_words, pattern)), "")


def route(text_words: Sequence[str]) -> str:
    """Return the route that a text names, "" when none or several."""
    said = [name for pattern, name in _ROUTES if _says(text_words, pattern)]
    if not said:
        return "oral" if _says(text_words, _BY_MOUTH) else ""
    return said[0] if len(said) == 1 else ""


def _says(text_words: Sequence[str], pattern: str) -> bool:
    return re.search(rf"(?:^|\s)(?:{pattern})(?:\s|$)", " ".join(text_words)) is not None

"""What the words of a drug's name say: names, amounts, release, form, route. Exact words, never similar ones.

The words of a text and of a name are normalised in the same way (case, accents, punctuation, salt
abbreviations), then compared whole. A name with a typing error is not a name.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mappings.drug_words import NUMBER, StatedPer, drug_words

T = TypeVar("T")

LONGEST_TEXT = 1000  # characters read; a drug's name is far shorter

_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")


def words(text: str) -> tuple[str, ...]:
    """Return the normalised words and numbers of a text.

    >>> words("Es-Citalopram HCl 10mg")
    ('escitalopram', 'hydrochloride', '10', 'mg')
    """
    table = drug_words()
    plain = unicodedata.normalize("NFKD", text[:LONGEST_TEXT]).lower()
    plain = re.sub("[\u0300-\u036f'\u2019\u02bc]", "", plain)
    joined = table.prefix.sub(lambda found: found[1] or found[2], plain)
    return tuple(table.short.get(word, word) for word in _WORD.findall(joined))


def named_in(text_words: Sequence[str], names: Mapping[str, Sequence[tuple[tuple[str, ...], T]]]) -> list[T]:
    """Return the meanings of the names in the text, preferring the longest name at each place.

    `names` holds, by first word, the words of each name (longest first) with its meaning.

    >>> named_in(("old", "amitriptyline", "50"), {"amitriptyline": [(("amitriptyline",), 1)]})
    [1]
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

_BARE = re.compile(rf"(?<![\w.])({NUMBER})\s*[-/]\s*({NUMBER})(?![\w.])")
_ONE_UNIT = StatedPer(words=("unit",))


def amounts(text: str) -> Amounts:
    """Return the strengths in a text; empty when it states none, or a daily dose only, or several kinds.

    >>> amounts("sertraline 20 mg/mL"), amounts("50 mg a day, 100 mg per day").mg
    (Amounts(mg=(20.0,), per='mL'), (50.0,))
    """
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).lower()
    stated = [found for found in drug_words().amount.finditer(plain) if not _stated_per(found).daily]
    if not stated:
        bare = _BARE.findall(plain)
        return Amounts(mg=tuple(map(_value, bare[0]))) if len(bare) == 1 else Amounts()
    kinds = {_stated_per(found).unit for found in stated}
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


def _stated_per(found: re.Match[str]) -> StatedPer:
    return drug_words().stated_per[found["per"]] if found["per"] else _ONE_UNIT


def _in_mg(found: re.Match[str]) -> list[float]:
    factor = drug_words().in_mg[found["unit"]] * _share(_stated_per(found), found["number"])
    return [round(_value(number) * factor, 6) for number in re.findall(NUMBER, found["numbers"])]


def _share(per: StatedPer, number: str | None) -> float:
    """Return the factor that converts an amount to that of one mL or, for a rate per hour, of 24 hours."""
    if per.millilitres:
        millilitres = _value(number or "1") * per.millilitres
        return 1 / millilitres if millilitres else 0.0
    return HOURS_A_DAY if per.rate and not number else 1.0


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def release_forms(text_words: Sequence[str]) -> tuple[str, ...]:
    """Return the product forms that the release words of a text allow, likeliest first; empty without any.

    >>> release_forms(("bupropion", "xl"))
    ('XL', 'ER', 'CR')
    """
    said = [row.forms for row in drug_words().release if _says(text_words, row.words)]
    if not said:
        return ()
    return tuple(form for form in said[0] if all(form in forms for forms in said)) or said[0]


def unit(text_words: Sequence[str]) -> str:
    """Return the unit (tablet, capsule, mL, patch) that a text names, "" when none.

    >>> unit(("sertraline", "50", "mg", "tabs"))
    'tablet'
    """
    return next((row.name for row in drug_words().unit if _says(text_words, row.words)), "")


def route(text_words: Sequence[str]) -> str:
    """Return the route that a text names, "" when none or several.

    >>> route(("esketamine", "nasal", "spray")), route(("iv", "or", "nasal"))
    ('nasal', '')
    """
    said = [row.name for row in drug_words().route if _says(text_words, row.words)]
    if not said:
        return "oral" if _says(text_words, drug_words().by_mouth) else ""
    return said[0] if len(said) == 1 else ""


def _says(text_words: Sequence[str], phrases: Iterable[str]) -> bool:
    text = f" {' '.join(text_words)} "
    return any(f" {phrase} " in text for phrase in phrases)

"""A RxNorm release in memory: concepts of the levels we know, their parts, and what is stated of them."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mappings.renewal.rrf import ATTRIBUTES, CONCEPTS, RELATIONS, SOURCE, Report, lines

# A concept is made of concepts of a lower rank. Both directions of a relation stand in a release; the ranks
# tell which end is which. A brand name is made of its ingredients and is no part of anything.
RANKS = {
    "IN": 0,
    "PIN": 1,
    "MIN": 2,
    "BN": 2,
    "SCDC": 3,
    "SCDF": 3,
    "SBDC": 4,
    "SBDF": 4,
    "SCD": 5,
    "SBD": 6,
    "GPCK": 7,
    "BPCK": 8,
}
MADE_OF = frozenset(
    {
        *("has_ingredient", "ingredient_of", "has_ingredients", "ingredients_of"),
        *("has_precise_ingredient", "precise_ingredient_of", "form_of", "has_form", "has_part", "part_of"),
        *("consists_of", "constitutes", "contains", "contained_in", "isa", "inverse_isa"),
        *("tradename_of", "has_tradename"),
    }
)
_STRENGTHS = ("RXN_STRENGTH", "RXN_AVAILABLE_STRENGTH")
_CURRENT = "N"


@dataclass(frozen=True, slots=True)
class Concept:
    """A drug concept: its level, its name, and whether it is retired (obsolete or suppressed)."""

    tty: str
    name: str
    retired: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """What RXNSAT states, each by RXCUI; `packages` are RXCUI and currency by NDC of eleven digits."""

    strengths: dict[str, str]
    distinctions: dict[str, str]
    packages: dict[str, tuple[str, bool]]


def read_concepts(folder: Path, report: Report) -> dict[str, Concept]:
    """Return every concept of a level we know, by RXCUI; a current name stands above a retired one."""
    found: dict[str, Concept] = {}
    for code, source, tty, name, suppressed in lines(folder, CONCEPTS, report):
        if source != SOURCE or tty not in RANKS:
            continue
        known = found.get(code)
        if known is None or (known.retired and suppressed == _CURRENT):
            found[code] = Concept(tty, name, suppressed != _CURRENT)
    return found


def read_parts(folder: Path, concepts: dict[str, Concept], report: Report) -> dict[str, set[str]]:
    """Return what each concept is made of, one level or several below it."""
    parts: dict[str, set[str]] = defaultdict(set)
    for one, other, relation, source in lines(folder, RELATIONS, report):
        if source != SOURCE or relation not in MADE_OF or one not in concepts or other not in concepts:
            continue
        low, high = sorted((one, other), key=lambda code: RANKS[concepts[code].tty])
        levels = concepts[low].tty, concepts[high].tty
        brand_of = levels[0] == "IN" and levels[1] == "BN"
        if RANKS[levels[0]] < RANKS[levels[1]] and ("BN" not in levels or brand_of):
            parts[high].add(low)
    return parts


def read_stated(folder: Path, wanted: Callable[[str], bool], report: Report) -> Stated:
    """Return strengths and packages of the wanted concepts, and the words that tell like products apart."""
    strengths: dict[str, str] = {}
    distinctions: dict[str, str] = {}
    packages: dict[str, tuple[str, bool]] = {}
    for code, attribute, source, value, suppressed in lines(folder, ATTRIBUTES, report):
        if source != SOURCE:
            continue
        if attribute == "RXN_QUALITATIVE_DISTINCTION":
            distinctions[code] = value
        elif attribute in _STRENGTHS and wanted(code):
            strengths[code] = value
        elif attribute == "NDC" and len(value) == 11 and value.isdecimal() and wanted(code):
            current = suppressed == _CURRENT
            if value not in packages or (current and not packages[value][1]):
                packages[value] = code, current
    return Stated(strengths=strengths, distinctions=distinctions, packages=packages)


def all_parts(code: str, parts: dict[str, set[str]]) -> Iterator[str]:
    """Yield a concept and everything it is made of, each once."""
    waiting, seen = [code], set()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            yield one
            waiting += parts.get(one, ())

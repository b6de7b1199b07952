"""Our drug tables from a RxNorm release: every product of an ingredient that a rule speaks of.

Relations say what a concept is made of; a retired concept has none left, so its name says it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path

from mappings import drug_text
from mappings.renewal.merge import with_shipped
from mappings.renewal.names import Label, NamePart, label
from mappings.renewal.products import (
    HOURS_A_DAY,
    by,
    complete,
    device_mg,
    form_of,
    in_common,
    never_counts,
    route_of,
    unit_of,
)
from mappings.renewal.release import Concept, Stated, all_parts, read_concepts, read_parts, read_stated
from mappings.renewal.rrf import CONCEPTS, Report, folder_of, release_day
from mappings.renewal.tables import Row, Table
from mappings.tables import TableError
from mappings.terminology_tables import NAME_COLUMNS, PACKAGE_COLUMNS, PRODUCT_COLUMNS

UNITS = frozenset({"MG", "MG/ML", "MG/HR", "MG/ACTUAT"})
PACKS = ("GPCK", "BPCK")
_WITH_STRENGTH = ("SCDC", "SBDC", "SCD", "SBD")
_DOSE_FORM_GROUPS = ("SCDF", "SBDF")
_STRENGTH = re.compile(r"(\d+(?:\.\d+)?) (\S+)")
_SHORTEST_BRAND = 4  # letters; shorter brand names are too easily another word of a text
_FACTS = ("form", "route", "salt", "never_counts")


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release, and the names and groups by which this project knows its ingredients."""

    day: str
    concepts: dict[str, Concept]
    parts: dict[str, set[str]]
    stated: Stated
    ours: dict[tuple[str, ...], str]
    groups: dict[str, frozenset[str]]

    @property
    def tag(self) -> str:
        """How the source column names the release."""
        return f"rxnorm-{self.day or 'undated'}"

    @cached_property
    def ingredient_names(self) -> dict[str, str]:
        """The RXCUI of the ingredient of every ingredient or salt, by its name in lower case."""
        named: dict[str, str] = {}
        for code, concept in self.concepts.items():
            if concept.tty in ("IN", "PIN"):
                for part in all_parts(code, self.parts):
                    if self.concepts[part].tty == "IN":
                        named.setdefault(concept.name.lower(), part)
        return named

    def our_name(self, code: str) -> str:
        """Return the name under which the rules know an ingredient, else its own in lower case."""
        name = self.concepts[code].name
        return self.ours.get(drug_text.words(name), name.lower())

    def matters(self, ingredients: Iterable[str], tty: str) -> bool:
        """Tell whether a rule speaks of one of the ingredients.

        Of fillers only the substance itself matters.
        """
        groups = {group for name in ingredients for group in self.groups.get(name, ())}
        return any(tty in ("IN", "PIN") or not group.startswith("excipient_") for group in groups)


def read_release(
    given: Path, ours: dict[tuple[str, ...], str], groups: dict[str, frozenset[str]], report: Report
) -> Release:
    """Read a release; raise TableError when a file is missing or is not what it should be."""
    folder = folder_of(given)
    concepts = read_concepts(folder, report)
    if not concepts:
        raise TableError(f"{CONCEPTS.name}: holds no drug concept of RxNorm")
    report(f"{len(concepts):,} drug concepts")
    parts = read_parts(folder, concepts, report)
    report(f"{len(parts):,} of them with relations")
    stated = read_stated(folder, concepts.__contains__, report)
    report(f"{len(stated.packages):,} package codes")
    return Release(
        day=release_day(folder), concepts=concepts, parts=parts, stated=stated, ours=ours, groups=groups
    )


def products(release: Release) -> list[Row]:
    """Return a row for every concept that a rule may speak of, in the order of the codes.

    Not yet completed.
    """
    found = {code: _ingredients(code, release) for code in release.concepts}
    found |= _retired_brands(found, release)
    return [
        _row(code, found[code], release)
        for code in sorted(found, key=int)
        if release.matters(map(release.our_name, found[code]), release.concepts[code].tty)
    ]


def packages(release: Release, rows: Sequence[Row]) -> list[Row]:
    """Return a row for every package code of these products, in the order of the package codes."""
    kept = {row["rxcui"] for row in rows}
    found = release.stated.packages
    return [{"ndc11": ndc, "rxcui": found[ndc][0]} for ndc in sorted(found) if found[ndc][0] in kept]


def names(release: Release, rows: Sequence[Row], products: Iterable[Row]) -> list[Row]:
    """Return a row for every ingredient, salt and brand in `rows`.

    A brand carries what its `products` share.
    """
    branded = by(lambda row: (row["brand"].lower(),), (row for row in products if row["tty"] == "SBD"))
    found: dict[str, Row] = {}
    for row in rows:
        if row["tty"] in ("IN", "PIN"):
            found.setdefault(row["name"].lower(), _name(row["name"], row["ingredients"], "", release))
        elif row["tty"] == "BN" and len(row["brand"]) >= _SHORTEST_BRAND:
            common = in_common(branded.get((row["brand"].lower(),), []), _FACTS)
            common["never_counts"] = common["never_counts"] or row["never_counts"]
            found[row["brand"].lower()] = (
                _name(row["brand"], row["ingredients"], row["brand"], release) | common
            )
    partners = {name for row in rows for name in row["ingredients"].split("|")}
    for name in partners - found.keys():
        found[name] = _name(name, name, "", release)
    return [found[name] for name in sorted(found)]


def tables(release: Release, shipped: Traversable) -> tuple[Table, Table, Table]:
    """Return the three drug tables of the release, with what the shipped ones hold beside it."""
    day = f"release of {release.day}" if release.day else "release of unknown date"
    notice = (
        f"RxNorm, {day}, read on site; U.S. National Library of Medicine, public domain; no endorsement",
        "by NLM implied. Rows of other sources: see NOTICE.md.",
    )
    rows = products(release)
    coded = with_shipped(Table("rxnorm.csv", notice, PRODUCT_COLUMNS, tuple(rows)), shipped)
    complete(coded.rows)
    packed = Table("ndc.csv", notice, PACKAGE_COLUMNS, tuple(packages(release, rows)))
    named = Table("names.csv", notice, NAME_COLUMNS, tuple(names(release, rows, coded.rows)))
    of_other_drugs = frozenset(release.stated.packages) - {row["ndc11"] for row in packed.rows}
    return coded, with_shipped(packed, shipped, of_other_drugs), with_shipped(named, shipped)


def _name(name: str, ingredients: str, brand: str, release: Release) -> Row:
    empty = dict.fromkeys(NAME_COLUMNS, "")
    return empty | {
        "name": name.lower(),
        "ingredients": ingredients,
        "brand": brand,
        "source": release.tag,
    }


def _ingredients(code: str, release: Release) -> frozenset[str]:
    """Return the RXCUI of every ingredient: by relations, else by name; empty when neither tells them all."""
    related = {part for part in all_parts(code, release.parts) if release.concepts[part].tty == "IN"}
    if related or release.concepts[code].tty in ("IN", "PIN", "BN"):
        return frozenset(related)
    named = [_named(part, release) for part in _all_named(code, release)]
    return frozenset(one for one in named if one) if all(named) else frozenset()


def _retired_brands(found: dict[str, frozenset[str]], release: Release) -> dict[str, frozenset[str]]:
    """Return the ingredients of brand names without relations: those that all products of the brand have."""
    products_of: dict[str, set[frozenset[str]]] = defaultdict(set)
    for code, ingredients in found.items():
        if release.concepts[code].tty == "SBD" and ingredients:
            products_of[_label(code, release).brand.lower()].add(ingredients)
    return {
        code: next(iter(products_of[concept.name.lower()]))
        for code, concept in release.concepts.items()
        if concept.tty == "BN" and not found[code] and len(products_of[concept.name.lower()]) == 1
    }


def _all_named(code: str, release: Release) -> list[NamePart]:
    said = _label(code, release)
    inner = [label(product) for _, product in said.contents]
    return [part for one in (inner or [said]) for part in one.parts]


def _named(part: NamePart, release: Release) -> str:
    """Return the ingredient that a part of a name names, without a dose form behind it."""
    words = part.name.split()
    for end in range(len(words), 0, -1):
        if found := release.ingredient_names.get(" ".join(words[:end])):
            return found
    return ""


def _label(code: str, release: Release) -> Label:
    """Return the name of a concept taken apart, without the words that only tell like products apart."""
    distinction = release.stated.distinctions.get(code, "")
    name = release.concepts[code].name
    return label(name.removeprefix(f"{distinction} ") if distinction else name)


def _row(code: str, ingredients: frozenset[str], release: Release) -> Row:
    concept, said = release.concepts[code], _label(code, release)
    named = sorted({release.our_name(ingredient) for ingredient in ingredients})
    dose_form = concept.name if concept.tty in _DOSE_FORM_GROUPS else said.dose_form
    strengths, unit = _strengths(code, said, release) if concept.tty in _WITH_STRENGTH else ({}, "")
    if (mg := device_mg(named)) is not None:
        strengths, unit = _in_devices(named[0], mg, strengths, said)
    stated = "|".join(f"{strengths[name]:g}" for name in named) if set(strengths) == set(named) else ""
    route = _pack_route(said) if concept.tty in PACKS else route_of(dose_form)
    row = {
        "rxcui": code,
        "tty": concept.tty,
        "ingredients": "|".join(named),
        "strengths": stated,
        "unit": unit if stated else "",
        "form": form_of(named, stated, Label(dose_form=dose_form).release, said.hours, route),
        "route": route,
        "salt": _salt(concept, said, ingredients, release),
        "brand": _brand(concept, said),
        "name": concept.name,
        "source": f"{release.tag} retired" if concept.retired else release.tag,
    }
    return row | {"never_counts": never_counts(row)}


def _strengths(code: str, said: Label, release: Release) -> tuple[dict[str, float], str]:
    """Mg of each ingredient in one unit; salts of one ingredient are added up; nothing without mg."""
    amounts = _by_component(code, release) or [
        (ingredient, part.amount, part.unit) for part in said.parts if (ingredient := _named(part, release))
    ]
    kinds = frozenset(kind for _, _, kind in amounts)
    if not amounts or not kinds <= UNITS or len(kinds) > 1:
        return {}, ""
    per_day = HOURS_A_DAY if kinds == {"MG/HR"} else 1
    strengths: dict[str, float] = defaultdict(float)
    for ingredient, amount, _ in amounts:
        strengths[release.our_name(ingredient)] += amount * per_day
    return strengths, unit_of(kinds, said.dose_form)


def _by_component(code: str, release: Release) -> list[tuple[str, float, str]]:
    """Ingredient, amount and unit of every component with a strength that the concept is made of."""
    found = []
    for part in all_parts(code, release.parts):
        if release.concepts[part].tty != "SCDC":
            continue
        named = label(release.concepts[part].name).parts[0]
        stated = _STRENGTH.fullmatch(release.stated.strengths.get(part, ""))
        amount, unit = (float(stated[1]), stated[2]) if stated else (named.amount, named.unit)
        found += [(ingredient, amount, unit) for ingredient in _ingredients(part, release)]
    return found


def _in_devices(name: str, mg: float, stated: dict[str, float], said: Label) -> tuple[dict[str, float], str]:
    if said.contents:
        return {name: mg * sum(count for count, _ in said.contents)}, "pack"
    return ({name: mg}, "device") if stated else ({}, "")


def _pack_route(said: Label) -> str:
    routes = {route_of(label(product).dose_form) for _, product in said.contents}
    return routes.pop() if len(routes) == 1 else ""


def _salt(concept: Concept, said: Label, ingredients: frozenset[str], release: Release) -> str:
    """Return the salt of a single ingredient, as its name states it."""
    if len(ingredients) != 1 or len(said.parts) != 1:
        return ""
    (ingredient,) = ingredients
    base = f"{release.concepts[ingredient].name.lower()} "
    named = said.parts[0].name if concept.tty in _WITH_STRENGTH else concept.name.lower()
    stated = concept.tty in (*_WITH_STRENGTH, "PIN") and named.startswith(base)
    return named.removeprefix(base) if stated else ""


def _brand(concept: Concept, said: Label) -> str:
    brand = concept.name if concept.tty == "BN" else said.brand
    return re.sub(r" Reformulated .*", "", brand).strip()

"""The shipped terminology tables, read into dictionaries; their notes of origin are comment lines."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable

from mappings import drug_text
from mappings.drug_names import Name
from mappings.tables import TableError

Row = Sequence[str]

_FACTS = ("strengths", "unit", "form", "route", "salt", "brand", "never_counts")
PRODUCT_COLUMNS = ("rxcui", "tty", "ingredients", *_FACTS, "name", "source")
NAME_COLUMNS = ("name", "ingredients", "brand", "form", "route", "salt", "never_counts", "source")
INGREDIENT_COLUMNS = ("ingredient", "groups", "also_called", "source")


Names = dict[str, list[tuple[tuple[str, ...], Name]]]


def rows(folder: Traversable, file: str, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a shipped table; raise TableError when its columns are not the expected ones."""
    with (folder / file).open(encoding="utf-8") as lines:
        table = csv.reader(line for line in lines if not line.startswith("#"))
        if tuple(next(table, ())) != tuple(columns):
            raise TableError(f"{file}: columns must be {', '.join(columns)}")
        for number, row in enumerate(table, start=1):
            if len(row) != len(columns):
                raise TableError(f"{file}: row {number}: {len(columns)} columns expected, {len(row)} found")
            yield row


def split(text: str) -> tuple[str, ...]:
    """The parts of a field that is separated by |."""
    return tuple(text.split("|")) if text else ()


def ingredient_groups(folder: Traversable) -> dict[str, frozenset[str]]:
    """The drug groups of each ingredient."""
    table = rows(folder, "ingredients.csv", INGREDIENT_COLUMNS)
    return {ingredient: frozenset(split(groups)) for ingredient, groups, _, _ in table}


def names(folder: Traversable) -> Names:
    """Every name, by its first word, longest name first."""
    found: dict[tuple[str, ...], Name] = {}
    for row in rows(folder, "names.csv", NAME_COLUMNS):
        found.setdefault(drug_text.words(row[0]), _name(row))
    for ingredient, _, others, _ in rows(folder, "ingredients.csv", INGREDIENT_COLUMNS):
        for other in (ingredient, *split(others)):
            brand = other if other[0].isupper() else ""
            found.setdefault(drug_text.words(other), Name(ingredients=(ingredient,), brand=brand))
    return _by_first_word(found)


def _name(row: Row) -> Name:
    _, ingredients, brand, form, route, salt, never_counts, _ = row
    return Name(
        ingredients=split(ingredients),
        brand=brand,
        form=form,
        route=route,
        salt=salt,
        never_counts=never_counts,
    )


def _by_first_word(found: dict[tuple[str, ...], Name]) -> Names:
    by_word: Names = defaultdict(list)
    for words in sorted(found, key=len, reverse=True):
        by_word[words[0]].append((words, found[words]))
    return dict(by_word)


def products(folder: Traversable) -> dict[str, Row]:
    """Every RxNorm code with its row."""
    return {row[0]: row for row in rows(folder, "rxnorm.csv", PRODUCT_COLUMNS)}


def package_lines(folder: Traversable) -> list[str]:
    """The sorted lines `ndc,rxcui` of the package table."""
    text = (folder / "ndc.csv").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line[:1].isdigit()]


def condition_groups(folder: Traversable) -> dict[str, frozenset[str]]:
    """The condition groups of each SNOMED CT identifier."""
    known: dict[str, frozenset[str]] = {}
    table = rows(folder, "snomed_conditions.csv", ("code", "groups", "source"))
    return {code: known.setdefault(groups, frozenset(split(groups))) for code, groups, _ in table}


def substances(folder: Traversable) -> dict[str, tuple[str, ...]]:
    """The drug ingredients of each SNOMED CT identifier of a substance, a product or an allergy to it."""
    table = rows(folder, "snomed_drugs.csv", ("code", "ingredients", "source"))
    return {code: split(ingredients) for code, ingredients, _ in table}


def concepts(folder: Traversable) -> dict[str, str]:
    """The concept of each LOINC code."""
    table = rows(folder, "loinc.csv", ("code", "concept", "name", "source"))
    return {code: concept for code, concept, _, _ in table}


def procedures(folder: Traversable) -> dict[tuple[str, str], frozenset[str]]:
    """The concepts of each procedure code, by system and code."""
    found: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for system, code, concept, _ in rows(folder, "procedures.csv", ("system", "code", "concept", "source")):
        found[system, code] |= {concept}
    return dict(found)

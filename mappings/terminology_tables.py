"""The terminology tables, read into dictionaries; their notes of origin are comment lines.

Shipped tables and those that a site has built are read and checked in the same way.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources.abc import Traversable

from mappings import drug_text
from mappings.drug_names import Name
from mappings.tables import TableError

Row = Sequence[str]

_FACTS = ("strengths", "unit", "form", "route", "salt", "brand", "never_counts")
PRODUCT_COLUMNS = ("rxcui", "tty", "ingredients", *_FACTS, "name", "source")
NAME_COLUMNS = ("name", "ingredients", "brand", "form", "route", "salt", "never_counts", "source")
PACKAGE_COLUMNS = ("ndc11", "rxcui")
INGREDIENT_COLUMNS = ("ingredient", "groups", "also_called", "source")
CONDITION_COLUMNS = ("code", "groups", "source")
SUBSTANCE_COLUMNS = ("code", "ingredients", "source")
CONCEPT_COLUMNS = ("code", "concept", "name", "source")
PROCEDURE_COLUMNS = ("system", "code", "concept", "source")
FILES = (
    "ingredients.csv",
    "loinc.csv",
    "names.csv",
    "ndc.csv",
    "procedures.csv",
    "rxnorm.csv",
    "snomed_conditions.csv",
    "snomed_drugs.csv",
)
LEVELS = frozenset({"IN", "PIN", "MIN", "BN", "SCDC", "SCDF", "SBDC", "SBDF", "SCD", "SBD", "GPCK", "BPCK"})
_NEEDED = frozenset({"code", "ingredients", "concept", "source"})
_MOST_MG = 1_000_000  # in one unit: a kilogram; more is no strength
_PACKAGE = re.compile(r"\d{11},[1-9]\d*", re.ASCII)

Names = dict[str, list[tuple[tuple[str, ...], Name]]]


def rows(folder: Traversable, file: str, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a table; raise TableError if it is missing or malformed."""
    table = csv.reader(line for line in _text(folder, file) if not line.startswith("#"))
    if tuple(next(table, ())) != tuple(columns):
        raise TableError(f"{file}: columns must be {', '.join(columns)}")
    needed = [place for place, column in enumerate(columns) if place == 0 or column in _NEEDED]
    for number, row in enumerate(table, start=1):
        if len(row) != len(columns):
            raise TableError(f"{file}: row {number}: {len(columns)} columns expected, {len(row)} found")
        for place in needed:
            if not row[place]:
                raise TableError(f"{file}: row {number}: {columns[place]} is empty")
        yield row


def _text(folder: Traversable, file: str) -> list[str]:
    try:
        return (folder / file).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise TableError(f"{file}: missing") from error
    except OSError as error:
        raise TableError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{file}: not UTF-8 text") from error


def files(folder: Traversable) -> list[Traversable]:
    """Return the files of all tables in `folder`."""
    return [folder / file for file in FILES]


def split(text: str) -> tuple[str, ...]:
    """Return the parts of a field that is separated by |."""
    return tuple(text.split("|")) if text else ()


def ingredient_groups(folder: Traversable) -> dict[str, frozenset[str]]:
    """Return the drug groups of each ingredient."""
    found: dict[str, frozenset[str]] = {}
    for ingredient, groups, _, _ in rows(folder, "ingredients.csv", INGREDIENT_COLUMNS):
        if ingredient in found:
            raise TableError(f"ingredients.csv: {ingredient}: listed twice")
        found[ingredient] = frozenset(split(groups))
    return found


def names(folder: Traversable) -> Names:
    """Return every name, by its first word, longest name first."""
    found: dict[tuple[str, ...], Name] = {}
    for row in rows(folder, "names.csv", NAME_COLUMNS):
        found.setdefault(drug_text.words(row[0]), _name(row))
    for ingredient, _, others, _ in rows(folder, "ingredients.csv", INGREDIENT_COLUMNS):
        for other in (ingredient, *split(others)):
            brand = other if other[0].isupper() else ""
            own = Name(ingredients=(ingredient,), brand=brand)
            known = found.setdefault(drug_text.words(other), own).ingredients
            if len(known) == 1 and known != own.ingredients:
                raise TableError(f"ingredients.csv: {ingredient}: {other} is a name of {known[0]}")
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
    """Return every RxNorm code with its row."""
    found = {}
    for number, row in enumerate(rows(folder, "rxnorm.csv", PRODUCT_COLUMNS), start=1):
        if fault := "rxcui is there twice" if row[0] in found else _fault(row):
            raise TableError(f"rxnorm.csv: row {number}: {fault}")
        found[row[0]] = row
    return found


def _fault(row: Row) -> str:
    """Return the fault of a row of the product table, "" if there is none."""
    code, level, ingredients, strengths, *_ = row
    if not (code.isascii() and code.isdecimal()):
        return "rxcui is no number"
    if level not in LEVELS:
        return f"tty is none of {', '.join(sorted(LEVELS))}"
    try:
        amounts = [float(strength) for strength in split(strengths)]
    except ValueError:
        return "strengths are no numbers"
    fits = len(amounts) in (0, len(split(ingredients))) and all(0 < amount < _MOST_MG for amount in amounts)
    return "" if fits else "strengths do not fit the ingredients"


def package_lines(folder: Traversable, known: Iterable[str]) -> list[str]:
    """Return the sorted lines `ndc11,rxcui` of the package table; the codes must be `known`."""
    lines = [line for line in _text(folder, "ndc.csv") if not line.startswith("#")]
    if lines[:1] != [",".join(PACKAGE_COLUMNS)]:
        raise TableError(f"ndc.csv: columns must be {', '.join(PACKAGE_COLUMNS)}")
    codes, before = set(known), ""
    for number, line in enumerate(lines[1:], start=1):
        if not _PACKAGE.fullmatch(line) or line[12:] not in codes:
            raise TableError(f"ndc.csv: row {number}: expected 11 digits and a code of rxnorm.csv")
        if line < before:
            raise TableError(f"ndc.csv: row {number}: not in the order of the package codes")
        before = line
    return lines[1:]


def condition_groups(folder: Traversable) -> dict[str, frozenset[str]]:
    """Return the condition groups of each SNOMED CT identifier."""
    known: dict[str, frozenset[str]] = {}
    table = rows(folder, "snomed_conditions.csv", CONDITION_COLUMNS)
    return {code: known.setdefault(groups, frozenset(split(groups))) for code, groups, _ in table}


def substances(folder: Traversable) -> dict[str, tuple[str, ...]]:
    """Return the drug ingredients of each SNOMED CT code of a substance, a product or an allergy to it."""
    table = rows(folder, "snomed_drugs.csv", SUBSTANCE_COLUMNS)
    return {code: split(ingredients) for code, ingredients, _ in table}


def concepts(folder: Traversable) -> dict[str, str]:
    """Return the concept of each LOINC code."""
    table = rows(folder, "loinc.csv", CONCEPT_COLUMNS)
    return {code: concept for code, concept, _, _ in table}


def concept_names(folder: Traversable) -> dict[str, str]:
    """Return the concept of each LOINC name, in lower case."""
    table = rows(folder, "loinc.csv", CONCEPT_COLUMNS)
    return {name.lower(): concept for _, concept, name, _ in table if name}


def procedures(folder: Traversable) -> dict[tuple[str, str], frozenset[str]]:
    """Return the concepts of each procedure code, by system and code."""
    found: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for system, code, concept, _ in rows(folder, "procedures.csv", PROCEDURE_COLUMNS):
        found[system, code] |= {concept}
    return dict(found)

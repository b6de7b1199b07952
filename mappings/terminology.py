"""Which medicine, condition group or measurement a code or a name means."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.resources.abc import Traversable

from mappings import drug_text, ndc, resembling
from mappings import terminology_tables as tables
from mappings.drug_names import DrugNames
from mappings.product import Product
from mappings.remembering import remembered
from mappings.systems import SHORT_NAMES, system_name
from mappings.tables import TABLES, TableError, content_digest
from mappings.terminology_tables import Row, split

__all__ = ["Product", "Terminology", "load_terminology"]

SHIPPED: Traversable = TABLES / "terminology"


class GroupId(StrEnum):
    """Groups that the service asks for by name; the tables alone declare every other."""

    ANTIDEPRESSANT = "antidepressant"
    ESKETAMINE = "esketamine"
    KETAMINE = "ketamine"
    NO_KNOWN_ALLERGY = "no_known_allergy"


# The tables hold every product of these groups, so that a strength tells what a named drug can be.
COMPLETE_GROUPS: frozenset[str] = frozenset({GroupId.ANTIDEPRESSANT, GroupId.ESKETAMINE})
# Of drugs of these groups one alone is meant: a text that names two of them names neither.
UNMIXED_GROUPS = COMPLETE_GROUPS | {GroupId.KETAMINE}


@dataclass(frozen=True, kw_only=True, eq=False)
class Terminology:
    """The code and name tables, asked for one code or one text at a time; the meaning of a text is cached.

    A `system` is "rxnorm", "ndc", "snomed", "icd10pcs", "hcpcs" or "cpt", or the URI of one of them.
    `packages` are the sorted lines of the package table. `version` says whose tables they are, with a
    digest of their content.
    """

    folder: Traversable
    version: str
    groups: Mapping[str, frozenset[str]]
    products: Mapping[str, Row]
    packages: Sequence[str]
    names: DrugNames
    conditions: Mapping[str, frozenset[str]]
    substances: Mapping[str, tuple[str, ...]]
    concepts: Mapping[str, str]
    concept_names: Mapping[str, str]
    procedures: Mapping[tuple[str, str], frozenset[str]]

    def product(self, system: str, code: str) -> Product | None:
        """Return the product that a code of RxNorm, NDC (in any written form) or SNOMED CT means.

        None when unknown.
        """
        match _system(system):
            case "rxnorm":
                row = self.products.get(code.strip())
                return _product(row, self.groups) if row else None
            case "ndc":
                return self._packaged(code)
            case "snomed":
                ingredients = self.substances.get(code.strip())
                return self._of(ingredients, code.strip()) if ingredients else None
        return None

    def named(self, text: str) -> Product | None:
        """Return the product that a text names, exactly and in whole words.

        None when it names nothing or contradicts itself.
        """
        return _named(text, self)

    def names_several(self, text: str) -> bool:
        """Tell whether a text names several drugs that are not a known combination: `named` cannot decide."""
        return _names_several(text, self)

    def own_words(self, ingredients: tuple[str, ...]) -> frozenset[str]:
        """Return the words by which a medicine of these ingredients is named."""
        return self.names.own_words(ingredients)

    def resembled(self, text: str) -> str | None:
        """Return the name of a drug of the rules of which the text holds a misspelling.

        None when it holds none.
        """
        return _resembled(text, self)

    def allergens(self, text: str) -> tuple[str, ...]:
        """Return every ingredient that a text names, in alphabetical order."""
        return _ingredients(text, self)

    def allergen(self, system: str, code: str) -> tuple[str, ...]:
        """Return the ingredients of a drug, substance or allergy code.

        Empty when it names no drug of the tables.
        """
        product = self.product(system, code)
        return product.ingredients if product else ()

    def groups_of(self, ingredient: str) -> frozenset[str]:
        """Return the drug groups of one ingredient."""
        return self.groups.get(ingredient, frozenset())

    def snomed_groups(self, code: str) -> frozenset[str]:
        """Return the condition groups of a SNOMED CT identifier."""
        return self.conditions.get(code.strip(), frozenset())

    def concept(self, code: str) -> str | None:
        """Return the concept of a LOINC code."""
        return self.concepts.get(code.strip())

    def concept_named(self, text: str) -> str | None:
        """Return the concept of a LOINC name, for an observation that gives no code."""
        return self.concept_names.get(" ".join(text.lower().split()))

    def interventions(self, system: str, code: str) -> frozenset[str]:
        """Return the treatment and referral concepts of a code; an ICD-10-PCS code matches by prefix too."""
        short, plain = _system(system), code.strip().upper()
        shortest = 1 if short == "icd10pcs" else len(plain)
        prefixes = (plain[:length] for length in range(shortest, len(plain) + 1))
        found = (self.procedures.get((short, prefix), frozenset()) for prefix in prefixes)
        return frozenset[str]().union(*found)

    def _packaged(self, written: str) -> Product | None:
        digits = ndc.digits(written)
        if digits is None:
            return None
        labeled = digits[: ndc.PRODUCT_DIGITS]
        codes = ndc.codes_of(self.packages, digits) or ndc.codes_of(self.packages, labeled)
        found = [_product(self.products[code], self.groups) for code in codes]
        ingredients = {product.ingredients for product in found}
        if len(ingredients) != 1:
            return None
        product = found[0] if len(found) == 1 else self._of(ingredients.pop(), digits)
        return replace(product, matched="ndc", code=digits)

    def _of(self, ingredients: tuple[str, ...], code: str) -> Product:
        groups = _groups(ingredients, self.groups)
        return Product(ingredients=ingredients, groups=groups, code=code, name=" / ".join(ingredients))


@remembered
def _named(text: str, terminology: Terminology) -> Product | None:
    found = terminology.names.named(text) or _mixture(text, terminology)
    return replace(found, groups=_groups(found.ingredients, terminology.groups)) if found else None


@remembered
def _names_several(text: str, terminology: Terminology) -> bool:
    return terminology.names.names_several(text) and _mixture(text, terminology) is None


@remembered
def _resembled(text: str, terminology: Terminology) -> str | None:
    return terminology.names.resembled(text)


@remembered
def _ingredients(text: str, terminology: Terminology) -> tuple[str, ...]:
    return terminology.names.ingredients(text)


def _mixture(text: str, terminology: Terminology) -> Product | None:
    """Return the drugs that a text names together if no rule counts any of them (a cold remedy, say).

    Return None if one is an antidepressant, esketamine or ketamine: it matters which drug is meant.
    """
    ingredients = terminology.names.ingredients(text)
    if len(ingredients) < 2 or UNMIXED_GROUPS & _groups(ingredients, terminology.groups):
        return None
    route = drug_text.route(drug_text.words(text))
    return Product(ingredients=ingredients, route=route, matched="name", name=" / ".join(ingredients))


def load_terminology(folder: Traversable = SHIPPED) -> Terminology:
    """Read the tables; raise TableError when one of them is not as it should be.

    A folder of a site must hold every group that the shipped tables hold: the rules rely on them, and a
    folder built for older rules would leave a flag silent.
    """
    terminology = _read(folder)
    if folder != SHIPPED:
        _require_all_groups(terminology, _read(SHIPPED))
    return terminology


# What the rules rely on in each table: the groups, ingredients and concepts that the shipped one holds.
_RELIED_ON: Mapping[str, Callable[[Terminology], set[str]]] = {
    "ingredients.csv": lambda t: {f"{name} in {group}" for name in t.groups for group in t.groups[name]},
    "snomed_conditions.csv": lambda t: set().union(*t.conditions.values()),
    "snomed_drugs.csv": lambda t: {"|".join(ingredients) for ingredients in t.substances.values()},
    "loinc.csv": lambda t: set(t.concepts.values()),
    "procedures.csv": lambda t: set().union(*t.procedures.values()),
}


def _require_all_groups(site: Terminology, shipped: Terminology) -> None:
    for file, relied_on in _RELIED_ON.items():
        if lacking := relied_on(shipped) - relied_on(site):
            raise TableError(f"{file}: no row for {min(lacking)}, which the rules rely on: build it again")


def _read(folder: Traversable) -> Terminology:
    groups, products = tables.ingredient_groups(folder), tables.products(folder)
    return Terminology(
        folder=folder,
        groups=groups,
        products=products,
        packages=tables.package_lines(folder, products),
        names=_drug_names(folder, groups, products.values()),
        conditions=tables.condition_groups(folder),
        substances=tables.substances(folder),
        concepts=tables.concepts(folder),
        concept_names=tables.concept_names(folder),
        procedures=tables.procedures(folder),
        # Last, for whoever reads a table names it when it is missing.
        version=f"{'shipped' if folder == SHIPPED else 'site'}+{content_digest(tables.files(folder))}",
    )


def _drug_names(folder: Traversable, groups: Mapping[str, frozenset[str]], rows: Iterable[Row]) -> DrugNames:
    catalogue: dict[tuple[str, ...], list[Product]] = defaultdict(list)
    combinations = set()
    for row in rows:
        ingredients = split(row[2])
        if len(ingredients) > 1:
            combinations.add(ingredients)
        if row[1] in ("SCD", "SBD") and COMPLETE_GROUPS & _groups(ingredients, groups):
            catalogue[ingredients].append(_product(row, groups))
    listed = (product for products in catalogue.values() for product in products)
    names = tables.names(folder)
    return DrugNames(
        by_first_word=names,
        misspelt=resembling.index(_single_words(names, groups)),
        by_full_name={drug_text.words(product.name): product for product in listed},
        catalogue=catalogue,
        combinations=frozenset(combinations),
    )


def _single_words(names: tables.Names, groups: Mapping[str, frozenset[str]]) -> Iterable[str]:
    """Yield the single-word names of drugs that a rule mentions."""
    for listed in names.values():
        for words, name in listed:
            if len(words) == 1 and _groups(name.ingredients, groups):
                yield words[0]


def _product(row: Row, groups: Mapping[str, frozenset[str]]) -> Product:
    code, _, ingredients, strengths, unit, form, route, salt, brand, never_counts, name, _ = row
    return Product(
        ingredients=split(ingredients),
        groups=_groups(split(ingredients), groups),
        strengths=tuple(map(float, split(strengths))),
        unit=unit,
        form=form,
        route=route,
        salt=salt,
        brand=brand.lower(),
        never_counts=never_counts,
        code=code,
        name=name,
    )


def _groups(ingredients: Sequence[str], groups: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset(group for name in ingredients for group in groups.get(name, ()))


def _system(uri: str) -> str:
    plain = uri.strip().lower()
    return plain if plain in SHORT_NAMES else system_name(uri)

"""Which drug a text names: exact names, then what the products that fit strength and form have in common."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from mappings import drug_text
from mappings.product import Product
from mappings.resembling import resembled

T = TypeVar("T")

_SHORTEST_NAME = 4  # letters: a shorter word of a name ("PM", "XR") may be one of a dosage


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """What one name of the name table says: the ingredients, and for a brand what all its products share."""

    ingredients: tuple[str, ...]
    brand: str = ""
    form: str = ""
    route: str = ""
    salt: str = ""
    never_counts: str = ""


Names = Mapping[str, Sequence[tuple[tuple[str, ...], Name]]]


@dataclass(frozen=True, kw_only=True)
class DrugNames:
    """The names by their first word, and the products against which a named drug's details are looked up.

    `catalogue` holds, by ingredients, every orderable product of the drugs that the tables list
    completely; only for those may a strength decide between tablet and capsule, plain and extended release.
    `misspelt` leads from what one mistake makes of a name to the names it may have been.
    """

    by_first_word: Names
    by_full_name: Mapping[tuple[str, ...], Product]
    catalogue: Mapping[tuple[str, ...], Sequence[Product]]
    combinations: frozenset[tuple[str, ...]]
    misspelt: Mapping[str, tuple[str, ...]]

    def named(self, text: str) -> Product | None:
        """Return the drug that a text names.

        Return None when it names no drug, or several that are not a known combination.
        """
        words = drug_text.words(text)
        if product := self.by_full_name.get(words):
            return replace(product, matched="name")
        names = drug_text.named_in(words, self.by_first_word)
        ingredients = self._agreed(names)
        if not ingredients:
            return None
        listed = self.catalogue.get(ingredients, ())
        return _detailed(_stated(text, words, listed), _brand(names, ingredients), listed)

    def names_several(self, text: str) -> bool:
        """Tell whether a text names several drugs that are not a known combination."""
        names = drug_text.named_in(drug_text.words(text), self.by_first_word)
        return bool(names) and not self._agreed(names)

    def ingredients(self, text: str) -> tuple[str, ...]:
        """Return every ingredient that a text names, in alphabetical order."""
        return _together(drug_text.named_in(drug_text.words(text), self.by_first_word))

    def resembled(self, text: str) -> str | None:
        """Return the known name of which a word of the text is a misspelling.

        Return None when no word resembles a name.
        """
        near = (resembled(word, self.misspelt) for word in drug_text.words(text))
        return next((name for name in near if name), None)

    def own_words(self, ingredients: Sequence[str]) -> frozenset[str]:
        """Return the words by which the ingredients are named, brands included.

        Numbers and short words are left out.
        """
        found = [self._words_by_ingredient.get(name, frozenset()) for name in ingredients]
        return found[0] if len(found) == 1 else frozenset().union(*found)

    @cached_property
    def _words_by_ingredient(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for listed in self.by_first_word.values():
            for words, name in listed:
                for ingredient in name.ingredients:
                    found[ingredient].update(w for w in words if w.isalpha() and len(w) >= _SHORTEST_NAME)
        return {ingredient: frozenset(words) for ingredient, words in found.items()}

    def _agreed(self, names: Sequence[Name]) -> tuple[str, ...]:
        """Return the ingredients that all names agree on: one drug, or one known combination of them."""
        together = _together(names)
        agreed = any(name.ingredients == together for name in names) or together in self.combinations
        return together if agreed else ()


def _together(names: Iterable[Name]) -> tuple[str, ...]:
    return tuple(sorted({ingredient for name in names for ingredient in name.ingredients}))


def _brand(names: Sequence[Name], ingredients: tuple[str, ...]) -> Name:
    """Return the brand among the names, else a bare name."""
    return next((n for n in names if n.ingredients == ingredients and n.brand), Name(ingredients=ingredients))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stated:
    """Details that a text states beside the name."""

    amounts: drug_text.Amounts
    forms: tuple[str, ...]
    salts: frozenset[str]
    unit: str
    route: str

    def fits(self, product: Product) -> bool:
        """Tell whether the product contradicts nothing that is stated."""
        return (
            (not self.amounts.mg or self._same_strength(product))
            and (not self.forms or product.form in self.forms)
            and (not self.salts or not product.salt or product.salt in self.salts)
            and self.unit in ("", product.unit)
            and self.route in ("", product.route)
        )

    def _same_strength(self, product: Product) -> bool:
        if (self.amounts.per == "mL") != (product.unit == "mL"):
            return False
        return sorted(product.strengths) == sorted(self.amounts.mg)


def _stated(text: str, words: tuple[str, ...], listed: Sequence[Product]) -> _Stated:
    amounts = drug_text.amounts(text)
    bare = None if amounts.mg else drug_text.bare_number(words)
    if bare is not None and any(product.strengths == (bare,) for product in listed):
        amounts = drug_text.Amounts(mg=(bare,))
    return _Stated(
        amounts=amounts,
        forms=drug_text.release_forms(words),
        salts=frozenset(product.salt for product in listed if product.salt and product.salt in words),
        unit=amounts.per or drug_text.unit(words),
        route=drug_text.route(words),
    )


def _detailed(stated: _Stated, name: Name, listed: Sequence[Product]) -> Product:
    """Return what the text says, completed by what the products that fit it have in common."""
    branded = [product for product in listed if name.brand and product.brand == name.brand.lower()]
    fitting = [p for p in branded if stated.fits(p)] or [p for p in listed if stated.fits(p)]
    amounts = stated.amounts.mg
    single = amounts if len(amounts) == len(name.ingredients) == 1 else ()
    return Product(
        ingredients=name.ingredients,
        strengths=(_common(p.strengths for p in fitting) if amounts else None) or single,
        unit=_common(p.unit for p in fitting) or stated.unit,
        form=_common(p.form for p in fitting) or _likeliest(stated.forms, listed) or name.form,
        route=stated.route or name.route or _common(p.route for p in fitting) or "",
        salt=name.salt or _common(p.salt for p in fitting) or "",
        brand=name.brand.lower(),
        never_counts=name.never_counts or _common(p.never_counts for p in fitting) or "",
        matched="name",
        name=" / ".join(name.ingredients),
    )


def _common(values: Iterable[T]) -> T | None:
    """Return the value if there is exactly one, else None."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _likeliest(forms: Sequence[str], listed: Sequence[Product]) -> str:
    """Return the one listed form that the release words allow, else the form they name themselves."""
    listed_forms = [form for form in forms if any(product.form == form for product in listed)]
    return listed_forms[0] if len(listed_forms) == 1 else next(iter(forms), "")

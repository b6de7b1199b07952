"""The words of a medicine's name that say more than its name: `drug_text.toml`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.schemas import Quantity, Text
from mappings.tables import TABLES, Tables, parsed, read_table

NUMBER = r"(?:\d{1,6}(?:,\d{3})*(?:\.\d{1,6})?|\.\d{1,6})"

FILE = "drug_text.toml"
SomeWords = Annotated[tuple[Text, ...], validate.Length(min=1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class WeightUnit:
    """Words for a unit of weight, and how many mg it is."""

    mg: Quantity
    words: SomeWords


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedPer:
    """Words for what a strength is stated for; the table explains each member."""

    words: SomeWords
    unit: str = ""
    millilitres: float = 0.0
    rate: bool = False
    daily: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseWords:
    """Words for a release form, and the forms of the product table that they may mean."""

    words: SomeWords
    forms: SomeWords


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedWords:
    """Words for a unit or a route."""

    name: str
    words: SomeWords


@dataclass(frozen=True, kw_only=True)
class DrugWords:
    """`drug_text.toml`."""

    version: str
    prefixes: SomeWords
    by_mouth: SomeWords
    other_words: frozenset[str]
    short: Mapping[str, str]
    weight: tuple[WeightUnit, ...]
    per: tuple[StatedPer, ...]
    release: tuple[ReleaseWords, ...]
    unit: tuple[NamedWords, ...]
    route: tuple[NamedWords, ...]

    def __post_init__(self) -> None:
        for rows in (self.release, self.unit, self.route):
            for word in (word for row in rows for word in row.words):
                if word != word.lower():
                    raise ValidationError(f"{word!r}: written so it is never found", "words")

    @cached_property
    def prefix(self) -> re.Pattern[str]:
        """A prefix, or one letter with a hyphen, before a name."""
        return re.compile(rf"\b(?:({_any(self.prefixes)})[-\s]+|([a-z])-)(?=[^\W\d_])")

    @cached_property
    def amount(self) -> re.Pattern[str]:
        """One or several numbers with a unit of weight, and what they are stated for."""
        return re.compile(
            rf"(?<![\w.])(?P<numbers>{NUMBER}(?:\s*[-/]\s*{NUMBER})*)\s*-?\s*"
            rf"(?P<unit>{_any(self.in_mg)})\b"
            rf"(?:\s*(?:/|per)\s*(?P<number>{NUMBER})?\s*(?P<per>{_any(self.stated_per)})\b)?"
        )

    @cached_property
    def in_mg(self) -> Mapping[str, float]:
        """How many mg a unit of weight is, by each of its words."""
        return {word: row.mg for row in self.weight for word in row.words}

    @cached_property
    def stated_per(self) -> Mapping[str, StatedPer]:
        """What a strength is stated for, by each of its words."""
        return {word: row for row in self.per for word in row.words}


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def load_drug_words(tables: Tables | None = None) -> DrugWords:
    """Return the table of `drug_text.toml`; raise TableError when a row does not fit."""
    return read_table(FILE, DrugWords, tables)


@cache
def drug_words() -> DrugWords:
    """Return the shipped table, read once; its sentences name no figure of another table."""
    return load_drug_words({FILE: parsed(TABLES / FILE)})

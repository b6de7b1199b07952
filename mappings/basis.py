"""What the basis pages say beside the figures of the other tables: `basis.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from marshmallow import fields, validate

from mappings.flags import TIMES
from mappings.members import DIAGNOSIS, DrugGroups, Ingredients, Measurements, Procedures, Refers
from mappings.placeholders import Sentence, table_of
from mappings.schemas import Text
from mappings.tables import Reviewed, Tables, read_table

ATTRIBUTES = 13  # source attributes of 45 CFR 170.315(b)(11)(iv)(A)
ACTIVE_WITHIN = "active-within"
CRITERIA = 4  # of section 520(o)(1)(E) of the FD&C Act


@dataclass(frozen=True, kw_only=True, slots=True)
class IntendedUse(Reviewed):
    """What the service is for, for whom, about whom, and what it is not for."""

    intended: tuple[str, ...]
    users: tuple[str, ...]
    population: tuple[str, ...]
    not_for: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """A source attribute of the regulation, and its answer where a rule has no other."""

    id: str
    number: int
    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion(Reviewed):
    """A criterion of FDA's guidance: our answer, why, and what speaks against it."""

    id: str
    number: int
    asks: str
    answer: str
    because: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Regulation(Reviewed):
    """What is new or proposed in regulation, and what the pages say in view of it."""

    id: str
    title: str
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation(Reviewed):
    """What the rules were held against; a test counts the figures in the repository.

    `key` tells of a hand-scored sample of a site, `no_key` that there is none.
    """

    vignettes: int
    published_vignettes: int
    situations: int
    texts: tuple[str, ...]
    no_key: Text
    key: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a version of the rules changed."""

    version: str
    day: date
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InputRow:
    """A kind of entry that rules read, and the codes and groups by which it is recognised."""

    id: str
    name: str
    resource: str
    loinc: Measurements = ()
    drug_groups: DrugGroups = ()
    ingredients: Ingredients = ()
    procedures: Procedures = ()
    diagnoses: Annotated[tuple[str, ...], Refers(DIAGNOSIS)] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A place in the tables that a page shows: every member of its rows, or `columns` of them.

    `each` names rows within the rows, which are listed one by one.
    """

    of: str
    heading: str
    each: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """What a page says: its logic in sentences with figures, what it shows, what it reads, what it uses."""

    id: str
    logic: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    inputs: tuple[str, ...] = ()
    uses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleText(Reviewed):
    """One page: a topic or, with `card`, a kind of card."""

    id: str
    title: str
    question: str
    logic: tuple[str, ...]
    limits: tuple[str, ...]
    see: tuple[str, ...]
    card: str = ""
    figures: tuple[Figure, ...] = ()
    inputs: tuple[str, ...] = ()
    uses: dict[str, str] = field(default_factory=dict)


FLAG_RULES: Mapping[str, str] = {
    "levels": "esketamine ketamine",
    "no-flag": "",
    "basis-label": "",
    "basis-project": "",
    "condition": "what when",
    "some": "first count",
    "medicine": "what days",
    "some-routes": "medicines routes",
    "procedure": "",
    "replaced": "flags",
    "missing": "text",
    "given": "names",
    "unless": "names",
}
PAGE_WORDS = (
    *("problems", "medicines", "medicines-in-use", "procedures", "procedure-codes", "cited"),
    *("by-name", "unnamed-codes", "products", "prefixes"),
)
"""What every page says beside the rows: headings, and what a reader has to know of a list of codes."""

Sentences = Mapping[str, str]


def _sentences(allowed: Mapping[str, str]) -> fields.Nested:
    return table_of((name, Sentence(placeholders)) for name, placeholders in allowed.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class FlagText(Reviewed):
    """What the page of each flag says; `times` explains when an entry counts."""

    question: str
    lead: tuple[str, ...]
    limits: tuple[str, ...]
    see: tuple[str, ...]
    times: Annotated[Sentences, _sentences(dict.fromkeys((*TIMES, ACTIVE_WITHIN), "days"))]
    rules: Annotated[Sentences, _sentences(FLAG_RULES)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """`basis.toml`; `words` are for members of the tables, `names` for ids without words elsewhere."""

    version: str
    use: IntendedUse
    attribute: Annotated[tuple[Attribute, ...], validate.Length(equal=ATTRIBUTES)]
    criterion: Annotated[tuple[Criterion, ...], validate.Length(equal=CRITERIA)]
    regulation: tuple[Regulation, ...]
    validation: Validation
    change: Annotated[tuple[Change, ...], validate.Length(min=1)]
    input: tuple[InputRow, ...]
    rule: tuple[RuleText, ...]
    flag: FlagText
    flag_kind: tuple[Explained, ...]
    page: Annotated[Sentences, _sentences(dict.fromkeys(PAGE_WORDS, ""))]
    words: dict[str, Text]
    names: dict[str, Text]


def load_basis(tables: Tables | None = None) -> Basis:
    """Return `basis.toml`; raise TableError when a row does not fit or says nothing."""
    return read_table("basis.toml", Basis, tables)

"""What a basis page is made of; HTML and JSON are two ways of writing one page."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisRow:
    """One line of a table: each cell holds its entries, and `anchor` names the row within the page."""

    anchor: str
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisTable:
    """Figures as they stand in the rule tables."""

    anchor: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[BasisRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisCode:
    """A code with the name beside it."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeList:
    """Codes of one system; `note` says what the reader has to know of them."""

    system: str
    codes: tuple[BasisCode, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """A kind of entry of the record that a rule reads."""

    name: str
    resource: str
    recognised_by: tuple[CodeList, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """A source, and how its figures were seen."""

    id: str
    citation: str
    link: str
    read: str
    checked_on: date
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisEdition:
    """Which rules these are, since when they hold, and who stands for them."""

    version: str
    rule_set: str
    definition: str
    effective_since: date
    checked_on: date
    checked_by: str
    review_by: date


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisAttribute:
    """One of the source attributes of 45 CFR 170.315(b)(11)(iv)(A)."""

    number: int
    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisChange:
    """What one version of the rules changed."""

    version: str
    day: date
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisLink:
    """Another page: its path segment, and what it is about."""

    id: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisRule:
    """A rule in plain words: each paragraph of its text."""

    id: str
    title: str
    text: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisUse:
    """What the service is for, for whom, about whom, and what it is not for."""

    intended: tuple[str, ...]
    users: tuple[str, ...]
    population: tuple[str, ...]
    not_for: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The basis of one rule; `kind` is "card", "topic" or "flag".

    `rules` lead to places on the first page.
    """

    id: str
    kind: str
    title: str
    question: str
    use: BasisUse
    logic: tuple[str, ...]
    tables: tuple[BasisTable, ...]
    inputs: tuple[Input, ...]
    citations: tuple[Citation, ...]
    edition: BasisEdition
    validation: tuple[str, ...]
    limits: tuple[str, ...]
    changes: tuple[BasisChange, ...]
    source_attributes: tuple[BasisAttribute, ...]
    rules: tuple[BasisLink, ...]
    see: tuple[BasisLink, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BasisCriterion:
    """A criterion of FDA's guidance, and our answer to it."""

    number: int
    asks: str
    answer: str
    because: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """The first page: the use of the whole, FDA's criteria, and where each rule is told."""

    use: BasisUse
    edition: BasisEdition
    cards: tuple[BasisLink, ...]
    topics: tuple[BasisLink, ...]
    flags: tuple[BasisLink, ...]
    rules: tuple[BasisRule, ...]
    criteria: tuple[BasisCriterion, ...]
    validation: tuple[str, ...]
    limits: tuple[str, ...]
    changes: tuple[BasisChange, ...]
    missing_rows: tuple[str, ...]
    citations: tuple[Citation, ...]

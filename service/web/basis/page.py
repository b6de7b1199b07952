"""What a basis page is made of; HTML and JSON are two ways of writing one page."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of a table: each cell holds its entries, and `anchor` names the row within the page."""

    anchor: str
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Figures as they stand in the rule tables."""

    anchor: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A code with the name beside it."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeList:
    """Codes of one system; `note` says what the reader has to know of them."""

    system: str
    codes: tuple[Code, ...]
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
class Edition:
    """Which rules these are, since when they hold, and who stands for them."""

    version: str
    rule_set: str
    definition: str
    effective_since: date
    checked_on: date
    checked_by: str
    review_by: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One of the source attributes of 45 CFR 170.315(b)(11)(iv)(A)."""

    number: int
    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What one version of the rules changed."""

    version: str
    day: date
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Another page: its path segment, and what it is about."""

    id: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule in plain words: each paragraph of its text."""

    id: str
    title: str
    text: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
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
    use: Use
    logic: tuple[str, ...]
    tables: tuple[Table, ...]
    inputs: tuple[Input, ...]
    citations: tuple[Citation, ...]
    edition: Edition
    validation: tuple[str, ...]
    limits: tuple[str, ...]
    changes: tuple[Change, ...]
    source_attributes: tuple[Attribute, ...]
    rules: tuple[Link, ...]
    see: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """A criterion of FDA's guidance, and our answer to it."""

    number: int
    asks: str
    answer: str
    because: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """The first page: the use of the whole, FDA's criteria, and where each rule is told."""

    use: Use
    edition: Edition
    cards: tuple[Link, ...]
    topics: tuple[Link, ...]
    flags: tuple[Link, ...]
    rules: tuple[Rule, ...]
    criteria: tuple[Criterion, ...]
    validation: tuple[str, ...]
    limits: tuple[str, ...]
    changes: tuple[Change, ...]
    missing_rows: tuple[str, ...]
    citations: tuple[Citation, ...]

"""What a basis page is made of; HTML and JSON are two ways of writing one page.

Rows of `basis.toml` and `sources.toml` stand on a page as they are, their sentences filled with figures.
"""

from dataclasses import dataclass
from datetime import date

from mappings.basis import Attribute, Change, Criterion, IntendedUse, Regulation
from mappings.sources import SourceRow


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
    """Codes of one system; `note` says what the reader has to know about them."""

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
class BasisEdition:
    """Which rules these are, since when they hold, and who is responsible for them."""

    version: str
    rule_set: str
    definition: str
    effective_since: date
    checked_on: date
    checked_by: str
    review_by: date


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
class Page:
    """The basis of one rule; `kind` is "card", "topic" or "flag".

    `rules` lead to places on the first page.
    """

    id: str
    kind: str
    title: str
    question: str
    use: IntendedUse
    logic: tuple[str, ...]
    tables: tuple[BasisTable, ...]
    inputs: tuple[Input, ...]
    citations: tuple[SourceRow, ...]
    edition: BasisEdition
    validation: tuple[str, ...]
    limits: tuple[str, ...]
    changes: tuple[Change, ...]
    source_attributes: tuple[Attribute, ...]
    rules: tuple[BasisLink, ...]
    see: tuple[BasisLink, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """The first page: the intended use, FDA's criteria, and links to each rule."""

    use: IntendedUse
    edition: BasisEdition
    cards: tuple[BasisLink, ...]
    topics: tuple[BasisLink, ...]
    flags: tuple[BasisLink, ...]
    rules: tuple[BasisRule, ...]
    regulation: tuple[Regulation, ...]
    criteria: tuple[Criterion, ...]
    validation: tuple[str, ...]
    limits: tuple[str, ...]
    changes: tuple[Change, ...]
    missing_rows: tuple[str, ...]
    citations: tuple[SourceRow, ...]

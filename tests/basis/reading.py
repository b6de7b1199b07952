"""What the tests of the basis pages share: the pages, and what they tell."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from typing import Any

import msgspec

from mappings.basis import Explained, Figure, RuleText
from mappings.knowledge import Knowledge, load_knowledge
from service.web.basis.library import Library, library
from service.web.basis.page import Page

KNOWLEDGE = load_knowledge()
LIBRARY = library(KNOWLEDGE, "default")
VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})
OPTIONAL = frozenset({"html", "body"})
"""Elements whose end tag the pages leave out."""


def told(page: Page) -> str:
    """Everything that a page tells, as one text."""
    return "\n".join(texts(msgspec.to_builtins(page)))


def texts(value: Any) -> Iterator[str]:
    """Yield every text of a document, members without one left out."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str) and value:
        yield value
    elif isinstance(value, int):
        yield str(value)


def cell(page: Page, heading: str, row: str, column: int) -> tuple[str, ...]:
    """The entries of one cell: of the table `heading`, the row that begins with `row`."""
    table = next(table for table in page.tables if table.heading == heading)
    return next(one.cells[column] for one in table.rows if one.cells[0] == (row,))


def remade(knowledge: Knowledge, profile: str = "default") -> Library:
    """The pages of changed tables."""
    return library(knowledge, profile)


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number of the tables below `value`, with the path to it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from numbers(one, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from numbers(one, f"{path}.{place}")
    elif is_dataclass(value):
        for member in fields(value):
            yield from numbers(getattr(value, member.name), f"{path}.{member.name}")


def shown_figures(knowledge: Knowledge) -> Iterator[Figure]:
    """Yield every figure that some page shows."""
    explained: tuple[RuleText | Explained, ...] = (*knowledge.basis.rule, *knowledge.basis.flag_kind)
    for one in explained:
        yield from one.figures


class Document(HTMLParser):
    """A page as its reader has it: what it says, its places and its links; unbalanced tags are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag opens and where it leads."""
        known = {name: value or "" for name, value in attrs}
        self.ids += [known["id"]] if "id" in known else []
        self.links += [known["href"]] if tag == "a" else []
        self.sources += [known[name] for name in ("src", "href") if name in known and tag != "a"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        while self.open and self.open[-1] in OPTIONAL and self.open[-1] != tag:
            self.open.pop()
        assert self.open[-1:] == [tag], f"</{tag}> closes nothing"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """Everything that the page says, in single blanks."""
        return " ".join(" ".join(self.words).split())

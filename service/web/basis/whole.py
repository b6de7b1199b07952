"""The basis as one document: what all pages have in common once, then every rule, without ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mappings.basis import Change, Criterion, IntendedUse, Regulation
from mappings.knowledge import Knowledge
from mappings.sources import SourceRow
from service.web.basis.library import Library
from service.web.basis.page import BasisEdition, BasisRule, BasisTable, Input, Page
from service.web.basis.plainly import names_of, plainly

SOURCES = "Sources"
"""The heading of the column in which a table names the sources of its rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """The specific content of one page; the sources in its tables are numbers of the list of evidence."""

    title: str
    question: str
    logic: tuple[str, ...]
    tables: tuple[BasisTable, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbered:
    """A source with its number in the document."""

    number: int
    source: SourceRow


@dataclass(frozen=True, kw_only=True, slots=True)
class WholeBasis:
    """The document, part by part."""

    edition: BasisEdition
    use: IntendedUse
    logic: tuple[Chapter, ...]
    inputs: tuple[Input, ...]
    evidence: tuple[Numbered, ...]
    validation: tuple[str, ...]
    limits: tuple[str, ...]
    regulation: tuple[Regulation, ...]
    criteria: tuple[Criterion, ...]
    changes: tuple[Change, ...]
    of_all_flags: tuple[str, ...]
    flags: tuple[Chapter, ...]
    rules: tuple[BasisRule, ...]


def whole_basis(library: Library, knowledge: Knowledge) -> WholeBasis:
    """Return the document that holds every page of the library."""
    names, index, pages = names_of(knowledge), library.index, tuple(library.pages.values())
    evidence = _evidence(pages, index.citations)
    numbers = {entry.source.id: str(entry.number) for entry in evidence}
    titles = {f"{row.title} ({row.id})": row.title for row in knowledge.flags.flag}
    flags = tuple(page for page in pages if page.kind == "flag")
    of_all = tuple(text for text in _of_each(flags) if text not in index.limits)
    chapters = {page.id: _chapter(page, numbers, titles, (*index.limits, *of_all)) for page in pages}
    return WholeBasis(
        edition=index.edition,
        use=plainly(index.use, names),
        logic=plainly(tuple(chapters[page.id] for page in pages if page.kind != "flag"), names),
        inputs=_inputs(pages),
        evidence=evidence,
        validation=plainly(index.validation, names),
        limits=plainly(index.limits, names),
        regulation=index.regulation,
        criteria=plainly(index.criteria, names),
        changes=plainly(index.changes, names),
        of_all_flags=plainly(of_all, names),
        flags=plainly(tuple(chapters[page.id] for page in flags), names),
        rules=plainly(index.rules, names),
    )


def _of_each(pages: Sequence[Page]) -> tuple[str, ...]:
    """Return the sentences common to all of these pages, which the document states once."""
    first = (*pages[0].logic, *pages[0].limits) if pages else ()
    return tuple(text for text in first if all(text in (*page.logic, *page.limits) for page in pages))


def _chapter(
    page: Page, numbers: Mapping[str, str], titles: Mapping[str, str], common: Sequence[str]
) -> Chapter:
    return Chapter(
        title=titles.get(page.title, page.title),
        question=page.question,
        logic=tuple(text for text in page.logic if text not in common),
        tables=tuple(_numbered(table, numbers) for table in page.tables),
        limits=tuple(limit for limit in page.limits if limit not in common),
    )


def _numbered(table: BasisTable, numbers: Mapping[str, str]) -> BasisTable:
    """Return the table with its sources replaced by their numbers."""
    if SOURCES not in table.columns:
        return table
    place = table.columns.index(SOURCES)
    rows = (
        replace(
            row,
            cells=tuple(
                tuple(numbers[source] for source in cell) if at == place else cell
                for at, cell in enumerate(row.cells)
            ),
        )
        for row in table.rows
    )
    return replace(table, rows=tuple(rows))


def _evidence(pages: Iterable[Page], own: Sequence[SourceRow]) -> tuple[Numbered, ...]:
    """Return every source once, in the order in which the pages cite them."""
    cited = {source.id: source for page in pages for source in page.citations}
    cited |= {source.id: source for source in own if source.id not in cited}
    return tuple(Numbered(number=at, source=source) for at, source in enumerate(cited.values(), start=1))


def _inputs(pages: Iterable[Page]) -> tuple[Input, ...]:
    """Return every kind of entry that the rules read, each once."""
    return tuple({entry.name: entry for page in pages for entry in page.inputs}.values())

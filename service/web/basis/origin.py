"""Where the rows of a page come from: their sources, and who checked them when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from mappings.knowledge import Knowledge
from mappings.sources import SourceRow
from mappings.tables import Reviewed
from service.web.basis.page import BasisEdition


def reviewed_rows(value: Any) -> Iterator[Reviewed]:
    """Yield every row below `value` that carries its sources."""
    if isinstance(value, Mapping):
        yield from (row for inner in value.values() for row in reviewed_rows(inner))
    elif isinstance(value, list | tuple):
        yield from (row for inner in value for row in reviewed_rows(inner))
    elif is_dataclass(value):
        if isinstance(value, Reviewed) or hasattr(value, "review_by"):
            yield value  # type: ignore[misc]  # diagnoses have the same members without the base
        yield from reviewed_rows([getattr(value, member.name) for member in fields(value)])


def rule_ids(value: Any) -> Iterator[str]:
    """Yield the ids of the rules that `value` and the rows below it follow."""
    if isinstance(value, Mapping):
        yield from (rule for each in value.values() for rule in rule_ids(each))
    elif isinstance(value, list | tuple):
        yield from (rule for each in value for rule in rule_ids(each))
    elif is_dataclass(value):
        own = getattr(value, "rule", "")
        yield from (own,) if own and isinstance(own, str) else ()
        yield from rule_ids([getattr(value, member.name) for member in fields(value)])


def citations(ids: Iterable[str], sources: Mapping[str, SourceRow]) -> tuple[SourceRow, ...]:
    """Return the sources `ids`, each once."""
    return tuple(sources[source] for source in dict.fromkeys(ids))


def cited(rows: Iterable[Reviewed]) -> Iterator[str]:
    """Yield the ids of the sources of `rows`."""
    for row in rows:
        yield from row.sources


def edition(rows: Sequence[Reviewed], knowledge: Knowledge, profile: str) -> BasisEdition:
    """Return the edition of a page: as new as its newest row, with the date of its oldest check."""
    return BasisEdition(
        version=knowledge.version,
        rule_set=knowledge.rule_set,
        definition=profile,
        effective_since=max(row.since for row in rows),
        checked_on=min(row.checked_on for row in rows),
        checked_by=", ".join(dict.fromkeys(row.checked_by for row in rows)),
        review_by=min(row.review_by for row in rows),
    )

"""Values of the rule tables as entries that a reader can take in."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from mappings.filling import plain
from mappings.matching import Codes, Words
from mappings.tables import Reviewed, TableError
from service.web.basis.page import BasisCode

PROVENANCE = frozenset(member.name for member in fields(Reviewed))

Said = Mapping[str, str]
"""Members of the tables in words."""


def entries(value: Any, words: Said) -> tuple[str, ...]:
    """Return `value` as a list of entries; nothing for a member that a row leaves out."""
    return tuple(_entries(value, words))


def _entries(value: Any, words: Said) -> Iterator[str]:
    match value:
        case None | "":
            return
        case Codes():
            yield from (f"{code.code} {code.name}" for code in icd10(value))
        case Words():
            yield from (" + ".join(part.words for part in phrase) for phrase in value.phrases)
        case Mapping():
            yield from (f"{key}: {plain(inner)}" for key, inner in value.items())
        case list() | tuple():
            for inner in value:
                yield from _entries(inner, words)
        case frozenset():
            yield from sorted(map(plain, value))
        case _ if is_dataclass(value):
            yield "; ".join(members(value, words))
        case _:
            yield plain(value)


def members(row: Any, words: Said) -> Iterator[str]:
    """Yield what each member of `row` says, as "label: values"."""
    for name in member_names(row):
        if told := entries(getattr(row, name), words):
            yield f"{label(name, words)}: {', '.join(told)}"


def member_names(row: Any) -> tuple[str, ...]:
    """Return the members of a row that the page shows; provenance is shown elsewhere."""
    return tuple(member.name for member in fields(row) if member.name not in PROVENANCE | {"version"})


def label(name: str, words: Said) -> str:
    """Return the words for a member; raise TableError if `basis.toml` has none."""
    if name not in words:
        raise TableError(f"basis.toml: words: {name}: expected this member of the tables in words")
    return words[name]


def is_wording(value: Any) -> bool:
    """Tell whether a value is a sentence to be filled in, which is shown on cards, not on basis pages."""
    return isinstance(value, str) and "{" in value and "}" in value and " " in value


def icd10(codes: Codes) -> Iterator[BasisCode]:
    """Yield each code with the dot that the tables leave out."""
    for prefix, name in zip(codes.prefixes, codes.names, strict=True):
        dotted = f"{prefix[:3]}.{prefix[3:]}" if len(prefix) > 3 else prefix
        yield BasisCode(code=dotted, name=name)

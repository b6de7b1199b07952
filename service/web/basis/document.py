"""A basis page as JSON: what its members say, under the names that JSON of this service has."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from mappings.basis import Attribute, Criterion, IntendedUse, Regulation
from service.web.basis.page import Index, Page
from service.web.basis.policies import PolicyIndex, PolicyPage
from service.web.basis.values import PROVENANCE

# What the tables keep for themselves: by what they name a row, and what each page tells elsewhere.
_UNTOLD: Mapping[type, frozenset[str]] = {
    Attribute: frozenset({"id"}),
    Criterion: PROVENANCE | {"id"},
    IntendedUse: PROVENANCE | {"limits"},
    Regulation: PROVENANCE | {"id"},
}


def document(page: Index | Page | PolicyIndex | PolicyPage) -> Any:
    """Return `page` as plain JSON values."""
    return _plain(page)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        untold = _UNTOLD.get(type(value), frozenset())
        names = (member.name for member in fields(value) if member.name not in untold)
        return {_camel_case(name): _plain(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, date) else value


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))

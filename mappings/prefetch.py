"""What an EHR is asked to send along: `prefetch.toml`, with the codes by which rules know observations."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.tables import Reviewed, Tables, read_table

CODES = "{codes}"
"""Stands in a template for the codes of observations."""

_WRITERS = ("measurements.toml", "severity.toml", "safety.toml", "questionnaires.toml")
_ANSWERS = frozenset({"answer"})  # rows whose codes are values, not names
_NAMED_CODE = re.compile(r"(\d{6,18}|\d{1,6}-\d) \S.*")
"""A SNOMED CT identifier or a LOINC code, and its name, as rule tables write them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryRow:
    """A prefetch key and its template."""

    key: str
    template: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PrefetchTable(Reviewed):
    """`prefetch.toml`. `codes` are those of observations that a rule reads; `essential` are keys."""

    version: str
    longest: int
    essential: tuple[str, ...]
    query: tuple[QueryRow, ...]
    codes: tuple[str, ...] = ()

    def templates(self, own: Mapping[str, str | None]) -> dict[str, str]:
        """Return the templates by key, filled in.

        A site's `own` templates replace the shipped ones; None leaves a key out.
        """
        asked = {row.key: row.template for row in self.query} | dict(own)
        filled = (self._filled(key, template) for key, template in asked.items() if template)
        return {key: template for parts in filled for key, template in parts}

    def _filled(self, key: str, template: str) -> Iterator[tuple[str, str]]:
        """Yield a template, or as many copies as its codes need."""
        if CODES not in template:
            yield key, template
            return
        room = self.longest - len(template.replace(CODES, ""))
        for number, codes in enumerate(_lines(self.codes, room), 1):
            yield f"{key}{number if number > 1 else ''}", template.replace(CODES, codes)


def observation_codes(concepts: Mapping[str, str], tables: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the codes by which rules recognise observations, those of one concept next to each other.

    `concepts` are those of the LOINC table, `tables` the rule tables as they stand, by the name of the file.
    """
    listed = sorted(concepts, key=lambda code: (concepts[code], code))
    written = (code for name in _WRITERS for code in _written(tables.get(name)))
    return tuple(dict.fromkeys((*written, *listed)))


def _written(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if found := _NAMED_CODE.fullmatch(value):
            yield found[1]
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _ANSWERS:
                yield from _written(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _written(inner)


def _lines(codes: Sequence[str], room: int) -> Iterator[str]:
    """Yield the comma-separated codes in lines of at most `room` characters, filled evenly."""
    number = -(-len(",".join(codes)) // room)
    size = -(-len(codes) // max(number, 1))
    parts = [",".join(codes[start : start + size]) for start in range(0, len(codes), size)]
    if any(len(part) > room for part in parts):
        half = (len(codes) + 1) // 2
        yield from _lines(codes[:half], room)
        yield from _lines(codes[half:], room)
    else:
        yield from parts


def load_prefetch(codes: tuple[str, ...], tables: Tables | None = None) -> PrefetchTable:
    """Return `prefetch.toml`, to be filled in with `codes`; raise TableError when it does not fit."""
    return read_table("prefetch.toml", PrefetchTable, tables, codes=codes)

"""The code systems that the tables use, and every address by which records name them: `systems.toml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.schemas import expect, is_pattern
from mappings.tables import Tables, read_table


class SystemId(StrEnum):
    """Code systems that the service asks for by name."""

    ICD10 = "icd10"
    ICD11 = "icd11"
    SNOMED = "snomed"
    LOINC = "loinc"
    RXNORM = "rxnorm"
    NDC = "ndc"
    ICD10PCS = "icd10pcs"
    HCPCS = "hcpcs"
    ATC = "atc"
    CPT = "cpt"


SHORT_NAMES = frozenset(map(str, SystemId))


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeSystem:
    """One code system: its address where we write it, and how others write it."""

    id: Annotated[str, validate.OneOf(tuple(SystemId))]
    name: str
    uri: str
    uris: tuple[str, ...]
    starts: tuple[str, ...] = ()
    pattern: Annotated[str, is_pattern] = ""


@dataclass(frozen=True, kw_only=True)
class SystemTable:
    """`systems.toml`."""

    version: str
    system: Mapping[str, CodeSystem]

    def __post_init__(self) -> None:
        expect(self.system, SystemId, "system")
        addresses = [_plain(uri) for row in self.system.values() for uri in {row.uri, *row.uris}]
        if twice := sorted({uri for uri in addresses if addresses.count(uri) > 1}):
            raise ValidationError(f"an address of two systems: {', '.join(twice)}", "system")

    @cached_property
    def by_address(self) -> Mapping[str, str]:
        """Our name of a system by each of its addresses."""
        return {_plain(uri): row.id for row in self.system.values() for uri in (row.uri, *row.uris)}

    @cached_property
    def patterns(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """Our name of a system, and what an address of one of its editions looks like."""
        starts = ((row.id, f"^{re.escape(start)}") for row in self.system.values() for start in row.starts)
        editions = ((row.id, row.pattern) for row in self.system.values() if row.pattern)
        return tuple((name, re.compile(pattern)) for name, pattern in (*editions, *starts))


def load_systems(tables: Tables | None = None) -> SystemTable:
    """Return the table of `systems.toml`; raise TableError when a row does not fit."""
    return read_table("systems.toml", SystemTable, tables)


@cache
def systems() -> SystemTable:
    """Return the shipped table, read once."""
    return load_systems()


@lru_cache(maxsize=256)
def system_name(uri: str) -> str:
    """Return our short name of a code system, "" for one that no table uses.

    http and https, a trailing slash, capitals, a SNOMED CT edition behind the address and the national
    editions of ICD-10 are all one.
    """
    plain, table = _plain(uri), systems()
    if plain in table.by_address:
        return table.by_address[plain]
    return next((name for name, pattern in table.patterns if pattern.search(plain)), "")


def _plain(uri: str) -> str:
    return uri.partition("|")[0].strip().lower().rstrip("/").removeprefix("https://").removeprefix("http://")

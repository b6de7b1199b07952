"""FHIR ValueSets that a site is licensed to use, and which of our groups each of them feeds.

A ValueSet feeds the group or concept that `groups.csv` beside it gives it, else the one that its name or the
end of its url is. It adds codes; it takes none away.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings.renewal.tables import read_rows
from mappings.systems import SystemId, system_name
from mappings.tables import TableError

MAPPING = "groups.csv"
FED = (SystemId.LOINC, SystemId.SNOMED, SystemId.ICD10PCS, SystemId.HCPCS, SystemId.CPT)
"""Code systems whose codes a ValueSet can feed."""


@dataclass(frozen=True, slots=True)
class Fed:
    """A code that a ValueSet gives one of our groups or concepts."""

    system: str
    code: str
    name: str
    group: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Supply:
    """All that the ValueSets of a folder give, and what of them was of no use, in words."""

    codes: tuple[Fed, ...] = ()
    unused: tuple[str, ...] = ()


def read_folder(folder: Path, known: frozenset[str]) -> Supply:
    """Read every ValueSet of a folder; raise TableError when one that is asked for cannot be used."""
    if not folder.is_dir():
        raise TableError(f"{folder}: no such folder")
    asked = _asked(folder, known)
    files = sorted(folder.glob("*.json"))
    if not files:
        raise TableError(f"{folder}: holds no ValueSet (*.json)")
    codes: list[Fed] = []
    unused: list[str] = []
    for file in files:
        for valueset in _valuesets(file):
            groups = _groups_of(valueset, asked, known)
            if not groups:
                unused.append(f"{file.name}: {_title(valueset)}: feeds no group")
            codes += [fed for group in groups for fed in _fed(file.name, valueset, group)]
    missing = asked.keys() - {name for file in files for one in _valuesets(file) for name in _names(one)}
    if missing:
        raise TableError(f"{MAPPING}: no ValueSet in the folder is called {min(missing)}")
    foreign = sorted({fed.system for fed in codes if not short_system(fed.system)})
    unused += [f"codes of {system}: no table holds such codes" for system in foreign]
    return Supply(codes=tuple(fed for fed in codes if short_system(fed.system)), unused=tuple(unused))


def short_system(uri: str) -> str:
    """Return our name of a code system that a ValueSet can feed, "" for others."""
    found = system_name(uri)
    return found if found in FED else ""


def _asked(folder: Path, known: frozenset[str]) -> dict[str, tuple[str, ...]]:
    path = folder / MAPPING
    if not path.is_file():
        return {}
    asked: dict[str, tuple[str, ...]] = {}
    for number, row in enumerate(read_rows(path), start=1):
        if set(row) != {"valueset", "groups"} or not row["valueset"] or not row["groups"]:
            raise TableError(f"{MAPPING}: row {number}: columns must be valueset, groups")
        groups = tuple(row["groups"].split("|"))
        strange = [group for group in groups if group not in known]
        if strange:
            raise TableError(f"{MAPPING}: row {number}: {strange[0]} is no group or concept of the rules")
        asked[row["valueset"]] = groups
    return asked


def _valuesets(file: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the ValueSet of a file, or those of a Bundle."""
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise TableError(f"{file.name}: not readable as JSON") from error
    if not isinstance(content, dict) or content.get("resourceType") not in ("ValueSet", "Bundle"):
        raise TableError(f"{file.name}: neither a ValueSet nor a Bundle of them")
    entries = _list(content, "entry") if content["resourceType"] == "Bundle" else [{"resource": content}]
    for entry in entries:
        resource = entry.get("resource")
        if isinstance(resource, dict) and resource.get("resourceType") == "ValueSet":
            yield resource


def _list(content: Mapping[str, Any], member: str) -> list[Mapping[str, Any]]:
    value = content.get(member)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _names(valueset: Mapping[str, Any]) -> tuple[str, ...]:
    stated = (valueset.get(member) for member in ("url", "name", "id", "title"))
    names = tuple(one for one in stated if isinstance(one, str) and one)
    return (*names, *(name.rpartition("/")[2] for name in names[:1]))


def _title(valueset: Mapping[str, Any]) -> str:
    return next(iter(_names(valueset)[1:] or _names(valueset)), "a ValueSet without a name")


def _groups_of(
    valueset: Mapping[str, Any], asked: Mapping[str, tuple[str, ...]], known: frozenset[str]
) -> tuple[str, ...]:
    names = _names(valueset)
    given = next((asked[name] for name in names if name in asked), ())
    return given or tuple(dict.fromkeys(name for name in names if name in known))


def _fed(file: str, valueset: Mapping[str, Any], group: str) -> Iterator[Fed]:
    version = valueset.get("version")
    source = f"site:{_title(valueset)}" + (f"|{version}" if isinstance(version, str) else "")
    for system, concept in _concepts(file, valueset):
        code, name = concept.get("code"), concept.get("display")
        if not isinstance(code, str) or not code.strip():
            raise TableError(f"{file}: {_title(valueset)}: a concept has no code")
        said = " ".join(name.split()) if isinstance(name, str) else ""
        yield Fed(system, code.strip(), said, group, " ".join(source.split()))


def _concepts(file: str, valueset: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the concepts of the expansion, else those that the definition lists one by one."""
    expansion = valueset.get("expansion")
    if isinstance(expansion, dict):
        found = list(_contained(_list(expansion, "contains")))
        total = expansion.get("total")
        if isinstance(total, int) and total > len(found):
            raise TableError(
                f"{file}: {_title(valueset)}: {len(found)} of {total} concepts: not all are here"
            )
        return found
    compose = valueset.get("compose")
    included = _list(compose, "include") if isinstance(compose, dict) else []
    computed = any(not isinstance(one.get("concept"), list) or "filter" in one for one in included)
    if not isinstance(compose, dict) or not included or computed or compose.get("exclude"):
        raise TableError(f"{file}: {_title(valueset)}: not expanded (ask a terminology server for $expand)")
    return [(str(one.get("system") or ""), concept) for one in included for concept in _list(one, "concept")]


def _contained(contains: list[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield all concepts of an expansion, however deep; headings are none."""
    waiting = list(contains)
    while waiting:
        one = waiting.pop(0)
        if not one.get("abstract") and one.get("code"):
            yield str(one.get("system") or ""), one
        waiting += _list(one, "contains")

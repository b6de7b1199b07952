"""What the prefetch brings: bytes of records by the templates of the service, beside whole categories.

    python -m bench.asked FILE ...

FILE is a Bundle of one patient or a CDS Hooks request. The record is asked as a server would be that honours
every parameter; what it would answer is counted in bytes, key by key, so that a resource which two keys bring
counts twice.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from mappings.knowledge import load_knowledge
from service.fhir.prefetch import usual

Json = dict[str, Any]

CATEGORIES = "vital-signs,survey,laboratory"
"""The categories of observations that a service asks for which names no codes."""

_IGNORED = frozenset({"patient", "_sort"})


def main(files: Iterable[str]) -> None:
    """Print what the templates bring of each record, and of all of them."""
    templates = usual(load_knowledge().prefetch).templates
    categories = _by_category(templates)
    named, whole = Counter[str](), Counter[str]()
    for file in files:
        record = [*_resources(msgspec.json.decode(Path(file).read_bytes()))]
        ours, theirs = _bytes(templates, record), _bytes(categories, record)
        print(f"{Path(file).name}: {_told(ours, theirs)}")
        named.update(ours)
        whole.update(theirs)
    print(f"all: {_told(named, whole)}")
    observed = [{kind: found[kind] for kind in ("Observation",)} for found in (named, whole)]
    print(f"observations of all: {_told(*observed)}")


def _by_category(templates: Mapping[str, str]) -> dict[str, str]:
    """Return the templates with one for all observations of the categories."""
    others = {key: each for key, each in templates.items() if not each.startswith("Observation?")}
    return others | {"observations": f"Observation?category={CATEGORIES}"}


def _resources(value: Any) -> Iterator[Json]:
    """Yield the resources of a Bundle or of the Bundles of a prefetch."""
    if not isinstance(value, dict):
        return
    if value.get("resourceType") == "Bundle":
        for entry in value.get("entry", ()):
            yield from _resources(entry.get("resource"))
    elif "resourceType" in value:
        yield value
    else:
        for one in value.get("prefetch", {}).values():
            yield from _resources(one)


def _bytes(templates: Mapping[str, str], record: list[Json]) -> Counter[str]:
    """Return the bytes that the templates bring, by the type of resource."""
    found = Counter[str]()
    for template in templates.values():
        kind, _, query = template.partition("?")
        wanted = [each for each in parse_qsl(query) if each[0] not in _IGNORED]
        for one in record:
            if one["resourceType"] == kind.split("/")[0] and all(_fits(one, *each) for each in wanted):
                found[one["resourceType"]] += len(msgspec.json.encode(one))
    return found


def _fits(resource: Json, name: str, value: str) -> bool:
    if name == "class":
        return resource.get("class", {}).get("code") in value.split(",")
    concepts = [resource.get("code")] if name in ("code", "combo-code") else resource.get(name, [])
    if name == "combo-code":
        concepts += [part.get("code") for part in resource.get("component", ())]
    codes = {coding.get("code") for one in concepts if one for coding in one.get("coding", ())}
    return not codes.isdisjoint(value.split(","))


def _told(ours: Mapping[str, int], theirs: Mapping[str, int]) -> str:
    named, whole = sum(ours.values()), sum(theirs.values())
    share = f"{100 * named / whole:.0f} %" if whole else "nothing"
    return f"{named / 1000:.1f} kB by codes, {whole / 1000:.1f} kB by categories: {share}"


if __name__ == "__main__":
    main(sys.argv[1:])

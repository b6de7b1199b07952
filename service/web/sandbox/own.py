"""A tester's own record: a FHIR Bundle that becomes the call of a hook, whole and with its own dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cds_hooks import strict_json
from cds_hooks.errors import BadRequestError
from service.web.sandbox.setups import Entry, Resource

_NAMELESS = "own-patient"


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnRecord:
    """The entries of a Bundle, one of them the Patient; `as_of` is today, so that no date moves."""

    entries: tuple[Entry, ...]
    person: Resource
    as_of: date
    is_own: bool = True


def own_record(raw: bytes, today: date) -> OwnRecord:
    """Return the record that a Bundle holds; raise BadRequestError for anything else."""
    bundle = strict_json.document(raw)
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle":
        raise BadRequestError("expected a FHIR Bundle", expression="resourceType")
    listed = bundle.get("entry")
    entries = [_entry(entry) for entry in listed if _holds(entry)] if isinstance(listed, list) else []
    people = [entry for entry in entries if entry["resource"]["resourceType"] == "Patient"]
    if len(people) != 1:
        raise BadRequestError("expected exactly one Patient", expression="Bundle.entry")
    person = people[0]["resource"]
    if not isinstance(person.get("id"), str) or not person["id"]:
        person["id"] = _NAMELESS
    return OwnRecord(entries=tuple(entries), person=person, as_of=today)


def _holds(entry: Any) -> bool:
    resource = entry.get("resource") if isinstance(entry, Mapping) else None
    return isinstance(resource, dict) and isinstance(resource.get("resourceType"), str)


def _entry(written: Mapping[str, Any]) -> Entry:
    """Return the entry reduced to its resource and, if present, its full URL."""
    url = written.get("fullUrl")
    return {"fullUrl": url} | {"resource": written["resource"]} if url else {"resource": written["resource"]}

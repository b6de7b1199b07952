"""From a set-up to the request that an EHR would send: the same bytes that a tester sees and sends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from string import digits
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from cds_hooks.contexts import HOOKS, Resources
from service.fhir.prefetch import kind_of_query
from service.web.sandbox.dates import moved
from service.web.sandbox.own import OwnRecord
from service.web.sandbox.setups import (
    SERVER,
    Choice,
    Entry,
    NotSent,
    Order,
    Removal,
    Resource,
    SandboxPatient,
    Setups,
)

USER = "Practitioner/sandbox"
ENCOUNTER = "sandbox-encounter"


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What was chosen; `order` is None where the hook brings none."""

    patient: SandboxPatient | OwnRecord
    hook: str
    order: Order | None
    choices: Sequence[Choice]


def hook_request(setup: Setup, setups: Setups, today: date, templates: Mapping[str, str]) -> dict[str, Any]:
    """Return the CDS Hooks request of a set-up, with dates as they would be on `today`."""
    person = setup.patient.person["id"]
    since = (today - setups.as_of).days
    record = _record(setup, person, today, since)
    draft = moved(setup.order.resource, since) if setup.order else None
    return {
        "hook": setup.hook,
        "hookInstance": str(uuid4()),
        "context": _context(setup.hook, person, draft, today),
        "prefetch": _prefetch(record, setup, templates),
    }


def _context(hook: str, person: str, draft: Resource | None, today: date) -> dict[str, Any]:
    """Return the context of the hook: its user, its order, and empty Bundles for the other members."""
    context: dict[str, Any] = {"userId": USER, "patientId": person, "encounterId": ENCOUNTER}
    for name, member in HOOKS[hook].fields.items():
        if isinstance(member, Resources) and member.required:
            context[str(member.data_key)] = _bundle()
        if draft is not None and name == "selections":
            context["selections"] = [f"{draft['resourceType']}/{draft['id']}"]
    if draft is not None:
        drafted = {**draft, "subject": {"reference": f"Patient/{person}"}, "authoredOn": today.isoformat()}
        context["draftOrders"] = _bundle(drafted)
    return context


def _bundle(*resources: Resource) -> Resource:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _record(setup: Setup, person: str, today: date, since: int) -> Sequence[Entry]:
    """Return the patient's entries with their dates moved and the chosen facts changed."""
    days = (today - setup.patient.as_of).days
    record = moved(list(setup.patient.entries), days) if days else list(setup.patient.entries)
    for choice in setup.choices:
        record = [
            entry
            for entry in record
            if not any(_goes(entry["resource"], removal) for removal in choice.remove)
        ]
        for added in moved(list(choice.add), since):
            resource = {**added, "subject": {"reference": f"Patient/{person}"}}
            record.append(
                {"fullUrl": f"{SERVER}/{added['resourceType']}/{added['id']}", "resource": resource}
            )
    return record


def _goes(resource: Resource, removal: Removal) -> bool:
    if resource["resourceType"] != removal.type:
        return False
    codes = {code.code for code in removal.codes}
    return not codes or any(coding.get("code") in codes for coding in _codings(resource))


def _matches(resource: Resource, wanted: Mapping[str, Sequence[str]]) -> bool:
    named = {"code": [resource.get("code", {})], "category": resource.get("category", ())}
    return all(
        any(
            coding.get("code") in wanted[name][0].split(",")
            for concept in concepts
            for coding in concept.get("coding", ())
        )
        for name, concepts in named.items()
        if name in wanted
    )


def _codings(resource: Resource) -> Iterator[Mapping[str, Any]]:
    """Yield the codings of `code`, skipping whatever is not a coding: an own record may hold anything."""
    code = resource.get("code")
    coding = code.get("coding") if isinstance(code, Mapping) else ()
    yield from (item for item in (coding if isinstance(coding, list) else ()) if isinstance(item, Mapping))


def _prefetch(record: Sequence[Entry], setup: Setup, templates: Mapping[str, str]) -> dict[str, Any]:
    lacking = {key: how for choice in setup.choices for key, how in choice.prefetch.items()}
    how = {key: lacking.get(key.rstrip(digits)) for key in templates}
    sent = _whole(record, templates) if setup.patient.is_own else _queried(record, templates)
    return {
        key: _not_sent(how[key]) if how[key] else sent[key] for key in templates if how[key] != "left out"
    }


def _queried(record: Sequence[Entry], templates: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer of a FHIR server to each template."""
    return {key: _sent(template, record) for key, template in templates.items()}


def _whole(record: Sequence[Entry], templates: Mapping[str, str]) -> dict[str, Any]:
    """Return all entries of a type, whatever their codes, under the first key that asks for the type."""
    first: dict[str, str] = {}
    for key, template in templates.items():
        first.setdefault(kind_of_query(template), key)
    sent: dict[str, list[Entry]] = {key: [] for key in templates}
    for entry in record:
        if (kind := entry["resource"]["resourceType"]) in first:
            sent[first[kind]].append(entry)
    whole = {key: _searchset(entries) for key, entries in sent.items()}
    return whole | {first["Patient"]: sent[first["Patient"]][0]["resource"]}


def _not_sent(how: NotSent | None) -> Resource | None:
    if how == "null":
        return None
    text = "The list could not be read"
    issue = {"severity": "error", "code": "exception", "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _sent(template: str, record: Sequence[Entry]) -> Resource:
    kind = kind_of_query(template)
    wanted = parse_qs(template.partition("?")[2])
    found = [
        entry
        for entry in record
        if entry["resource"]["resourceType"] == kind and _matches(entry["resource"], wanted)
    ]
    if kind == "Patient":
        return dict(found[0]["resource"])
    return _searchset(found)


def _searchset(entries: Sequence[Entry]) -> Resource:
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": list(entries)}

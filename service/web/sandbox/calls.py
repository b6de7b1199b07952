"""From a set-up to the request that an EHR would send: the same bytes that a tester sees and sends."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from string import digits
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from cds_hooks.contexts import HOOKS, Resources
from service.fhir.prefetch import kind_of_query
from service.web.sandbox.dates import moved
from service.web.sandbox.setups import Choice, NotSent, Order, Removal, Resource, SandboxPatient, Setups

USER = "Practitioner/sandbox"
ENCOUNTER = "sandbox-encounter"


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What was chosen; `order` is None where the hook brings none."""

    patient: SandboxPatient
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
        "prefetch": _prefetch(record, setup.choices, templates),
    }


def _context(hook: str, person: str, draft: Resource | None, today: date) -> dict[str, Any]:
    """Return the context: as far as the hook has them the user, the order, and empty Bundles for the rest."""
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


def _record(setup: Setup, person: str, today: date, since: int) -> Sequence[Resource]:
    """Return the patient's resources, their dates moved, after the facts were changed."""
    record = moved(list(setup.patient.resources), (today - setup.patient.as_of).days)
    for choice in setup.choices:
        record = [one for one in record if not any(_goes(one, removal) for removal in choice.remove)]
        for added in moved(list(choice.add), since):
            record.append({**added, "subject": {"reference": f"Patient/{person}"}})
    return list(record)


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
    yield from resource.get("code", {}).get("coding", ())


def _prefetch(
    record: Sequence[Resource], choices: Iterable[Choice], templates: Mapping[str, str]
) -> dict[str, Any]:
    lacking = {key: how for choice in choices for key, how in choice.prefetch.items()}
    how = {key: lacking.get(key.rstrip(digits)) for key in templates}
    return {
        key: _not_sent(how[key]) if how[key] else _sent(template, record)
        for key, template in templates.items()
        if how[key] != "left out"
    }


def _not_sent(how: NotSent | None) -> Resource | None:
    if how == "null":
        return None
    text = "The list could not be read"
    issue = {"severity": "error", "code": "exception", "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _sent(template: str, record: Sequence[Resource]) -> Resource | None:
    """Return what a FHIR server returns for a template."""
    kind = kind_of_query(template)
    wanted = parse_qs(template.partition("?")[2])
    found = [one for one in record if one["resourceType"] == kind and _matches(one, wanted)]
    if kind == "Patient":
        return found[0]
    entries = [
        {"fullUrl": f"https://ehr.example.org/fhir/{kind}/{one['id']}", "resource": one} for one in found
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}

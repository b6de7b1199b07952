"""The packet for a payer's reviewer: form, filled form, and the entries of the record behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from mappings.knowledge import Knowledge
from service.clinical.assessment import Assessment
from service.clinical.criteria import ReadPolicy
from service.clinical.facts import PatientFacts
from service.render.filled_form import filled_form
from service.render.form import Json, questionnaire
from service.render.identity import PatientIdentity, identity


@dataclass(frozen=True, kw_only=True, slots=True)
class Packet:
    """What is sent about one policy."""

    questionnaire: Json
    response: Json
    evidence: Json


def packet(
    read: ReadPolicy,
    facts: PatientFacts,
    assessment: Assessment,
    knowledge: Knowledge,
    *,
    record: object,
    base: str,
) -> Packet:
    """Return the packet; `record` is the JSON from which the facts were read."""
    response = filled_form(read, facts, assessment, knowledge, base)
    form = questionnaire(read.policy, knowledge.policies, knowledge.wording, base)
    wanted = set(_evidence(response)) | {assessment.subject or ""}
    sent = [entry for entry in _entries(record) if wanted & _names(entry)]
    return Packet(
        questionnaire=form,
        response=response,
        evidence={
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": response}, *sent],
        },
    )


def identity_of(record: object, subject: str | None) -> PatientIdentity:
    """Return who the Patient of the record is that the assessment is about."""
    found = [entry["resource"] for entry in _entries(record) if subject in _names(entry)]
    return identity(msgspec.json.encode(found[0] if found else {}))


def _evidence(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield the references that the evidence items below `item` name."""
    for inner in item.get("item", ()):
        if inner["linkId"].endswith(".evidence"):
            yield from (answer["valueString"] for answer in inner["answer"])
        yield from _evidence(inner)


def _entries(value: Any) -> Iterator[Json]:
    """Yield each resource of a Bundle, or of what a call brought, as an entry with its address."""
    if not isinstance(value, dict):
        return
    if "hook" in value:
        brought = value.get("prefetch")
        for inner in brought.values() if isinstance(brought, dict) else ():
            yield from _entries(inner)
    elif value.get("resourceType") == "Bundle":
        for entry in value.get("entry") or ():
            yield from _of_entry(entry)
    elif "resourceType" in value:
        yield {"resource": value}


def _of_entry(entry: Any) -> Iterator[Json]:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict):
        return
    if resource.get("resourceType") == "Bundle":
        yield from _entries(resource)
    elif isinstance(url := entry.get("fullUrl"), str):
        yield {"fullUrl": url, "resource": resource}
    else:
        yield {"resource": resource}


def _names(entry: Json) -> set[str]:
    resource = entry["resource"]
    return {f"{resource.get('resourceType')}/{resource.get('id')}", entry.get("fullUrl", "")} - {""}

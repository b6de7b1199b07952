"""The whole answer of `ketamine-cds check`: entries, draft orders, lists, and what is of no use."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from mappings.knowledge import Knowledge
from mappings.links import Link, links
from service.answer.read import ReadRecord
from service.answer.relevant_orders import may_be_depressed
from service.assess.orders import Topic, topic
from service.clinical.facts import PatientFacts
from service.explain import medicines, others
from service.explain.entries import HELPS, USED, Explained
from service.fhir.completeness import LISTS
from service.fhir.resources import (
    AnyResource,
    Device,
    Encounter,
    Medication,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Patient,
    Resource,
    Row,
)
from service.normalise.context import Context
from service.normalise.drafts import draft_orders

_MEDICATIONS = (MedicationRequest, MedicationDispense, MedicationStatement, MedicationAdministration)
_HELPERS = (Encounter, Medication, Device)
_READ = frozenset(str(kind.__struct_config__.tag) for kind in AnyResource.__args__)
_ABOUT = {
    Topic.UNRELATED: "nothing this service answers",
    Topic.OVERDOSE: "a drug dangerous in overdose",
    Topic.ANTIDEPRESSANT: "an antidepressant",
    Topic.DEPRESSION: "depression",
    Topic.AGENT: "ketamine or esketamine",
}


def check(raw: bytes, read: ReadRecord, knowledge: Knowledge, as_of: date) -> dict[str, Any]:
    """What was understood of `raw`, which `read` was read from."""
    entries = list(_entries(read, knowledge, as_of))
    named = {entry.reference for entry in entries}
    ordered = read.drafts.unread if read.drafts else ()
    loose = [one for one in (*read.facts.unreadable, *ordered) if one.reference not in named]
    return {
        "asOf": str(as_of),
        "lists": {kind: str(read.facts.list_state(kind)) for kind in sorted(LISTS)},
        "entries": [_plain(entry) for entry in entries],
        "draftOrders": [*_drafts(read, knowledge, as_of)],
        "unreadable": [{"reference": one.reference, "reason": one.reason} for one in loose],
        "notRead": dict(sorted(_foreign(raw).items())),
        "counts": dict(Counter(entry.status for entry in entries)),
    }


def _plain(entry: Explained) -> dict[str, Any]:
    return {
        "reference": entry.reference,
        "status": entry.status,
        "reasons": [*entry.reasons],
        "understood": dict(entry.understood),
    }


def _entries(read: ReadRecord, knowledge: Knowledge, as_of: date) -> Iterator[Explained]:
    person = read.facts.person
    context = Context(
        record=read.record,
        vocabulary=knowledge.terminology,
        tables=knowledge.reading,
        as_of=as_of,
        born=person.born if person else None,
    )
    facts, unread = _by_reference(read.facts), defaultdict[str, tuple[str, ...]](tuple)
    for one in read.facts.unreadable:
        unread[one.reference] += (one.reason,)
    drafts = read.drafts.keys if read.drafts else frozenset[str]()
    rules = links(knowledge)
    for row in {id(row): row for row in read.record.found.values()}.values():
        yield _entry(row, facts[row.label], context, read.facts, drafts, rules, unread[row.label])


def _entry(
    row: Row[Any],
    facts: list[Any],
    context: Context,
    found: PatientFacts,
    drafts: frozenset[str],
    rules: tuple[Link, ...],
    unread: tuple[str, ...],
) -> Explained:
    if isinstance(row.resource, _MEDICATIONS):
        return medicines.checked(row, facts, context, drafts, unread)
    if isinstance(row.resource, Patient):
        return _patient(row, found, unread)
    if isinstance(row.resource, _HELPERS):
        return Explained(reference=row.label, status=HELPS, reasons=unread)
    return others.checked(row, facts, context, rules, unread)


def _patient(row: Row[Resource], found: PatientFacts, unread: tuple[str, ...]) -> Explained:
    person = found.person
    if person is None or person.reference != row.label:
        return Explained(reference=row.label, status="ignored", reasons=("is not the patient of the call",))
    understood = {"born": str(person.born or "unknown"), "gender": person.gender or "unknown"}
    if person.deceased:
        understood["deceased"] = "yes"
    return Explained(reference=row.label, status=USED, reasons=unread, understood=understood)


def _by_reference(found: PatientFacts) -> Mapping[str, list[Any]]:
    by_reference: dict[str, list[Any]] = defaultdict(list)
    for facts in (
        found.exposures,
        found.problems,
        found.pressures,
        found.scores,
        found.answers,
        found.labs,
        found.allergies,
        found.interventions,
        found.service_orders,
    ):
        for fact in facts:
            by_reference[fact.reference].append(fact)
    return by_reference


def _drafts(read: ReadRecord, knowledge: Knowledge, as_of: date) -> Iterator[dict[str, Any]]:
    if read.drafts is None:
        return
    orders = draft_orders(
        read.drafts, read.record, knowledge.terminology, knowledge.reading, as_of, read.chart.patient_id
    )
    depressed = partial(may_be_depressed, read.chart, knowledge, as_of)
    for order in orders:
        about = topic(order, knowledge.orders, knowledge.drugs, knowledge.diagnoses, depressed)
        yield medicines.draft(order, _ABOUT.get(about, str(about)))


def _foreign(raw: bytes) -> Counter[str]:
    """How many resources came of each type that this service does not read."""
    found: Counter[str] = Counter()
    try:
        waiting: list[Any] = [json.loads(raw)]
    except (ValueError, RecursionError):  # what the tolerant reader could make sense of all the same
        return found
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            kind = value.get("resourceType")
            if isinstance(kind, str) and kind not in _READ:
                found[kind] += 1
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found

"""The whole answer of `ketamine-cds check`: entries, draft orders, lists, and what is of no use."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from typing import Any

from mappings.knowledge import Knowledge
from mappings.links import links
from mappings.remarks import Remark, say
from service.answer.read import ReadRecord
from service.answer.relevant_orders import may_be_depressed
from service.assess import assess
from service.assess.orders import Topic, topic
from service.clinical.assessment import Assessment
from service.clinical.facts import Ignored, PatientFacts, Person, SetAside, Unreadable
from service.explain import medicines, others
from service.explain.entries import HELPS, CheckedEntry, Understood, judged
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


def check(raw: bytes, read: ReadRecord, knowledge: Knowledge, profile: str, as_of: date) -> dict[str, Any]:
    """Return what was understood of `raw`, which `read` was read from, and what each entry raises."""
    entries = list(_entries(read, knowledge, assess(read.facts, knowledge, profile, as_of)))
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


def _plain(entry: CheckedEntry) -> dict[str, Any]:
    return {
        "reference": entry.reference,
        "status": entry.status,
        "reasons": [*entry.reasons],
        "understood": dict(entry.understood),
    }


def _entries(read: ReadRecord, knowledge: Knowledge, assessed: Assessment) -> Iterator[CheckedEntry]:
    reading = _Reading(
        person=read.facts.person,
        facts=_by_reference(_facts(read.facts)),
        unread=_by_reference(read.facts.unreadable),
        ignored=_by_reference((*assessed.set_aside, *read.facts.ignored)),
        raised=_raised(assessed),
        rules=others.Rules(rows=links(knowledge), lookup=knowledge.lookup),
    )
    context = Context(
        record=read.record, vocabulary=knowledge.terminology, tables=knowledge.reading, as_of=date.min
    )
    for row in {id(row): row for row in read.record.found.values()}.values():
        yield _entry(row, reading, context)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """What the reading of the record gave, by the reference of each entry."""

    person: Person | None
    facts: Mapping[str, Sequence[Any]]
    unread: Mapping[str, Sequence[Unreadable]]
    ignored: Mapping[str, Sequence[Ignored | SetAside]]
    raised: Mapping[str, Sequence[str]]
    rules: others.Rules


def _entry(row: Row[Any], reading: _Reading, context: Context) -> CheckedEntry:
    label = row.label
    facts = reading.facts.get(label, ())
    unread = tuple(one.reason for one in reading.unread.get(label, ()))
    ignored = tuple(one.reason for one in reading.ignored.get(label, ())) or (say(Remark.NO_RULE),)
    if isinstance(row.resource, _HELPERS):
        return CheckedEntry(reference=label, status=HELPS, reasons=unread)
    if isinstance(row.resource, Patient):
        patient = reading.person if reading.person and reading.person.reference == label else None
        return judged(label, _person(patient), patient is not None, (say(Remark.OTHER_PATIENT),), unread)
    if isinstance(row.resource, _MEDICATIONS):
        understood = medicines.understood(row, facts, context)
    else:
        understood = others.understood(row, facts, reading.rules)
    told = understood | {"raises": [*reading.raised.get(label, ())]}
    return judged(label, told, bool(facts), ignored, unread)


def _raised(assessed: Assessment) -> Mapping[str, list[str]]:
    """Return the flags with their levels, and the triggers, that rest on each entry."""
    raised: dict[str, list[str]] = defaultdict(list)
    for flag in assessed.flags:
        levels = f"esketamine {flag.esketamine or '-'}, ketamine {flag.ketamine or '-'}"
        for reference in flag.evidence:
            raised[reference].append(f"{flag.id} ({levels})")
    for trigger in (*assessed.safety, *assessed.lowered_safety):
        for reference in trigger.evidence:
            raised[reference].append(trigger.id)
    return raised


def _person(person: Person | None) -> Understood:
    if person is None:
        return {}
    understood = {"born": str(person.born or "unknown"), "gender": person.gender or "unknown"}
    return understood | ({"deceased": "yes"} if person.deceased else {})


def _by_reference(entries: Iterable[Any]) -> Mapping[str, list[Any]]:
    by_reference: dict[str, list[Any]] = defaultdict(list)
    for entry in entries:
        by_reference[entry.reference].append(entry)
    return by_reference


def _facts(found: PatientFacts) -> Iterator[Any]:
    return chain(
        found.exposures,
        found.problems,
        found.pressures,
        found.scores,
        found.answers,
        found.labs,
        found.allergies,
        found.interventions,
        found.service_orders,
    )


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
    """Return how many resources came of each type that this service does not read."""
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

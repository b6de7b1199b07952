"""The whole answer of `ketamine-cds check`: entries, draft orders, lists, and unused resources."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import Any

from mappings.knowledge import Knowledge
from mappings.links import links
from mappings.remarks import Remark, say
from mappings.wording import Wording
from service.answer.read import ReadRecord
from service.answer.relevant_orders import may_be_depressed
from service.assess import assess
from service.assess.orders import topic
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.explain import medicines, others
from service.explain.medicines import Understood
from service.fhir.completeness import LISTS
from service.fhir.resources import AnyMedication, AnyResource, Device, Encounter, Medication, Patient, Row
from service.normalise.context import Context
from service.normalise.drafts import draft_orders

USED, IGNORED, UNREADABLE, HELPS = "used", "ignored", "unreadable", "looked up"
_HELPERS = (Encounter, Medication, Device)
_READ = frozenset(str(kind.__struct_config__.tag) for kind in AnyResource.__args__)

ByReference = Mapping[str, Sequence[Any]]


def check(raw: bytes, read: ReadRecord, knowledge: Knowledge, profile: str, as_of: date) -> dict[str, Any]:
    """Return what was understood of `raw`, which `read` was read from, and what each entry raises."""
    entries = list(_entries(read, knowledge, assess(read.facts, knowledge, profile, as_of)))
    named = {entry["reference"] for entry in entries}
    unread = (*read.facts.unreadable, *(read.drafts.unreadable if read.drafts else ()))
    return {
        "asOf": str(as_of),
        "lists": {kind: str(read.facts.list_state(kind)) for kind in sorted(LISTS)},
        "entries": entries,
        "draftOrders": [*_drafts(read, knowledge, as_of)],
        "unreadable": [
            {"reference": entry.reference, "reason": entry.reason}
            for entry in unread
            if entry.reference not in named
        ],
        "notRead": dict(sorted(_foreign(raw).items())),
        "counts": dict(Counter(entry["status"] for entry in entries)),
    }


def _entries(read: ReadRecord, knowledge: Knowledge, assessed: Assessment) -> Iterator[dict[str, Any]]:
    """Yield each entry with the facts read from it, or the reasons why none were."""
    facts = _by_reference(_facts(read.facts))
    unread = _by_reference(read.facts.unreadable)
    ignored = _by_reference((*assessed.set_aside, *read.facts.ignored))
    context = Context(
        record=read.record, vocabulary=knowledge.terminology, tables=knowledge.reading, as_of=date.min
    )
    rules = others.Rules(rows=links(knowledge), lookup=knowledge.lookup)
    raised = _raised(assessed, knowledge.wording)
    for row in {id(row): row for row in read.record.found.values()}.values():
        status, reasons = _judged(row, facts, unread, ignored)
        understood = _understood(row, facts.get(row.label, ()), context, knowledge, rules)
        yield {
            "reference": row.label,
            "status": status,
            "reasons": reasons,
            "understood": _said(understood | {"raises": raised.get(row.label, ())}),
        }


def _judged(
    row: Row[Any], facts: ByReference, unread: ByReference, ignored: ByReference
) -> tuple[str, list[str]]:
    """Return the fate of an entry: used, unreadable with the reason, or ignored with the reason."""
    faults = [entry.reason for entry in unread.get(row.label, ())]
    if isinstance(row.resource, _HELPERS):
        return HELPS, faults
    if row.label in facts or faults:
        return USED if row.label in facts else UNREADABLE, faults
    unused = Remark.OTHER_PATIENT if isinstance(row.resource, Patient) else Remark.NO_RULE
    return IGNORED, [entry.reason for entry in ignored.get(row.label, ())] or [say(unused)]


def _understood(
    row: Row[Any], facts: Sequence[Any], context: Context, knowledge: Knowledge, rules: others.Rules
) -> Understood:
    words = knowledge.wording.sentences["check"]
    if isinstance(row.resource, _HELPERS):
        return {}
    if isinstance(row.resource, AnyMedication.__args__):
        return medicines.understood(row, facts, context, words)
    return others.understood(row, facts, rules, words)


def _raised(assessed: Assessment, wording: Wording) -> Mapping[str, list[str]]:
    """Return, for each entry, the flags with their levels and the triggers that rest on it."""
    raised: dict[str, list[str]] = defaultdict(list)
    for flag in assessed.flags:
        said = wording.sentence("check.flag").format(
            id=flag.id, esketamine=flag.esketamine or "-", ketamine=flag.ketamine or "-"
        )
        for reference in flag.evidence:
            raised[reference].append(said)
    for trigger in (*assessed.safety, *assessed.lowered_safety):
        for reference in trigger.evidence:
            raised[reference].append(trigger.id)
    return raised


def _said(understood: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that are not empty."""
    return {key: value for key, value in understood.items() if value not in (None, "", [], ())}


def _by_reference(entries: Iterable[Any]) -> ByReference:
    by_reference: dict[str, list[Any]] = defaultdict(list)
    for entry in entries:
        by_reference[entry.reference].append(entry)
    return dict(by_reference)


def _facts(found: PatientFacts) -> Iterator[Any]:
    return chain(
        (found.person,) if found.person else (),
        *(found.exposures, found.problems, found.pressures, found.scores, found.answers, found.labs),
        *(found.allergies, found.interventions, found.service_orders),
    )


def _drafts(read: ReadRecord, knowledge: Knowledge, as_of: date) -> Iterator[dict[str, Any]]:
    if read.drafts is None:
        return
    wording = knowledge.wording
    orders = draft_orders(
        read.drafts, read.record, knowledge.terminology, knowledge.reading, as_of, read.chart.patient_id
    )
    depressed = partial(may_be_depressed, read.chart, knowledge, as_of)
    for order in orders:
        about = topic(order, knowledge.orders, knowledge.drugs, knowledge.diagnoses, depressed)
        said = wording.words["order_about"][about.name.lower().replace("_", "-")]
        yield _said(medicines.draft(order, said, wording.sentences["check"]))


def _foreign(raw: bytes) -> Counter[str]:
    """Count the resources of each type that this service does not read."""
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

"""Each resource once, in a fixed order, whatever copies were sent in whatever order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from service.fhir.bundles import KINDS, ReceivedResource, label
from service.fhir.resources import (
    CodeableConcept,
    Condition,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Procedure,
    QuestionnaireResponse,
    Resource,
    Row,
    ServiceRequest,
)

# The element that dates a resource of each type.
_DATED: dict[type, str] = {
    Condition: "recorded_date",
    MedicationRequest: "authored_on",
    MedicationDispense: "when_handed_over",
    MedicationStatement: "effective_date_time",
    MedicationAdministration: "effective_date_time",
    Observation: "effective_date_time",
    QuestionnaireResponse: "authored",
    Procedure: "performed_date_time",
    ServiceRequest: "authored_on",
}
_DAY = slice(0, 10)

Subject = tuple[str, str]
R = TypeVar("R", bound=Resource)


def once(sent: Iterable[ReceivedResource]) -> dict[str, Row[Resource]]:
    """Return each resource once, under its label; the same id on two servers is two resources.

    Of two copies the later version stands, of two equally old ones the one that says more. Two resources of
    one id and no version, of different drugs, codes or days, are no copies: each stands.
    """
    rows: dict[str, Row[Resource]] = {}
    again: dict[str, list[Row[Resource]]] = {}
    for each in sent:
        row = _row(each)
        known = rows.setdefault(row.label, row)
        if known is not row:
            again.setdefault(row.label, [known]).append(row)
    for name, copies in again.items():
        first, *others = _by_server(copies)
        rows[name] = first
        for row in others:
            rows.setdefault(row.url if row.label == name else row.label, row)
    return rows


def in_order(rows: Iterable[Row[R]]) -> tuple[Row[R], ...]:
    """Return resources of one type by date and label, whatever the order they were sent in."""
    return tuple(sorted(rows, key=lambda row: (_dated(row.resource), len(row.label), row.label)))


def _row(sent: ReceivedResource) -> Row[Resource]:
    resource = sent.resource
    kind = KINDS[type(resource)]
    name = f"{kind}/{resource.id}" if resource.id else label(kind, "", sent.place, sent.url)
    return Row(name, resource, sent.url)


def _server(row: Row[Resource]) -> str:
    """Return the server of an address on the web; "" if the address names none."""
    return row.url.removesuffix(row.label) if row.url.startswith("http") else ""


def _by_server(rows: Iterable[Row[Resource]]) -> Iterator[Row[Resource]]:
    """Yield the resources of one id on each server; one without an address may be of any."""
    servers: dict[str, list[Row[Resource]]] = {}
    for row in rows:
        servers.setdefault(_server(row), []).append(row)
    anywhere = servers.pop("", [])
    first, *others = [servers[server] for server in sorted(servers)] or [[]]
    for copies in ([*first, *anywhere], *others):
        yield from _distinct(copies)


def _distinct(rows: Sequence[Row[Resource]]) -> Iterator[Row[Resource]]:
    """Yield the resources of one id: the best where versions show copies, else each, numbered."""
    copies: dict[Subject, Row[Resource]] = {}
    versioned = any(_updated(row.resource) for row in rows)
    for row in rows:
        subject = ("", "") if versioned else _subject(row.resource)
        known = copies.get(subject)
        copies[subject] = row if known is None else _better(known, row)
    for number, subject in enumerate(sorted(copies), start=1):
        row = copies[subject]
        yield row if number == 1 else replace(row, label=f"{row.label} ({number})")


def _better(one: Row[Resource], other: Row[Resource]) -> Row[Resource]:
    """Return the later version of two copies or, of equally old ones, the fuller one."""
    if one.resource == other.resource:
        return one if one.url else other
    best, rest = (one, other) if _rank(one.resource) >= _rank(other.resource) else (other, one)
    return best if best.url else replace(best, url=rest.url)


def _rank(resource: Resource) -> tuple[str, bool, int, bytes]:
    written = msgspec.json.encode(resource)
    erroneous = getattr(resource, "status", "") == "entered-in-error"
    return _updated(resource), not erroneous, len(written), written


def _updated(resource: Resource) -> str:
    return resource.meta.last_updated if resource.meta else ""


def _subject(resource: Resource) -> Subject:
    """Return the drug or code, and the day, of a resource."""
    concept = getattr(resource, "code", None) or getattr(resource, "medication_codeable_concept", None)
    return _name(concept) if isinstance(concept, CodeableConcept) else "", _dated(resource)[_DAY]


def _dated(resource: Resource) -> str:
    name = _DATED.get(type(resource))
    return getattr(resource, name) if name else ""


def _name(concept: CodeableConcept) -> str:
    codes = sorted(coding.code for coding in concept.coding if coding.code)
    return codes[0] if codes else concept.text.casefold().strip()

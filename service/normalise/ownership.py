"""Whose record it is: resources about another person are set aside, never mixed in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from mappings.remarks import Remark, say
from service.clinical.facts import Unreadable
from service.fhir.resources import Identifier, Patient, Record, Reference, Resource, Row, tail
from service.normalise.context import unreadable

T = TypeVar("T", bound=Resource)
_LISTS = (
    "encounters",
    "conditions",
    "requests",
    "dispenses",
    "statements",
    "administrations",
    "observations",
    "questionnaires",
    "allergies",
    "procedures",
    "devices",
    "device_uses",
    "service_requests",
)


@dataclass(frozen=True, slots=True)
class Owner:
    """The references that mean the patient; no `ids` and no `urls`: it cannot be told who that is."""

    ids: frozenset[str]
    urls: frozenset[str]
    identifiers: frozenset[Identifier]

    def is_meant_by(self, reference: Reference | None) -> bool:
        """Whether a subject is the patient; a missing subject is taken to be."""
        if reference is None or not (reference.reference or reference.identifier):
            return True
        if not reference.reference:
            return reference.identifier in self.identifiers
        if reference.reference in self.urls:
            return True
        kind, _, identity = tail(reference.reference, "Patient").partition("/")
        return kind == "Patient" and identity in self.ids


def patient_row(record: Record, patient_id: str | None) -> Row[Patient] | None:
    """The Patient the record is about: the one with `patient_id`, or without an id the only one."""
    if patient_id is None:
        return record.patients[0] if len(record.patients) == 1 else None
    wanted = f"Patient/{bare_id(patient_id)}"
    return next((row for row in record.patients if row.label == wanted), None)


def bare_id(patient_id: str) -> str:
    """A patient id with or without its `Patient/`."""
    return patient_id.rsplit("/", 1)[-1]


def owned(record: Record, patient_id: str | None, unread: list[Unreadable]) -> Record:
    """The record without what is about somebody else, which is added to `unread`."""
    owner = _owner(record, patient_id)
    kept: dict[str, Any] = {name: _own(getattr(record, name), owner, unread) for name in _LISTS}
    return replace(record, **kept)


def is_about(reference: Reference | None, record: Record, patient_id: str | None) -> bool:
    """Whether a subject is the patient of the record."""
    return _owner(record, patient_id).is_meant_by(reference)


def _owner(record: Record, patient_id: str | None) -> Owner:
    row = patient_row(record, patient_id)
    ids = {bare_id(patient_id)} if patient_id else set()
    if row is not None:
        ids |= {row.label.partition("/")[2]}
    if not ids and not record.patients:
        ids = _only_subject(record)
    return Owner(
        ids=frozenset(ids - {""}),
        urls=frozenset({row.url} - {""}) if row else frozenset(),
        identifiers=frozenset(row.resource.identifier) if row else frozenset(),
    )


def _only_subject(record: Record) -> set[str]:
    """Without any Patient: the one person that everything is about, if it is one."""
    references = (_subject(row.resource) for name in _LISTS for row in getattr(record, name))
    named = {tail(r.reference, "Patient").partition("/")[2] for r in references if r and r.reference}
    return named if len(named) == 1 else set()


def _own(rows: Iterable[Row[T]], owner: Owner, unread: list[Unreadable]) -> tuple[Row[T], ...]:
    judged: dict[Reference | None, bool] = {}
    kept = []
    for row in rows:
        subject = _subject(row.resource)
        if subject not in judged:
            judged[subject] = owner.is_meant_by(subject)
        if judged[subject]:
            kept.append(row)
        else:
            unread.append(replace(unreadable(row.label, say(Remark.OTHER_PERSON)), foreign=True))
    return tuple(kept)


def _subject(resource: Resource) -> Reference | None:
    subject = getattr(resource, "subject", None) or getattr(resource, "patient", None)
    return subject if isinstance(subject, Reference) else None

"""Whose record it is: resources about another person are set aside, never mixed in."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mappings.remarks import Remark
from service.clinical.facts import Unreadable
from service.fhir.resources import Identifier, Patient, Record, Reference, Row, tail
from service.normalise.outcomes import unreadable

_LISTS: Mapping[str, Callable[[Row[Any]], Reference | None]] = {
    **dict.fromkeys(
        (
            "encounters",
            "conditions",
            "requests",
            "dispenses",
            "statements",
            "administrations",
            "observations",
            "questionnaires",
            "procedures",
            "device_uses",
            "service_requests",
        ),
        attrgetter("resource.subject"),
    ),
    **dict.fromkeys(("allergies", "devices"), attrgetter("resource.patient")),
}
"""The lists of a record that are of one person, and where a row of each says of whom."""


class Owner(Struct, frozen=True, gc=False):
    """The references that mean the patient; without `ids` and `urls` the patient is unknown."""

    ids: frozenset[str]
    urls: frozenset[str]
    identifiers: frozenset[Identifier]

    def is_meant_by(self, reference: Reference | None) -> bool:
        """Tell whether a subject is the patient; a missing subject is taken to be."""
        if reference is None or not (reference.reference or reference.identifier):
            return True
        if not reference.reference:
            return reference.identifier in self.identifiers
        if reference.reference in self.urls:
            return True
        kind, _, identity = tail(reference.reference, "Patient").partition("/")
        return kind == "Patient" and identity in self.ids


def patient_row(record: Record, patient_id: str | None) -> Row[Patient] | None:
    """Return the Patient the record is about: the one with `patient_id`, or without an id the only one."""
    if patient_id is None:
        return record.patients[0] if len(record.patients) == 1 else None
    wanted = f"Patient/{bare_id(patient_id)}"
    return next((row for row in record.patients if row.label == wanted), None)


def bare_id(patient_id: str) -> str:
    """Return a patient id with or without its `Patient/`."""
    return patient_id.rsplit("/", 1)[-1]


def owned(record: Record, patient_id: str | None) -> tuple[Record, tuple[Unreadable, ...]]:
    """Return the record without resources about another person, and those resources."""
    owner = _owner(record, patient_id)
    judged: dict[Reference | None, bool] = {}  # each distinct subject is judged once
    kept: dict[str, Any] = {}
    foreign: list[Row[Any]] = []
    for name, subject_of in _LISTS.items():
        rows: tuple[Row[Any], ...] = getattr(record, name)
        subjects = set(map(subject_of, rows))
        judged |= {subject: owner.is_meant_by(subject) for subject in subjects - judged.keys()}
        if not all(judged[subject] for subject in subjects):
            kept[name] = tuple(row for row in rows if judged[subject_of(row)])
            foreign += (row for row in rows if not judged[subject_of(row)])
    if not foreign:
        return record, ()
    return replace(record, **kept), tuple(unreadable(row.label, Remark.OTHER_PERSON) for row in foreign)


def is_about(reference: Reference | None, record: Record, patient_id: str | None) -> bool:
    """Tell whether a subject is the patient of the record."""
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
    """Return, without a Patient, the owner if all resources are about one person."""
    references = {r for name, subject_of in _LISTS.items() for r in map(subject_of, getattr(record, name))}
    named = {tail(r.reference, "Patient").partition("/")[2] for r in references if r and r.reference}
    return named if len(named) == 1 else set()

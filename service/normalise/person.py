"""The Patient: birth, gender and death as recorded."""

from collections.abc import Iterator

from mappings.remarks import Remark
from service.clinical.facts import Person, Unreadable
from service.fhir.resources import Patient, Row
from service.normalise.dates import readable, when
from service.normalise.outcomes import unreadable


def person(row: Row[Patient] | None) -> Person | None:
    """Return the person; a missing or invalid birth date leaves the age unknown."""
    if row is None:
        return None
    patient = row.resource
    return Person(
        reference=row.label,
        born=when(patient.birth_date),
        gender=patient.gender.strip().lower(),
        deceased=patient.deceased_boolean or bool(patient.deceased_date_time.strip()),
    )


def lost_birth(row: Row[Patient] | None) -> Iterator[Unreadable]:
    """Report a birth date that is not a date."""
    if row is not None and not readable(row.resource.birth_date):
        yield unreadable(row.label, Remark.NOT_A_DATE, field="birthDate")

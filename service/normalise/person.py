"""The Patient: birth, gender and death as recorded."""

from mappings.remarks import Remark, say
from service.clinical.facts import Person, Unreadable
from service.fhir.resources import Patient, Row
from service.normalise.context import unreadable
from service.normalise.dates import readable, when


def person(row: Row[Patient] | None, unread: list[Unreadable]) -> Person | None:
    """The person; a birth date that is missing or no date leaves the age unknown."""
    if row is None:
        return None
    patient = row.resource
    if not readable(patient.birth_date):
        unread.append(unreadable(row.label, say(Remark.NOT_A_DATE, field="birthDate")))
    return Person(
        reference=row.label,
        born=when(patient.birth_date),
        gender=patient.gender.strip().lower(),
        deceased=patient.deceased_boolean or bool(patient.deceased_date_time.strip()),
    )

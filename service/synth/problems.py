"""Writes down the patient, the problem and allergy lists, and what speaks of esketamine already."""

from collections.abc import Iterator
from typing import Any

from mappings.systems import SystemId
from service.synth.tables import CodeNames
from service.synth.writing import ICD10_GM, META, Json, Writer, coded, status, uri

_LONG_AGO = -60  # when an entry without an onset was written down, where no course tells
_NKDA, _PENICILLIN = "none known", "penicillin"


def patient(writer: Writer) -> Json:
    """Return the Patient, whose name says that it is nobody."""
    person = writer.history.person
    place = {"country": "DE"} if writer.german else {"state": person.state, "country": "US"}
    made: Json = {
        "resourceType": "Patient",
        "id": person.id,
        "meta": META,
        "name": [{"family": "Synthetic", "given": [person.id]}],
        "gender": "female" if person.female else "male",
        "birthDate": writer.day(person.born),
        "address": [place],
    }
    return made | ({"deceasedBoolean": True} if person.deceased else {})


def problems(writer: Writer) -> Iterator[Json]:
    """Yield the problem list."""
    history = writer.history
    diagnosis = history.diagnosis
    codes = diagnosis.german if writer.german else diagnosis.codes
    if codes:
        first = min((c.use.start for c in history.courses if not c.earlier), default=_LONG_AGO)
        recorded = history.onset if history.onset is not None else first
        state = "active" if diagnosis.opens else "remission"
        yield _condition(writer, codes[history.code % len(codes)], state, history.onset, recorded)
    for illness in history.illnesses:
        codes = illness.finding.german if writer.german else illness.finding.codes
        yield _condition(writer, codes[0], "active", illness.since, illness.since)


def _condition(writer: Writer, row: str, state: str, onset: int | None, recorded: int) -> Json:
    members: Json = {
        "clinicalStatus": status("condition-clinical", state),
        "verificationStatus": status("condition-ver-status", "confirmed"),
        "category": [status("condition-category", "problem-list-item")],
        "code": coded(ICD10_GM if writer.german else uri(SystemId.ICD10), row),
        "recordedDate": writer.day(recorded),
    }
    if onset is not None:
        members["onsetDateTime"] = writer.day(onset)
    return writer.resource("Condition", members)


def allergies(writer: Writer, codes: CodeNames) -> Iterator[Json]:
    """Yield what stands in the allergy list."""
    name = writer.history.allergy
    if not name:
        return
    code: Any = {"text": "Penicillin"}
    if name != _PENICILLIN:
        none = name == _NKDA
        system = SystemId.SNOMED if none else SystemId.RXNORM
        code = coded(uri(system), codes.no_known_allergy if none else codes.ketamine)
    members = {
        "clinicalStatus": status("allergyintolerance-clinical", "active"),
        "verificationStatus": status("allergyintolerance-verification", "confirmed"),
        "code": code,
        "recordedDate": writer.day(_LONG_AGO),
    }
    yield writer.resource("AllergyIntolerance", members, about="patient")


def existing(writer: Writer, codes: CodeNames) -> Iterator[Json]:
    """Yield an open referral, or the treatments that are going on."""
    history = writer.history
    if history.referred is not None:
        members: Json = {
            "status": "active",
            "intent": "order",
            "code": {"text": "Referral for evaluation for esketamine"},
            "authoredOn": writer.day(history.referred),
        }
        yield writer.resource("ServiceRequest", members)
    for day in history.treated:
        members = {
            "status": "completed",
            "medicationCodeableConcept": coded(uri(SystemId.RXNORM), codes.esketamine),
            "effectiveDateTime": writer.day(day),
        }
        yield writer.resource("MedicationAdministration", members)

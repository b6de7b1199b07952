"""Whose record it is."""

import json

import pytest

from service.clinical.facts import PatientFacts
from service.fhir.record import read_bundle
from service.normalise import facts
from tests.normalise.made import (
    AS_OF,
    Json,
    bundle,
    condition,
    patient,
    read,
    reasons,
    request,
    tables,
    terminology,
)


def from_entries(*entries: Json, patient_id: str | None = None) -> PatientFacts:
    """The facts of a Bundle with these entries."""
    raw = json.dumps({"resourceType": "Bundle", "entry": list(entries)}).encode()
    return facts(read_bundle(raw), terminology(), tables(), AS_OF, patient_id=patient_id)


@pytest.mark.parametrize(
    "reference", ["Patient/p", "https://ehr.example.org/r4/Patient/p", "Patient/p/_history/2", "urn:uuid:p"]
)
def test_the_patient_in_any_form_of_reference(reference: str) -> None:
    """Quirk 104: never compared as a string only."""
    assert len(read(condition(subject={"reference": reference})).problems) == 1


def test_the_full_url_of_the_patient_is_the_patient() -> None:
    """Quirk 104: urn:uuid subjects lead to the entry with that fullUrl."""
    found = from_entries(
        {"fullUrl": "urn:uuid:11111111-2222-4333-8444-555555555500", "resource": patient(id="other-id")},
        {"resource": condition(subject={"reference": "urn:uuid:11111111-2222-4333-8444-555555555500"})},
        patient_id="Patient/other-id",
    )
    assert len(found.problems) == 1


def test_an_identifier_of_the_patient_is_the_patient() -> None:
    """A logical reference names the patient by a number of theirs."""
    mrn = {"system": "http://hospital.example.org/mrn", "value": "D-1"}
    found = read(patient(identifier=[mrn]), condition(subject={"identifier": mrn}))
    assert len(found.problems) == 1
    assert (
        read(patient(identifier=[mrn]), condition(subject={"identifier": mrn | {"value": "D-2"}})).problems
        == ()
    )


def test_a_missing_subject_is_the_patient() -> None:
    """What came with the record and names nobody is about its patient."""
    assert len(read(condition(subject=None)).problems) == 1


@pytest.mark.parametrize(
    "reference", ["Patient/q", "urn:uuid:q", "Group/p", "#p", "https://ehr.example.org/r4/Patient/q"]
)
def test_what_is_about_somebody_else_is_set_aside(reference: str) -> None:
    """Quirk 106: never mixed in, never silent."""
    found = read(condition(subject={"reference": reference}), request(subject={"reference": reference}))
    assert (found.problems, found.exposures) == ((), ())
    assert {one.reference for one in found.unreadable} == {"Condition/c", "MedicationRequest/rx"}


def test_another_patient_is_nobody() -> None:
    """A Patient other than the one asked for: the person is unknown."""
    assert read(patient(id="q"), patient_id="p").person is None


def test_the_patient_asked_for_is_found_with_and_without_prefix() -> None:
    """Section G: context.patientId comes as `id` and as `Patient/id`."""
    for patient_id in ("p", "Patient/p"):
        found = read(patient_id=patient_id).person
        assert found is not None
        assert found.reference == "Patient/p"


def test_a_record_without_a_patient_is_about_one_person_or_nobody() -> None:
    """Two subjects and no Patient: whose record it is cannot be told."""
    one, other = condition(), condition(id="d", subject={"reference": "Patient/q"})
    raw = json.dumps(bundle(one)).encode()
    assert len(facts(read_bundle(raw), terminology(), tables(), AS_OF).problems) == 1
    raw = json.dumps(bundle(one, other)).encode()
    found = facts(read_bundle(raw), terminology(), tables(), AS_OF)
    assert found.problems == ()
    assert len(reasons(found)) == 2


@pytest.mark.parametrize(
    ("members", "born", "deceased"),
    [
        ({}, "1980-05-17", False),
        ({"birthDate": "1970-01"}, "1970-01-01 to 1970-01-31", False),
        ({"birthDate": None}, "None", False),
        (
            {"birthDate": None, "_birthDate": {"extension": [{"url": "x", "valueCode": "unknown"}]}},
            "None",
            False,
        ),
        ({"deceasedBoolean": True}, "1980-05-17", True),
        ({"deceasedDateTime": "2025"}, "1980-05-17", True),
        ({"deceasedBoolean": False}, "1980-05-17", False),
    ],
)
def test_birth_and_death(members: Json, born: str, deceased: bool) -> None:
    """Quirks 97, 99, 101, 107 and 108."""
    found = read(patient(**members)).person
    assert found is not None
    assert (str(found.born), found.deceased) == (born, deceased)


@pytest.mark.parametrize(("gender", "expected"), [(None, ""), ("unknown", "unknown"), ("male", "male")])
def test_gender_as_recorded(gender: str | None, expected: str) -> None:
    """Quirk 98: missing and unknown are not guessed."""
    found = read(patient(gender=gender)).person
    assert found is not None
    assert found.gender == expected


def test_an_impossible_birth_date_is_listed() -> None:
    """The age is unknown, and it is said why."""
    assert reasons(read(patient(birthDate="1980-02-30"))) == ["Patient/p: birthDate is not a date"]

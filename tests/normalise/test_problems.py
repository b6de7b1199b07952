"""Conditions as problems."""

from datetime import date
from typing import Any

import pytest

from service.clinical.facts import Code, Problem
from service.clinical.statement import Stance
from tests.normalise.made import ICD10CM, SNOMED, Json, concept, condition, patient, read, reasons

REFUTED = {"coding": [{"code": "refuted"}]}


def problem(**members: Any) -> Problem:
    """The only problem that a condition gives."""
    (only,) = read(condition(**members)).problems
    return only


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_refuted_and_mistaken_entries_are_no_problems(status: str) -> None:
    """Quirk 61: left out, and nothing to list."""
    found = read(condition(verificationStatus={"coding": [{"code": status}]}))
    assert (found.problems, found.unreadable) == ((), ())


def test_a_stub_of_a_deleted_entry_is_left_out() -> None:
    """Section H: a deleted record comes back with hardly more than entered-in-error."""
    stub = {"resourceType": "Condition", "id": "c", "verificationStatus": {"text": "Entered-in-error"}}
    found = read(stub)
    assert (found.problems, found.unreadable) == ((), ())


def test_a_missing_verification_is_asserted() -> None:
    """Quirk 60."""
    found = problem(verificationStatus=None)
    assert (found.verification, found.unconfirmed) == ("", False)


@pytest.mark.parametrize("status", ["unconfirmed", "provisional", "differential"])
def test_suspicions_are_kept_and_marked(status: str) -> None:
    """Quirk 62."""
    assert problem(verificationStatus={"coding": [{"code": status}]}).unconfirmed


@pytest.mark.parametrize(
    ("status", "active"),
    [
        ("active", True),
        ("recurrence", True),
        ("relapse", True),
        ("inactive", False),
        ("remission", False),
        ("resolved", False),
    ],
)
def test_the_clinical_status(status: str, active: bool) -> None:
    """Quirks 64 to 66."""
    assert problem(clinicalStatus={"coding": [{"code": status}]}).active is active


def test_a_missing_clinical_status_does_not_drop_it() -> None:
    """Quirk 63."""
    assert problem(clinicalStatus=None).active


@pytest.mark.parametrize(
    "ended",
    [
        {"abatementDateTime": "2024-05"},
        {"abatementAge": {"value": 40, "unit": "years"}},
        {"abatementPeriod": {"start": "2023", "end": "2024"}},
        {"abatementString": "some years ago"},
        {"abatementRange": {"low": {"value": 30, "unit": "a"}, "high": {"value": 40, "unit": "a"}}},
    ],
)
def test_an_abatement_of_any_type_ends_it(ended: Json) -> None:
    """Quirks 67 and 70: the abatement wins over the status, whatever its type."""
    found = problem(**ended)
    assert (found.abated, found.active) == (True, False)


def test_an_abatement_that_lies_ahead_is_none_yet() -> None:
    """On the day of evaluation it has not ended."""
    assert problem(abatementDateTime="2027-01-01").active


@pytest.mark.parametrize(
    ("onset", "first", "last"),
    [
        ({"onsetDateTime": "2019-06-12"}, date(2019, 6, 12), date(2019, 6, 12)),
        ({"onsetDateTime": "2021"}, date(2021, 1, 1), date(2021, 12, 31)),
        ({"onsetPeriod": {"start": "2010", "end": "2011-05"}}, date(2010, 1, 1), date(2011, 5, 31)),
        ({"onsetString": "2015-03"}, date(2015, 3, 1), date(2015, 3, 31)),
    ],
)
def test_an_onset_of_any_type_is_read(onset: Json, first: date, last: date) -> None:
    """Quirk 70."""
    found = problem(**onset).onset
    assert found is not None
    assert (found.first, found.last) == (first, last)


def test_an_onset_age_is_counted_from_birth() -> None:
    """Quirk 70: 31 years of somebody born on 1980-05-17 are the year from 2011-05-17."""
    found = problem(onsetAge={"value": 31, "unit": "years", "code": "a"}).onset
    assert found is not None
    assert found.first <= date(2011, 5, 17) <= date(2012, 5, 16) <= found.last


def test_an_onset_age_without_a_birth_date_is_unknown() -> None:
    """There is nothing to count from."""
    found = read(patient(birthDate=None), condition(onsetAge={"value": 31, "code": "a"}))
    assert found.problems[0].onset is None


def test_an_onset_in_words_is_unknown() -> None:
    """Quirk 70: "some years ago" crashes nothing and dates nothing."""
    assert problem(onsetString="some years ago").onset is None


def test_the_day_of_recording_is_kept_apart_from_the_onset() -> None:
    """Quirk 69: without an onset the problem is dated by its recording, else by its encounter."""
    recorded = problem(recordedDate="2023-11-04")
    assert recorded.onset is None
    assert str(recorded.dated) == "2023-11-04"
    encounter = {"resourceType": "Encounter", "id": "e", "period": {"start": "2023-11-05"}}
    (seen,) = read(condition(encounter={"reference": "Encounter/e"}), encounter).problems
    assert str(seen.dated) == "2023-11-05"


def test_a_problem_without_any_date_stays() -> None:
    """Quirk 69: undated is not unknown to be."""
    assert problem().dated is None


def test_a_problem_of_the_future_is_not_known_yet() -> None:
    """Resources dated after the day of evaluation are ignored."""
    assert read(condition(onsetDateTime="2026-11-03")).problems == ()


def test_an_impossible_onset_is_named() -> None:
    """The problem stays, and its date is listed as unreadable."""
    found = read(condition(onsetDateTime="2024-02-30"))
    assert len(found.problems) == 1
    assert reasons(found) == ["Condition/c: onsetDateTime is not a date"]


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (ICD10CM, "f33.2", Code(system="icd10", code="F33.2")),
        (ICD10CM, "F332", Code(system="icd10", code="F33.2")),
        ("http://hl7.org/fhir/sid/icd-10", "F31.7", Code(system="icd10", code="F31.7")),
        ("http://id.who.int/icd/release/10/2019", "F31.7", Code(system="icd10", code="F31.7")),
        ("http://id.who.int/icd/release/10", "I67.1", Code(system="icd10", code="I67.1")),
        ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "I67.10", Code(system="icd10", code="I67.10")),
        ("http://fhir.de/CodeSystem/dimdi/icd-10-gm|2023", "I67.11", Code(system="icd10", code="I67.11")),
        ("urn:oid:1.2.276.0.76.5.409", "F33.2", Code(system="icd10", code="F33.2")),
        ("http://hl7.org/fhir/sid/icd-10", "F00.1*", Code(system="icd10", code="F00.1")),
        ("urn:oid:2.16.840.1.113883.6.90", "I71.4", Code(system="icd10", code="I71.4")),
        ("http://snomed.info/sct/", "370143000", Code(system="snomed", code="370143000")),
        ("https://snomed.info/sct", "370143000", Code(system="snomed", code="370143000")),
        ("http://snomed.info/sct/731000124108", " 370143000 ", Code(system="snomed", code="370143000")),
        ("urn:oid:2.16.840.1.113883.6.96", "370143000", Code(system="snomed", code="370143000")),
        ("http://hl7.org/fhir/sid/icd-9-cm", "296.33", Code(system="", code="296.33")),
    ],
)
def test_code_systems_as_they_are_written(system: str, code: str, expected: Code) -> None:
    """Quirks 72 and 73: WHO and CM editions, OIDs, trailing slashes, https, editions, missing dots."""
    assert problem(code={"coding": [{"system": system, "code": code}], "text": "x"}).codes == (expected,)


def test_every_coding_is_read_and_one_without_a_system_is_no_obstacle() -> None:
    """Quirks 71 and 74: groups come from the SNOMED CT sibling."""
    told = {
        "coding": [
            {"code": "1234"},
            {"system": SNOMED, "code": "370143000"},
            {"system": ICD10CM, "code": "F33.9"},
        ]
    }
    found = problem(code=told)
    assert [c.system for c in found.codes] == ["", "snomed", "icd10"]
    assert "mdd" in found.groups


def test_text_alone_is_read() -> None:
    """Text is the last resort (quirk 76); what is read by its words is not unreadable."""
    found = read(condition(code={"text": "brain aneurysm, watched"}))
    assert (found.problems[0].text, found.problems[0].unlisted) == ("brain aneurysm, watched", True)
    assert reasons(found) == []


@pytest.mark.parametrize(("code", "unlisted"), [("I71.4", False), ("I10", True)])
def test_words_count_where_no_table_names_the_code(code: str, unlisted: bool) -> None:
    """R14.2: an entry whose codes no table names is known by its words only."""
    assert problem(code=concept(code, ICD10CM, "as written")).unlisted is unlisted


def test_nothing_usable_is_listed() -> None:
    """Neither code nor text: not a problem, and not silence."""
    found = read(condition(code={"coding": [{"code": "1234"}]}))
    assert found.problems == ()
    assert reasons(found) == ["Condition/c: no usable code or text"]


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("No history of aneurysm", Stance.DENIED),
        ("Family history of bipolar disorder", Stance.ANOTHER),
        ("Aneurysm ruled out", Stance.DENIED),
        ("Denies psychosis", Stance.DENIED),
        ("rule out bipolar disorder", Stance.SUSPECTED),
    ],
)
def test_words_keep_what_they_say(text: str, stance: Stance) -> None:
    """Clinical rule 5 and R14.3: an entry that denies, suspects or tells of the family is kept as such."""
    assert problem(code={"text": text}, verificationStatus=None).wordings[0].says.named == (stance,)


def test_text_that_denies_its_code_leaves_the_code() -> None:
    """R14.1: a text never deletes a code."""
    found = read(condition(code=concept("I71.4", ICD10CM, "No history of aneurysm")))
    assert [one.codes[0].code for one in found.problems] == ["I71.4"]
    assert reasons(found) == []


@pytest.mark.parametrize(("text", "unconfirmed"), [("rule out bipolar disorder", True), ("bipolar", False)])
def test_a_suspicion_in_the_words_of_a_code_without_a_status(text: str, unconfirmed: bool) -> None:
    """ "Rule out" beside a code that states no verificationStatus is a suspicion, not a finding."""
    found = problem(code=concept("F31.9", ICD10CM, text), verificationStatus=None)
    assert found.unconfirmed is unconfirmed


@pytest.mark.parametrize("code", ["160245001", "no-known-problems", "no-problem-info"])
def test_no_current_problems_is_an_empty_list(code: str) -> None:
    """R14.4: a statement that there is no problem is neither a problem nor unread."""
    coding = {"system": "http://snomed.info/sct" if code.isdigit() else "urn:local", "code": code}
    found = read(condition(code={"coding": [coding]}))
    assert (found.problems, reasons(found)) == ((), [])


def test_the_stage_is_kept_in_words() -> None:
    """The Child-Pugh class may stand in the stage."""
    assert problem(stage=[{"summary": {"text": "Child-Pugh class B"}}]).stage == "Child-Pugh class B"


def test_family_members_are_never_read() -> None:
    """FamilyMemberHistory is somebody else's history."""
    family = {"resourceType": "FamilyMemberHistory", "id": "f", "patient": {"reference": "Patient/p"}}
    found = read(family)
    assert (found.problems, found.unreadable) == ((), ())

"""`ketamine-cds check`: what the service understood of a record, entry by entry."""

import json
from datetime import date
from functools import cache
from typing import Any

import pytest

from mappings.knowledge import Knowledge, load_knowledge
from service.answer.read import read_document
from service.explain.check import check
from tests.house.test_cli import ORDER, ketamine_cds, refused
from tests.normalise.made import (
    ICD10CM,
    LOINC,
    Json,
    administration,
    bundle,
    concept,
    condition,
    dispense,
    mg,
    observation,
    patient,
    quantity,
    request,
    statement,
)

DAY = date(2026, 11, 2)
AS_OF = ("--as-of", str(DAY))


@cache
def knowledge() -> Knowledge:
    """The shipped rules."""
    return load_knowledge()


def checked(*resources: Json) -> dict[str, Any]:
    """The answer about a Bundle of the patient and these resources."""
    raw = json.dumps(bundle(patient(), *resources)).encode()
    call = read_document(raw, knowledge(), DAY)
    return check(raw, call, knowledge(), "default", DAY)


def entry(resource: Json, *others: Json) -> dict[str, Any]:
    """The entry of the first of these resources."""
    reference = f"{resource['resourceType']}/{resource['id']}"
    found = [one for one in checked(resource, *others)["entries"] if one["reference"] == reference]
    (only,) = found
    return dict(only)


def test_a_medicine_tells_identity_dose_period_and_reason() -> None:
    """An order shows how the drug was identified, mg a day, from when to when, and what for."""
    found = entry(request(dosageInstruction=[mg(150)], reasonCode=[{"text": "Depression"}]))
    understood = found["understood"]
    assert found["status"] == "used"
    assert (understood["identifiedAs"], understood["identifiedBy"]) == ("sertraline", "code")
    assert understood["dose"] == ["sertraline: 150 mg a day"]
    assert (understood["from"], understood["to"]) == ("2026-01-10", "not stated")
    assert understood["reasons"] == ["Depression (depression)"]


def test_a_dispense_tells_its_supply() -> None:
    """A supply shows its days."""
    supply = {"value": 30, "unit": "d", "code": "d"}
    assert entry(dispense(daysSupply=supply))["understood"]["supply"] == "30 days"


@pytest.mark.parametrize(
    ("resource", "status", "reason"),
    [
        (request(status="cancelled"), "ignored", "status cancelled"),
        (request(doNotPerform=True), "ignored", "doNotPerform"),
        (request(intent="proposal"), "ignored", "intent proposal"),
        (request(authoredOn="2026-12-24"), "ignored", "begins after 2026-11-02"),
        (request("29046 lisinopril"), "ignored", "no rule looks at this medicine"),
        (request(status="who knows"), "unreadable", "status is missing or unknown"),
        (request(medicationCodeableConcept={"text": "sertaline"}), "unreadable", "resembles sertraline"),
        (dispense(status="declined"), "ignored", "status declined"),
        (statement(status="entered-in-error"), "ignored", "status entered-in-error"),
        (administration(status="not-done"), "ignored", "status not-done"),
        (request(subject={"reference": "Patient/other"}), "unreadable", "another person"),
        (condition(verificationStatus={"text": "refuted"}), "ignored", "verificationStatus refuted"),
        (condition(code={}), "unreadable", "no usable code or text"),
        (observation("44261-6", status="cancelled", valueInteger=20), "ignored", "status cancelled"),
        (observation("9279-1", valueInteger=14), "ignored", "no rule looks at it"),
        (observation("44261-6", valueInteger=99), "unreadable", "is no PHQ-9 total"),
    ],
)  # fmt: skip
def test_what_is_not_used_says_why(resource: Json, status: str, reason: str) -> None:
    """Each entry is used, ignored or unreadable, and never without a reason."""
    found = entry(resource)
    assert found["status"] == status
    assert reason in found["reasons"][0]


def test_problems_lead_to_the_rules_that_look_at_them() -> None:
    """A problem shows its state and which flags and diagnoses it may raise; one of no rule says so."""
    found = entry(condition("I71.4 Abdominal aortic aneurysm"))
    assert (found["status"], found["understood"]["rules"]) == ("used", ["flag CI-ANEUR"])
    assert found["understood"]["state"] == "active"
    assert entry(condition("J45.909 Asthma"))["understood"]["rules"] == ["no rule looks at it"]


@pytest.mark.parametrize(
    ("said", "rules", "raises"),
    [
        (
            {"text": "Cerebral aneurysm"},
            ["flag CI-ANEUR"],
            ["CI-ANEUR (esketamine caution, ketamine caution)"],
        ),
        (
            {"coding": [{"system": "https://clinic.example", "code": "L1", "display": "Cerebral aneurysm"}]},
            ["flag CI-ANEUR"],
            ["CI-ANEUR (esketamine caution, ketamine caution)"],
        ),
        (
            concept("I77.89 Cerebral aneurysm", ICD10CM),
            ["flag CI-ANEUR"],
            ["CI-ANEUR (esketamine contraindication, ketamine contraindication)"],
        ),
        ({"text": "No cerebral aneurysm"}, ["no rule looks at it"], None),
        ({"text": "Mother: cerebral aneurysm"}, ["no rule looks at it"], None),
    ],
)
def test_the_rules_are_those_of_the_assessment(
    said: Json, rules: list[str], raises: list[str] | None
) -> None:
    """An entry is judged by its words, beside a code that no table lists too, as the assessment judges it."""
    understood = entry(condition(code=said))["understood"]
    assert (understood["rules"], understood.get("raises")) == (rules, raises)


def test_what_an_entry_raises_is_told_of_every_kind() -> None:
    """Answers raise triggers, measurements raise flags."""
    told = entry(observation("44260-8", valueInteger=2))["understood"]
    assert told["raises"] == ["SAFE-1"]
    assert entry(observation("75626-2", valueInteger=9))["understood"]["raises"] == [
        "SUD-SCREEN (esketamine caution, ketamine caution)"
    ]


def test_measurements_and_allergies_show_what_they_were_read_as() -> None:
    """A score, a blood pressure of two parts, and an allergy to a drug."""
    parts = [
        {"code": concept(code, LOINC), "valueQuantity": quantity(value, "mm[Hg]")}
        for code, value in (("8480-6", 132), ("8462-4", 84))
    ]
    assert entry(observation("44261-6", valueInteger=19))["understood"]["values"] == ["PHQ-9 19"]
    pressure = entry(observation("85354-9", component=parts))
    assert pressure["understood"]["values"] == ["blood pressure 132/84 mmHg"]
    allergy = {"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p"}}
    assert entry(allergy | {"code": {"text": "ketamine"}})["understood"]["allergyTo"] == ["ketamine"]


def test_every_entry_is_accounted_for() -> None:
    """Each resource has one entry, those of other types are counted, and what has no type is listed."""
    answer = checked(request(), condition(), {"resourceType": "Immunization", "id": "i"}, {"id": "x"})
    assert [one["reference"] for one in answer["entries"]] == [
        "Patient/p",
        "MedicationRequest/rx",
        "Condition/c",
    ]
    assert answer["notRead"] == {"Immunization": 1}
    assert [one["reason"] for one in answer["unreadable"]] == ["has no resourceType"]
    assert sum(answer["counts"].values()) == 3


def test_the_answer_as_json_is_the_same() -> None:
    """`--format json` prints what the text is made of."""
    raw = json.dumps(bundle(patient(), request())).encode()
    done = ketamine_cds("check", "-", *AS_OF, "--format", "json", given=raw)
    assert (done.code, json.loads(done.out)) == (0, checked(request()))


def test_a_hook_request_shows_lists_and_draft_orders() -> None:
    """Which lists came, and what each draft order was taken to be about."""
    done = ketamine_cds("check", ORDER, *AS_OF)
    assert done.code == 0
    assert "  MedicationStatement       not retrievable\n" in done.out
    assert "  MedicationRequest         complete\n" in done.out
    assert "draft order MedicationRequest/draft-esketamine: about ketamine or esketamine\n" in done.out


def test_a_record_cannot_steer_the_terminal() -> None:
    """Control characters and line ends of a record do not reach the output."""
    raw = json.dumps(bundle(patient(), condition("I71.4 \x1b[2Jgone\nused: all clear"))).encode()
    done = ketamine_cds("check", "-", *AS_OF, given=raw)
    assert "\x1b" not in done.out
    assert "\nused: all clear" not in done.out


@pytest.mark.parametrize(
    ("given", "complaint"), [(b"{", "JSON"), (b'{"resourceType": "Patient"}', "Bundle"), (b"\xff", "UTF-8")]
)
def test_input_that_is_no_record_is_refused_in_one_line(given: bytes, complaint: str) -> None:
    """What cannot be read at all ends with exit code 2."""
    assert complaint in refused(ketamine_cds("check", "-", given=given))

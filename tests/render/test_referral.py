"""The drafted referral: valid FHIR R4, a referral and nothing else, with the evidence that exists."""

from typing import Any

from fhir.resources.R4B.servicerequest import ServiceRequest
from msgspec.structs import replace

from service.clinical.assessment import Assessment
from service.render.context import RenderContext
from service.render.referral import drafted_referral
from service.render.view import View
from tests.render.made import (
    NO_LIVER,
    NO_PRESSURE,
    NO_SUICIDE_RISK,
    SERTRALINE,
    STIMULANT,
    TOO_EARLY,
    VENLAFAXINE,
    assessment,
    cautious,
    context,
)


def referral(context: RenderContext, made: Assessment) -> dict[str, Any]:
    """Return the referral of an assessment."""
    return drafted_referral(context, made, View(wording=context.wording, of=made))


def test_it_is_a_draft_of_a_referral_to_psychiatry() -> None:
    """Status, code, subject and date are those of a referral that somebody still has to sign."""
    made = referral(context(), assessment())
    ServiceRequest.model_validate(made)
    assert (made["resourceType"], made["status"], made["intent"]) == ("ServiceRequest", "draft", "order")
    assert made["code"]["coding"] == [{"system": "http://snomed.info/sct", "code": "183524004"}]
    assert made["subject"] == {"reference": "Patient/p1"}
    assert made["authoredOn"] == "2026-11-02"
    assert made["encounter"] == {"reference": "Encounter/e1"}
    assert made["requester"] == {"reference": "Practitioner/dr-1"}
    assert "id" not in made


def test_its_text_names_the_treatments_so_that_it_is_recognised_later() -> None:
    """Once signed, the referral counts as an open referral for esketamine or ketamine."""
    text = referral(context(), assessment())["code"]["text"]
    assert "esketamine" in text
    assert "ketamine" in text


def test_only_references_that_exist_on_the_server_are_evidence() -> None:
    """Contained, absolute, versioned and broken references are left out, and none stands twice."""
    odd = (
        "#c1",
        "urn:uuid:1",
        "https://a.b/Observation/1",
        "Observation/1/_history/2",
        "Observation",
        "a/b c",
    )
    trial = replace(SERTRALINE, evidence=(*odd, "MedicationDispense/1", "MedicationDispense/1"))
    made = referral(context(), assessment(trials=(trial,), diagnoses=("Condition/mdd", "#c2")))
    assert made["reasonReference"] == [{"reference": "Condition/mdd"}]
    assert made["supportingInfo"] == [{"reference": "MedicationDispense/1"}]


def test_evidence_of_what_counts_and_of_what_is_to_be_weighed_is_given() -> None:
    """Trials that do not count are no evidence; findings are."""
    made = referral(context(), cautious(STIMULANT, trials=(TOO_EARLY, VENLAFAXINE)))
    references = [entry["reference"] for entry in made["supportingInfo"]]
    assert references == ["MedicationDispense/v1", "MedicationRequest/mph"]


def test_the_number_of_references_is_limited() -> None:
    """A long history does not make an endless referral."""
    trial = replace(SERTRALINE, evidence=tuple(f"MedicationDispense/{n}" for n in range(500)))
    assert len(referral(context(), assessment(trials=(trial,)))["supportingInfo"]) == 30


def test_a_patient_who_looks_at_the_chart_is_not_the_requester() -> None:
    """Only a clinician of the hook's context becomes the requester, and an odd encounter id is left out."""
    made = referral(context(requester="Patient/p1", encounter_id="e/1"), assessment())
    assert "requester" not in made
    assert "encounter" not in made


def test_the_note_holds_ledger_findings_and_gaps() -> None:
    """Who reads the referral sees the trials and what is not known, suicide risk first."""
    made = cautious(STIMULANT, missing=(NO_LIVER, NO_PRESSURE, NO_SUICIDE_RISK))
    note = referral(context(), made)["note"][0]["text"]
    assert "sertraline (SSRI) 2025-09-28 to 2025-12-26: 100 mg/day (minimum 50)" in note
    assert "To weigh: Stimulant" in note
    assert "Not assessed or missing: Suicide risk not assessed in the record" in note

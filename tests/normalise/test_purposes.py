"""Reasons for a medicine and reasons for ending it."""

import pytest

from service.clinical.facts import Purpose, StopKind
from tests.normalise.made import ICD10CM, SNOMED, Json, concept, condition, exposure, request


@pytest.mark.parametrize(
    ("reason", "purpose"),
    [
        (concept("F33.1 MDD, recurrent, moderate", ICD10CM), Purpose.DEPRESSION),
        (concept("F331", ICD10CM), Purpose.DEPRESSION),
        (concept("F32.A Depression, unspecified", ICD10CM), Purpose.DEPRESSION),
        (concept("F32.81 Premenstrual dysphoric disorder", ICD10CM), Purpose.OTHER),
        (concept("F17.210 Nicotine dependence, cigarettes", ICD10CM), Purpose.SMOKING),
        (concept("56294008 Nicotine dependence", SNOMED), Purpose.SMOKING),
        (concept("370143000 Major depressive disorder", SNOMED), Purpose.DEPRESSION),
        (concept("E11.42 Diabetic polyneuropathy", ICD10CM), Purpose.OTHER),
        (concept("F41.1 Generalized anxiety disorder", ICD10CM), Purpose.OTHER),
        (concept("F41.2 Mixed anxiety and depressive disorder", ICD10CM), Purpose.UNCLEAR),
        (concept("Z79.899 Other long term drug therapy", ICD10CM), Purpose.NONE),
        (concept(text="refill"), Purpose.NONE),
        (concept(text="depression"), Purpose.DEPRESSION),
        (concept(text="Anxiety and depression"), Purpose.DEPRESSION),
        (concept(text="smoking cessation"), Purpose.SMOKING),
        (concept(text="sleep"), Purpose.OTHER),
        (concept(text="diabetic peripheral neuropathy"), Purpose.OTHER),
        (concept(text="as discussed"), Purpose.UNCLEAR),
        (concept(text="augmentation of antidepressant"), Purpose.DEPRESSION),
        (concept(text="Bipolar depression"), Purpose.OTHER),
        (concept(text="Bipolar II disorder, current episode depressed"), Purpose.OTHER),
        (concept(text="depression, bipolar ruled out"), Purpose.DEPRESSION),
        (concept(text="depression, not bipolar"), Purpose.DEPRESSION),
    ],
)
def test_what_a_reason_says_about_depression(reason: Json, purpose: Purpose) -> None:
    """Quirk 29 and clinical rule 2.2: an explicit reason that is not depression is OTHER."""
    assert [r.purpose for r in exposure(request(reasonCode=[reason])).reasons] == [purpose]


def test_a_reason_may_be_a_condition_of_the_record() -> None:
    """Quirk 29: reasonReference is followed to the Condition's code."""
    found = exposure(request(reasonReference=[{"reference": "Condition/c"}]), condition())
    assert [(r.text, r.purpose) for r in found.reasons] == [("MDD, recurrent, severe", Purpose.DEPRESSION)]


@pytest.mark.parametrize(
    ("inside", "purpose"),
    [
        ({"id": "why", "code": concept("F33.1 MDD, recurrent, moderate", ICD10CM)}, Purpose.DEPRESSION),
        ({"id": "why", "code": concept("G62.9 Polyneuropathy", ICD10CM)}, Purpose.OTHER),
        ({"id": "another", "code": concept("F33.1 MDD, recurrent, moderate", ICD10CM)}, Purpose.UNCLEAR),
    ],
)
def test_a_reason_may_be_a_condition_inside_the_order(inside: Json, purpose: Purpose) -> None:
    """A reference that begins with "#" is to a contained resource."""
    ordered = request(
        reasonReference=[{"reference": "#why"}], contained=[{"resourceType": "Condition"} | inside]
    )
    assert [r.purpose for r in exposure(ordered).reasons] == [purpose]


def test_a_reason_that_holds_nothing_is_unclear() -> None:
    """An element that is there and empty is no missing reason."""
    found = exposure(request(reasonCode=[{}]))
    assert [r.purpose for r in found.reasons] == [Purpose.UNCLEAR]


def test_a_reason_that_was_not_sent_is_unclear() -> None:
    """There is a reason; which one is not known."""
    found = exposure(request(reasonReference=[{"reference": "Condition/none"}]))
    assert [r.purpose for r in found.reasons] == [Purpose.UNCLEAR]


STATUS_REASON = "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (concept(text="Ineffective"), StopKind.NO_EFFECT),
        (concept(text="lack of efficacy"), StopKind.NO_EFFECT),
        (concept(text="did not work"), StopKind.NO_EFFECT),
        (concept(text="No longer effective"), StopKind.NO_EFFECT),
        (concept(text="lost effectiveness"), StopKind.NO_EFFECT),
        (concept(text="Inadequate clinical response"), StopKind.NO_EFFECT),
        (concept(text="well tolerated but ineffective"), StopKind.NO_EFFECT),
        (concept(text="ineffective, insomnia goes on"), StopKind.NO_EFFECT),
        (concept(text="doing well"), StopKind.RESPONDED),
        (concept(text="not doing well"), StopKind.UNCLEAR),
        (concept(text="could not afford it"), StopKind.UNRELATED),
        (concept(text="lost to follow up"), StopKind.UNRELATED),
        (concept(text="rash"), StopKind.ADVERSE_EFFECT),
        (concept("sintol", STATUS_REASON, text="rash"), StopKind.ADVERSE_EFFECT),
        (concept("sintol", STATUS_REASON), StopKind.ADVERSE_EFFECT),
        (concept(text="side effects"), StopKind.ADVERSE_EFFECT),
        (concept(text="Treatment completed"), StopKind.RESPONDED),
        (concept(text="remission"), StopKind.RESPONDED),
        (concept(text="cost"), StopKind.UNRELATED),
        (concept(text="patient preference"), StopKind.UNRELATED),
        (concept("preg", STATUS_REASON), StopKind.UNRELATED),
        (concept(text="ineffective, no side effects"), StopKind.NO_EFFECT),
        (concept(text="ineffective and nausea"), StopKind.UNCLEAR),
        (concept(text="changed"), StopKind.UNCLEAR),
        (concept("altchoice", STATUS_REASON), StopKind.UNCLEAR),
    ],
)
def test_why_a_medicine_was_ended(reason: Json, kind: StopKind) -> None:
    """Quirk 25 and clinical rule 7.2 step 10 a: by code and in words; two kinds at once are unclear."""
    found = exposure(request(status="stopped", statusReason=reason)).stopped_for
    assert found is not None
    assert found.kind is kind


def test_no_reason_is_no_stop_reason() -> None:
    """An absent statusReason says nothing."""
    assert exposure(request(status="stopped")).stopped_for is None

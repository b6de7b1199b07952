"""The kinds of card, and which of them an opened chart is answered with."""

from dataclasses import replace
from enum import StrEnum

from mappings.gaps import GapId
from mappings.wording import TriggerText, Wording
from service.clinical.assessment import Assessment, Conclusion, SafetyTrigger


class NotAssessed(StrEnum):
    """Why a relevant order or chart could not be assessed."""

    OTHER_PATIENT = "other-patient"
    PATIENT = "patient-not-retrievable"
    MEDICATIONS = "medications-not-retrievable"
    NOTHING = "nothing-retrievable"
    UNREADABLE = "unreadable"
    TOO_LONG = "too-long"
    FAILURE = "internal-failure"
    MISMATCH = "call-mismatch"


class Kind(StrEnum):
    """The kinds of card: the code of `source.topic`."""

    SAFETY = "safety"
    RECOMMEND = "recommend"
    CAUTION = "caution"
    INSUFFICIENT_DATA = "insufficient-data"
    ORDER_CHECK = "order-check"
    NOT_ASSESSED = "not-assessed"


def chart_kinds(assessment: Assessment) -> tuple[Kind, ...]:
    """Return the kinds of the cards about the patient, in their order."""
    safety = (Kind.SAFETY,) if safety_shown(assessment) else ()
    if not assessment.assessable:
        return (*safety, Kind.NOT_ASSESSED)
    if assessment.conclusion is Conclusion.NONE:
        return safety
    return (*safety, Kind(assessment.conclusion))


def safety_shown(assessment: Assessment) -> bool:
    """Tell whether a suicide-risk trigger fired, and the record is not that of a deceased person."""
    return bool(assessment.safety) and not (assessment.gate and assessment.gate.hides_safety)


def highest_trigger(fired: tuple[SafetyTrigger, ...], wording: Wording) -> tuple[SafetyTrigger, TriggerText]:
    """Return the gravest trigger and its text; a trigger without text counts as the gravest."""
    rank = {text.id: place for place, text in enumerate(wording.trigger)}
    trigger = min(fired, key=lambda each: rank.get(each.id, 0))
    text = wording.trigger[rank.get(trigger.id, 0)]
    if trigger.screened:
        text = replace(text, summary=text.screened_summary, advice=text.screened_advice)
    return trigger, text


def not_assessable_reason(assessment: Assessment) -> NotAssessed:
    """Return the reason why nothing can be concluded."""
    medications = any(gap.id == GapId.MEDICATIONS for gap in assessment.missing)
    return NotAssessed.MEDICATIONS if medications else NotAssessed.PATIENT

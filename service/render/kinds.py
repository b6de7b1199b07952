"""The kinds of card, and which of them an opened chart is answered with."""

from enum import StrEnum

from service.clinical.assessment import Assessment, Conclusion


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

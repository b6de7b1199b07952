"""Why a call got no card, in one line for testers: what lenient mode sends beside an empty answer."""

from mappings.wording import Wording
from service.clinical.assessment import Assessment, Conclusion
from service.render.context import say_plain


def nothing_said(wording: Wording, reason: str) -> str:
    """Return the line for a reason that the table knows."""
    return say_plain(wording, "nothing.said", reason=wording.words["nothing"][reason])


def nothing_supported(wording: Wording, assessment: Assessment) -> str:
    """Return the line for a record that calls for no card; "" if it calls for one."""
    if assessment.conclusion is not Conclusion.NONE:
        return ""
    gate = assessment.gate
    if gate:
        reason = wording.words["gate"].get(gate.id, gate.text)
        return say_plain(wording, "nothing.said", reason=f"{reason[:1].lower()}{reason[1:]}")
    counts = assessment.counts
    reason = say_plain(wording, "nothing.not_supported", counted=counts.counted, possible=counts.possible)
    return say_plain(wording, "nothing.said", reason=reason)

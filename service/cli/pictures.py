"""What `assess` draws, imported only where a picture is asked for: it takes a tenth of a second."""

from mappings.knowledge import Knowledge
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.picture import evidence_page, timeline_file, timeline_png


def drawn(name: str, assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> bytes:
    """Return the picture as "svg" or "png", or the page with it as "html"."""
    match name:
        case "html":
            return evidence_page(assessment, facts, knowledge).encode()
        case "svg":
            return timeline_file(assessment, facts, knowledge)
        case _:
            return timeline_png(assessment, facts, knowledge)

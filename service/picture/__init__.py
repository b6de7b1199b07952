"""The trial timeline: one picture of an assessment, the same as SVG and PNG, and a page that says it all.

The picture is an opaque light card, legible on light and dark pages; it has no script, no style sheet and no
reference to anything outside, so a page may set it inline under a strict Content-Security-Policy (hovering
shows the evidence only there, not in an `<img>`). Words of the record stand in hover texts and on the page,
never in the drawing. matplotlib is loaded when the first picture is drawn.
"""

from mappings.knowledge import Knowledge
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.picture import drawing, page
from service.picture.timeline import timeline
from service.render.view import cited, page_view


def timeline_svg(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, profile: str) -> bytes:
    """Return the picture as an SVG document of its own, which HTML may also hold inline."""
    return drawing.svg(timeline(assessment, facts, knowledge, profile))


def timeline_png(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, profile: str) -> bytes:
    """Return the same picture as PNG, two dots for each unit of the SVG."""
    return drawing.png(timeline(assessment, facts, knowledge, profile))


def evidence_page(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, profile: str) -> str:
    """Return one self-contained HTML page: picture, courses, flags and gaps; prints on two pages."""
    picture = timeline_svg(assessment, facts, knowledge, profile)
    sources = cited(assessment, knowledge.criteria[profile].sources, knowledge.sources)
    rows = page_view(knowledge.wording, assessment, facts, sources)
    return page.page(assessment, rows, knowledge.wording, picture.decode())

"""The trial timeline: one picture of an assessment, the same as SVG and PNG, and a table that says it all.

The picture is an opaque light card, legible on light and dark pages; it has no script, no style sheet and no
reference to anything outside, so a page may set it inline under a strict Content-Security-Policy (hovering
shows the evidence only there, not in an `<img>`). Words of the record stand in hover texts and in the table,
never in the drawing. matplotlib is loaded when the first picture is drawn.
"""

from markupsafe import Markup

from mappings.knowledge import Knowledge
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.picture import drawing, page
from service.picture.timeline import timeline


def timeline_svg(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, profile: str) -> bytes:
    """Return the picture as an SVG document of its own, which HTML may also hold inline."""
    return drawing.svg(timeline(assessment, facts, knowledge, profile))


def timeline_png(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, profile: str) -> bytes:
    """Return the same picture as PNG, two dots for each unit of the SVG."""
    return drawing.png(timeline(assessment, facts, knowledge, profile))


def evidence_table(assessment: Assessment, knowledge: Knowledge) -> Markup:
    """Return an HTML table of every course with verdict, reason, outcome and the resources it rests on."""
    return page.table(assessment, knowledge.wording)


def evidence_page(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, profile: str) -> str:
    """Return one self-contained HTML page: picture, courses, flags and gaps; prints on two pages."""
    picture = timeline_svg(assessment, facts, knowledge, profile)
    return page.page(assessment, knowledge.wording, picture.decode())

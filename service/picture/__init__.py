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
from service.render.rows import View
from service.render.view import cited, page_view


def timeline_svg(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> bytes:
    """Return the picture as an SVG document of its own, which HTML may also hold inline."""
    return drawing.svg(timeline(_view(assessment, facts, knowledge), assessment, facts, knowledge))


def timeline_png(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> bytes:
    """Return the same picture as PNG, two dots for each unit of the SVG."""
    return drawing.png(timeline(_view(assessment, facts, knowledge), assessment, facts, knowledge))


def evidence_page(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> str:
    """Return one self-contained HTML page: picture, courses, flags and gaps; prints on two pages."""
    rows = _view(assessment, facts, knowledge)
    picture = drawing.svg(timeline(rows, assessment, facts, knowledge))
    return page.page(assessment, rows, knowledge.wording, picture.decode())


def _view(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> View:
    sources = cited(assessment, knowledge.criteria[assessment.profile].sources, knowledge.sources)
    return page_view(knowledge.wording, assessment, facts, sources)

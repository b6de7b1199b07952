"""The trial timeline: one picture of an assessment, the same as SVG and PNG, and a page that says it all.

The picture is an opaque card; it has no script and no reference to anything outside, so a page may set it
inline under a strict Content-Security-Policy (hovering shows the evidence only there, not in an `<img>`). A
page with `timeline.css` shows it dark to those who read in the dark; one that stands alone has it inside.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from mappings.knowledge import Knowledge
from service.clinical.assessment import Assessment
from service.clinical.criteria import ReadPolicy
from service.clinical.facts import PatientFacts
from service.picture import page, svg
from service.picture.layout import NARROWEST, WIDEST, WIDTH, laid_out
from service.picture.png import png
from service.picture.policy_layout import policies_sheet
from service.picture.sheet import Sheet
from service.picture.timeline import timeline
from service.render.criteria import criteria_grid
from service.render.view import PageView, cited


def timeline_svg(
    assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, width: float = WIDTH
) -> bytes:
    """Return the picture as SVG for a page to hold inline, as wide as it is shown there."""
    return svg.document(_sheet(assessment, facts, knowledge, width)).encode()


def timeline_file(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> bytes:
    """Return the picture as SVG that stands alone, with the colours of the dark."""
    return svg.document(_sheet(assessment, facts, knowledge), theme()).encode()


def timeline_png(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> bytes:
    """Return the same picture as PNG, two dots for each unit of the SVG."""
    return png(_sheet(assessment, facts, knowledge))


def policies_svg(found: Sequence[ReadPolicy], knowledge: Knowledge, width: float = WIDTH) -> bytes:
    """Return which course counts for which policy, as SVG for a page to hold inline."""
    return svg.document(policies_sheet(found, knowledge, min(max(width, NARROWEST), WIDEST))).encode()


def evidence_page(
    assessment: Assessment,
    facts: PatientFacts,
    knowledge: Knowledge,
    found: Sequence[ReadPolicy] = (),
) -> str:
    """Return one self-contained HTML page: picture, courses, flags, gaps, and what policies ask for."""
    rows = _view(assessment, facts, knowledge)
    picture = svg.document(laid_out(timeline(rows, assessment, facts, knowledge)))
    policies = page.ShownPolicies(
        grid=criteria_grid(found, knowledge.policies), picture=policies_svg(found, knowledge).decode()
    )
    return page.page(assessment, rows, knowledge.wording, picture, theme(), policies if found else None)


@cache
def theme() -> str:
    """Return the style sheet of the picture."""
    return (files("service.picture") / "timeline.css").read_text(encoding="utf-8")


def _sheet(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, width: float = WIDTH) -> Sheet:
    return laid_out(timeline(_view(assessment, facts, knowledge), assessment, facts, knowledge), width)


def _view(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> PageView:
    sources = cited(assessment, knowledge.criteria[assessment.profile].sources, knowledge.sources)
    return PageView(wording=knowledge.wording, of=assessment, facts=facts, sources=sources)

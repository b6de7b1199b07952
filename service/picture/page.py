"""The page of the command line: the picture, and beneath it all that it shows and rests on, in words.

All text is escaped by the template; text of the record is made visible before.
"""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from mappings.wording import Wording
from service.clinical.assessment import Assessment
from service.render.context import say_plain
from service.render.criteria import CriteriaGrid
from service.render.view import PageView


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPolicies:
    """Criteria and policies as a table, and the SVG of the courses that count for each."""

    grid: CriteriaGrid
    picture: str

    @property
    def drawn(self) -> Markup:
        """The picture as a part of a page."""
        return Markup(self.picture)  # noqa: S704 - all its text is escaped


def page(
    assessment: Assessment,
    rows: PageView,
    wording: Wording,
    picture: str,
    theme: str,
    policies: ShownPolicies | None = None,
) -> str:
    """Return a page without any reference to the outside.

    `picture` is the SVG of the assessment, `policies` what they ask for, where someone wants to know.
    """
    return _template().render(
        rows=rows,
        about=_about(assessment, wording),
        labels=wording.sentences["page"],
        headings=wording.sentences["report"],
        nothing=wording.sentence("report.nothing"),
        picture=Markup(picture),  # noqa: S704 - all its text is escaped
        theme=Markup(theme),  # noqa: S704 - a file of ours
        policies=policies,
        criteria_heading=wording.sentence("view.criteria"),
        criterion=wording.sentence("view.criterion"),
    )


@cache
def _template() -> Template:
    templates = Environment(
        loader=PackageLoader("service.picture"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("evidence.html")


def _about(assessment: Assessment, wording: Wording) -> list[str]:
    """Return lines that identify the assessment, its subject and its conclusion."""
    title = say_plain(
        wording,
        "report.title",
        day=assessment.assessed_on,
        profile=assessment.profile,
        version=assessment.rule_set_version,
    )
    unknown = wording.sentence("picture.unknown")
    return [
        title,
        say_plain(wording, "report.subject", subject=assessment.subject or unknown),
        say_plain(wording, "report.conclusion", conclusion=assessment.conclusion),
    ]

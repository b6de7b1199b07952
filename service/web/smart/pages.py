"""The pages of the app: the evidence view, and the page that says why there is none."""

import logging
from collections.abc import Callable, Collection
from functools import partial
from urllib.parse import urlsplit

from flask import Response, g, render_template
from joserfc.jwk import OctKey
from markupsafe import Markup

from service.answer.cards import RuleSet
from service.assess import assess
from service.assess.criteria import read_criteria
from service.clock import now
from service.paper.packet import packet_paper
from service.picture import policies_svg, timeline_svg
from service.render.criteria import criteria_grid
from service.render.escape import plain
from service.render.view import PageView, cited, references
from service.settings import ANY_ORIGIN, Settings
from service.web.smart.faults import STATUS, LaunchFault
from service.web.smart.reading import Evidence
from service.web.smart.shown import LIFE_SECONDS, ShownView, sealed_view

_LONGEST = 120  # characters of a name or a number of the patient

_log = logging.getLogger(__name__)


class Pages:
    """Makes the pages; EHRs on the list of FHIR servers, and origins that may call us, may frame them."""

    def __init__(self, settings: Settings, rules: RuleSet, bases: Collection[str], key: OctKey) -> None:
        """`key` seals what a page keeps for its download."""
        self._settings, self._rules, self._key = settings, rules, key
        self._policy = _policy({*map(_origin, bases), *settings.cors_origins} - {ANY_ORIGIN})

    def view(self, found: Evidence, *, server: str, user: str | None) -> Response:
        """Return the evidence about one patient."""
        knowledge, assessment = self._rules.knowledge, found.assessment
        definition = knowledge.criteria[assessment.profile].sources
        sources = cited(assessment, definition, knowledge.sources)
        return self._page(
            "smart_evidence.html",
            rows=PageView(wording=knowledge.wording, of=assessment, facts=found.facts, sources=sources),
            references=partial(references, knowledge.wording),
            assessment=assessment,
            identity=found.identity,
            timeline=self._drawn(lambda: timeline_svg(assessment, found.facts, knowledge)),
            policies_picture=self._drawn(lambda: policies_svg(found.criteria, knowledge)),
            grid=criteria_grid(found.criteria, knowledge.policies) if found.criteria else None,
            sealed=self._sealed(found),
            rule_set=knowledge.rule_set,
            server=server,
            user=user,
            made=now().astimezone(self._settings.time_zone),
            about=self._rules.source_url,
        )

    def packet(self, view: ShownView, policy: str) -> Response:
        """Return the packet of one policy as a file, made of what a page showed."""
        knowledge = self._rules.knowledge
        assessment = assess(view.facts, knowledge, self._rules.profile, view.assessed_on)
        found = read_criteria(view.facts, assessment, knowledge, [policy])
        made = packet_paper(found, view.facts, assessment, knowledge, view.identity)
        answer = Response(made, mimetype="application/pdf")
        answer.headers["Content-Disposition"] = f'attachment; filename="{policy}-packet.pdf"'
        return answer

    def _sealed(self, found: Evidence) -> str:
        """Return what the page keeps for a download; "" if there is none."""
        view = ShownView(
            facts=found.facts,
            identity=found.identity,
            assessed_on=found.assessment.assessed_on,
            ends=now().timestamp() + LIFE_SECONDS,
        )
        return sealed_view(view, self._key) if found.criteria else ""

    def fault(self, fault: LaunchFault) -> Response:
        """Return the page that explains why there is no view."""
        page = self._page("smart_fault.html", fault=fault.value, request_id=g.request_id)
        page.status_code = STATUS[fault]
        return page

    def _drawn(self, draw: Callable[[], bytes]) -> Markup | None:
        """Return a picture; None if it cannot be drawn, because a table says the same."""
        try:
            drawn = draw()
        except Exception:
            _log.exception("a picture was not drawn")
            return None
        return Markup(drawn.decode())  # noqa: S704  # drawn by us; words of the record are escaped in it

    def _page(self, template: str, **values: object) -> Response:
        wording = self._rules.knowledge.wording
        text = render_template(template, said=wording.sentence, shown=_shown, **values)
        page = Response(text, mimetype="text/html")
        page.headers["Content-Security-Policy"] = self._policy
        return page


def _policy(framing: Collection[str]) -> str:
    return (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors 'self' {' '.join(sorted(framing))}"
    )


def _origin(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}"


def _shown(text: str) -> str:
    """Return text of the EHR on a single line; the template escapes it."""
    return plain(text, _LONGEST)

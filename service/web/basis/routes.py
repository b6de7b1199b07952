"""The basis pages over HTTP, open to everyone.

/basis, /basis/{rule} and /basis/criteria as HTML and JSON, /basis/document as HTML and PDF.
"""

from collections.abc import Callable
from datetime import date
from functools import cache, partial

import msgspec
from flask import Blueprint, Response, abort, render_template, request

from cds_hooks.errors import BadRequestError
from mappings.knowledge import Knowledge
from service.paper.reading import page_paper
from service.validation.agreement import AgreementReport
from service.web.basis.document import document
from service.web.basis.library import library
from service.web.basis.page import Index, Page
from service.web.basis.policies import PolicyIndex, PolicyPage, policy_index, policy_page
from service.web.basis.whole import WholeBasis, whole_basis
from service.web.house import page as page_of
from service.web.house import prefers_html, root

FORMATS = {"json": "application/json", "html": "text/html"}


def basis(
    knowledge: Knowledge,
    profile: str,
    notes: tuple[str, ...],
    report: AgreementReport | None,
    today: Callable[[], date],
) -> Blueprint:
    """Return the pages as a blueprint, made from the tables that calls are judged by.

    The pages about rules are made once, when the first reader asks: a worker would begin a quarter of a
    second later with them, and hold pages of which most are never read. `notes` state which data an EHR never
    offers, `report` is the validation of this site. Whether a policy is old is a matter of `today`, so the
    pages about policies are made each time.
    """
    routes = Blueprint("basis", __name__, template_folder="templates")
    made = cache(partial(library, knowledge, profile, notes, report))
    document_of_all = cache(lambda: whole_basis(made(), knowledge))
    paper = _paper(document_of_all, knowledge)

    @routes.get("/basis")
    def all_rules() -> Response:
        """Return the intended use, the criteria of FDA's guidance, and links to each rule."""
        return _answer(made().index, "basis_index.html")

    @routes.get("/basis/document")
    def whole() -> Response:
        """Return all pages as one document for reading and printing."""
        return _kept(page_of("basis_document.html", page=document_of_all()))

    @routes.get("/basis/document.pdf")
    def whole_as_pdf() -> Response:
        """Return the same document as PDF; it is made when it is first asked for."""
        return _kept(Response(paper(), mimetype="application/pdf"))

    @routes.get("/basis/<rule>")
    def one_rule(rule: str) -> Response:
        """Return the basis of one rule; a card's source leads to the one of its topic."""
        if rule not in made().pages:
            abort(404)
        return _answer(made().pages[rule], "basis_page.html")

    @routes.get("/basis/criteria")
    def all_policies() -> Response:
        """Return the policies whose criteria can be asked for."""
        return _answer(policy_index(knowledge, profile, today()), "basis_policies.html")

    @routes.get("/basis/criteria/<policy>")
    def one_policy(policy: str) -> Response:
        """Return the page of one policy: its criteria, its dates and a few of its own words."""
        if policy not in knowledge.policies.policies:
            abort(404)
        return _answer(policy_page(knowledge, profile, policy, today()), "basis_policy.html")

    return routes


def _paper(document_of_all: Callable[[], WholeBasis], knowledge: Knowledge) -> Callable[[], bytes]:
    """Return what makes the document as PDF, once."""

    @cache
    def made() -> bytes:
        html = render_template("basis_document.html", page=document_of_all())
        return page_paper(html, lambda page, of: knowledge.policies.say("paper.page", page=page, pages=of))

    return made


def _answer(page: Index | Page | PolicyIndex | PolicyPage, template: str) -> Response:
    wanted = _format()
    if wanted == "text/html":
        response = page_of(template, page=page, root=root())
    else:
        response = Response(msgspec.json.encode(document(page)), mimetype=wanted)
    response.vary.add("Accept")
    return _kept(response)


def _kept(response: Response) -> Response:
    """Return the response so that a browser keeps it and asks whether it has changed."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _format() -> str:
    asked = request.args.getlist("format")
    if not asked:
        return FORMATS["html" if prefers_html() else "json"]
    if len(asked) > 1 or asked[0] not in FORMATS:
        raise BadRequestError(f"expected one of {', '.join(FORMATS)}", expression="http.format")
    return FORMATS[asked[0]]

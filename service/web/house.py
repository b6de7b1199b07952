"""What all pages share: the header, the way to the root, and error pages for people.

A page is `templates/house.html` with a title and a content of its own. Programs get what they always got:
only who asks for HTML, as browsers do, gets a page.
"""

import msgspec
from flask import Blueprint, Response, g, render_template, request

from service.operations.headers import PAGE_POLICY
from service.settings import Settings

HTML, JSON = "text/html", "application/json"
_READS = ("GET", "HEAD")


def house(settings: Settings) -> Blueprint:
    """Return a blueprint that gives templates the header's links, and failed pages their words."""
    routes = Blueprint("house", __name__, template_folder="templates")
    sandbox = [("sandbox", "Sandbox")] if settings.sandbox else []
    rooms = [*sandbox, ("basis", "Basis of the rules"), ("docs", "API"), ("health", "Health")]

    @routes.app_context_processor
    def shared() -> dict[str, object]:
        return {"root": root(), "rooms": rooms}

    @routes.after_app_request
    def for_people(response: Response) -> Response:
        """Return an error as a page to clients that read pages; leave one that is already a page alone."""
        if response.status_code < 400 or request.method not in _READS or response.mimetype != JSON:
            return response
        if prefers_html():
            response.set_data(_error_page(response))
            response.mimetype = HTML
            response.headers["Content-Security-Policy"] = PAGE_POLICY
        response.vary.add("Accept")
        return response

    return routes


def prefers_html() -> bool:
    """Tell whether who asks would rather have HTML than JSON; who has no wish gets JSON."""
    return request.accept_mimetypes.best_match([JSON, HTML]) == HTML


def page(template: str, **words: object) -> Response:
    """Return a page of this service: nothing inline, nothing from elsewhere."""
    response = Response(render_template(template, **words), mimetype=HTML)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


def root() -> str:
    """Return the way from the page that was asked for to the root.

    Relative, so that a proxy may add a prefix.
    """
    return "../" * (request.path.count("/") - 1) or "./"


def _error_page(response: Response) -> str:
    issues = msgspec.json.decode(response.get_data()).get("issue", [])
    return render_template(
        "error.html",
        status=response.status_code,
        issues=[_words(issue) for issue in issues],
        request_id=g.get("request_id", ""),
    )


def _words(issue: dict[str, object]) -> str:
    details = issue.get("details")
    said = details.get("text") if isinstance(details, dict) else None
    places = issue.get("expression")
    where = ", ".join(map(str, places)) if isinstance(places, list) else ""
    return f"{where}: {said}" if where else str(said or issue.get("code", ""))

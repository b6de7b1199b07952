"""The API documentation over HTTP: one page, made on the server, that needs no script and no network."""

import re
from functools import cache

from flask import Blueprint, Response, request
from markupsafe import Markup, escape

from service.web.apidocs.description import Description, read_description
from service.web.house import page

_CODE = re.compile(r"`([^`]+)`")


def api_docs() -> Blueprint:
    """Return the page as a blueprint; the description is read when it is first asked for."""
    routes = Blueprint("api_docs", __name__, template_folder="templates")
    routes.add_app_template_filter(prose)

    @routes.get("/docs")
    def docs() -> Response:
        """Return what openapi.yaml says, to be read."""
        response = page("docs.html", api=_description())
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response

    return routes


@cache
def _description() -> Description:
    return read_description()


def prose(text: str) -> Markup:
    """Return text as paragraphs in which `words` in backticks are code; everything else is escaped."""
    paragraphs = (part.strip() for part in text.split("\n\n"))
    return Markup("").join(Markup("<p>{}</p>").format(_with_code(part)) for part in paragraphs if part)


def _with_code(text: str) -> Markup:
    pieces = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )

"""The pages beside the hooks: what this is and where to go, whether it lives, and the API description."""

from importlib.metadata import metadata
from importlib.resources import files

from flask import Blueprint, Response, jsonify, render_template, request

from service.settings import Settings

PLACES = {
    "discovery": ("/cds-services", "CDS Hooks services on offer"),
    "assessments": (
        "/assessments",
        "assess one patient's record (POST a FHIR Bundle or a CDS Hooks request)",
    ),
    "description": ("/openapi.yaml", "API description (OpenAPI)"),
    "live": ("/health/live", "whether the service lives"),
}


def pages(settings: Settings) -> Blueprint:
    """Return the pages as a blueprint; the API description is read once, here."""
    blueprint = Blueprint("pages", __name__, template_folder="templates")
    openapi = (files("service") / "openapi.yaml").read_bytes()

    @blueprint.get("/")
    def welcome() -> Response:
        """Say what this is: as a page to a browser, as JSON to everyone else."""
        wanted = request.accept_mimetypes.best_match(["application/json", "text/html"])
        response = _welcome_page(settings) if wanted == "text/html" else jsonify(_welcome(settings))
        response.vary.add("Accept")
        return response

    @blueprint.get("/health/live")
    def live() -> Response:
        """Answer, which is all that liveness means."""
        return jsonify(status="ok")

    @blueprint.get("/openapi.yaml")
    def description() -> Response:
        """Return the API description as it stands in the repository."""
        return Response(openapi, mimetype="application/yaml")

    return blueprint


def _welcome(settings: Settings) -> dict[str, object]:
    about = metadata("ketamine-cds")
    return {
        "name": about["Name"],
        "version": about["Version"],
        "description": about["Summary"],
        "mode": settings.mode,
        "profile": settings.profile,
        "links": {name: settings.public_url + path for name, (path, _) in PLACES.items()},
    }


def _welcome_page(settings: Settings) -> Response:
    places = [(settings.public_url + path, text) for path, text in PLACES.values()]
    return Response(
        render_template("welcome.html", **_welcome(settings), places=places), mimetype="text/html"
    )

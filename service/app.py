"""The application: the one place that joins protocol, rules and pages."""

from collections.abc import Sequence
from datetime import date

import msgspec
from flask import Blueprint, Flask, Response, request

from cds_hooks.cards import Card
from cds_hooks.errors import BadRequestError
from cds_hooks.request import HookRequest
from cds_hooks.web import blueprint, configure, json_body
from mappings.knowledge import Knowledge
from service.evaluate import assess_document, evaluation_day
from service.hooks import Desk, failure_cards, offered_services
from service.pages import pages
from service.render.document import document
from service.rules import read_rules
from service.settings import PROFILES, Settings

FHIR_JSON = ("application/json", "application/fhir+json")


def create_app(settings: Settings, knowledge: Knowledge | None = None) -> Flask:
    """Return the WSGI application; without `knowledge` the rule tables are read now."""
    rules = knowledge or read_rules(settings)
    desk = Desk(
        knowledge=rules,
        profile=settings.profile,
        today=settings.today,
        source_url=f"{settings.public_url}/",
    )

    def on_failure(call: HookRequest, _: Exception) -> Sequence[Card]:
        return failure_cards(call, desk)

    app = Flask(__name__, static_folder=None)
    configure(app, cors_origins=settings.cors_origins)
    app.register_blueprint(
        blueprint(offered_services(desk), max_body_bytes=settings.max_body_bytes, on_failure=on_failure)
    )
    app.register_blueprint(assessments(settings, rules))
    app.register_blueprint(pages(settings))
    return app


def assessments(settings: Settings, knowledge: Knowledge) -> Blueprint:
    """The endpoint that assesses one patient's record, as the command does."""
    routes = Blueprint("assessments", __name__)

    @routes.post("/assessments", strict_slashes=False)
    def create() -> Response:
        raw = json_body(settings.max_body_bytes, FHIR_JSON)
        verdict = assess_document(raw, knowledge, profile=_profile(settings), as_of=_as_of(settings))
        return Response(msgspec.json.encode(document(verdict)), content_type="application/json")

    return routes


def _profile(settings: Settings) -> str:
    asked = _one_parameter("profile")
    if asked is None:
        return settings.profile
    if asked not in PROFILES:
        raise BadRequestError(f"expected one of {', '.join(PROFILES)}", expression="http.profile")
    return asked


def _as_of(settings: Settings) -> date:
    asked = _one_parameter("asOf")
    if asked is None:
        return settings.today()
    try:
        return evaluation_day(asked)
    except ValueError as error:
        raise BadRequestError(str(error), expression="http.asOf") from error


def _one_parameter(name: str) -> str | None:
    values = request.args.getlist(name)
    if len(values) > 1:
        raise BadRequestError("expected the parameter at most once", expression=f"http.{name}")
    return values[0] if values else None

"""The pages beside the hooks: what this is and where to go, how it does, its figures, its API description."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import metadata
from importlib.resources import files

import yaml
from flask import Blueprint, Response, jsonify

from service.access.callers import Callers
from service.access.sites import site_words
from service.operations.metrics import exposition
from service.settings import Auth, Settings
from service.web.house import house, page, prefers_html

Check = Callable[[], str | None]
"""Says in words why no call should be sent to this process now, or nothing."""

PLACES = {
    "discovery": ("/cds-services", "CDS Hooks services on offer"),
    "assessments": (
        "/assessments",
        "assess one patient's record (POST a FHIR Bundle or a CDS Hooks request)",
    ),
    "basis": ("/basis", "what the rules rest on"),
    "docs": ("/docs", "API documentation"),
    "description": ("/openapi.yaml", "API description (OpenAPI)"),
    "health": ("/health", "how the service is"),
    "live": ("/health/live", "whether the service lives"),
    "ready": ("/health/ready", "whether it is ready to answer"),
    "metrics": ("/metrics", "figures for Prometheus"),
}
SANDBOX = ("sandbox", ("/sandbox", "try everything in a browser, with made-up patients"))
FOR_PEOPLE = ("sandbox", "basis", "docs", "health")
"""The places that are pages; the others are for programs."""
STATIC = ("/", "/openapi.yaml", "/openapi.json")
"""Paths whose answers are the same for everyone at all times."""
OPEN = "open: this service answers everyone who reaches it, without checking who calls"


def places(settings: Settings) -> dict[str, tuple[str, str]]:
    """Return the places of this service by name, each with its path and description."""
    return dict([SANDBOX]) | PLACES if settings.sandbox else PLACES


def pages(
    settings: Settings,
    *,
    rule_set: str,
    missing_rows: Sequence[str],
    readiness: Sequence[Check],
    callers: Callers,
) -> Blueprint:
    """Return the pages as a blueprint; the API description is read once, here.

    `missing_rows` are rows of the shipped tables that are not there.
    """
    blueprint = Blueprint("pages", __name__, template_folder="templates")
    openapi = (files("service") / "openapi.yaml").read_bytes()

    @blueprint.get("/")
    def welcome() -> Response:
        """Describe this service: as a page for browsers, as JSON for everyone else."""
        response = _welcome_page(settings) if prefers_html() else jsonify(_welcome(settings))
        response.vary.add("Accept")
        return response

    @blueprint.get("/openapi.yaml")
    def description() -> Response:
        """Return the API description as it stands in the repository."""
        return Response(openapi, mimetype="application/yaml")

    @blueprint.get("/openapi.json")
    def description_as_json() -> Response:
        """Return the same for tools that read JSON."""
        return Response(_as_json(openapi), mimetype="application/json")

    @blueprint.get("/metrics")
    def metrics() -> Response:
        """Return the figures of all workers."""
        text, media_type = exposition()
        return Response(text, content_type=media_type)

    rules: dict[str, object] = {"ruleSet": rule_set}
    rules |= {"missingRows": list(missing_rows)} if missing_rows else {}
    blueprint.register_blueprint(_health(settings, rules, readiness, callers))
    blueprint.register_blueprint(house(settings))
    return blueprint


@cache
def _as_json(openapi: bytes) -> bytes:
    """Return YAML as JSON, converted once, on first use; dates stay as written."""
    return json.dumps(yaml.safe_load(openapi), default=str).encode()


def _health(
    settings: Settings, rules: dict[str, object], readiness: Sequence[Check], callers: Callers
) -> Blueprint:
    blueprint = Blueprint("health", __name__, url_prefix="/health")

    @blueprint.get("")
    def health() -> Response:
        """Tell a person how the service is; the status of this answer is always 200."""
        told = _readiness(readiness) | _about(settings) | rules | _trust(settings) | _issuers(callers)
        response = page("health.html", **told) if prefers_html() else jsonify(told)
        response.vary.add("Accept")
        return response

    @blueprint.get("/live")
    def live() -> Response:
        """Answer, which is all that liveness means."""
        return jsonify(status="ok")

    @blueprint.get("/ready")
    def ready() -> tuple[Response, int]:
        """Tell a load balancer whether to send calls here, and why not."""
        answer = _readiness(readiness)
        return jsonify(answer), 503 if "reasons" in answer else 200

    return blueprint


def _readiness(checks: Sequence[Check]) -> dict[str, object]:
    reasons = [reason for check in checks if (reason := check())]
    return {"status": "not ready", "reasons": reasons} if reasons else {"status": "ready"}


def _issuers(callers: Callers) -> dict[str, object]:
    """Return the settings of each EHR: lists that it never offers, its own templates, and its cards."""
    asked = {
        issuer: {"notOffered": sorted(own.not_offered), "prefetch": sorted(own.replaced)}
        for issuer, own in callers.by_issuer.items()
    }
    words = {issuer: asked.get(issuer, {}) | site_words(site) for issuer, site in callers.sites.items()}
    told = [{"iss": issuer, **own} for issuer, own in words.items() if own]
    return {"issuers": told} if told else {}


def _about(settings: Settings) -> dict[str, object]:
    about = metadata("ketamine-cds")
    return {
        "name": about["Name"],
        "version": about["Version"],
        "mode": settings.mode,
        "profile": settings.profile,
    }


def _trust(settings: Settings) -> dict[str, object]:
    """Return whose calls the service answers, with a warning if it answers everyone."""
    return {"auth": settings.auth} | ({"warning": OPEN} if settings.auth is Auth.OPEN else {})


def _welcome(settings: Settings) -> dict[str, object]:
    links = {name: settings.public_url + path for name, (path, _) in places(settings).items()}
    return {
        **_about(settings),
        "description": metadata("ketamine-cds")["Summary"],
        **_trust(settings),
        "links": links,
    }


def _welcome_page(settings: Settings) -> Response:
    listed = places(settings)
    return page(
        "welcome.html",
        **_welcome(settings),
        places=[listed[name] for name in listed if name in FOR_PEOPLE],
        machines=[listed[name] for name in listed if name not in FOR_PEOPLE],
    )

"""The sandbox over HTTP. The page itself calls the real services; here is only what an EHR would have.

GET  /sandbox                   the page
GET  /sandbox/setups            what can be chosen
GET  /sandbox/request           the request of a set-up, to be sent to a service
POST /sandbox/request           the same about a record of one's own, a FHIR Bundle
GET  /sandbox/records/{id}      what the decision record says of a call
POST /sandbox/timeline          the picture of an assessment, `width` pixels wide
POST /sandbox/policies          what a record shows of all policies side by side, with the picture of it
"""

from collections.abc import Callable
from uuid import UUID

import msgspec
from flask import Blueprint, Response, request

from cds_hooks.web import json_body
from mappings.knowledge import Knowledge
from service.answer.read import read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.fhir.prefetch import usual
from service.picture import policies_svg, timeline_svg
from service.picture.layout import WIDTH
from service.records.record import DecisionRecord
from service.render.criteria import criteria_grid
from service.settings import Auth, Settings
from service.store.errors import StoreError
from service.web.house import page
from service.web.sandbox.calls import hook_request
from service.web.sandbox.choosing import chosen, offered
from service.web.sandbox.own import own_record
from service.web.sandbox.setups import read_patients, read_setups

NOT_YET = 202
FHIR_JSON = ("application/json", "application/fhir+json")


def sandbox(
    settings: Settings,
    knowledge: Knowledge,
    *,
    admit: Callable[[], object],
    record_of: Callable[[str], DecisionRecord | None],
) -> Blueprint:
    """Return the routes; `admit` refuses unknown callers, `record_of` finds the decision record of a call."""
    routes = Blueprint("sandbox", __name__, url_prefix="/sandbox", template_folder="templates")
    patients, setups = read_patients(), read_setups()
    templates = usual(knowledge.prefetch).templates
    choices = offered(patients, setups)

    @routes.get("")
    def sandbox_page() -> Response:
        closed = settings.auth is not Auth.OPEN
        return page("sandbox.html", **choices, closed=closed, today=settings.today())

    @routes.get("/setups")
    def sandbox_setups() -> Response:
        return _json(choices)

    @routes.get("/request")
    def sandbox_request() -> Response:
        setup = chosen(request.args, patients, setups)
        return _json(hook_request(setup, setups, settings.today(), templates))

    @routes.post("/request")
    def sandbox_own_request() -> Response:
        admit()
        own = own_record(json_body(settings.max_body_bytes, FHIR_JSON), settings.today())
        setup = chosen(request.args, patients, setups, own)
        return _json(hook_request(setup, setups, settings.today(), templates))

    @routes.get("/records/<uuid:record_id>")
    def sandbox_record(record_id: UUID) -> Response:
        admit()
        record = _found(record_of, str(record_id))
        return _json(_summary(record)) if record else _json({"status": "not written yet"}, NOT_YET)

    @routes.post("/timeline")
    def sandbox_timeline() -> Response:
        admit()
        facts, verdict = _assessed(settings, knowledge)
        return Response(timeline_svg(verdict, facts, knowledge, _width()), content_type="image/svg+xml")

    @routes.post("/policies")
    def sandbox_policies() -> Response:
        admit()
        facts, verdict = _assessed(settings, knowledge)
        found = read_criteria(facts, verdict, knowledge, knowledge.policies.current)
        drawn = policies_svg(found, knowledge, _width()).decode()
        return _json({"grid": criteria_grid(found, knowledge.policies), "picture": drawn})

    return routes


def _assessed(settings: Settings, knowledge: Knowledge) -> tuple[PatientFacts, Assessment]:
    """Return the facts of the record that was sent, and the assessment of today."""
    raw, today = json_body(settings.max_body_bytes, FHIR_JSON), settings.today()
    facts = read_document(raw, knowledge, today).facts
    return facts, assess(facts, knowledge, settings.profile, today)


def _width() -> float:
    return request.args.get("width", default=WIDTH, type=int)


def _found(record_of: Callable[[str], DecisionRecord | None], record_id: str) -> DecisionRecord | None:
    try:
        return record_of(record_id)
    except StoreError:  # records wait while the database is away
        return None


def _json(content: object, status: int = 200) -> Response:
    """Return a JSON response that keeps the order of members for human readers."""
    return Response(msgspec.json.encode(content), status, content_type="application/json")


def _summary(record: DecisionRecord) -> dict[str, object]:
    """Return the members of a decision record that help a tester, without keys and digests."""
    return {
        "completeness": record.completeness,
        "timingsMs": record.timings_ms,
        "verdict": record.verdict,
        "notShown": [card.topic for card in record.cards if card.suppressed or card.silent],
    }

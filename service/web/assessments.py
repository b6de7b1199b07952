"""The endpoint that assesses one patient's record, as the command does."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from cds_hooks.errors import WHOLE_BODY, BadRequestError, TooCostlyError
from cds_hooks.service import StoppedError
from cds_hooks.trust import Trust
from cds_hooks.web import Admit, caller_of, json_body
from mappings.knowledge import Knowledge
from service.answer.bounds import Bounds
from service.answer.read import assess_document, evaluation_day, read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.operations.observing import note_stopped
from service.render.criteria import criteria_document
from service.render.document import document
from service.render.view import View
from service.settings import PROFILES, Settings

FHIR_JSON = ("application/json", "application/fhir+json")


def assessments(
    settings: Settings, knowledge: Knowledge, trust: Trust, admit: Admit, bounds: Callable[[], Bounds]
) -> Blueprint:
    """Return the endpoint that assesses one patient's record, as the command does."""
    routes = Blueprint("assessments", __name__)

    @routes.post("/assessments", strict_slashes=False)
    def create() -> Response:
        admit(caller_of(trust))
        raw = json_body(settings.max_body_bytes, FHIR_JSON)
        profile, day, policies = _profile(settings), _as_of(settings), _policies(knowledge)
        try:
            answer = bounds()(partial(_answer, raw, knowledge, profile, day, policies))
        except StoppedError as stopped:
            note_stopped(str(stopped))
            raise TooCostlyError("expected a record that takes less time", expression=WHOLE_BODY) from None
        return Response(msgspec.json.encode(answer), content_type="application/json")

    return routes


def _answer(
    raw: bytes, knowledge: Knowledge, profile: str, day: date, policies: tuple[str, ...] | None
) -> dict[str, Any]:
    """Return the assessment, and how the record meets the policies that were asked for."""
    if policies is None:
        assessment = assess_document(raw, knowledge, profile=profile, as_of=day)
        return document(View(wording=knowledge.wording, of=assessment))
    facts = read_document(raw, knowledge, day).facts
    assessment = assess(facts, knowledge, profile, day)
    found = read_criteria(facts, assessment, knowledge, policies)
    view = View(wording=knowledge.wording, of=assessment)
    return {**document(view), "criteria": criteria_document(found)}


def _policies(knowledge: Knowledge) -> tuple[str, ...] | None:
    asked = _one_parameter("criteria")
    try:
        return None if asked is None else knowledge.policies.chosen(asked)
    except ValueError as error:
        raise BadRequestError(str(error), expression="http.criteria") from error


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

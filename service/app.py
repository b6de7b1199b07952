"""The application: the one place that joins protocol, rules and pages."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import partial
from threading import Lock
from typing import TypeVar
from uuid import uuid4

from flask import Flask, Response, g, has_request_context, request

from cds_hooks.cards import Card
from cds_hooks.errors import UnavailableError
from cds_hooks.feedback import Feedback
from cds_hooks.request import HookRequest
from cds_hooks.service import Answered, Reply, StoppedError
from cds_hooks.trust import CdsClient
from cds_hooks.web import blueprint, caller_of, configure
from mappings.knowledge import Knowledge
from service.access.callers import site_notes
from service.answer.apart import answer_apart
from service.answer.bounds import Bounds, unbounded
from service.answer.cards import RuleSet
from service.answer.services import CallContext, answer, failure_cards, mismatch_cards, offered_services
from service.clock import now
from service.connections import (
    Connections,
    completing,
    open_connections,
    readiness,
    reading_anew,
    remembered,
)
from service.operations.apart import do_apart
from service.operations.bodies import LARGE
from service.operations.budget import Budget, Watch
from service.operations.gateway import HUNG_UP, WEIGHT
from service.operations.headers import with_security_headers
from service.operations.metrics import describe
from service.operations.observing import note_answer, note_feedback, note_stopped, noting, observe
from service.operations.rules import read_rules
from service.operations.tracing import note_trace
from service.records.record import CallTrace
from service.records.recording import decision_record, running_versions
from service.settings import Settings
from service.store.decisions import read_decision
from service.store.errors import StoreError
from service.store.feedback import keep_feedback
from service.store.hash_key import hash_key
from service.validation.report import site_report
from service.web.apidocs.routes import api_docs
from service.web.assessments import assessments
from service.web.basis.routes import basis
from service.web.sandbox.pages import sandbox
from service.web.smart.routes import launch_url, smart
from service.web.static.serving import static_files
from service.web.status import STATIC, pages

T = TypeVar("T")
_log = logging.getLogger(__name__)

PATIENCE = 10  # times the budget of a hook, for whoever asks for the whole assessment or opens its evidence
READ_APART = 4 * 1024 * 1024  # bytes of a body from which on it is read in a process of its own as well
START_SECONDS = 60.0  # of processor time for the call that warms a worker up
SETTLE_SECONDS = 1.0  # in which the records of cards are written that feedback may be about
AGAIN_SECONDS = 30  # after which feedback that could not be kept is welcome again


def create_app(settings: Settings, knowledge: Knowledge | None = None) -> Flask:
    """Return the WSGI application; without `knowledge` the rule tables are read now.

    Of `app.extensions`, "start" starts what need not wait for a call, "close" ends what is held open, and
    "services" are the services.
    """
    tables = knowledge or read_rules(settings)
    key = hash_key(settings)
    connections = open_connections(settings, tables.prefetch)
    watch, turn = Watch(), Lock()
    seconds = settings.cpu_budget_ms / 1000
    patience = PATIENCE * seconds
    patiently = partial(_bounds, watch, Lock(), patience)
    context = CallContext(
        rules=RuleSet(
            knowledge=tables,
            profile=settings.profile,
            source_url=f"{settings.public_url}/basis/",
            app_url=launch_url(settings),
        ),
        versions=running_versions(settings, tables),
        today=settings.today,
        hash_key=key,
        asked=connections.callers.asked,
        bounds=partial(_bounds, watch, turn, seconds),
        complete=completing(settings, connections),
        overridden=remembered(settings, connections.database),
        site=connections.callers.site,
    )
    app = Flask(__name__, static_folder=None)
    app.before_request(_name_request)
    app.after_request(_tell_request)
    services = offered_services(context, partial(_answer, settings, connections))
    observe(app, {service_id for each in services for service_id in each.ids})
    configure(app, cors_origins=settings.cors_origins)
    trust = noting(connections.callers.trust)
    app.register_blueprint(
        blueprint(
            services,
            max_body_bytes=settings.max_body_bytes,
            trust=trust,
            admit=connections.limit.admit,
            within=partial(_read_within, partial(_bounds, watch, turn, seconds), seconds),
            on_failure=partial(_failed, context),
            on_mismatch=partial(mismatch_cards, context=context) if settings.lenient else None,
            on_answered=partial(_take_note, context, connections),
            on_feedback=partial(_keep, tables, connections),
        )
    )
    app.register_blueprint(
        assessments(
            settings, tables, trust, connections.limit.admit, partial(_apart_if_large, patiently, patience)
        )
    )
    app.register_blueprint(
        pages(
            settings,
            rule_set=tables.rule_set,
            missing_rows=tables.missing,
            readiness=readiness(connections),
            callers=connections.callers,
        )
    )
    app.register_blueprint(static_files())
    app.register_blueprint(
        basis(
            tables,
            settings.profile,
            site_notes(connections.callers.by_issuer, connections.callers.sites, tables.wording),
            site_report(settings),
            settings.today,
        )
    )
    app.register_blueprint(api_docs())
    app.register_blueprint(smart(settings, connections, context.rules, key, patiently))
    if settings.sandbox:
        app.register_blueprint(
            sandbox(
                settings,
                tables,
                admit=lambda: connections.limit.admit(caller_of(trust)),
                record_of=partial(read_decision, connections.database),
            )
        )
    describe(settings, tables.rule_set)
    layered = with_security_headers(app.wsgi_app, tls=settings.public_url.startswith("https:"), static=STATIC)
    app.wsgi_app = layered  # type: ignore[assignment,method-assign]  # so Flask wants layers to be added
    app.extensions.update(start=connections.recorder.start, close=connections.close, services=services)
    return app


def _failed(context: CallContext, call: HookRequest, caller: CdsClient, failure: Exception) -> Sequence[Card]:
    """Count a call that was given up; return the cards that tell the user of a failure."""
    if isinstance(failure, StoppedError):
        note_stopped(str(failure))
    return failure_cards(call, caller, failure, context)


def _bounds(watch: Watch, turn: AbstractContextManager[object], seconds: float) -> Budget:
    """Return the budget of the current call; a call that did not come in by HTTP may cost more.

    Only one of the larger calls computes at a time: small ones share the interpreter with that one alone.
    """
    if not has_request_context():
        return Budget(watch, START_SECONDS)
    gone = request.environ.get(HUNG_UP)
    return Budget(watch, seconds, gone, None if gone is None else turn)


def _is_large() -> bool:
    return has_request_context() and request.environ.get(WEIGHT, 0) > LARGE


def _apart_if_large(bounds: Callable[[], Bounds], seconds: float) -> Bounds:
    """Return the `bounds` of work; work on a large body is done in a separate process."""
    if not _is_large():
        return bounds()
    gone = request.environ.get(HUNG_UP)
    return lambda work: do_apart(lambda _: work(), seconds=seconds, gone=gone)


def _read_within(bounds: Callable[[], Bounds], seconds: float, read: Callable[[], T]) -> T:
    """Read a body within its budget; count one that was given up."""
    try:
        if request.environ.get(WEIGHT, 0) < READ_APART:
            return bounds()(read)
        return _apart_if_large(bounds, seconds)(read)
    except StoppedError as stopped:
        note_stopped(str(stopped))
        raise


def _answer(
    settings: Settings, connections: Connections, call: HookRequest, caller: CdsClient, context: CallContext
) -> Reply:
    """Answer a call; do so in a separate process if its body is large."""
    if not _is_large():
        return answer(call, caller, context)
    seconds = settings.cpu_budget_ms / 1000

    def inside() -> CallContext:
        complete = completing(settings, reading_anew(settings, connections))
        return replace(context, complete=complete, bounds=lambda: unbounded)  # `do_apart` has the budget

    apart = partial(do_apart, seconds=seconds, gone=request.environ.get(HUNG_UP))
    return answer_apart(call, caller, context, inside, lambda work, told: apart(work, answer=told))


def _take_note(context: CallContext, connections: Connections, answered: Answered) -> None:
    """Count an answer, and have its record kept."""
    trace = answered.trace if isinstance(answered.trace, CallTrace) else None
    note_answer(
        answered,
        trace.completeness if trace else {},
        {"suppressed": trace.suppressed, "silent": trace.silent} if trace else {},
    )
    connections.backlog.add(
        partial(_record, context, connections, answered, g.request_id, now()), len(answered.body)
    )


def _record(
    context: CallContext, connections: Connections, answered: Answered, record_id: str, at: datetime
) -> None:
    """Queue the record of a call. The answer has been sent, so a failure appears only in the log."""
    try:
        record = decision_record(
            answered,
            record_id=record_id,
            at=at,
            versions=context.versions,
            key=context.hash_key,
            wording=context.rules.knowledge.wording,
        )
    except Exception as failure:
        _log.error("a decision record could not be made: %s", type(failure).__name__)
        connections.recorder.lose("unmade")
    else:
        connections.recorder.put(record)


def _keep(
    knowledge: Knowledge,
    connections: Connections,
    caller: CdsClient,
    service_id: str,
    items: tuple[Feedback, ...],
) -> None:
    """Keep feedback, or raise an error that has the caller send it again: it may not be lost."""
    offered = knowledge.wording.overrides.codes()
    connections.recorder.settle(SETTLE_SECONDS)  # so that an override counts from the next call on
    try:
        keep_feedback(connections.database, caller, service_id, items, now(), offered=offered)
    except StoreError as error:
        raise UnavailableError(
            "expected to keep it; the database cannot be used now", AGAIN_SECONDS
        ) from error
    note_feedback(items)


def _name_request() -> None:
    """Give the request the id that its log line and decision record carry; note its trace."""
    g.request_id = str(uuid4())
    note_trace()


def _tell_request(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    return response

"""CDS Hooks over HTTP, in Flask: the one module of this package that knows the web.

    GET  /cds-services                  discovery
    POST /cds-services/{id}             a call of a hook, answered by the service with this id
    POST /cds-services/{id}/feedback    what users did with the cards of this service

Who calls is checked before anything else is looked at. No path here redirects: clients of CDS Hooks do not
follow.
"""

import logging
import re
import traceback
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from typing import NamedTuple
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec
from flask import Blueprint, Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge

from cds_hooks.cards import Card, response
from cds_hooks.cors import with_cors
from cds_hooks.errors import (
    WHOLE_BODY,
    BadRequestError,
    BodyTooLargeError,
    CallerError,
    LateBodyError,
    MediaTypeError,
    MismatchError,
    TooCostlyError,
    UnknownServiceError,
)
from cds_hooks.feedback import Feedback, read_feedback
from cds_hooks.outcome import Issue, operation_outcome
from cds_hooks.packed import NotPackedError, unpacked
from cds_hooks.request import HookRequest, read_request, require_whole_leave
from cds_hooks.response import ResponseSchema
from cds_hooks.service import Answered, CallOutcome, OfferedService, Reply, StoppedError, discovery
from cds_hooks.trust import CdsClient, Trust

JSON = "application/json"

NOTHING_SAID = "X-Nothing-Said"
"""The header of an answer without cards that says why, where calls that do not fit are forgiven."""

FEEDBACK_BYTES = 1024 * 1024
"""Of one body of feedback: thousands of items, while few are usual."""

OnFailure = Callable[[HookRequest, CdsClient, Exception], Sequence[Card]]
"""The cards that say that, and why, a call of this caller could not be answered."""

OnMismatch = Callable[[MismatchError], Sequence[Card]]
"""The cards that say how a call does not fit its service."""

OnAnswered = Callable[[Answered], None]
"""Takes note of what became of a call, before the answer is sent."""

OnFeedback = Callable[[CdsClient, str, tuple[Feedback, ...]], None]
"""Keeps the feedback about cards of the service with this id; it may raise a CallerError."""

Within = Callable[[Callable[[], HookRequest]], HookRequest]
"""Has a body read, and raises StoppedError where that takes longer than it may."""

Admit = Callable[[CdsClient], None]
"""Raises a CallerError for a caller that has to wait."""

_ISSUES: dict[int, tuple[str, str]] = {
    HTTPStatus.NOT_FOUND: ("not-found", "expected a path of this server"),
    HTTPStatus.METHOD_NOT_ALLOWED: ("not-supported", "expected a method that the Allow header lists"),
}
_OTHER_ISSUE = ("processing", "expected another request")
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate")

_DROPPED_BYTES = 64 * 1024 * 1024
_PIECE = 64 * 1024

_LOGGED_FRAMES = 6

_SLASHES = re.compile("/{2,}")
_AS_CALLED = "cds_hooks.path_as_called"

_RESPONSE = ResponseSchema()

_log = logging.getLogger(__name__)


def everyone(_authorization: str | None, _path: str) -> CdsClient:
    """Return the trust of a server that does not authenticate its callers."""
    return CdsClient()


def blueprint(
    offered: Sequence[OfferedService],
    *,
    max_body_bytes: int,
    trust: Trust = everyone,
    admit: Admit | None = None,
    within: Within = lambda read: read(),
    on_failure: OnFailure | None = None,
    on_mismatch: OnMismatch | None = None,
    on_answered: OnAnswered | None = None,
    on_feedback: OnFeedback | None = None,
) -> Blueprint:
    """Return the routes of the services `offered`; feedback only where `on_feedback` keeps it.

    When a service fails, the answer is what `on_failure` makes of it; without one, or if that fails too, 500.
    A call that does not fit its service is answered with what `on_mismatch` makes of it; without one, 400, as
    is one whose `fhirAuthorization` lacks the server or a required member. Bodies are read `within` what the
    application lets that cost.
    """
    discovery([each.service for each in offered])  # that ids differ is known from the start
    ids = {service_id for each in offered for service_id in each.ids}
    by_id = {service_id: [each for each in offered if service_id in each.ids] for service_id in ids}
    routes = Blueprint("cds_services", __name__, url_prefix="/cds-services")

    def named(service_id: str) -> Sequence[OfferedService]:
        if service_id not in by_id:
            raise UnknownServiceError("expected the id of a service that /cds-services lists")
        return by_id[service_id]

    def admitted() -> CdsClient:
        caller = caller_of(trust)
        if admit is not None:
            admit(caller)
        return caller

    @routes.get("", strict_slashes=False)
    def discover() -> Response:
        caller = admitted()
        document = discovery([each.for_client(caller) for each in offered])
        return Response(msgspec.json.encode(document), content_type=JSON)

    @routes.post("/<service_id>", strict_slashes=False)
    def call(service_id: str) -> Response:
        started = perf_counter()
        caller, called = admitted(), named(service_id)
        body = json_body(max_body_bytes)
        return _respond(_Call(called, caller, body, within, started), on_failure, on_mismatch, on_answered)

    if on_feedback is not None:

        @routes.post("/<service_id>/feedback", strict_slashes=False)
        def feedback(service_id: str) -> Response:
            caller, _ = admitted(), named(service_id)
            items = read_feedback(json_body(min(max_body_bytes, FEEDBACK_BYTES)))
            on_feedback(caller, service_id, items)
            return Response(msgspec.json.encode({"received": len(items)}), content_type=JSON)

    return routes


def configure(app: Flask, *, cors_origins: Collection[str]) -> None:
    """Make all of `app`, before it gets its routes, answer as CDS Hooks clients need it.

    Every error is an OperationOutcome, repeated and trailing slashes lead where they mean to without a
    redirect, and pages of `cors_origins` may call every path.
    """
    app.url_map.strict_slashes = False
    app.register_error_handler(CallerError, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failure)
    layered = with_cors(_with_single_slashes(app.wsgi_app), cors_origins)
    app.wsgi_app = layered  # type: ignore[assignment,method-assign]  # so Flask wants layers to be added


def caller_of(trust: Trust) -> CdsClient:
    """Return who makes the current request; raise UnauthorizedError."""
    called = request.environ.get(_AS_CALLED, request.path)
    return trust(request.headers.get("Authorization"), called)


def json_body(max_bytes: int, media_types: Collection[str] = (JSON,)) -> bytes:
    """Return the body of the current request, which declares one of the `media_types`; raise CallerError."""
    if request.mimetype not in media_types or not _is_utf8(request.mimetype_params.get("charset", "utf-8")):
        raise MediaTypeError(f"expected {' or '.join(media_types)} in UTF-8", expression="http.Content-Type")
    coding = request.headers.get("Content-Encoding", "identity").lower()
    if coding not in ("identity", "gzip"):
        raise MediaTypeError("expected a body as it is or in gzip", expression="http.Content-Encoding")
    body = _at_most(max_bytes)
    if body is not None and coding == "gzip":
        body = _unpacked(body, max_bytes)
    if body is None:
        raise BodyTooLargeError(f"expected a body of at most {max_bytes} bytes", expression=WHOLE_BODY)
    return body


def _unpacked(body: bytes, max_bytes: int) -> bytes | None:
    try:
        return unpacked(body, max_bytes)
    except NotPackedError as error:
        raise BadRequestError("expected one whole gzip stream", expression=WHOLE_BODY) from error


def _at_most(max_bytes: int) -> bytes | None:
    """Return the body, or None if it is longer."""
    # Of a body whose length is not declared Flask reads the maximum and does not say whether there is more.
    request.max_content_length = max_bytes + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None
    except ClientDisconnected:
        raise LateBodyError("expected the whole body in time", expression=WHOLE_BODY) from None
    return body if len(body) <= max_bytes else None


class _Call(NamedTuple):
    """A call that has arrived completely; `started` is when, on the clock of `perf_counter`.

    `called` are the services with the id that was called, each of another hook.
    """

    called: Sequence[OfferedService]
    caller: CdsClient
    body: bytes
    within: Within
    started: float


def _respond(
    call: _Call,
    on_failure: OnFailure | None,
    on_mismatch: OnMismatch | None,
    on_answered: OnAnswered | None,
) -> Response:
    """Answer a call, and report its outcome in any case."""
    hook_request: HookRequest | None = None
    called = call.called[0]
    outcome, status, reply = CallOutcome.FAILED, int(HTTPStatus.INTERNAL_SERVER_ERROR), Reply(cards=())
    try:
        hook_request, called = _request(call)
        if on_mismatch is None:
            require_whole_leave(hook_request)
        outcome, reply, content = _answer(called, call.caller, hook_request, on_failure)
        status = int(HTTPStatus.OK)
        return Response(content, headers=_why_nothing(reply, on_mismatch), content_type=JSON)
    except CallerError as refusal:
        reply, content = _refused(refusal, on_mismatch)
        outcome, status = CallOutcome.REFUSED, int(HTTPStatus.OK) if reply.cards else refusal.status
        if not reply.cards:
            raise
        return Response(content, content_type=JSON)
    finally:
        if on_answered is not None:
            answered = Answered(
                service=called.service,
                caller=call.caller,
                body=call.body,
                request=hook_request,
                outcome=outcome,
                status=status,
                cards=reply.cards,
                trace=reply.trace,
                seconds=perf_counter() - call.started,
            )
            _tell(on_answered, answered)


def _why_nothing(reply: Reply, on_mismatch: OnMismatch | None) -> dict[str, str]:
    """Return the header that tells testers why there is no card, in lenient mode only."""
    if reply.cards or not reply.nothing or on_mismatch is None:
        return {}
    return {NOTHING_SAID: reply.nothing.encode("ascii", "replace").decode()}


def _request(call: _Call) -> tuple[HookRequest, OfferedService]:
    """Return the call and its service; of several with one id, that of the hook named in the body."""
    by_hook = {each.service.hook: each for each in call.called}
    if len(by_hook) == 1:
        (hook,) = by_hook
        return _read(call, hook), by_hook[hook]
    request_of_any = _read(call, None)
    if request_of_any.hook not in by_hook:
        raise BadRequestError(f"expected {' or '.join(f'`{hook}`' for hook in by_hook)}", expression="hook")
    return request_of_any, by_hook[request_of_any.hook]


def _read(call: _Call, hook: str | None) -> HookRequest:
    try:
        return call.within(lambda: read_request(call.body, hook))
    except StoppedError:
        raise TooCostlyError("expected a body that takes less time to read", expression=WHOLE_BODY) from None


def _tell(on_answered: OnAnswered, answered: Answered) -> None:
    """Report an answer; log any failure in doing so, because it may not change the answer."""
    try:
        on_answered(answered)
    except Exception as failure:
        _log.error("an answer was not taken note of: %s", _without_values(failure))


def _answer(
    called: OfferedService, caller: CdsClient, hook_request: HookRequest, on_failure: OnFailure | None
) -> tuple[CallOutcome, Reply, bytes]:
    try:
        reply = called.handler(hook_request, caller)
        return CallOutcome.ANSWERED, reply, _encoded(reply.cards)
    except CallerError:
        raise
    except Exception as failure:
        if on_failure is None:
            raise
        outcome = CallOutcome.STOPPED if isinstance(failure, StoppedError) else CallOutcome.FAILED
        if outcome is CallOutcome.FAILED:
            _log.error("service %s failed: %s", called.service.id, _without_values(failure))
        said = Reply(cards=on_failure(hook_request, caller, failure))
        return outcome, said, _encoded(said.cards)


def _refused(refusal: CallerError, on_mismatch: OnMismatch | None) -> tuple[Reply, bytes]:
    """Return the cards, if any, that tell a caller of the refusal, and the same cards as bytes."""
    cards: Sequence[Card] = ()
    if on_mismatch is not None and isinstance(refusal, MismatchError):
        cards = on_mismatch(refusal)
    return Reply(cards=cards, trace=refusal.trace), _encoded(cards)


def _encoded(cards: Sequence[Card]) -> bytes:
    """Return the answer as bytes; raise ValueError if it does not conform to the standard."""
    answer = response(cards)
    if faults := _RESPONSE.validate(answer):
        raise ValueError(f"not an answer of the standard: {', '.join(faults)}")
    return msgspec.json.encode(answer)


def _refusal(error: CallerError) -> Response:
    refusal = _outcome(error.status, error.issues)
    refusal.headers.update(error.headers)
    return refusal


def _http_error(error: HTTPException) -> ResponseReturnValue:
    answer = error.get_response()
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        return answer
    code, text = _ISSUES.get(answer.status_code, _OTHER_ISSUE)
    outcome = _outcome(answer.status_code, [Issue(code=code, text=text)])
    outcome.headers.extend((name, answer.headers[name]) for name in _KEPT if name in answer.headers)
    return outcome


def _failure(error: Exception) -> Response:
    _log.error("%s failed: %s", request.endpoint, _without_values(error))
    return _outcome(500, [Issue(code="exception", text="this service failed; the request may be in order")])


def _outcome(status: int, issues: Iterable[Issue]) -> Response:
    _read_and_drop()
    return Response(msgspec.json.encode(operation_outcome(issues)), status, content_type=JSON)


def _read_and_drop() -> None:
    """Read and drop the rest of a body: many callers look for an answer only after sending everything."""
    if "wsgi.input_terminated" not in request.environ:  # reading on would wait for more than comes
        return
    with suppress(OSError, CallerError):  # late, or not kept
        for _ in range(_DROPPED_BYTES // _PIECE):
            if not request.environ["wsgi.input"].read(_PIECE):
                break


def _is_utf8(charset: str) -> bool:
    return charset.lower() in {"utf-8", "utf8"}


def _without_values(error: Exception) -> str:
    """Return the type and the place of `error` without its text, which may contain patient data."""
    frames = traceback.extract_tb(error.__traceback__, limit=-_LOGGED_FRAMES)
    places = [f"{frame.name} ({Path(frame.filename).name}:{frame.lineno})" for frame in reversed(frames)]
    return f"{type(error).__name__} in {', called by '.join(places)}"


def _with_single_slashes(app: WSGIApplication) -> WSGIApplication:
    """Return `app`, reading `//` in a path as `/`, where Flask by itself would redirect.

    The path as it was called is kept, for it is what a token is made out for.
    """

    def merged(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        environ[_AS_CALLED] = path.encode("latin-1").decode(errors="replace")  # as WSGI has text
        environ["PATH_INFO"] = _SLASHES.sub("/", path)
        return app(environ, start_response)

    return merged

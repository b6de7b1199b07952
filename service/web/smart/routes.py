"""The routes of the evidence view: the EHR opens /smart/launch, and sends the user back to /smart/callback.

The page is the answer of the callback itself, for nothing is kept by which another request could make it.
The code in its address is worth nothing any more: it was exchanged for the page, is good for one use, and
without the verifier of the cookie, which is gone, it never was good for anything.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from flask import Blueprint, Response, after_this_request, redirect, request
from joserfc.jwk import OctKey
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from service.answer.bounds import Bounds
from service.answer.cards import RuleSet
from service.clock import now
from service.connections import Connections
from service.operations.observing import note_refusal
from service.settings import Settings
from service.web.smart.authorization import Configurations, allowed_base, authorization_request, granted
from service.web.smart.cookie import FlowCookie
from service.web.smart.faults import LaunchError, LaunchFault
from service.web.smart.flow import Flow, begun, opened, sealed, sealing_key
from service.web.smart.pages import Pages
from service.web.smart.reading import evidence
from service.web.smart.shown import VIEW_PURPOSE, ShownView, opened_view

LAUNCH, CALLBACK, PACKET = "/smart/launch", "/smart/callback", "/smart/packet"

PLACES = 4
"""Views that one worker makes at a time: of its threads half, so that hooks are never kept waiting."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class _App:
    """The app as the operator has set it up."""

    client: str
    callback: str
    bases: frozenset[str]
    key: OctKey
    cookie: FlowCookie


def smart(
    settings: Settings,
    connections: Connections,
    rules: RuleSet,
    hash_key: bytes,
    bounds: Callable[[], Bounds],
) -> Blueprint:
    """Return the routes of the evidence view; no routes if no EHR has given it a client id."""
    routes = Blueprint("smart", __name__, template_folder="templates")
    if settings.smart_client_id is None:
        return routes
    app = _App(
        client=settings.smart_client_id,
        callback=settings.public_url + CALLBACK,
        bases=_bases(settings, connections.callers.bases),
        key=sealing_key(hash_key),
        cookie=FlowCookie(secure=settings.public_url.startswith("https:")),
    )
    view_key = sealing_key(hash_key, VIEW_PURPOSE)
    pages = Pages(settings, rules, app.bases, view_key)
    places = BoundedSemaphore(PLACES)
    configurations = Configurations(connections.outbound)

    @routes.get(LAUNCH)
    def smart_launch() -> Answer:
        """Send the user to the EHR's authorization server."""
        with _place(places):
            flow, address = _begin(app, configurations)
        answer = redirect(address)
        app.cookie.set(answer, sealed(flow, app.key))
        return answer

    @routes.get(CALLBACK)
    def smart_callback() -> Answer:
        """Show the evidence about the patient who is open in the EHR."""
        flow = _returned(app)
        after_this_request(app.cookie.forget)
        code = request.args.get("code")
        if not code or "error" in request.args:
            raise LaunchError(LaunchFault.DENIED)
        with _place(places):
            grant = granted(connections.outbound, flow, code, client=app.client, back=app.callback)
            found = evidence(
                connections.outbound,
                connections.fetching,
                flow.base,
                grant,
                rules,
                settings.today(),
                connections.callers.asked_at(flow.base),
                bounds(),
            )
            return pages.view(found, server=flow.base, user=grant.user)

    @routes.post(PACKET)
    def smart_packet() -> Answer:
        """Make the packet of a policy of what a page showed; nothing is read and nothing kept."""
        view, policy = _asked(view_key, rules)
        with _place(places):
            return bounds()(lambda: pages.packet(view, policy))

    _tell_faults(routes, pages)
    return routes


def _tell_faults(routes: Blueprint, pages: Pages) -> None:
    """Have every fault of these routes told as a page."""

    @routes.errorhandler(LaunchError)
    def refused(error: LaunchError) -> Response:
        note_refusal(error.fault)
        return pages.fault(error.fault)

    @routes.errorhandler(Exception)
    def failed(_: Exception) -> Response:
        _log.exception("the evidence view failed")
        return refused(LaunchError(LaunchFault.FAILED))


def launch_url(settings: Settings) -> str | None:
    """Return the URL by which EHRs launch the evidence view, if any EHR has given it a client id."""
    return settings.public_url + LAUNCH if settings.smart_client_id else None


def _bases(settings: Settings, of_issuers: Mapping[str | None, tuple[str, ...]]) -> frozenset[str]:
    """Return the FHIR servers from which the app may be launched: all that this service may read."""
    return frozenset(settings.fhir_servers).union(*of_issuers.values())


@contextmanager
def _place(places: BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise LaunchError(LaunchFault.BUSY)
    try:
        yield
    finally:
        places.release()


def _asked(key: OctKey, rules: RuleSet) -> tuple[ShownView, str]:
    """Return what a page of ours holds and the policy asked for; raise LaunchError for anything else."""
    try:
        form = request.form
    except RequestEntityTooLarge:  # than any page of ours
        raise LaunchError(LaunchFault.EXPIRED) from None
    view = opened_view(form.get("view", ""), key, now().timestamp())
    policy = form.get("policy", "")
    if view is None or policy not in rules.knowledge.policies.policies:
        raise LaunchError(LaunchFault.EXPIRED)
    return view, policy


def _begin(app: _App, configurations: Configurations) -> tuple[Flow, str]:
    """Return a new launch, and the URL of the EHR at which it continues."""
    iss, launch = request.args.get("iss"), request.args.get("launch")
    if not iss or not launch:
        raise LaunchError(LaunchFault.INCOMPLETE)
    base = allowed_base(iss, app.bases)
    found = configurations.of(base)
    flow = begun(base, found.token_endpoint, now().timestamp())
    address = authorization_request(
        found.authorization_endpoint, flow, iss=iss, launch=launch, client=app.client, back=app.callback
    )
    return flow, address


def _returned(app: _App) -> Flow:
    """Return the launch that this request completes; leave the cookie of any other launch alone."""
    flow = opened(app.cookie.value(request), app.key, now().timestamp())
    if flow is None:
        raise LaunchError(LaunchFault.EXPIRED)
    if not flow.began_with(request.args.get("state", "")):
        raise LaunchError(LaunchFault.MISMATCH)
    return flow

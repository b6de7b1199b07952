"""A call of a hook: the body of `POST /cds-services/{id}`, checked, its FHIR resources still JSON text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from marshmallow import fields, post_load

from cds_hooks import strict_json
from cds_hooks.contexts import HOOKS, Resources
from cds_hooks.crd import turned_off
from cds_hooks.errors import BadRequestError, MismatchError
from cds_hooks.outcome import Issue
from cds_hooks.received import Object, Received, Text, Uuid, WebAddress, expects, load


@dataclass(frozen=True, kw_only=True, slots=True)
class Authorization:
    """Leave to read more of the record from the caller's FHIR server; an empty token gives none.

    The token is good for this call only: it is never stored or logged, so `repr` leaves it out.
    """

    access_token: str = field(repr=False)
    token_type: str | None
    expires_in: int | None
    scope: str | None
    subject: str | None
    patient: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class HookRequest:
    """One call of a hook. Resources are JSON text as received; `repr` tells nothing about the patient.

    A `prefetch` key that the caller could not fulfil is missing; one that it asked for in vain is `null`.
    `context` holds what else the hook's context has, by the names of its members in cds_hooks/contexts.py.
    `turned_off` are the kinds of card that its configuration does without.
    """

    hook: str
    hook_instance: str
    user_id: str = field(repr=False)
    patient_id: str = field(repr=False)
    encounter_id: str | None = field(default=None, repr=False)
    draft_orders: bytes | None = field(default=None, repr=False)
    selections: tuple[str, ...] = field(default=(), repr=False)
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    prefetch: Mapping[str, bytes] = field(repr=False)
    fhir_server: str | None = None
    authorization: Authorization | None = None
    turned_off: frozenset[str] = frozenset()


class _Authorization(Received):
    access_token = Text("the access token", pattern=r"[!-~]*")
    token_type = Text("`Bearer`", pattern="(?i)bearer", required=False)
    expires_in = fields.Integer(**expects("a number of seconds", required=False))
    scope = fields.String(**expects("a string", required=False))
    subject = fields.String(**expects("a string", required=False))
    patient = fields.String(**expects("a string", required=False))

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Leave the member the name that OAuth gives it."""
        field_obj.data_key = field_name

    @post_load
    def _authorization(self, members: dict[str, Any], **_: Any) -> Authorization:
        return Authorization(**members)


_AUTHORIZATION = _Authorization()


class _Envelope(Received):
    hook_instance = Uuid()
    fhir_server = WebAddress("an http or https URL", required=False)
    authorization = fields.Nested(
        _AUTHORIZATION, data_key="fhirAuthorization", **expects("an object", required=False)
    )
    prefetch = Object()
    extension = Object()


def _envelope(hook: str, context: Received) -> Received:
    """Return the schema of a whole call of `hook`, whose context is `context`."""
    members: dict[str, fields.Field[Any]] = {
        "hook": Text(f"`{hook}`", pattern=hook),
        "context": fields.Nested(context, **expects("an object")),
    }
    return cast(Received, _Envelope.from_dict(members)())


_ENVELOPES = {hook: _envelope(hook, context) for hook, context in HOOKS.items()}
_MISMATCHES = {("hook", "value"), ("context.draftOrders", "required"), ("context.selections", "required")}
_SHARED = {"user_id", "patient_id", "encounter_id", "draft_orders", "selections"}
_MEMBERS = {"hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "prefetch", "extension"}


def read_request(body: bytes, hook: str | None = None) -> HookRequest:
    """Return the call that `body` makes, of `hook` or, if that is None, of any hook.

    Raise BadRequestError.
    """
    members: dict[str, Any] = strict_json.split(body, _MEMBERS, typed={"prefetch"})
    named = _hook(members.get("hook"), hook)
    hook = hook or named
    for name, schema in (("context", HOOKS[hook]), ("fhirAuthorization", _AUTHORIZATION)):
        if isinstance(members.get(name), Mapping):
            members[name] = _values(members[name], schema, name)
    try:
        loaded = load(_ENVELOPES[hook], members)
    except BadRequestError as refusal:
        raise _mismatch(refusal.issues) or refusal from refusal
    context: dict[str, Any] = loaded["context"]
    return HookRequest(
        hook=hook,
        hook_instance=loaded["hook_instance"],
        prefetch=loaded["prefetch"] or {},
        fhir_server=loaded["fhir_server"],
        authorization=loaded["authorization"],
        turned_off=turned_off(loaded["extension"] or {}),
        **{name: context.pop(name) for name in _SHARED & context.keys()},
        context=context,
    )


def require_whole_leave(request: HookRequest) -> None:
    """Raise BadRequestError if leave to read comes without its server, or without a required member."""
    leave = request.authorization
    if leave is None:
        return
    required = {
        "fhirServer": request.fhir_server,
        "fhirAuthorization.token_type": leave.token_type,
        "fhirAuthorization.expires_in": leave.expires_in,
        "fhirAuthorization.scope": leave.scope,
        "fhirAuthorization.subject": leave.subject,
    }
    lacking = [name for name, value in required.items() if value is None]
    if lacking:
        text = "missing; it belongs to fhirAuthorization"
        raise BadRequestError.of(
            tuple(Issue(code="required", text=text, expression=name) for name in lacking)
        )


def _hook(named: Any, wanted: str | None) -> str:
    """Return the hook that a call names; raise BadRequestError if it is unknown here."""
    for hook in HOOKS:
        if hook == named:
            return hook
    expected = " or ".join(f"`{hook}`" for hook in ([wanted] if wanted else HOOKS))
    raise BadRequestError(f"expected {expected}", expression="hook")


def _mismatch(issues: Sequence[Issue]) -> MismatchError | None:
    """Return the refusal of a call whose only fault is its hook, which is known here, or its orders."""
    faults = {(issue.expression, issue.code) for issue in issues}
    return MismatchError.of(issues) if faults <= _MISMATCHES else None


def _values(members: Mapping[str, bytes], schema: Received, path: str) -> dict[str, Any]:
    """Return the members that `schema` declares, parsed unless they are to remain JSON text."""
    declared = {member.data_key: member for member in schema.fields.values()}
    return {
        name: text if isinstance(declared[name], Resources) else strict_json.value(text, f"{path}.{name}")
        for name, text in members.items()
        if name in declared
    }

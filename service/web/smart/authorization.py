"""The authorization server of an EHR: where it is, what it is asked for, and the token that it gives."""

import re
import time
from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from math import inf
from threading import Lock
from urllib.parse import urlencode

import msgspec

from cds_hooks.grammar import LOGICAL_ID
from service.fetch.http_client import Outbound, OutboundError
from service.fhir.completeness import LISTS
from service.web.smart.faults import LaunchError, LaunchFault
from service.web.smart.flow import Flow

CONFIGURATION = "/.well-known/smart-configuration"
DISCOVERY_SECONDS = 3.0
TOKEN_SECONDS = 5.0
KEPT_SECONDS, FAILURE_SECONDS = 600.0, 5.0
"""For which the document of an EHR is not read again, and that it could not be used."""
MOST_BYTES = 262_144  # of a document or of an answer with a token, identity token included

READ_TYPES = sorted({*LISTS, "Medication"})
SCOPE = " ".join(["launch", "openid", "fhirUser", *(f"patient/{kind}.rs" for kind in READ_TYPES)])
"""Leave to read, of this patient, the types that the hooks ask for too, and nothing else."""

_JSON = "application/json"
_USER = re.compile(rf"(?:Practitioner|PractitionerRole|Patient|RelatedPerson|Person)/{LOGICAL_ID}")


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """The parts used of the document that describes an EHR's authorization server."""

    authorization_endpoint: str
    token_endpoint: str
    code_challenge_methods_supported: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """The grant of the EHR: a token, its patient, and the user if the EHR names one."""

    token: str = field(repr=False)
    patient_id: str = field(repr=False)
    user: str | None = field(repr=False)


class _Token(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    token_type: str
    patient: str = ""
    id_token: str = ""


class _Identity(msgspec.Struct, frozen=True, kw_only=True):
    fhir_user: str = msgspec.field(default="", name="fhirUser")


def allowed_base(iss: str, bases: Collection[str]) -> str:
    """Return the FHIR server that `iss` names if it is one of `bases`; a trailing slash is ignored."""
    base = iss.removesuffix("/")
    if base not in bases:
        raise LaunchError(LaunchFault.UNKNOWN_EHR)
    return base


class Configurations:
    """The configurations of EHRs' authorization servers, read once for all users and kept for a while.

    Anybody may launch, so without this cache anybody could make us read from an EHR at will.
    """

    def __init__(self, outbound: Outbound, clock: Callable[[], float] = time.monotonic) -> None:
        self._outbound, self._clock = outbound, clock
        self._known: dict[str, tuple[float, Endpoints | LaunchFault]] = {}
        self._reading: defaultdict[str, Lock] = defaultdict(Lock)

    def of(self, base: str) -> Endpoints:
        """Return the endpoints of the EHR at `base`, one of the operator's list; raise LaunchError."""
        with self._reading[base]:
            ends, found = self._known.get(base, (-inf, LaunchFault.UNREACHABLE_EHR))
            if self._clock() >= ends:
                found = self._read(base)
                kept = FAILURE_SECONDS if isinstance(found, LaunchFault) else KEPT_SECONDS
                self._known[base] = self._clock() + kept, found
        if isinstance(found, LaunchFault):
            raise LaunchError(found)
        return found

    def _read(self, base: str) -> Endpoints | LaunchFault:
        try:
            return endpoints(self._outbound, base)
        except LaunchError as error:
            return error.fault


def endpoints(outbound: Outbound, base: str) -> Endpoints:
    """Return the endpoints that the EHR at `base` publishes now; raise LaunchError if they are unusable.

    They are usable if the service may call their addresses and the EHR offers PKCE.
    """
    try:
        deadline = time.monotonic() + DISCOVERY_SECONDS
        raw = outbound.get(base + CONFIGURATION, deadline=deadline, max_bytes=MOST_BYTES, accept=_JSON)
    except OutboundError:
        raise LaunchError(LaunchFault.UNREACHABLE_EHR) from None
    try:
        found = msgspec.json.decode(raw, type=Endpoints)
        outbound.check(found.authorization_endpoint)  # we are not going there, yet the user is
        outbound.check(found.token_endpoint)
    except (OutboundError, ValueError, RecursionError):
        raise LaunchError(LaunchFault.UNFIT_EHR) from None
    if "S256" not in found.code_challenge_methods_supported:
        raise LaunchError(LaunchFault.UNFIT_EHR)
    return found


def authorization_request(endpoint: str, flow: Flow, *, iss: str, launch: str, client: str, back: str) -> str:
    """Return the URL at which the user authorises the launch; the EHR then sends the user `back`."""
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": back,
        "launch": launch,
        "scope": SCOPE,
        "state": flow.state,
        "aud": iss,
        "code_challenge": flow.challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def granted(outbound: Outbound, flow: Flow, code: str, *, client: str, back: str) -> Grant:
    """Return the grant for the `code`, which only the holder of the verifier can exchange.

    Raise LaunchError.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": client,
        "code_verifier": flow.verifier,
    }
    try:
        deadline = time.monotonic() + TOKEN_SECONDS
        raw = outbound.post_form(
            flow.token_endpoint, form, deadline=deadline, max_bytes=MOST_BYTES, accept=_JSON
        )
        given = msgspec.json.decode(raw, type=_Token)
    except (OutboundError, ValueError, RecursionError):
        raise LaunchError(LaunchFault.TOKEN_REFUSED) from None
    if given.token_type.lower() != "bearer" or not re.fullmatch(r"[!-~]+", given.access_token):
        raise LaunchError(LaunchFault.TOKEN_REFUSED)
    if not re.fullmatch(LOGICAL_ID, given.patient):
        raise LaunchError(LaunchFault.NO_PATIENT)
    return Grant(token=given.access_token, patient_id=given.patient, user=_user(given.id_token))


def _user(id_token: str) -> str | None:
    """Return the user's identity, for display only.

    The token came from the token endpoint itself, over TLS, so its signature may be left alone (OpenID
    Connect Core 3.1.3.7, step 6).
    """
    try:
        claims = id_token.split(".")[1]
        identity = msgspec.json.decode(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)), type=_Identity)
    except (IndexError, ValueError, RecursionError):
        return None
    found = _USER.search(identity.fhir_user)
    return found.group() if found else None

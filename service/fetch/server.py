"""The FHIR server that a call may be read from, and which addresses of it."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, urljoin, urlsplit

from cds_hooks.grammar import LOGICAL_ID
from cds_hooks.prefetch import filled
from cds_hooks.request import Authorization, HookRequest
from service.fetch.http_client import Failure, OutboundError

_MEDICATION = re.compile(rf"Medication/(?P<id>{LOGICAL_ID})(?:/_history/{LOGICAL_ID})?")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, kw_only=True, slots=True)
class AllowedServer:
    """A FHIR server, from an exact list, and the token that the caller gave for it."""

    base: str
    token: str | None = field(repr=False)


class Refusal(StrEnum):
    """Why the server that a caller names is not read; the words are those of decision records."""

    NOT_ALLOWED = "not-allowed"
    OTHER_PATIENT = "other-patient"


def allowed_server(request: HookRequest, allowed: Collection[str]) -> AllowedServer | Refusal | None:
    """Return the server of a call if it is one of the `allowed` bases, else why not; None if it names none.

    A server may be open to us without a token. A token for another patient does not allow reading this one.
    """
    if request.fhir_server is None:
        return None
    bases = {_spelled(base): base.removesuffix("/") for base in allowed}
    base = bases.get(_spelled(request.fhir_server))
    if base is None:
        return Refusal.NOT_ALLOWED
    leave = request.authorization
    if leave and leave.patient and leave.patient.removeprefix("Patient/") != request.patient_id:
        return Refusal.OTHER_PATIENT
    return AllowedServer(base=base, token=_token(leave))


def query(base: str, template: str, request: HookRequest) -> str | None:
    """Return the address of a prefetch template for one call; None where the call has no value for it."""
    kind, _, user = request.user_id.partition("/")
    known = {
        "context.patientId": request.patient_id,
        "context.encounterId": request.encounter_id or "",
        f"user{kind}Id": user,
    }
    values = {token: quote(value, safe="") for token, value in known.items() if value}
    values["context.userId"] = quote(request.user_id)
    path = filled(template, values)
    return None if path is None else f"{base}/{path}"


def medication_id(reference: str, base: str) -> str | None:
    """Return the id of the Medication at `base` that a reference points to, None for any other."""
    found = _MEDICATION.fullmatch(reference.removeprefix(f"{base}/"))
    return found["id"] if found else None


def following(written: str, base: str) -> str:
    """Return the address that a `next` link means.

    Raise OutboundError unless it is a part of the server at `base`.

    Other paths of the same host may be another server, or not FHIR at all.
    """
    try:
        url = urljoin(f"{base}/", written)
        same = bool(written) and _origin(url) == _origin(base) and _is_within(url, base)
    except ValueError:  # a port or an IPv6 address that is none
        same = False
    if not same:
        raise OutboundError(Failure.NOT_ALLOWED)
    return url


def _is_within(url: str, base: str) -> bool:
    path, root = urlsplit(url).path, urlsplit(base).path
    return path == root or path.startswith(f"{root}/")


def _token(leave: Authorization | None) -> str | None:
    if leave is None or (leave.expires_in is not None and leave.expires_in <= 0):
        return None
    return leave.access_token or None


def _spelled(base: str) -> str:
    """Return a base without one trailing slash, its scheme and host in lower case."""
    scheme, separator, rest = base.removesuffix("/").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{separator}{host.lower()}{slash}{path}"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)

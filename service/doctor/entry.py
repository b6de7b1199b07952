"""The entry for an EHR in the file of issuers, as its captures suggest it: for the operator to look over."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from cds_hooks.bearer import read_token
from cds_hooks.jwt import LIFETIME_SECONDS, LONGEST_LIFETIME
from cds_hooks.trust import UnauthorizedError
from service.doctor.captures import Capture
from service.doctor.findings import CaptureFindings, findings
from service.fhir.prefetch import Asked

KEYS_TO_COME = "keys.jwks.json"
"""Where the entry expects the key set of an EHR whose tokens name no address of one."""

_MOST = 20


def suggested_entries(captures: Sequence[Capture], asked: Asked) -> list[dict[str, Any]]:
    """Return an entry for each issuer that signed a token; nothing if no issuer did.

    Where there are several, what nobody signed belongs to none of them.
    """
    signed = [(capture, _issuer(capture)) for capture in captures]
    issuers = Counter(issuer for _, issuer in signed if issuer is not None)
    return [
        _entry(
            issuer,
            findings(
                [one for one, by in signed if by == issuer or (by is None and len(issuers) == 1)], asked
            ),
        )
        for issuer, _ in issuers.most_common(_MOST)
    ]


def _issuer(capture: Capture) -> str | None:
    try:
        named = read_token(capture.authorization).claims.get("iss")
    except UnauthorizedError:
        return None
    return named if isinstance(named, str) else None


def _entry(issuer: str, found: CaptureFindings) -> dict[str, Any]:
    entry: dict[str, Any] = {"iss": issuer, **_keys([token.header for token in found.tokens])}
    if tenants := _texts(token.claims.get("tenant") for token in found.tokens):
        entry["tenants"] = tenants
    servers = _texts(call.request.fhir_server for call in found.calls if call.whole_leave)
    if servers:
        entry["fhirServers"] = [server.rstrip("/") for server in servers]
    lives = max((_lifetime(token.claims) for token in found.tokens), default=0)
    if lives > LIFETIME_SECONDS:
        entry["tokenLifetime"] = min(lives, LONGEST_LIFETIME)
    if templates := found.templates():
        entry["prefetch"] = dict(templates)
    if missing := found.not_offered():
        entry["notOffered"] = list(missing)
    return entry


def _keys(headers: list[Mapping[str, Any]]) -> dict[str, str]:
    addresses = _texts(header.get("jku") for header in headers)
    https = [address for address in addresses if urlsplit(address).scheme == "https"]
    return {"jku": https[0]} if https else {"jwks": KEYS_TO_COME}


def _lifetime(claims: Mapping[str, Any]) -> int:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or not isinstance(expires, int):
        return 0
    return expires - issued


def _texts(values: Any) -> list[str]:
    return list(dict.fromkeys(value for value in values if isinstance(value, str) and value))[:_MOST]

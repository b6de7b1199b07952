"""What became of one token, and what to change: the same that the log says of a call with it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from cds_hooks.bearer import read_token
from cds_hooks.jwt import LIFETIME_SECONDS, TrustedIssuer, jwt_trust
from cds_hooks.keys import Key
from cds_hooks.token_advice import advice
from cds_hooks.trust import Trust, UnauthorizedError
from service.doctor.captures import Capture
from service.render.escape import plain
from service.settings import ASYMMETRIC

_USUAL = {"iss", "aud", "iat", "exp", "nbf", "jti", "tenant"}
_LONGEST = 200


def token_report(authorization: str, called: str | None, base: str, trust: Trust) -> tuple[bool, list[str]]:
    """Return whether a token is accepted for a call of the URL `called`, and lines that explain why.

    Without `called`, assume a call of the address that the token names.
    """
    try:
        caller = trust(authorization, _path(called or _audience(authorization), base))
    except UnauthorizedError as refusal:
        about = f" (its `iss` is in the entry of {refusal.claimed})" if refusal.claimed else ""
        return False, [
            f"refused: {refusal.reason}{about}",
            f"what to change: {advice(refusal)}",
            *_facts(authorization),
        ]
    tenant = f", tenant {plain(caller.tenant, _LONGEST)}" if caller.tenant else ""
    return True, [f"accepted: issuer {plain(caller.issuer or '', _LONGEST)}{tenant}", *_facts(authorization)]


def refusals(
    captures: Iterable[Capture], entries: Sequence[Mapping[str, Any]], algorithms: tuple[str, ...], base: str
) -> Counter[str]:
    """Return what to change about the captured tokens so that they hold with the suggested `entries`.

    Each is looked at as at the moment it began; keys are not, as they are not there yet.
    """
    issuers = [
        TrustedIssuer(
            name=entry["iss"],
            keys=_reached,
            jku=entry.get("jku"),
            tenants=frozenset(entry.get("tenants", ())),
            lifetime=entry.get("tokenLifetime", LIFETIME_SECONDS),
        )
        for entry in entries
    ]
    found: Counter[str] = Counter()
    for capture in captures:
        looked_at = [algorithms, tuple(ASYMMETRIC)]  # what else is wrong is told at the same time
        found.update({change for listed in looked_at if (change := _change(capture, issuers, listed, base))})
    return found


def _change(
    capture: Capture, issuers: Sequence[TrustedIssuer], algorithms: tuple[str, ...], base: str
) -> str | None:
    authorization = capture.authorization or ""
    begun = partial(_begins, authorization)
    trust = jwt_trust(issuers, algorithms=algorithms, base_url=base, now=begun, use_once=lambda *_: True)
    try:
        trust(authorization, _path(capture.url or _audience(authorization), base))
    except UnauthorizedError as refusal:
        return advice(refusal) if refusal.claimed else None  # the others are told already
    except _KeysAskedError:
        return None
    return None


class _KeysAskedError(Exception):
    """A token holds but for its signature: only then are keys asked for."""


def _reached(_: str) -> Sequence[Key]:
    raise _KeysAskedError


def _begins(authorization: str) -> float:
    """Return when a token says that it begins."""
    claims = read_token(authorization).claims
    return max((each for name in ("iat", "nbf") if _is_number(each := claims.get(name))), default=0)


def token_facts(header: Mapping[str, Any], claims: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a token says of itself, by name; none of it is proven."""
    for name in ("alg", "kid", "typ", "jku"):
        if name in header:
            yield name, _safe(header[name])
    for name in ("iss", "aud", "tenant"):
        if name in claims:
            yield name, _safe(claims[name])
    issued, expires = claims.get("iat"), claims.get("exp")
    if _is_number(issued) and _is_number(expires):
        yield "lives", f"{expires - issued:g} s"
        begins = claims.get("nbf")
        if _is_number(begins):
            yield "nbf", f"{abs(issued - begins):g} s {'before' if begins <= issued else 'after'} iat"
    if others := sorted(map(str, claims.keys() - _USUAL)):
        yield "also says", _safe(", ".join(others))


def _facts(authorization: str) -> list[str]:
    try:
        token = read_token(authorization)
    except UnauthorizedError:
        return []
    return [f"  {name}: {value}" for name, value in token_facts(token.header, token.claims)]


def _audience(authorization: str) -> str:
    try:
        named = read_token(authorization).claims.get("aud")
    except UnauthorizedError:
        return ""
    first = named[0] if isinstance(named, list) and named else named
    return first if isinstance(first, str) else ""


def _path(called: str, base: str) -> str:
    """Return the path of a URL below `base`; of a URL elsewhere, its whole path."""
    return called.removeprefix(base) if called.startswith(base) else urlsplit(called).path


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _safe(value: Any) -> str:
    return plain(str(value), _LONGEST)

"""The JWT by which a CDS client proves who it is, as CDS Hooks 2.0.1, "Trusting CDS Clients", has it.

What the token says is looked at first, because that is cheap and asks nobody; then its signature; and only
a token that holds is marked as used. joserfc does the cryptography. The keys are those of the issuer that
the token names, so a key of one issuer speaks for no other, and never a key or an address from the token.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from math import ceil
from typing import Any, TypeGuard

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, deserialize_compact

from cds_hooks.bearer import LONGEST, BearerToken, read_token
from cds_hooks.keys import Key, KeySource
from cds_hooks.trust import CdsClient, Fault, Trust, UnauthorizedError

LIFETIME_SECONDS = 300
LONGEST_LIFETIME = 3600
LEEWAY_SECONDS = 10
"""By which the clock of a client may be ahead of ours, where nothing else is known of it."""
MOST_SKEW = 300

LONGEST_NAME = 255
_LATEST = 253_402_300_800  # the year 10000: beyond it a number is no time

_EMBEDDED_KEYS = {"jwk", "x5c", "x5u"}
_EXTENSIONS = {"crit", "b64"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustedIssuer:
    """A client whose tokens are accepted. `jku` is the one address of keys that its tokens may name.

    Where there are `tenants`, each token names one of them; where there are none, the claim says nothing.
    Its tokens live `lifetime` seconds at most. `skew` is known of its clock: it may be so many seconds ahead
    of ours or behind it. Of a clock of which nothing is known no token holds beyond its end.
    """

    name: str
    keys: KeySource
    jku: str | None = None
    tenants: frozenset[str] = frozenset()
    lifetime: int = LIFETIME_SECONDS
    skew: int | None = None

    @property
    def ahead(self) -> int:
        """By how many seconds its clock may be ahead of ours."""
        return LEEWAY_SECONDS if self.skew is None else self.skew

    @property
    def beyond(self) -> int:
        """How many seconds a token holds beyond its end."""
        return self.skew or 0


UseOnce = Callable[[str, str, datetime], bool]
"""Marks a token as used: issuer, digest of its id, end of its life. False if it was used before."""


def jwt_trust(
    issuers: Iterable[TrustedIssuer],
    *,
    algorithms: tuple[str, ...],
    base_url: str,
    now: Callable[[], float],
    use_once: UseOnce,
) -> Trust:
    """Return the trust in tokens of `issuers` for paths below `base_url`; `now` in seconds since 1970."""
    by_name = {issuer.name: issuer for issuer in issuers}
    registry = _registry(algorithms)

    def trust(authorization: str | None, path: str) -> CdsClient:
        token = read_token(authorization)
        issuer = _issuer(token.claims, by_name)
        try:
            return caller(token, issuer, base_url + path)
        except UnauthorizedError as refusal:
            refusal.claimed = issuer.name
            raise

    def caller(token: BearerToken, issuer: TrustedIssuer, called: str) -> CdsClient:
        kid = _checked_header(token.header, issuer, algorithms)
        ends = _checked_times(token.claims, issuer, now())
        _check_audience(token.claims.get("aud"), called)
        tenant = _tenant(token.claims, issuer)
        token_id = _token_id(token.claims, issuer)
        _check_signature(token, issuer.keys(kid), registry)
        _must(use_once(issuer.name, token_id, datetime.fromtimestamp(ends, UTC)), Fault.REPLAYED)
        return CdsClient(issuer=issuer.name, tenant=tenant)

    return trust


def _registry(algorithms: tuple[str, ...]) -> JWSRegistry:
    """Return the rules for joserfc, which ignores unknown members of the header, as RFC 7515 requires."""
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = LONGEST
    return registry


def _must(holds: bool, fault: Fault, seconds: float | None = None) -> None:
    if not holds:
        raise UnauthorizedError(fault, None if seconds is None else ceil(seconds))


def _issuer(claims: dict[str, Any], by_name: dict[str, TrustedIssuer]) -> TrustedIssuer:
    name = claims.get("iss")
    issuer = by_name.get(name) if isinstance(name, str) else None
    if issuer is None:
        raise UnauthorizedError(Fault.ISSUER)
    return issuer


def _checked_header(header: dict[str, Any], issuer: TrustedIssuer, algorithms: tuple[str, ...]) -> str:
    """Return the id of the key that the header names, once the header is checked."""
    kind, kid = header.get("typ"), header.get("kid")
    _must(isinstance(kind, str) and kind.upper() == "JWT", Fault.TYPE)
    _must(header.get("alg") in algorithms, Fault.ALGORITHM)
    _must(_EXTENSIONS.isdisjoint(header), Fault.CRITICAL)
    _must(_EMBEDDED_KEYS.isdisjoint(header), Fault.EMBEDDED_KEY)
    _must("jku" not in header or _is_text(header["jku"], issuer.jku), Fault.KEY_ADDRESS)
    if not isinstance(kid, str):
        raise UnauthorizedError(Fault.KEY)
    return kid


def _is_text(value: Any, expected: str | None) -> bool:
    return isinstance(value, str) and value == expected


def _checked_times(claims: dict[str, Any], issuer: TrustedIssuer, now: float) -> float:
    """Return when the token ends, in seconds since 1970; `nbf` may be before or after `iat`."""
    issued, expires, begins = claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)
    if not (_is_time(issued) and _is_time(expires) and _is_time(begins)):
        raise UnauthorizedError(Fault.TIMES)
    starts, ends, lives = max(issued, begins), expires + issuer.beyond, expires - issued
    _must(now < ends, Fault.EXPIRED, now - expires)
    _must(starts <= now + issuer.ahead, Fault.NOT_YET_VALID, starts - now)
    _must(lives <= issuer.lifetime + LEEWAY_SECONDS, Fault.LIFETIME, lives)
    return float(ends)


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _LATEST


def _check_audience(audience: Any, called: str) -> None:
    named = [audience] if isinstance(audience, str) else audience
    _must(isinstance(named, list) and all(isinstance(name, str) for name in named), Fault.AUDIENCE)
    _must(called in named, Fault.AUDIENCE)


def _tenant(claims: dict[str, Any], issuer: TrustedIssuer) -> str | None:
    """Return the listed tenant; raise UnauthorizedError for any other name, so that nothing keeps it."""
    tenant = claims.get("tenant")
    _must(isinstance(tenant, str) or "tenant" not in claims, Fault.TENANT)
    _must(tenant in issuer.tenants or not issuer.tenants, Fault.TENANT)
    return tenant if issuer.tenants else None


def _token_id(claims: dict[str, Any], issuer: TrustedIssuer) -> str:
    """Return a digest of issuer and `jti`; it is made without a key, so that all replicas agree."""
    jti = claims.get("jti")
    if not (isinstance(jti, str) and jti.strip() and len(jti) <= LONGEST_NAME and jti.isprintable()):
        raise UnauthorizedError(Fault.ID)
    return sha256(f"{issuer.name}\n{jti}".encode()).hexdigest()


def _check_signature(token: BearerToken, keys: Collection[Key], registry: JWSRegistry) -> None:
    _must(len(keys) > 0, Fault.KEY)
    _must(any(_has_signed(key, token, registry) for key in keys), Fault.SIGNATURE)


def _has_signed(key: Key, token: BearerToken, registry: JWSRegistry) -> bool:
    """Tell whether the key suits the algorithm, its curve and its use, and made the signature."""
    try:
        deserialize_compact(token.text, key, registry=registry)
    except JoseError:
        return False
    return True

"""Who may call: the words in which trust is spoken. How a JWT earns it is in `cds_hooks.jwt`."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from cds_hooks.errors import CallerError


@dataclass(frozen=True, kw_only=True, slots=True)
class CdsClient:
    """Who calls: a trusted issuer, and which of its listed tenants. Both None where the service is open."""

    issuer: str | None = None
    tenant: str | None = None


class Fault(StrEnum):
    """Why a call was refused: for the service's own log and count, never for an answer."""

    NONE = "none"
    TOO_LONG = "too-long"
    MALFORMED = "malformed"
    TYPE = "type"
    ALGORITHM = "algorithm"
    CRITICAL = "critical"
    EMBEDDED_KEY = "embedded-key"
    ISSUER = "issuer"
    KEY_ADDRESS = "key-address"
    KEY = "key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    TIMES = "times"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    LIFETIME = "lifetime"
    TENANT = "tenant"
    ID = "id"
    REPLAYED = "replayed"


class UnauthorizedError(CallerError):
    """No valid token came. The answer is the same for every fault; what follows stays in the service.

    `reason` is the fault, `seconds` by how much where it is one of time, and `claimed` the listed issuer that
    the token names, which nothing proves.
    """

    status = 401
    code = "login"
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})

    def __init__(self, reason: Fault, seconds: int | None = None, claimed: str | None = None) -> None:
        super().__init__("expected a valid bearer token")
        self.reason = reason
        self.seconds = seconds
        self.claimed = claimed


Trust = Callable[[str | None, str], CdsClient]
"""Tells who calls, from the Authorization header or None and the path called; raises UnauthorizedError."""

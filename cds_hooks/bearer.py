"""The Authorization header of a call, taken apart: one JWT in compact form (RFC 7515), nothing proven yet."""

import json
import re
from dataclasses import dataclass
from typing import Any

from joserfc.util import urlsafe_b64decode

from cds_hooks.trust import Fault, UnauthorizedError

LONGEST = 8192
"""In characters; a token of CDS Hooks that an RSA key of 4096 bits signs has about 1,200."""

_BEARER = re.compile(r"(?i:bearer) +(?P<token>([\w-]+)\.([\w-]+)\.[\w-]+)", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class BearerToken:
    """A JWT as it came: the text that is signed for, and what it says of itself and of its caller."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]


def read_token(authorization: str | None) -> BearerToken:
    """Return the token of an Authorization header.

    Raise UnauthorizedError if it does not hold exactly one.
    """
    if authorization is None:
        raise UnauthorizedError(Fault.NONE)
    if len(authorization) > LONGEST:
        raise UnauthorizedError(Fault.TOO_LONG)
    found = _BEARER.fullmatch(authorization)
    if found is None:
        raise UnauthorizedError(Fault.MALFORMED)
    try:
        return BearerToken(text=found["token"], header=_object(found[2]), claims=_object(found[3]))
    except (ValueError, RecursionError) as error:  # RecursionError: arrays a thousand deep
        raise UnauthorizedError(Fault.MALFORMED) from error


def _object(part: str) -> dict[str, Any]:
    """Return the JSON object that a part of a token encodes in canonical base64url."""
    text = urlsafe_b64decode(part.encode()).decode()
    found = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members; raise ValueError for a repeated name, which other readers may resolve otherwise."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name comes twice")
    return members


def _no_number(constant: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")

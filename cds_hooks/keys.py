"""The public keys of an issuer: read from a JWK Set (RFC 7517), and read again when they change.

A client rotates its keys by publishing a new one and then signing with it. So an unknown `kid` has the set
read once more; as anyone can make up a `kid`, every try that does not bring it doubles the pause until the
next. Keys that were read stay in use while the set cannot be read, but not for longer than a day.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

from cds_hooks.errors import NotJsonError
from cds_hooks.strict_json import document

Key = RSAKey | ECKey
PublicKeys = Mapping[str, Sequence[Key]]
"""Keys by their id, which keys of different types may share."""

KeySource = Callable[[str], Sequence[Key]]
"""The keys that have an id: none if the issuer is not known to have such a key."""

MOST_KEYS = 100
SMALLEST_RSA = 2048
"""In bits: NIST SP 800-131A."""

FRESH_SECONDS = 3600.0
KEPT_SECONDS = 24 * 3600.0
SHORTEST_PAUSE = 5.0
LONGEST_PAUSE = 60.0

_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


class KeySetError(Exception):
    """What came is not a set of keys; the message says what was expected."""


def read_keys(text: bytes) -> PublicKeys:
    """Return the keys of a JWK Set that can check signatures; raise KeySetError if it is not a JWK Set."""
    try:
        return public_keys(document(text))
    except NotJsonError as error:
        raise KeySetError("expected JSON") from error


def public_keys(key_set: Any) -> PublicKeys:
    """Return the keys of a parsed JWK Set that can check signatures; skip all others."""
    members = key_set.get("keys") if isinstance(key_set, dict) else None
    if not isinstance(members, list) or len(members) > MOST_KEYS:
        raise KeySetError(f"expected a JWK Set of at most {MOST_KEYS} keys")
    found: dict[str, list[Key]] = defaultdict(list)
    for member in members:
        if key := _key(member):
            found[member["kid"]].append(key)
    return dict(found)


class PublishedKeys:
    """The keys that an issuer publishes: `fetch` reads its JWK Set, `now` is a clock that never goes back.

    `fetch` reports its own failures and returns None then.
    """

    def __init__(self, fetch: Callable[[], PublicKeys | None], now: Callable[[], float]) -> None:
        self._fetch, self._now = fetch, now
        self._keys: PublicKeys = {}
        self._read_at = self._not_before = float("-inf")
        self._pause = 0.0
        self._reading = Lock()

    def __call__(self, kid: str) -> Sequence[Key]:
        """Return the keys with this id; wait for an unknown key while another thread reads the set."""
        if self._is_due(kid) and self._reading.acquire(blocking=kid not in self._keys):
            try:
                if self._is_due(kid):
                    self._read(kid)
            finally:
                self._reading.release()
        return self._keys.get(kid, ())

    def _is_due(self, kid: str) -> bool:
        now = self._now()
        stale = now - self._read_at > FRESH_SECONDS
        return (stale or kid not in self._keys) and now >= self._not_before

    def _read(self, kid: str) -> None:
        keys = self._fetch()
        now = self._now()
        if keys is not None:
            self._keys, self._read_at = keys, now
        elif now - self._read_at > KEPT_SECONDS:
            self._keys = {}
        brought = keys is not None and kid in keys
        self._pause = 0.0 if brought else min(max(2 * self._pause, SHORTEST_PAUSE), LONGEST_PAUSE)
        self._not_before = now + self._pause


def _key(member: Any) -> Key | None:
    """Return the key if it may check signatures: public, asymmetric, strong, meant for it, with an id."""
    try:
        return _imported(member) if _is_for_signatures(member) else None
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):  # whatever odd members lead to
        return None


def _is_for_signatures(member: dict[str, Any]) -> bool:
    return (
        _PRIVATE.isdisjoint(member)
        and isinstance(member["kid"], str)
        and member["kid"] != ""
        and member.get("use", "sig") == "sig"
        and "verify" in member.get("key_ops", ["verify"])
    )


def _imported(member: dict[str, Any]) -> Key | None:
    match member["kty"]:
        case "EC":
            return ECKey.import_key(member)
        case "RSA" if base64_to_int(member["n"]).bit_length() >= SMALLEST_RSA:
            return RSAKey.import_key(member)
    return None

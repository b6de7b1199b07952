"""What a launch needs again when the EHR sends the user back, in a cookie that only this service can read.

The cookie is encrypted and authenticated (JWE, A256GCM) with a key of its own that is made from the hash key,
so that nothing is kept here and any worker or replica can go on with any launch.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

LIFE_SECONDS = 600
"""From the launch until the user is back: there may be a login in between."""

_PURPOSE = b"ketamine-cds: the cookie of a SMART launch"
_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = list(_HEADER.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """One launch under way. `ends` is a time in seconds since 1970, after which it is worth nothing."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    base: str
    token_endpoint: str
    ends: float

    @property
    def challenge(self) -> str:
        """The code challenge for the verifier (RFC 7636, S256)."""
        return _base64(sha256(self.verifier.encode()).digest())

    def began_with(self, state: str) -> bool:
        """Tell whether `state` is the one of this launch."""
        return hmac.compare_digest(self.state.encode(), state.encode())


def begun(base: str, token_endpoint: str, now: float) -> Flow:
    """Return a new launch from the FHIR server at `base`."""
    return Flow(
        state=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        base=base,
        token_endpoint=token_endpoint,
        ends=now + LIFE_SECONDS,
    )


def sealing_key(hash_key: bytes, purpose: bytes = _PURPOSE) -> OctKey:
    """Return the key of the cookies or of another `purpose`, derived without revealing the hash key."""
    return OctKey.import_key(hmac.digest(hash_key, purpose, "sha256"))


def sealed(flow: Flow, key: OctKey) -> str:
    """Return the value of the cookie."""
    return jwe.encrypt_compact(_HEADER, msgspec.json.encode(flow), key, algorithms=_ALGORITHMS)


def opened(cookie: str, key: OctKey, now: float) -> Flow | None:
    """Return the launch that a cookie holds; None if the cookie is forged or too old."""
    try:
        text = jwe.decrypt_compact(cookie, key, algorithms=_ALGORITHMS).plaintext
        flow = msgspec.json.decode(text or b"", type=Flow)
    except (JoseError, ValueError):  # of our making are all that can be decrypted; the rest may be anything
        return None
    return flow if now < flow.ends else None


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()

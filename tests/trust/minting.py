"""Tokens as a client mints them, and as one who is none would: every part may be told what to hold."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, cast
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from joserfc.jwk import ECKey, KeyParameters, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import int_to_base64

Signing = RSAKey | ECKey | OctKey
Members = Mapping[str, Any]

NOW = 1_800_000_000
BASE = "https://cds.example.org/chosen/path"
EHR = "https://ehr.example"
EHR_JKU = "https://ehr.example/jwks.json"
CLINIC = "https://clinic.example"
CLINIC_JKU = "https://clinic.example/jwks.json"
TENANT = "ward-7"
LEFT_OUT = object()
"""As the value of a member: the member is not there."""


def rsa_key(kid: str, **members: str) -> RSAKey:
    """A new key of 2048 bits."""
    return RSAKey.generate_key(2048, cast(KeyParameters, {"kid": kid, **members}))


def ec_key(kid: str, curve: str = "P-384") -> ECKey:
    """A new key on a curve."""
    return ECKey.generate_key(curve, {"kid": kid})


def weak_key(kid: str) -> tuple[rsa.RSAPrivateKey, dict[str, Any]]:
    """A new key of 1024 bits, which joserfc itself warns of, and the public half as a JWK."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    numbers = key.public_key().public_numbers()
    return key, {"kty": "RSA", "kid": kid, "n": int_to_base64(numbers.n), "e": int_to_base64(numbers.e)}


RSA, EC = rsa_key("rsa"), ec_key("ec")
P256, P521 = ec_key("p256", "P-256"), ec_key("p521", "P-521")
FOR_SECRETS = rsa_key("for-secrets", use="enc")
FOR_WRAPPING = rsa_key("for-wrapping")
FOR_RS512 = rsa_key("for-rs512", alg="RS512")
WEAK, WEAK_PUBLIC = weak_key("weak")
CLINIC_KEY = ec_key("clinic")
STRANGER, STRANGER_EC = rsa_key("stranger"), ec_key("stranger-ec")


def public(key: Signing, **changes: Any) -> dict[str, Any]:
    """The public half of a key as a JWK."""
    return _changed(dict(key.as_dict(private=False)), changes)


def key_set(*keys: Signing | Members) -> bytes:
    """The JWK Set that publishes keys; members are published as they are."""
    members = [dict(key) if isinstance(key, Mapping) else public(key) for key in keys]
    return json.dumps({"keys": members}).encode()


def header(**changes: Any) -> dict[str, Any]:
    """The header of a token that RSA signs."""
    return _changed({"alg": "RS384", "kid": "rsa", "typ": "JWT"}, changes)


def claims(url: str, /, **changes: Any) -> dict[str, Any]:
    """The claims of a token for a call of `url`."""
    stated = {
        "iss": EHR,
        "aud": url,
        "iat": NOW - 5,
        "exp": NOW + 240,
        "jti": str(uuid4()),
        "tenant": TENANT,
    }
    return _changed(stated, changes)


def part(content: bytes | Members) -> str:
    """A part of a token: base64url without padding."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def signed(content: str, alg: str = "RS384", key: Signing = RSA) -> str:
    """`content`, which is header and claims, and the signature that belongs to it."""
    return f"{content}.{part(JWSRegistry.algorithms[alg].sign(content.encode(), key))}"


def minted(head: bytes | Members, body: bytes | Members, key: Signing = RSA, alg: str = "RS384") -> str:
    """The token with this header and these claims, signed with `key` by `alg` whatever the header says."""
    return signed(f"{part(head)}.{part(body)}", alg, key)


def small_curve_over_sha384(content: str) -> bytes:
    """A signature by ECDSA with SHA-384 as in ES384, yet with the key on the curve P-256."""
    private = P256.private_key
    assert private is not None, "it was generated"
    halves = decode_dss_signature(private.sign(content.encode(), ec.ECDSA(SHA384())))
    return b"".join(half.to_bytes(32, "big") for half in halves)


def _changed(members: dict[str, Any], changes: Members) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if value is not LEFT_OUT}


EHR_KEYS = key_set(
    RSA,
    EC,
    P256,
    P521,
    FOR_SECRETS,
    public(FOR_WRAPPING, key_ops=["wrapKey"]),
    FOR_RS512,
    WEAK_PUBLIC,
)

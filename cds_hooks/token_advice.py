"""What to change when a token was refused: for the operator's log and `doctor`, never for an answer."""

from collections.abc import Mapping
from types import MappingProxyType

from cds_hooks.jwt import LONGEST_LIFETIME, LONGEST_NAME, MOST_SKEW
from cds_hooks.trust import Fault, UnauthorizedError

_CHANGES: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.NONE: "the EHR sends no Authorization header: have it sign its calls",
        Fault.TOO_LONG: "the Authorization header is longer than 8192 characters: have the EHR "
        "send fewer claims",
        Fault.MALFORMED: "the Authorization header is not `Bearer` and one signed JWT of three "
        "parts, each member of which comes once: have the EHR send its JWT, not "
        "an opaque or encrypted token",
        Fault.TYPE: "the header of the token lacks `typ`, or it is not `JWT`: have the EHR set it",
        Fault.ALGORITHM: "`alg` is not one of KETAMINE_CDS_ALGORITHMS: have the EHR sign with "
        "RS384 or ES384, or list its asymmetric algorithm there",
        Fault.CRITICAL: "the header has `crit` or `b64`, which are not understood: have the EHR "
        "leave them out",
        Fault.EMBEDDED_KEY: "the header brings a key of its own (`jwk`, `x5c`, `x5u`): have the EHR "
        "leave it out, keys come from `jwks` or `jku` of its entry",
        Fault.ISSUER: "no entry of KETAMINE_CDS_ISSUERS has exactly this `iss`: add one, or "
        "correct it character by character, the last slash included",
        Fault.KEY_ADDRESS: "`jku` is not the address in the issuer's entry: enter it there character"
        " by character",
        Fault.KEY: "no key with this `kid` is known: see above whether the key set could be "
        "read, else add the key to the file of keys, or have the EHR publish it",
        Fault.SIGNATURE: "the key with this `kid` did not make the signature: renew the file of "
        "keys, or check the key's type, curve, `use` and `alg`",
        Fault.AUDIENCE: "`aud` is not the address that was called: it is KETAMINE_CDS_PUBLIC_URL "
        "and the path; correct that setting, or the address that the EHR has "
        "registered",
        Fault.TIMES: "`iat` or `exp` is missing or no number of seconds since 1970, or `nbf` "
        "is none: have the EHR send numbers",
        Fault.EXPIRED: "the token ended {seconds} s ago: have the EHR make one for each call; where "
        "its clock is behind, correct it or enter `clockSkew` (at most "
        f"{MOST_SKEW}) for this issuer",
        Fault.NOT_YET_VALID: "the token begins {seconds} s from now: correct the EHR's clock, or enter "
        f"`clockSkew` (at most {MOST_SKEW}) for this issuer",
        Fault.LIFETIME: "the token lives {seconds} s, longer than this issuer's may: enter "
        f"`tokenLifetime` (at most {LONGEST_LIFETIME}) for this issuer, or have "
        "the EHR make shorter ones",
        Fault.TENANT: "`tenant` is not one of the issuer's `tenants`: add it there, or leave `tenants` out",
        Fault.ID: f"`jti` is missing, blank, or longer than {LONGEST_NAME} characters: have "
        "the EHR send another one with each token",
        Fault.REPLAYED: "the token was used before: have the EHR make a new one, with a new "
        "`jti`, for each call",
    }
)


def advice(refusal: UnauthorizedError) -> str:
    """Return the fault of a token and what to change; no word of the text comes from the token."""
    return _CHANGES[refusal.reason].format(seconds=refusal.seconds)

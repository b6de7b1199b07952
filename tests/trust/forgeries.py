"""Forged tokens, each beside its valid twin: the two differ in one thing, and only the twin is let in."""

import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA384
from joserfc.util import urlsafe_b64decode

from cds_hooks.bearer import LONGEST
from cds_hooks.trust import Fault
from tests.trust.minting import (
    BASE,
    CLINIC,
    CLINIC_JKU,
    CLINIC_KEY,
    EC,
    EHR,
    EHR_JKU,
    FOR_RS512,
    FOR_SECRETS,
    FOR_WRAPPING,
    LEFT_OUT,
    NOW,
    P256,
    P521,
    RSA,
    STRANGER,
    STRANGER_EC,
    TENANT,
    WEAK,
    claims,
    header,
    minted,
    part,
    signed,
    small_curve_over_sha384,
)

Sent = Callable[[str], str | None]
"""The Authorization header, or none, for a call of the URL that is given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgery:
    """A header that must be refused, why it is, and its twin that must not be."""

    name: str
    fault: Fault
    forged: Sent
    twin: Sent


def plain(aud: str) -> str:
    """The usual valid header."""
    return "Bearer " + minted(header(), claims(aud))


def elliptic(aud: str) -> str:
    """The usual valid header of a client with a key on a curve."""
    return "Bearer " + minted(header(alg="ES384", kid="ec"), claims(aud), EC, "ES384")


def head(**changes: Any) -> Sent:
    """A header of the token with changes, properly signed."""
    return lambda aud: "Bearer " + minted(header(**changes), claims(aud))


def body(**changes: Any) -> Sent:
    """Claims with changes, properly signed."""
    return lambda aud: "Bearer " + minted(header(), claims(aud, **changes))


def aimed(audience: Callable[[str], Any]) -> Sent:
    """An audience made from the URL that is called, properly signed."""
    return lambda aud: "Bearer " + minted(header(), claims(aud, aud=audience(aud)))


def by(key: Any, alg: str, **changes: Any) -> Sent:
    """A token signed with another key or algorithm, its header with changes."""
    return lambda aud: "Bearer " + minted(header(alg=alg, **changes), claims(aud), key, alg)


def around(change: Callable[[str], str]) -> Sent:
    """The usual header, its text changed."""
    return lambda aud: change(plain(aud))


def parts(change: Callable[[str, str, str], str], usual: Callable[[str], str] = plain) -> Sent:
    """The usual token, put together in another way from its three parts."""
    return lambda aud: "Bearer " + change(*usual(aud).removeprefix("Bearer ").split("."))


def written(change: Callable[[str], str | bytes]) -> Sent:
    """Claims whose JSON is written in another way, properly signed."""

    def sent(aud: str) -> str:
        text = change(json.dumps(claims(aud)))
        return "Bearer " + minted(header(), text if isinstance(text, bytes) else text.encode())

    return sent


def forgeries() -> Iterator[Forgery]:
    """All of them; where no twin is named it is the usual valid header."""
    for name, fault, forged, *twin in (*_HEADERS, *_FORMS, *_JOSE, *_SIGNATURES, *_CLAIMS):
        yield Forgery(name=name, fault=fault, forged=forged, twin=twin[0] if twin else plain)


def _other_end(text: str) -> str:
    """The same bytes in base64url, with bits set in the last character that encode nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + letters[letters.index(text[-1]) + 1]


def _spare(aud: str) -> str:
    """The usual header, with claims that fill the last character of their base64url only in part."""
    text = json.dumps(claims(aud)).encode()
    return "Bearer " + minted(header(), text + b" " * ((1 - len(text)) % 3))


def _spare_bits_set(aud: str) -> str:
    first, second, _ = _spare(aud).removeprefix("Bearer ").split(".")
    return "Bearer " + signed(f"{first}.{_other_end(second)}")


def _confused(secret: bytes, alg: str) -> Sent:
    """A token that whoever knows `secret` can make, in the hope that it is taken for a shared one."""

    def sent(aud: str) -> str:
        content = f"{part(header(alg=alg))}.{part(claims(aud))}"
        digest = hmac.digest(secret, content.encode(), alg.replace("HS", "sha"))
        return f"Bearer {content}.{part(digest)}"

    return sent


def _weakly_signed(aud: str) -> str:
    content = f"{part(header(kid='weak'))}.{part(claims(aud))}"
    return f"Bearer {content}.{part(WEAK.sign(content.encode(), padding.PKCS1v15(), SHA384()))}"


def _small_curve(aud: str) -> str:
    content = f"{part(header(alg='ES384', kid='p256'))}.{part(claims(aud))}"
    return f"Bearer {content}.{part(small_curve_over_sha384(content))}"


def _der(aud: str) -> str:
    content = f"{part(header(alg='ES384', kid='ec'))}.{part(claims(aud))}"
    private = EC.private_key
    assert private is not None, "it was generated"
    return f"Bearer {content}.{part(private.sign(content.encode(), ec.ECDSA(SHA384())))}"


def _long(letters: int) -> Sent:
    """A header of so many characters or one more, filled up by a claim that means nothing."""

    def sent(aud: str) -> str:
        filled = 0
        while len(text := "Bearer " + minted(header(), claims(aud, jti="a", filled="f" * filled))) < letters:
            filled += max(1, (letters - len(text)) * 3 // 4 - 2)
        return text

    return sent


def _flipped(text: str) -> str:
    """Another character in the middle, where every bit counts."""
    middle = len(text) // 2
    return text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]


def _with(text: str, **changes: Any) -> str:
    """A part with other members."""
    return part({**json.loads(urlsafe_b64decode(text.encode())), **changes})


def _with_blank(text: str) -> str:
    """A part that says the same in other bytes."""
    return part(urlsafe_b64decode(text.encode()) + b" ")


def _stolen(aud: str) -> str:
    """The claims of one token under the signature of another, both of the right key."""
    first, second, _ = plain(aud).removeprefix("Bearer ").split(".")
    return f"Bearer {first}.{second}.{plain(aud).rsplit('.', 1)[1]}"


def _nested(aud: str) -> str:
    inner = minted(header(), claims(aud)).encode()
    return "Bearer " + minted(header(cty="JWT"), inner)


_HEADERS: tuple[Any, ...] = (
    ("no header", Fault.NONE, lambda aud: None),
    ("an empty header", Fault.MALFORMED, lambda aud: ""),
    ("the scheme alone", Fault.MALFORMED, lambda aud: "Bearer"),
    ("another scheme", Fault.MALFORMED, around(lambda text: text.replace("Bearer", "Basic"))),
    ("a scheme that only begins so", Fault.MALFORMED, around(lambda text: text.replace("Bearer", "Bearers"))),
    (
        "no scheme",
        Fault.MALFORMED,
        around(lambda text: text.removeprefix("Bearer ")),
        around(lambda text: text.replace("Bearer", "bEARER")),
    ),
    (
        "no space after the scheme",
        Fault.MALFORMED,
        around(lambda text: text.replace(" ", "")),
        around(lambda text: text.replace(" ", "  ")),
    ),
    ("a tab after the scheme", Fault.MALFORMED, around(lambda text: text.replace(" ", "\t"))),
    ("two tokens", Fault.MALFORMED, lambda aud: f"{plain(aud)},{plain(aud)}"),
    ("a parameter after the token", Fault.MALFORMED, around(lambda text: text + ' realm="x"')),
    ("a token in quotes", Fault.MALFORMED, around(lambda text: text.replace(" ", ' "') + '"')),
    ("a letter that is not ASCII", Fault.MALFORMED, around(lambda text: text + "é")),
    ("a header that is too long", Fault.TOO_LONG, _long(LONGEST + 1), _long(LONGEST - 3)),
)

_FORMS: tuple[Any, ...] = (
    ("no signature", Fault.MALFORMED, parts(lambda a, b, _: f"{a}.{b}")),
    ("an empty signature", Fault.MALFORMED, parts(lambda a, b, _: f"{a}.{b}.")),
    ("four parts", Fault.MALFORMED, parts(lambda a, b, c: f"{a}.{b}.{c}.{c}")),
    ("the five parts of an encrypted token", Fault.MALFORMED, parts(lambda a, b, c: f"{a}.{b}.{c}.{c}.{c}")),
    (
        "the JSON form of a signature",
        Fault.MALFORMED,
        parts(lambda a, b, c: json.dumps({"protected": a, "payload": b, "signature": c})),
    ),
    ("padding", Fault.MALFORMED, parts(lambda a, b, c: f"{a}.{b}.{c}==")),
    ("padding of the claims", Fault.MALFORMED, parts(lambda a, b, c: f"{a}.{b}=.{c}")),
    (
        "the plain alphabet of base64",
        Fault.MALFORMED,
        parts(lambda a, b, c: f"{a}.{b}." + (c[:9] + "-_" + c[9:]).replace("-", "+").replace("_", "/")),
    ),
    ("a signature with spare bits set", Fault.SIGNATURE, parts(lambda a, b, c: f"{a}.{b}.{_other_end(c)}")),
    ("claims with spare bits set", Fault.MALFORMED, _spare_bits_set, _spare),
    ("a header that is no JSON", Fault.MALFORMED, lambda aud: "Bearer " + minted(b"alg", claims(aud))),
    ("a header that is an array", Fault.MALFORMED, lambda aud: "Bearer " + minted(b'["RS384"]', claims(aud))),
    ("claims that are an array", Fault.MALFORMED, written(lambda text: f"[{text}]")),
    ("claims that are text", Fault.MALFORMED, written(json.dumps)),
    (
        "text behind the claims",
        Fault.MALFORMED,
        written(lambda text: text + "{}"),
        written(lambda text: text + " "),
    ),
    ("a comma too many", Fault.MALFORMED, written(lambda text: text[:-1] + ",}")),
    ("a member in single quotes", Fault.MALFORMED, written(lambda text: text.replace('"', "'"))),
    (
        "a header with a name twice",
        Fault.MALFORMED,
        lambda aud: "Bearer " + minted(json.dumps(header())[:-1].encode() + b',"typ":"JWT"}', claims(aud)),
    ),
    (
        "claims with a name twice",
        Fault.MALFORMED,
        written(lambda text: f'{text[:-1]},"iss":"{EHR}"}}'),
        written(lambda text: f'{text[:-1]},"sub":"{EHR}"}}'),
    ),
    (
        "a name that comes twice below the claims",
        Fault.MALFORMED,
        written(lambda text: text[:-1] + ',"more":{"a":1,"a":2}}'),
        written(lambda text: text[:-1] + ',"more":{"a":1,"b":2}}'),
    ),
    (
        "a name that comes twice in two spellings",
        Fault.MALFORMED,
        written(lambda text: text[:-1] + ',"\\u0069ss":"x"}'),
        written(lambda text: text.replace('"iss"', '"\\u0069ss"')),
    ),
    ("a number that is none", Fault.MALFORMED, written(lambda text: text[:-1] + ',"more":NaN}')),
    ("a byte order mark", Fault.MALFORMED, written(lambda text: b"\xef\xbb\xbf" + text.encode())),
    ("claims in UTF-16", Fault.MALFORMED, written(lambda text: text.encode("utf-16"))),
    (
        "claims that are not UTF-8",
        Fault.MALFORMED,
        written(lambda text: text[:-1].encode() + b',"more":"\xff"}'),
        written(lambda text: text[:-1].encode() + ',"more":"ÿ"}'.encode()),
    ),
    ("claims of great depth", Fault.MALFORMED, written(lambda text: text[:-1] + ',"more":' + "[" * 2500)),
    ("a token within the token", Fault.MALFORMED, _nested),
)

_JOSE: tuple[Any, ...] = (
    ("no type", Fault.TYPE, head(typ=LEFT_OUT), head(typ="jwt")),
    ("another type", Fault.TYPE, head(typ="at+jwt")),
    ("a type that is null", Fault.TYPE, head(typ=None)),
    ("a type that is no text", Fault.TYPE, head(typ=["JWT"])),
    ("no algorithm", Fault.ALGORITHM, head(alg=LEFT_OUT)),
    ("an algorithm that is null", Fault.ALGORITHM, head(alg=None)),
    ("an algorithm in a list", Fault.ALGORITHM, head(alg=["RS384"])),
    ("an algorithm in small letters", Fault.ALGORITHM, head(alg="rs384")),
    ("no signature, and said so", Fault.ALGORITHM, head(alg="none")),
    ("no signature, and said so oddly", Fault.ALGORITHM, head(alg="nOnE")),
    ("the public key as a shared secret", Fault.ALGORITHM, _confused(RSA.as_pem(), "HS256")),
    ("the public key as a longer shared secret", Fault.ALGORITHM, _confused(RSA.as_pem(), "HS384")),
    (
        "the key set as a shared secret",
        Fault.ALGORITHM,
        _confused(json.dumps(RSA.as_dict(private=False)).encode(), "HS512"),
    ),
    ("RS256, which is not listed", Fault.ALGORITHM, by(RSA, "RS256")),
    ("RS512, which is not listed", Fault.ALGORITHM, by(RSA, "RS512")),
    ("PS384, which is not listed", Fault.ALGORITHM, by(RSA, "PS384")),
    ("ES256, which is not listed", Fault.ALGORITHM, by(P256, "ES256", kid="p256"), elliptic),
    ("ES512, which is not listed", Fault.ALGORITHM, by(P521, "ES512", kid="p521"), elliptic),
    ("an extension that must be understood", Fault.CRITICAL, head(crit=["more"], more=1), head(more=1)),
    ("an empty list of extensions", Fault.CRITICAL, head(crit=[])),
    ("a payload that is said not to be encoded", Fault.CRITICAL, head(b64=False)),
    ("a payload that is said to be encoded", Fault.CRITICAL, head(b64=True)),
    (
        "a key in the header",
        Fault.EMBEDDED_KEY,
        by(STRANGER, "RS384", jwk=STRANGER.as_dict(private=False)),
        head(x5t="dGh1bWJwcmludA"),
    ),
    ("the right key in the header", Fault.EMBEDDED_KEY, head(jwk=RSA.as_dict(private=False))),
    ("a certificate in the header", Fault.EMBEDDED_KEY, head(x5c=["MIIB"])),
    ("the address of a certificate", Fault.EMBEDDED_KEY, head(x5u="https://stranger.example/cert.pem")),
    (
        "an address of keys that is not listed",
        Fault.KEY_ADDRESS,
        head(jku="https://stranger.example/jwks.json"),
        head(jku=EHR_JKU),
    ),
    ("the address of another issuer's keys", Fault.KEY_ADDRESS, head(jku=CLINIC_JKU), head(jku=EHR_JKU)),
    ("an address of keys with a query", Fault.KEY_ADDRESS, head(jku=EHR_JKU + "?a=b"), head(jku=EHR_JKU)),
    (
        "an address of keys in capitals",
        Fault.KEY_ADDRESS,
        head(jku=EHR_JKU.replace("ehr", "EHR")),
        head(jku=EHR_JKU),
    ),
    (
        "an address of keys without TLS",
        Fault.KEY_ADDRESS,
        head(jku=EHR_JKU.replace("https", "http")),
        head(jku=EHR_JKU),
    ),
    ("an address of keys that is null", Fault.KEY_ADDRESS, head(jku=None)),
    ("an address of keys in a list", Fault.KEY_ADDRESS, head(jku=[EHR_JKU]), head(jku=EHR_JKU)),
    ("no key id", Fault.KEY, head(kid=LEFT_OUT)),
    ("a key id that is null", Fault.KEY, head(kid=None)),
    ("a key id that is a number", Fault.KEY, head(kid=1)),
    ("an empty key id", Fault.KEY, head(kid="")),
    ("an unknown key id", Fault.KEY, head(kid="unknown")),
    ("a key id that is a path", Fault.KEY, head(kid="../../../../dev/null")),
    ("a key id with a blank", Fault.KEY, head(kid="rsa ")),
    (
        "the key of another issuer",
        Fault.KEY,
        by(CLINIC_KEY, "ES384", kid="clinic"),
        lambda aud: (
            "Bearer "
            + minted(
                header(alg="ES384", kid="clinic"),
                claims(aud, iss=CLINIC, tenant=LEFT_OUT),
                CLINIC_KEY,
                "ES384",
            )
        ),
    ),
    ("a key for encryption", Fault.KEY, by(FOR_SECRETS, "RS384", kid="for-secrets")),
    ("a key for wrapping keys", Fault.KEY, by(FOR_WRAPPING, "RS384", kid="for-wrapping")),
    ("a key of 1024 bits", Fault.KEY, _weakly_signed),
)

_SIGNATURES: tuple[Any, ...] = (
    ("a key for another algorithm", Fault.SIGNATURE, by(FOR_RS512, "RS384", kid="for-rs512")),
    ("the id of a key on a curve", Fault.SIGNATURE, head(kid="ec")),
    ("the id of an RSA key", Fault.SIGNATURE, by(EC, "ES384", kid="rsa"), elliptic),
    ("a curve that is too small", Fault.SIGNATURE, _small_curve, elliptic),
    ("a changed header", Fault.SIGNATURE, parts(lambda a, b, c: f"{_with(a, more=1)}.{b}.{c}"), head(more=1)),
    ("changed claims", Fault.SIGNATURE, parts(lambda a, b, c: f"{a}.{_with(b, jti='b')}.{c}"), body(jti="b")),
    ("claims written anew", Fault.SIGNATURE, parts(lambda a, b, c: f"{a}.{_with_blank(b)}.{c}")),
    ("a changed signature", Fault.SIGNATURE, parts(lambda a, b, c: f"{a}.{b}.{_flipped(c)}")),
    (
        "a changed signature on a curve",
        Fault.SIGNATURE,
        parts(lambda a, b, c: f"{a}.{b}.{_flipped(c)}", elliptic),
        elliptic,
    ),
    ("the signature of another token", Fault.SIGNATURE, _stolen),
    ("a stranger's key under a known id", Fault.SIGNATURE, by(STRANGER, "RS384")),
    (
        "a stranger's key on a curve under a known id",
        Fault.SIGNATURE,
        by(STRANGER_EC, "ES384", kid="ec"),
        elliptic,
    ),
    ("a signature as DER", Fault.SIGNATURE, _der, elliptic),
    (
        "a signature of zeros",
        Fault.SIGNATURE,
        parts(lambda a, b, _: f"{a}.{b}.{part(bytes(96))}", elliptic),
        elliptic,
    ),
    ("a signature of zeros for RSA", Fault.SIGNATURE, parts(lambda a, b, _: f"{a}.{b}.{part(bytes(256))}")),
    ("half a signature", Fault.SIGNATURE, parts(lambda a, b, c: f"{a}.{b}.{c[:172]}")),
    ("a signature and more", Fault.SIGNATURE, parts(lambda a, b, c: f"{a}.{b}.AAAA{c}")),
    ("a signature that is far too long", Fault.SIGNATURE, parts(lambda a, b, c: f"{a}.{b}.{c * 6}")),
)

_CLAIMS: tuple[Any, ...] = (
    ("no issuer", Fault.ISSUER, body(iss=LEFT_OUT)),
    ("an issuer that is null", Fault.ISSUER, body(iss=None)),
    ("an issuer that is a number", Fault.ISSUER, body(iss=1)),
    ("an issuer in a list", Fault.ISSUER, body(iss=[EHR])),
    ("an issuer that is not listed", Fault.ISSUER, body(iss="https://stranger.example")),
    ("an issuer with a slash", Fault.ISSUER, body(iss=EHR + "/")),
    ("an issuer in capitals", Fault.ISSUER, body(iss=EHR.upper())),
    ("an issuer with a blank", Fault.ISSUER, body(iss=EHR + " ")),
    ("an issuer with a zero byte", Fault.ISSUER, body(iss=EHR + "\0")),
    ("an issuer with a Cyrillic letter", Fault.ISSUER, body(iss=EHR.replace("e", "е"))),
    ("an issuer in wide letters", Fault.ISSUER, body(iss=EHR.replace("ehr", "ｅｈｒ"))),
    ("an issuer in half a letter", Fault.ISSUER, body(iss=EHR + "\ud800")),
    ("no audience", Fault.AUDIENCE, body(aud=LEFT_OUT)),
    ("an audience that is null", Fault.AUDIENCE, body(aud=None)),
    ("an audience that is a number", Fault.AUDIENCE, body(aud=7)),
    ("an empty audience", Fault.AUDIENCE, body(aud="")),
    ("an empty list of audiences", Fault.AUDIENCE, body(aud=[])),
    ("an audience in an object", Fault.AUDIENCE, aimed(lambda url: {url: True})),
    (
        "an audience within a list of a list",
        Fault.AUDIENCE,
        aimed(lambda url: [[url]]),
        aimed(lambda url: [url]),
    ),
    (
        "a number beside the audience",
        Fault.AUDIENCE,
        aimed(lambda url: [url, 1]),
        aimed(lambda url: ["https://elsewhere.example", url]),
    ),
    (
        "a list of other audiences",
        Fault.AUDIENCE,
        aimed(lambda url: [url + "/x", "https://elsewhere.example"]),
    ),
    ("an audience that only begins so", Fault.AUDIENCE, aimed(lambda url: url + "-and-more")),
    ("an audience that only ends so", Fault.AUDIENCE, aimed(lambda url: "x" + url)),
    ("audiences in one text", Fault.AUDIENCE, aimed(lambda url: f"{url} {url}")),
    ("the audience of the server", Fault.AUDIENCE, aimed(lambda url: "https://cds.example.org")),
    (
        "the audience of another service",
        Fault.AUDIENCE,
        aimed(lambda url: BASE + "/cds-services/another"),
    ),
    ("an audience on another host", Fault.AUDIENCE, aimed(lambda url: url.replace("cds.", "cds2."))),
    (
        "an audience with the path behind the proxy",
        Fault.AUDIENCE,
        aimed(lambda url: url.replace("/chosen/path", "")),
    ),
    ("an audience without TLS", Fault.AUDIENCE, aimed(lambda url: url.replace("https", "http"))),
    ("an audience with the port", Fault.AUDIENCE, aimed(lambda url: url.replace(".org", ".org:443"))),
    ("an audience in capitals", Fault.AUDIENCE, aimed(lambda url: url.replace("cds.", "CDS."))),
    ("an audience with a slash", Fault.AUDIENCE, aimed(lambda url: url + "/")),
    ("an audience with a query", Fault.AUDIENCE, aimed(lambda url: url + "?a=b")),
    ("an audience with a fragment", Fault.AUDIENCE, aimed(lambda url: url + "#a")),
    (
        "an audience in escapes",
        Fault.AUDIENCE,
        aimed(lambda url: url.replace("cds-services", "cds%2Dservices")),
    ),
    ("an audience by a detour", Fault.AUDIENCE, aimed(lambda url: url.replace("/cds-", "/x/../cds-"))),
    ("an audience with a Cyrillic letter", Fault.AUDIENCE, aimed(lambda url: url.replace("c", "с"))),
    ("an audience with a hidden letter", Fault.AUDIENCE, aimed(lambda url: url + "\u200b")),
    ("no end", Fault.TIMES, body(exp=LEFT_OUT)),
    ("an end that is null", Fault.TIMES, body(exp=None)),
    ("an end that is text", Fault.TIMES, body(exp=str(NOW + 240))),
    ("an end that is true", Fault.TIMES, body(exp=True)),
    ("an end in a list", Fault.TIMES, body(exp=[NOW + 240])),
    ("an end without end", Fault.TIMES, written(lambda text: text.replace(str(NOW + 240), "1e400"))),
    ("an end of 300 digits", Fault.TIMES, written(lambda text: text.replace(str(NOW + 240), "9" * 300))),
    ("an end in milliseconds", Fault.TIMES, body(exp=(NOW + 240) * 1000)),
    ("an end before all time", Fault.TIMES, body(exp=-1)),
    ("an end that is over", Fault.EXPIRED, body(exp=NOW - 1), body(exp=NOW + 1)),
    ("an end that is now", Fault.EXPIRED, body(exp=NOW), body(exp=NOW + 0.5)),
    ("no start", Fault.TIMES, body(iat=LEFT_OUT)),
    ("a start that is text", Fault.TIMES, body(iat=str(NOW))),
    ("a start that is false", Fault.TIMES, body(iat=False)),
    ("a start that is null", Fault.TIMES, body(iat=None)),
    ("a start to come", Fault.NOT_YET_VALID, body(iat=NOW + 11), body(iat=NOW + 10)),
    ("a life to come", Fault.NOT_YET_VALID, body(nbf=NOW + 11), body(nbf=NOW + 10)),
    ("a life to come that is text", Fault.TIMES, body(nbf="now"), body(nbf=NOW - 5.5)),
    ("a life to come that is null", Fault.TIMES, body(nbf=None)),
    (
        "a life that is too long",
        Fault.LIFETIME,
        body(iat=NOW - 5, exp=NOW + 306),
        body(iat=NOW - 5, exp=NOW + 305),
    ),
    ("a start long ago", Fault.LIFETIME, body(iat=NOW - 86400)),
    ("a start at the beginning of time", Fault.LIFETIME, body(iat=0)),
    ("no tenant", Fault.TENANT, body(tenant=LEFT_OUT)),
    ("a tenant that is not listed", Fault.TENANT, body(tenant="ward-8")),
    ("a tenant in capitals", Fault.TENANT, body(tenant=TENANT.upper())),
    ("a tenant that is null", Fault.TENANT, body(tenant=None)),
    ("tenants in a list", Fault.TENANT, body(tenant=[TENANT])),
    ("an empty tenant", Fault.TENANT, body(tenant="")),
    ("no token id", Fault.ID, body(jti=LEFT_OUT)),
    ("a token id that is null", Fault.ID, body(jti=None)),
    ("an empty token id", Fault.ID, body(jti="")),
    ("a blank token id", Fault.ID, body(jti=" ")),
    ("a token id that is a number", Fault.ID, body(jti=7), body(jti="7")),
    ("token ids in a list", Fault.ID, body(jti=["a"])),
    ("a token id that is too long", Fault.ID, body(jti="i" * 256), body(jti="i" * 255)),
    ("a token id of two lines", Fault.ID, body(jti="a\nb"), body(jti="a b")),
    ("a token id in half a letter", Fault.ID, body(jti="\ud800"), body(jti="ÿ")),
)

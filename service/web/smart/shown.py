"""What a page of the evidence view keeps for its download: what it shows, sealed, for an hour.

The service keeps nothing, and the page keeps neither token nor key: only the facts that it shows already,
encrypted and authenticated (JWE, A256GCM), which only this service can open again.
"""

from datetime import date
from zlib import compress, decompress

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from service.clinical.facts import PatientFacts
from service.render.identity import PatientIdentity

LIFE_SECONDS = 3600
MOST_CHARACTERS = 400_000
"""Of the sealed view in a form: of a larger record there is no download, and the command line makes it."""

VIEW_PURPOSE = b"ketamine-cds: what a page of the evidence view keeps"
_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = list(_HEADER.values())


class ShownView(msgspec.Struct, frozen=True, kw_only=True):
    """What the packet is made of. `ends` is a time in seconds since 1970, after which it is worth nothing."""

    facts: PatientFacts
    identity: PatientIdentity
    assessed_on: date
    ends: float

    def __repr__(self) -> str:
        """Return nothing of the patient."""
        return "ShownView()"


def sealed_view(view: ShownView, key: OctKey) -> str:
    """Return the view for a page to hold; "" if it is too large or not writable."""
    try:
        raw = compress(msgspec.msgpack.encode(view))
    except UnicodeEncodeError:  # half a letter, which JSON may hold and UTF-8 not
        return ""
    text = jwe.encrypt_compact(_HEADER, raw, key, algorithms=_ALGORITHMS)
    return text if len(text) <= MOST_CHARACTERS else ""


def opened_view(text: str, key: OctKey, now: float) -> ShownView | None:
    """Return the view that a page held; None if it is forged or too old."""
    try:
        raw = jwe.decrypt_compact(text, key, algorithms=_ALGORITHMS).plaintext
        view = msgspec.msgpack.decode(decompress(raw or b""), type=ShownView)
    except (JoseError, ValueError, msgspec.MsgspecError):  # only what we made can be decrypted
        return None
    return view if now < view.ends else None

"""Keyed digests that replace a patient, a user, an input and an assessment in the database.

HMAC-SHA-256 as 64 hexadecimal digits. Without the key nobody can find out whose record it is by trying
patient ids one by one. The purpose is part of the digest, so that equal texts of two purposes
never give equal digests.
"""

import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from cds_hooks.request import HookRequest
from cds_hooks.trust import CdsClient
from service.fhir.bundles import BundleContents
from service.render.document import document
from service.render.view import View

_PACKED = msgspec.msgpack.Encoder()
_KEY_ID_DIGITS = 16


class DigestPurpose(StrEnum):
    """The purposes of digests."""

    INPUT = "input"
    ASSESSMENT = "assessment"
    PATIENT = "patient"
    USER = "user"
    SUPPRESSION = "firing"  # the word that is part of every stored key
    KEY = "key"


def digest(key: bytes, purpose: DigestPurpose, parts: Iterable[bytes]) -> str:
    """Return the digest of the ordered `parts`; it depends on where one ends and the next begins."""
    made = hmac.new(key, digestmod="sha256")
    for part in (purpose.encode(), *parts):
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.hexdigest()


def key_id(key: bytes) -> str:
    """Return a name of the key that does not give it away: digests of two keys cannot be compared."""
    return digest(key, DigestPurpose.KEY, ())[:_KEY_ID_DIGITS]


def patient_key(key: bytes, caller: CdsClient, request: HookRequest) -> str:
    """Return the keyed hash of the patient, whose id is unique only within a tenant and server."""
    return _person(key, DigestPurpose.PATIENT, caller, request, request.patient_id)


def user_key(key: bytes, caller: CdsClient, request: HookRequest) -> str:
    """Return the keyed hash of the user who sees the cards."""
    return _person(key, DigestPurpose.USER, caller, request, request.user_id)


def input_digest(key: bytes, request: HookRequest, sent: Mapping[str, BundleContents]) -> str:
    """Return the digest of what the service reads of a call, whose prefetch holds what was `sent`.

    What counts are the values: not spaces, the order of members, or how a character is escaped, which change
    when a call is captured and stored, and not what is never read, for no answer can depend on it. The
    authorization is left out: its token is another one in each call, is no part of what is assessed, and
    nobody should have to keep it in order to replay a call.
    """
    context = (
        request.hook,
        request.hook_instance,
        request.user_id,
        request.patient_id,
        request.encounter_id,
        request.selections,
        request.fhir_server,
    )
    parts = [_PACKED.encode(context), _drafts(request)]
    for name in sorted(sent):
        parts += [name.encode(), _PACKED.encode(sent[name])]
    return digest(key, DigestPurpose.INPUT, parts)


def _drafts(request: HookRequest) -> bytes:
    """Return the draft orders with sorted members; if they cannot be read, return them as written."""
    written = request.draft_orders or b""
    try:
        return msgspec.json.encode(msgspec.json.decode(written), order="sorted")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return written


def assessment_digest(key: bytes, view: View) -> str:
    """Return the digest of the whole assessment, as `/assessments` would write it."""
    written = msgspec.json.encode(document(view), order="sorted")
    return digest(key, DigestPurpose.ASSESSMENT, (written,))


def _person(
    key: bytes, purpose: DigestPurpose, caller: CdsClient, request: HookRequest, identity: str
) -> str:
    server = (request.fhir_server or "").rstrip("/")  # one server, written in two ways
    place = (caller.issuer or "", caller.tenant or "", server, identity)
    return digest(key, purpose, (part.encode() for part in place))

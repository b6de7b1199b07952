"""What stands for inputs, patients and users: the same for the same, and another one for anything else."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cds_hooks.request import HookRequest, read_request
from cds_hooks.trust import CdsClient
from service.fhir.decode import read_replies
from service.records.digests import DigestPurpose, digest, input_digest, key_id, patient_key, user_key
from tests.hooks.chart import CHART, call, prefetched

KEY = b"k" * 32
BODY = call("patient-view", prefetched(*CHART))
CALLER = CdsClient(issuer="https://ehr.example.org", tenant="clinic-1")
REQUEST = replace(read_request(json.dumps(BODY).encode()), fhir_server="https://ehr.example.org/fhir")
Keyed = Callable[[bytes, CdsClient, HookRequest], str]


def of_input(body: Any) -> str:
    """The digest of a body."""
    return of_bytes(json.dumps(body).encode())


def of_bytes(body: bytes) -> str:
    """The digest of a body as it is written."""
    request = read_request(body)
    return input_digest(KEY, request, read_replies(request.prefetch))


def test_the_authorization_does_not_count() -> None:
    """A captured call has the same digest with its token, with another token and without any."""
    tokens = [{"access_token": token, "token_type": "Bearer", "expires_in": 300} for token in ("a", "b")]
    assert {of_input(BODY | {"fhirAuthorization": token}) for token in tokens} == {of_input(BODY)}


def test_the_order_of_the_members_does_not_count() -> None:
    """A call that was stored member by member is still the same call."""
    assert of_input(dict(reversed(BODY.items()))) == of_input(BODY)


def test_every_letter_that_is_read_counts() -> None:
    """Whatever single letter of the data is changed: the digest is another one where it is ever read."""
    written = json.dumps(BODY)
    start = written.index('"prefetch"') + len('"prefetch": {')
    places = [place for place, sign in enumerate(written) if place > start and sign.isalpha()][::20]
    changed = 0
    for place in places:
        spoilt = f"{written[:place]}{written[place].swapcase()}{written[place + 1 :]}".encode()
        read = read_replies(read_request(spoilt).prefetch)
        same = read == read_replies(REQUEST.prefetch)
        assert (of_bytes(spoilt) == of_input(BODY)) is same
        changed += not same
    assert changed > 100


@pytest.mark.parametrize("member", ["hookInstance", "hook", "context", "fhirServer"])
def test_the_rest_of_the_call_counts(member: str) -> None:
    """Another call about the same data is another input."""
    others: dict[str, Any] = {
        "hookInstance": "0d7a1b5e-5a5b-4d5a-9b1a-3a3c2c6d1e02",
        "hook": "patient-view",
        "context": BODY["context"] | {"userId": "Practitioner/another"},
        "fhirServer": "https://other.example.org/fhir",
    }
    assert (of_input(BODY | {member: others[member]}) == of_input(BODY)) is (member == "hook")


@pytest.mark.parametrize("keyed", [patient_key, user_key])
def test_a_person_is_known_again_only_in_the_same_place(keyed: Keyed) -> None:
    """The same id at another issuer, tenant or server, or under another key, is somebody else."""
    others = [
        (KEY, replace(CALLER, issuer="https://other.example.org"), REQUEST),
        (KEY, replace(CALLER, tenant="clinic-2"), REQUEST),
        (KEY, replace(CALLER, issuer=None, tenant=None), REQUEST),
        (KEY, replace(CALLER, issuer="https://ehr.example.orgclinic-", tenant="1"), REQUEST),
        (KEY, CALLER, replace(REQUEST, fhir_server="https://other.example.org/fhir")),
        (KEY, CALLER, replace(REQUEST, fhir_server=None)),
        (KEY, CALLER, replace(REQUEST, patient_id="p2", user_id="Practitioner/2")),
        (b"x" * 32, CALLER, REQUEST),
    ]
    assert len({keyed(KEY, CALLER, REQUEST), *(keyed(*other) for other in others)}) == len(others) + 1


def test_the_rest_of_a_call_does_not_change_who_it_is_about() -> None:
    """Another hook, another encounter or a trailing slash of the server is no other patient or user."""
    later = replace(
        REQUEST, hook="order-sign", encounter_id="e2", fhir_server="https://ehr.example.org/fhir/"
    )
    assert patient_key(KEY, CALLER, later) == patient_key(KEY, CALLER, REQUEST)
    assert user_key(KEY, CALLER, later) == user_key(KEY, CALLER, REQUEST)


def test_a_patient_is_never_taken_for_a_user() -> None:
    """The same id as patient and as user gives two digests that cannot be linked."""
    twin = replace(REQUEST, patient_id="p1", user_id="p1")
    assert patient_key(KEY, CALLER, twin) != user_key(KEY, CALLER, twin)


def test_a_digest_is_hexadecimal_and_its_key_has_a_name() -> None:
    """Digests are 64 hexadecimal digits; the name of the key differs by key and holds nothing of it."""
    assert len(digest(KEY, DigestPurpose.INPUT, ())) == 64
    assert int(digest(KEY, DigestPurpose.INPUT, ()), 16)
    assert key_id(KEY) != key_id(b"x" * 32)
    assert KEY.hex() not in key_id(KEY)


def test_how_the_json_is_written_does_not_count() -> None:
    """A captured call that was indented, reordered or escaped anew on its way is still the same input."""
    body = json.loads(json.dumps(BODY).replace("sertraline", "sertraline é"))
    written = [
        json.dumps(body).encode(),
        json.dumps(body, indent=2, sort_keys=True).encode(),
        json.dumps(body, ensure_ascii=False).encode(),
    ]
    assert len({of_bytes(each) for each in written}) == 1


def test_draft_orders_count_as_they_are_written() -> None:
    """Of draft orders every member counts, read or not, and of those that cannot be read every letter."""
    drafts = {
        "resourceType": "Bundle",
        "entry": [{"resource": {"resourceType": "NutritionOrder", "id": "n"}}],
    }
    made = {
        input_digest(KEY, replace(REQUEST, draft_orders=written), {})
        for written in (None, json.dumps(drafts).encode(), b"{", b"[", b'{"entry": [], "a": 1}')
    }
    assert len(made) == 5

"""The started service with a file of issuers: both of its workers, its database, and real connections."""

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.served import running
from tests.trust.minting import EC, EHR, LEFT_OUT, RSA, claims, header, key_set, minted

SERVICE = "/cds-services/ketamine-referral-patient-view"
FEEDBACK = f"{SERVICE}/feedback"
CALL = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"userId": "Practitioner/1", "patientId": "1"},
    "prefetch": {"patient": {"resourceType": "Patient", "id": "1", "birthDate": "1980-05-17"}},
}
OUTCOME = {
    "card": "4e0a3a1e-3f0a-4b0e-8f0a-0a6a35c1a001",
    "outcome": "overridden",
    "outcomeTimestamp": "2026-03-02T10:00:00Z",
}
BODIES = {"/cds-services": None, SERVICE: CALL, FEEDBACK: {"feedback": [OUTCOME]}}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a service answers that trusts one issuer."""
    folder = tmp_path_factory.mktemp("trusting")
    (folder / "keys.json").write_bytes(key_set(RSA, EC))
    (folder / "issuers.json").write_text(json.dumps([{"iss": EHR, "jwks": "keys.json"}]))
    settings = {"MODE": "development", "ISSUERS": str(folder / "issuers.json")}
    with running({f"KETAMINE_CDS_{name}": value for name, value in settings.items()}) as started:
        yield started.url


def asked(url: str, path: str, *authorization: str) -> tuple[int, bytes]:
    """Status and body of one call over a connection of its own, with as many headers as are given."""
    content = b"" if BODIES[path] is None else json.dumps(BODIES[path]).encode()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.putrequest("POST" if content else "GET", path)
        for value in authorization:
            connection.putheader("Authorization", value)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def bearer(url: str, **changes: Any) -> str:
    """A valid header for a call of `url` now, or one with changes."""
    now = int(time.time())
    stated = {"iat": now, "exp": now + 300, "tenant": LEFT_OUT, **changes}
    return "Bearer " + minted(header(alg="ES384", kid="ec"), claims(url, **stated), EC, "ES384")


@pytest.mark.parametrize("path", BODIES)
def test_every_route_needs_a_token(url: str, path: str) -> None:
    """With one it answers, without one it says only that."""
    assert asked(url, path, bearer(url + path))[0] == 200
    status, body = asked(url, path)
    assert status == 401
    for odd in (
        bearer(url),
        bearer(url + path, exp=1),
        bearer(url + path, iss="x"),
        "Bearer x",
        "Basic eDp5",
    ):
        assert asked(url, path, odd) == (status, body)


@pytest.mark.parametrize("path", BODIES)
def test_a_token_is_used_once_whichever_worker_it_reaches(url: str, path: str) -> None:
    """Of many calls with the same token one is answered."""
    sent = bearer(url + path)
    assert statuses([sent] * 12, url, path) == [200] + [401] * 11


def statuses(headers: Sequence[str], url: str, path: str) -> list[int]:
    """What calls one after the other are answered with."""
    return [asked(url, path, header)[0] for header in headers]


@pytest.mark.parametrize("path", BODIES)
def test_two_headers_are_none(url: str, path: str) -> None:
    """Neither of two valid tokens counts, and neither is used up; nor is a token beside another scheme."""
    first, second = bearer(url + path), bearer(url + path)
    assert asked(url, path, first, second)[0] == 401
    assert asked(url, path, first, "Basic eDp5")[0] == 401
    assert statuses([first, second], url, path) == [200, 200]

"""Who may call, from the settings to the answer: open or not, keys that are fetched, the public sandbox."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import responses

from cds_hooks.trust import CdsClient, Fault, UnauthorizedError
from mappings.knowledge import load_knowledge
from service.access import issuers as issuers_module
from service.access.callers import Callers, open_callers
from service.access.issuers import Issuer, IssuersError
from service.fetch.http_client import Outbound
from service.settings import read_settings
from tests.trust.minting import (
    CLINIC,
    CLINIC_JKU,
    CLINIC_KEY,
    EC,
    EHR,
    EHR_JKU,
    LEFT_OUT,
    RSA,
    STRANGER_EC,
    Signing,
    claims,
    header,
    key_set,
    minted,
    public,
)

BASE = "https://cds.example.org"
PATH = "/cds-services/some-service"
FHIR = "https://ehr.example/fhir"


@pytest.fixture
def outbound() -> Iterator[Outbound]:
    """The way out."""
    way = Outbound()
    yield way
    way.close()


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    """The web, in which nothing exists but what a test puts there."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def opened(outbound: Outbound, tmp_path: Path) -> Callable[..., Callers]:
    """The callers that settings and entries of issuers let in."""

    def make(*entries: dict[str, Any], **settings: str) -> Callers:
        given = {"PUBLIC_URL": BASE, **settings}
        if entries:
            given["ISSUERS"] = str(tmp_path / "issuers.json")
            (tmp_path / "issuers.json").write_text(json.dumps(entries))
        named = {f"KETAMINE_CDS_{name}": value for name, value in given.items()}
        return open_callers(read_settings(named), outbound, lambda *_: True, load_knowledge().prefetch)

    return make


def bearer(
    key: Signing = EC, *, iss: str = EHR, alg: str = "ES384", aud: str = BASE + PATH, **head: Any
) -> str:
    """A valid header, as of now."""
    now = time.time()
    body = claims(aud, iss=iss, iat=now, exp=now + 300, tenant=LEFT_OUT)
    return "Bearer " + minted(header(alg=alg, **{"kid": public(key)["kid"], **head}), body, key, alg)


def refused(callers: Callers, authorization: str | None, path: str = PATH) -> Fault:
    """Why a header is refused."""
    with pytest.raises(UnauthorizedError) as error:
        callers.trust(authorization, path)
    return error.value.reason


FETCHED = {"iss": EHR, "jku": EHR_JKU, "fhirServers": [FHIR]}


def test_open_means_everyone(opened: Callable[..., Callers]) -> None:
    """A token is not asked for and not looked at, and the FHIR servers are those of the settings."""
    callers = opened(AUTH="open", FHIR_SERVERS=FHIR + "/")
    assert callers.trust(None, PATH) == callers.trust("Bearer nonsense", PATH) == CdsClient()
    assert callers.fhir_servers(CdsClient()) == (FHIR,)


def test_open_holds_although_there_is_a_file_of_issuers(opened: Callable[..., Callers]) -> None:
    """Who says open means it; the servers of issuers are nobody's then."""
    callers = opened(FETCHED, AUTH="open")
    assert callers.trust(None, PATH) == CdsClient()
    assert callers.fhir_servers(CdsClient()) == ()


def test_a_file_of_issuers_closes_the_service(opened: Callable[..., Callers]) -> None:
    """Nothing else has to be set."""
    assert refused(opened(FETCHED), None) is Fault.NONE


def test_a_file_that_does_not_fit_is_told(opened: Callable[..., Callers]) -> None:
    """It is read at the start, not at the first call."""
    with pytest.raises(IssuersError, match="entry 1, jku"):
        opened({"iss": EHR, "jku": "http://ehr.example/jwks.json"})


def test_fhir_servers_are_those_of_the_issuer_alone(
    opened: Callable[..., Callers], web: responses.RequestsMock
) -> None:
    """Neither the settings nor another issuer adds to them."""
    callers = opened(FETCHED, {"iss": CLINIC, "jku": CLINIC_JKU}, FHIR_SERVERS="https://all.example/fhir")
    web.get(EHR_JKU, body=key_set(EC), content_type="application/jwk-set+json")
    assert callers.fhir_servers(callers.trust(bearer(), PATH)) == (FHIR,)
    assert callers.fhir_servers(CdsClient(issuer=CLINIC)) == ()
    assert callers.fhir_servers(CdsClient()) == ()


def test_keys_are_fetched_once_and_again_when_they_change(
    opened: Callable[..., Callers], web: responses.RequestsMock
) -> None:
    """At the first call, and for a key that is not known yet; made-up keys have them fetched once."""
    callers = opened(FETCHED)
    web.get(EHR_JKU, body=key_set(EC), content_type="application/json")
    for _ in range(3):
        assert callers.trust(bearer(), PATH) == CdsClient(issuer=EHR)
    assert len(web.calls) == 1
    web.replace(responses.GET, EHR_JKU, body=key_set(RSA), content_type="application/json")
    assert callers.trust(bearer(RSA, alg="RS384"), PATH) == CdsClient(issuer=EHR)
    assert len(web.calls) == 2
    for number in range(10):
        assert refused(callers, bearer(kid=f"made-up-{number}")) is Fault.KEY
    assert len(web.calls) == 3


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 500}, id="it fails"),
        pytest.param({"status": 404}, id="it is not there"),
        pytest.param({"status": 302, "headers": {"Location": CLINIC_JKU}}, id="it redirects"),
        pytest.param({"body": b"<html>", "content_type": "text/html"}, id="it is a page"),
        pytest.param({"body": b"<html>", "content_type": "application/json"}, id="it is a page named JSON"),
        pytest.param({"body": b" " * 300_000 + key_set(EC)}, id="it is too large"),
        pytest.param({"body": ConnectionError()}, id="it hangs up"),
    ],
)
def test_keys_that_cannot_be_fetched_let_nobody_in(
    opened: Callable[..., Callers],
    web: responses.RequestsMock,
    caplog: pytest.LogCaptureFixture,
    answer: dict[str, Any],
) -> None:
    """The call is refused like any other, and the log names the issuer and why, without the token."""
    web.get(EHR_JKU, **{"content_type": "application/json", **answer})
    web.get(CLINIC_JKU, body=key_set(EC), content_type="application/json")
    sent = bearer()
    assert refused(opened(FETCHED), sent) is Fault.KEY
    assert {call.request.url for call in web.calls} == {EHR_JKU}
    assert re.search(f"the keys of issuer {EHR} were not read: .+", caplog.text)
    assert sent not in caplog.text


def test_keys_that_were_fetched_outlive_a_failure(
    opened: Callable[..., Callers], web: responses.RequestsMock
) -> None:
    """A made-up key while the web server is down does no harm."""
    callers = opened(FETCHED)
    web.get(EHR_JKU, body=key_set(EC), content_type="application/json")
    assert callers.trust(bearer(), PATH) == CdsClient(issuer=EHR)
    web.replace(responses.GET, EHR_JKU, status=503)
    assert refused(callers, bearer(kid="made-up")) is Fault.KEY
    assert callers.trust(bearer(), PATH) == CdsClient(issuer=EHR)


@pytest.mark.parametrize(
    "named",
    [
        "https://stranger.example/jwks.json",
        CLINIC_JKU,
        EHR_JKU + "?",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_listed_is_never_read(
    opened: Callable[..., Callers], web: responses.RequestsMock, named: str
) -> None:
    """Nor is the listed one, for the token is refused before its key is looked for."""
    web.get(re.compile(".*"), body=key_set(STRANGER_EC), content_type="application/json")
    callers = opened(FETCHED, {"iss": CLINIC, "jku": CLINIC_JKU})
    assert refused(callers, bearer(STRANGER_EC, jku=named)) is Fault.KEY_ADDRESS
    assert len(web.calls) == 0


def test_a_token_that_is_refused_for_what_it_says_has_nothing_fetched(
    opened: Callable[..., Callers], web: responses.RequestsMock
) -> None:
    """Strangers cannot make this service ask the issuer's server."""
    web.get(re.compile(".*"), body=key_set(EC), content_type="application/json")
    callers = opened(FETCHED)
    assert refused(callers, bearer(aud=BASE)) is Fault.AUDIENCE
    assert refused(callers, bearer(iss=CLINIC)) is Fault.ISSUER
    assert refused(callers, bearer(RSA, alg="RS256")) is Fault.ALGORITHM
    assert len(web.calls) == 0


def test_pinned_keys_are_never_fetched(
    opened: Callable[..., Callers], web: responses.RequestsMock, tmp_path: Path
) -> None:
    """The address beside them is one that tokens may name, no more."""
    (tmp_path / "keys.json").write_bytes(key_set(EC))
    callers = opened({"iss": EHR, "jwks": "keys.json", "jku": EHR_JKU})
    assert callers.trust(bearer(jku=EHR_JKU), PATH) == CdsClient(issuer=EHR)
    assert refused(callers, bearer(kid="made-up")) is Fault.KEY
    assert len(web.calls) == 0


def test_pinned_keys_alone_allow_no_address(opened: Callable[..., Callers], tmp_path: Path) -> None:
    """An address that is not listed is refused whether or not it would be read."""
    (tmp_path / "keys.json").write_bytes(key_set(EC))
    callers = opened({"iss": EHR, "jwks": "keys.json"})
    assert callers.trust(bearer(), PATH) == CdsClient(issuer=EHR)
    assert refused(callers, bearer(jku=EHR_JKU)) is Fault.KEY_ADDRESS


def test_a_key_of_one_issuer_does_not_speak_for_another(
    opened: Callable[..., Callers], web: responses.RequestsMock
) -> None:
    """Even if both call their keys the same."""
    web.get(EHR_JKU, body=key_set(public(EC, kid="1")), content_type="application/json")
    web.get(CLINIC_JKU, body=key_set(public(CLINIC_KEY, kid="1")), content_type="application/json")
    callers = opened(FETCHED, {"iss": CLINIC, "jku": CLINIC_JKU})
    assert callers.trust(bearer(EC, kid="1"), PATH) == CdsClient(issuer=EHR)
    assert callers.trust(bearer(CLINIC_KEY, kid="1", iss=CLINIC), PATH) == CdsClient(issuer=CLINIC)
    assert refused(callers, bearer(CLINIC_KEY, kid="1")) is Fault.SIGNATURE


def test_configured_algorithms_replace_the_usual_ones(
    opened: Callable[..., Callers], web: responses.RequestsMock
) -> None:
    """With ES384 alone the token that RSA signs is refused."""
    web.get(EHR_JKU, body=key_set(EC, RSA), content_type="application/json")
    callers = opened(FETCHED, ALGORITHMS="ES384")
    assert callers.trust(bearer(), PATH) == CdsClient(issuer=EHR)
    assert refused(callers, bearer(RSA, alg="RS384")) is Fault.ALGORITHM


SANDBOX = "https://sandbox.cds-hooks.org"


def sandbox_bearer(aud: str, key: Signing) -> str:
    """A header as the public sandbox makes it: half a second ahead at most, and five minutes long."""
    now = round(time.time())
    head = {"alg": "ES384", "typ": "JWT", "kid": "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"}
    head["jku"] = f"{SANDBOX}/.well-known/jwks.json"
    body = {"iss": SANDBOX, "aud": aud, "exp": now + 300, "iat": now, "jti": str(uuid4())}
    return "Bearer " + minted(head, body, key, "ES384")


@pytest.fixture
def sandbox_key(monkeypatch: pytest.MonkeyPatch) -> Signing:
    """A key of ours in the place of the sandbox's, to sign with."""
    kid = "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"
    keys = {kid: (EC,)}

    def ours(fhir_servers: tuple[str, ...]) -> Issuer:
        facts = issuers_module.public_sandbox(fhir_servers)
        assert facts.keys is not None
        assert set(facts.keys) == {kid}
        return Issuer(name=facts.name, keys=keys, jku=facts.jku, fhir_servers=facts.fhir_servers)

    monkeypatch.setattr("service.access.callers.public_sandbox", ours)
    return EC


@pytest.mark.parametrize("path", ["/cds-services", PATH, PATH + "/feedback"])
def test_the_public_sandbox_may_call_where_development_allows_it(
    opened: Callable[..., Callers], web: responses.RequestsMock, sandbox_key: Signing, path: str
) -> None:
    """On discovery, calls and feedback; no keys are fetched, the servers are those of the settings."""
    callers = opened(AUTH="jwt", MODE="development", TRUST_PUBLIC_SANDBOX="true", FHIR_SERVERS=FHIR)
    caller = callers.trust(sandbox_bearer(BASE + path, sandbox_key), path)
    assert caller == CdsClient(issuer=SANDBOX)
    assert callers.fhir_servers(caller) == (FHIR,)
    assert len(web.calls) == 0


def test_the_public_sandbox_is_a_stranger_otherwise(
    opened: Callable[..., Callers], sandbox_key: Signing
) -> None:
    """Its private key is public, so it is let in only by its own switch."""
    sent = sandbox_bearer(BASE + PATH, sandbox_key)
    assert refused(opened(FETCHED, MODE="development"), sent) is Fault.ISSUER


def test_the_key_of_the_public_sandbox_speaks_for_nobody_else(
    opened: Callable[..., Callers], web: responses.RequestsMock
) -> None:
    """Issuers that are listed keep their own."""
    web.get(EHR_JKU, body=key_set(EC), content_type="application/json")
    callers = opened(FETCHED, MODE="development", TRUST_PUBLIC_SANDBOX="true")
    assert callers.trust(bearer(), PATH) == CdsClient(issuer=EHR)
    assert refused(callers, sandbox_bearer(BASE + PATH, STRANGER_EC)) is Fault.SIGNATURE

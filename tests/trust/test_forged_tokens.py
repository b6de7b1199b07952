"""Forged tokens over HTTP: each is refused like every other; its twin, which differs in one thing, is not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cds_hooks.jwt import TrustedIssuer, jwt_trust
from cds_hooks.keys import KeySource, read_keys
from cds_hooks.service import OfferedService, Reply
from cds_hooks.trust import CdsClient, Fault, Trust, UnauthorizedError
from cds_hooks.web import blueprint, configure
from service.access.used_tokens import UsedTokens
from tests.cds_hooks.example import BOOSTER_DUE, MAX_BODY_BYTES, PATIENT_VIEW, call
from tests.trust.forgeries import Forgery, Sent, elliptic, forgeries, plain
from tests.trust.minting import (
    BASE,
    CLINIC,
    CLINIC_JKU,
    CLINIC_KEY,
    EHR,
    EHR_JKU,
    EHR_KEYS,
    LEFT_OUT,
    NOW,
    TENANT,
    claims,
    header,
    key_set,
    minted,
)

FORGERIES = list(forgeries())
DISCOVERY = "/cds-services"
SERVICE = f"/cds-services/{PATIENT_VIEW.id}"
FEEDBACK = f"{SERVICE}/feedback"
PATHS = (DISCOVERY, SERVICE, FEEDBACK)
OUTCOME = {"card": BOOSTER_DUE.uuid, "outcome": "overridden", "outcomeTimestamp": "2026-03-02T10:00:00Z"}


@dataclass(frozen=True)
class Server:
    """An application that trusts two issuers, and who called it."""

    trust: Trust
    callers: list[CdsClient] = field(default_factory=list)

    def asked(self, path: str, authorization: str | None) -> TestResponse:
        """What it answers on `path`."""
        headers: Mapping[str, str] = {} if authorization is None else {"Authorization": authorization}
        client = self.app().test_client()
        if path.rstrip("/").endswith(DISCOVERY):
            return client.get(path, headers=headers)
        body = {"feedback": [OUTCOME]} if path == FEEDBACK else call(PATIENT_VIEW.hook)
        return client.post(path, headers=headers, json=body)

    def app(self) -> Flask:
        """The application, as a service joins it."""
        offered = OfferedService(service=PATIENT_VIEW, handler=lambda *_: Reply(cards=[BOOSTER_DUE]))
        app = Flask(__name__)
        configure(app, cors_origins=())
        app.register_blueprint(
            blueprint(
                [offered],
                max_body_bytes=MAX_BODY_BYTES,
                trust=self.trust,
                admit=self.callers.append,
                on_feedback=lambda *_: None,
            )
        )
        return app


def pinned(text: bytes) -> KeySource:
    """Keys as a file holds them."""
    keys = read_keys(text)
    return lambda kid: keys.get(kid, ())


EHR_ISSUER = TrustedIssuer(
    name=EHR,
    keys=pinned(EHR_KEYS),
    jku=EHR_JKU,
    tenants=frozenset({TENANT, "ward-9"}),
)
CLINIC_ISSUER = TrustedIssuer(name=CLINIC, keys=pinned(key_set(CLINIC_KEY)), jku=CLINIC_JKU)


def trusting(*algorithms: str) -> Trust:
    """The trust in both issuers, with nothing used yet."""
    return jwt_trust(
        [EHR_ISSUER, CLINIC_ISSUER],
        algorithms=algorithms or ("RS384", "ES384"),
        base_url=BASE,
        now=lambda: float(NOW),
        use_once=UsedTokens(lambda *_: True, lambda: float(NOW)).use_once,
    )


@pytest.fixture
def server() -> Server:
    """A server that nobody has called yet."""
    return Server(trusting())


def seen(answer: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that a caller sees of an answer."""
    return answer.status_code, sorted(answer.headers.to_wsgi_list()), answer.data


def each(*paths: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test for every forgery on these paths."""
    cases = [pytest.param(path, one, id=f"{one.name} at {path}") for path in paths for one in FORGERIES]
    return pytest.mark.parametrize(("path", "forgery"), cases)


@each(*PATHS)
def test_a_forged_token_is_refused_like_every_other_and_its_twin_is_not(
    server: Server, path: str, forgery: Forgery
) -> None:
    """Status, headers and bytes are those of a call without a token, whatever the fault."""
    refused = server.asked(path, forgery.forged(BASE + path))
    assert seen(refused) == seen(server.asked(path, None))
    assert refused.status_code == 401
    assert server.asked(path, forgery.twin(BASE + path)).status_code == 200


@each(SERVICE)
def test_the_service_itself_learns_what_was_wrong(server: Server, path: str, forgery: Forgery) -> None:
    """The reason is one of a few words, for the log and the count."""
    with pytest.raises(UnauthorizedError) as refused:
        server.trust(forgery.forged(BASE + path), path)
    assert refused.value.reason is forgery.fault


def test_every_reason_is_among_the_forgeries_but_for_the_replay() -> None:
    """No check is left without a token that only it refuses."""
    assert {forgery.fault for forgery in FORGERIES} == set(Fault) - {Fault.REPLAYED}


def test_there_is_one_answer_to_all_faults_on_all_paths(server: Server) -> None:
    """It says that a token is needed and how to send it, and nothing of this one."""
    answers = {path: server.asked(path, "Bearer a.b.c") for path in PATHS}
    assert len({str(seen(answer)) for answer in answers.values()}) == 1
    answer = answers[DISCOVERY]
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json() == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "login",
                "details": {"text": "expected a valid bearer token"},
            }
        ],
    }


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("usual", [plain, elliptic])
def test_a_valid_token_names_the_caller(server: Server, path: str, usual: Sent) -> None:
    """RS384 and ES384 are both accepted, and the issuer and the tenant are known from then on."""
    assert server.asked(path, usual(BASE + path)).status_code == 200
    assert server.callers == [CdsClient(issuer=EHR, tenant=TENANT)]


@pytest.mark.parametrize("path", PATHS)
def test_a_token_is_good_for_one_call(server: Server, path: str) -> None:
    """The second time it is refused like any forged one."""
    sent = plain(BASE + path)
    assert server.asked(path, sent).status_code == 200
    assert seen(server.asked(path, sent)) == seen(server.asked(path, None))
    with pytest.raises(UnauthorizedError) as refused:
        server.trust(sent, path)
    assert refused.value.reason is Fault.REPLAYED


def test_two_issuers_may_use_the_same_token_id(server: Server) -> None:
    """An id is unique with its issuer only."""
    ours = minted(header(), claims(BASE + SERVICE, jti="1"))
    theirs = minted(
        header(alg="ES384", kid="clinic"),
        claims(BASE + SERVICE, jti="1", iss=CLINIC, tenant=LEFT_OUT),
        CLINIC_KEY,
        "ES384",
    )
    assert [server.asked(SERVICE, f"Bearer {token}").status_code for token in (ours, theirs)] == [200, 200]


def test_a_forged_token_does_not_use_up_the_id_of_a_valid_one(server: Server) -> None:
    """Only who can sign can use an id."""
    valid = minted(header(), claims(BASE + SERVICE, jti="1"))
    content, _, signature = valid.rpartition(".")
    assert server.asked(SERVICE, f"Bearer {content}.AAAA{signature[4:]}").status_code == 401
    assert server.asked(SERVICE, f"Bearer {valid}").status_code == 200


def test_a_tenant_that_is_not_listed_is_not_kept(server: Server) -> None:
    """Where an issuer lists no tenants, what its tokens name goes no further."""
    token = minted(
        header(alg="ES384", kid="clinic"), claims(BASE + SERVICE, iss=CLINIC, tenant="x"), CLINIC_KEY, "ES384"
    )
    assert server.asked(SERVICE, f"Bearer {token}").status_code == 200
    assert server.callers == [CdsClient(issuer=CLINIC)]


@pytest.mark.parametrize("called", [SERVICE + "/", DISCOVERY + "/"])
def test_the_audience_is_the_address_as_it_was_called(server: Server, called: str) -> None:
    """A trailing slash belongs to the URL where the client called with one."""
    assert server.asked(called, plain(BASE + called)).status_code == 200
    assert server.asked(called, plain(BASE + called.rstrip("/"))).status_code == 401


@pytest.mark.parametrize("elsewhere", PATHS)
@pytest.mark.parametrize("path", PATHS)
def test_a_token_for_one_path_is_good_for_no_other(server: Server, path: str, elsewhere: str) -> None:
    """Discovery, a call and feedback each need a token of their own."""
    expected = 200 if path == elsewhere else 401
    assert server.asked(path, plain(BASE + elsewhere)).status_code == expected


def test_only_the_listed_algorithms_count() -> None:
    """A server that lists ES384 alone refuses the token that another one accepts, and the other way round."""
    only_ec, only_rsa = Server(trusting("ES384")), Server(trusting("RS384"))
    assert only_ec.asked(SERVICE, plain(BASE + SERVICE)).status_code == 401
    assert only_ec.asked(SERVICE, elliptic(BASE + SERVICE)).status_code == 200
    assert only_rsa.asked(SERVICE, elliptic(BASE + SERVICE)).status_code == 401
    assert only_rsa.asked(SERVICE, plain(BASE + SERVICE)).status_code == 200


def test_the_token_is_looked_at_before_the_body_and_the_path(server: Server) -> None:
    """A stranger does not learn which services there are, nor what is wrong with a body."""
    client = server.app().test_client()
    assert client.post("/cds-services/unknown", data=b"{").status_code == 401
    assert client.post(SERVICE, data=b"{", content_type="text/plain").status_code == 401


def test_a_preflight_needs_no_token(server: Server) -> None:
    """A browser sends none with it."""
    asks = {"Origin": "https://ehr.example", "Access-Control-Request-Method": "POST"}
    assert server.app().test_client().options(SERVICE, headers=asks).status_code == 204

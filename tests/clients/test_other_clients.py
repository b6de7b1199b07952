"""Clients that do less, or otherwise, than the standard says: each gets an answer that it can use."""

import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient
from markdown_it import MarkdownIt

from tests.clients.test_public_sandbox import CALLS, answered
from tests.hooks.chart import CHART, SERVER, Json, call, prefetched, searchset, without
from tests.hooks.ehr import PATH, ehr, kinds, usual
from tests.hooks.situations import ESKETAMINE
from tests.trust.minting import EHR, RSA, claims, header, key_set, minted

VIEW = PATH.format(hook="patient-view")
BASE = "http://127.0.0.1:8000"
TABLE_LINE = re.compile(r"^\s*\|.*\||^\s*:?-{3,}:?\s*(\||$)", re.M)


def shown(answer: Any) -> list[str]:
    """`topic indicator` of the cards of an answer."""
    assert answer.status_code == 200, answer.text
    return kinds(json.loads(answer.data)["cards"])


@pytest.fixture
def guarded(tmp_path: Path) -> dict[str, str]:
    """Settings of a service that knows one EHR by its RSA key."""
    (tmp_path / "keys.json").write_bytes(key_set(RSA))
    (tmp_path / "issuers.json").write_text(json.dumps([{"iss": EHR, "jwks": "keys.json"}]))
    return {"KETAMINE_CDS_ISSUERS": str(tmp_path / "issuers.json"), "KETAMINE_CDS_PUBLIC_URL": BASE}


def rs256(path: str) -> dict[str, str]:
    """A header with a token that is signed by RS256, for a call of `path` now."""
    now = int(time.time())
    body = claims(BASE + path, iat=now, exp=now + 300, jti=str(uuid.uuid4()))
    return {"Authorization": "Bearer " + minted(header(alg="RS256"), body, RSA, "RS256")}


def asked(client: FlaskClient, path: str = VIEW, body: Json | None = None, /, **headers: str) -> Any:
    """The answer to a call that recommends a referral."""
    return client.post(path, json=body or call("patient-view", prefetched(*CHART)), headers=headers)


def test_rs256_where_everyone_is_answered() -> None:
    """A token of whatever kind is not looked at by a service that asks nobody who they are."""
    for token in (rs256(VIEW)["Authorization"], "Bearer nonsense", "Basic eDp5"):
        assert shown(asked(usual(), Authorization=token)) == ["recommend info"]


def test_rs256_where_callers_are_known(guarded: dict[str, str]) -> None:
    """Accepted where the operator has listed the algorithm, else 401, which names the scheme."""
    listed = ehr(**guarded, KETAMINE_CDS_ALGORITHMS="RS256,ES384")
    assert shown(asked(listed, **rs256(VIEW))) == ["recommend info"]
    refusal = asked(ehr(**guarded), **rs256(VIEW))
    assert refusal.status_code == 401
    assert refusal.headers["WWW-Authenticate"].startswith("Bearer")
    assert json.loads(refusal.data)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("called", [VIEW, f"{VIEW}/", VIEW.replace("/ket", "//ket")])
def test_slashes(guarded: dict[str, str], called: str) -> None:
    """An address with a slash too many leads where it means to; its token names it as it was called."""
    assert shown(asked(usual(), called)) == ["recommend info"]
    known = ehr(**guarded, KETAMINE_CDS_ALGORITHMS="RS256")
    assert shown(asked(known, called, **rs256(called))) == ["recommend info"]
    assert asked(known, called, **rs256(f"{called}x")).status_code == 401


def test_no_token() -> None:
    """A client without tokens is answered where everyone is."""
    assert shown(asked(usual())) == ["recommend info"]


def test_constant_hook_instance() -> None:
    """The same hookInstance in each call is no reason for another answer."""
    body = call("patient-view", prefetched(*CHART)) | {"hookInstance": str(uuid.UUID(int=0))}
    assert [shown(asked(usual(), VIEW, body)) for _ in range(3)] == [["recommend info"]] * 3


def test_members_that_nobody_knows() -> None:
    """What is not of the standard is passed over, wherever it stands."""
    body = call("patient-view", prefetched(*CHART), vendorRoom="12") | {
        "vendor": {"a": [1]},
        "extension": {"com.example": {"b": None}},
        "prefetch": prefetched(*CHART) | {"vendorList": {"resourceType": "Bundle", "type": "searchset"}},
    }
    assert shown(asked(usual(), VIEW, body)) == ["recommend info"]


def test_no_prefetch() -> None:
    """Without data and without leave to read them: 412, which names what is needed."""
    refusal = asked(usual(), VIEW, without("prefetch", call("patient-view", prefetched(*CHART))))
    assert refusal.status_code == 412
    text = refusal.text
    assert all(key in text for key in ("patient", "conditions", "medicationRequests"))


def test_the_request_generator_of_crd() -> None:
    """Its own code gives each call the same id, an empty token and one list under a key of its own.

    It was driven in a browser as it stood on 11 July 2025; the service reads from the FHIR server what lacks.
    """
    orders = [{"resource": ESKETAMINE}, *({"resource": one} for one in CHART if one["id"] == "sertraline")]
    body = call("order-sign", None, [ESKETAMINE], encounterId="enc89284") | {
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": SERVER,
        "fhirAuthorization": {
            "access_token": "",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/Patient.read patient/Observation.read",
            "subject": "cds-service4",
        },
        "extension": {"davinci-crd.configuration": {"alt-drug": True}},
        "prefetch": {
            "medicationRequestBundle": {"resourceType": "Bundle", "type": "collection", "entry": orders}
        },
    }
    reading = ehr(KETAMINE_CDS_FHIR_SERVERS=SERVER)
    with responses.RequestsMock() as web:
        web.add_callback("GET", re.compile(re.escape(SERVER)), _fhir_server)
        for _ in range(2):
            assert shown(asked(reading, PATH.format(hook="order-sign"), body)) == ["order-check info"]


def _fhir_server(request: Any) -> tuple[int, dict[str, str], str]:
    """The answer to a read of the patient or a search, whatever it asks for besides the type."""
    kind, *ids = request.url.removeprefix(f"{SERVER}/").partition("?")[0].split("/")
    found = [one for one in CHART if one["resourceType"] == kind]
    answer = found[0] if ids else searchset(kind, found)
    return 200, {"Content-Type": "application/fhir+json"}, json.dumps(answer)


def every_card() -> list[Json]:
    """A card of each kind that the captured calls get, and an order check."""
    orders = json.loads(asked(usual(), PATH.format(hook="order-sign"), _ordered()).data)["cards"]
    return [*orders, *(card for name in CALLS for card in answered(name)["cards"])]


def _ordered() -> Json:
    return call("order-sign", prefetched(*CHART), [ESKETAMINE])


def test_details_are_commonmark_alone() -> None:
    """No table, no HTML and nothing else that a plain renderer would show as characters."""
    found = every_card()
    assert len({card["source"]["topic"]["code"] for card in found}) == 6
    plain = MarkdownIt("commonmark")
    for card in found:
        assert not TABLE_LINE.search(card["detail"])
        types = {token.type for token in plain.parse(card["detail"])}
        assert types.isdisjoint({"html_block", "code_block", "fence", "hr", "heading_open"})
        assert "**" not in re.sub("<[^>]*>", "", plain.render(card["detail"]))

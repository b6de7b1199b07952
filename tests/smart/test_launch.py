"""The launch and its end: what happens when everybody does as they should, and when somebody does not."""

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.fetch.http_client import Outbound
from service.web.smart import authorization
from service.web.smart.authorization import (
    CONFIGURATION,
    FAILURE_SECONDS,
    KEPT_SECONDS,
    SCOPE,
    Configurations,
)
from service.web.smart.faults import STATUS, LaunchError, LaunchFault
from service.web.smart.routes import CALLBACK, LAUNCH
from tests.smart.calls import PUBLIC, app, back, launched, let_in, query_of, visit, whole
from tests.smart.ehr import CLIENT, USER, Answer, Ehr, Json, configuration, of_json, token_answer

DISCOVERY = f"/fhir{CONFIGURATION}"
TOKEN = "/auth/token"


@pytest.fixture(scope="module")
def set_up(started_ehr: Ehr, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The app, which the EHR may launch."""
    with app(tmp_path_factory.mktemp("app"), started_ehr.base) as client:
        yield client


@pytest.fixture
def client(set_up: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser without cookies, and an app that keeps nothing of what an EHR says of itself."""
    monkeypatch.setattr(authorization, "KEPT_SECONDS", -1.0)
    monkeypatch.setattr(authorization, "FAILURE_SECONDS", -1.0)
    return set_up.application.test_client()


def refused(answer: TestResponse, fault: LaunchFault) -> None:
    """Fail unless the answer is the readable page about this fault, with its status."""
    assert answer.status_code == STATUS[fault], answer.text
    assert answer.mimetype == "text/html"
    assert f"<code>{fault.value}</code>" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


class TestWhole:
    """A launch in which everybody does as they should."""

    def test_the_evidence_is_shown(self, client: FlaskClient, hospital: Ehr) -> None:
        """By what the EHR verified: PKCE, redirect address, client, audience, launch."""
        page = whole(client, hospital)
        assert page.status_code == 200, page.text
        assert hospital.faults == []
        for expected in (
            "sertraline",
            "venlafaxine",
            "SNRI",
            "2 counted",
            USER,
            hospital.base,
            "read in full",
        ):
            assert expected in page.text

    def test_what_the_ehr_is_asked(self, client: FlaskClient, hospital: Ehr) -> None:
        """As SMART App Launch 2 wants it, and no more."""
        asked = query_of(launched(client, hospital).headers["Location"])
        assert len(asked.pop("state")) >= 43
        assert len(asked.pop("code_challenge")) == 43
        assert asked.pop("launch") in hospital.launches
        assert asked == {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": PUBLIC + CALLBACK,
            "scope": SCOPE,
            "aud": hospital.base,
            "code_challenge_method": "S256",
        }

    def test_the_page_is_kept_by_nobody(self, client: FlaskClient, hospital: Ehr) -> None:
        """No cache, no cookie, no referrer; its title is nobody's name."""
        page = whole(client, hospital)
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "Max-Age=0" in page.headers["Set-Cookie"]
        assert client.get_cookie("smart-launch", "127.0.0.1") is None
        assert "<title>Evidence for a ketamine or esketamine referral</title>" in page.text

    def test_the_policy_lets_the_ehr_frame_it_and_nothing_run(
        self, client: FlaskClient, hospital: Ehr
    ) -> None:
        """No script at all; frames of the listed FHIR servers' origins."""
        headers = whole(client, hospital).headers
        policy = headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in headers, "it knows no list, and would keep the EHR out as well"
        assert policy.startswith("default-src 'none'; style-src 'self'; ")
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert policy.endswith(f"frame-ancestors 'self' {hospital.fhir}")

    def test_an_iss_with_a_slash(self, client: FlaskClient, hospital: Ehr) -> None:
        """Says the same, and the audience is told as the EHR wrote it."""
        hospital.launches.add("x")
        answer = visit(client, f"{LAUNCH}?{urlencode({'iss': hospital.base + '/', 'launch': 'x'})}")
        assert query_of(answer.headers["Location"])["aud"] == hospital.base + "/"

    def test_lists_that_do_not_come_are_named(self, client: FlaskClient, hospital: Ehr) -> None:
        """The view is shown, and says what it does not know."""
        hospital.instead["/fhir/AllergyIntolerance"] = lambda: Answer(status=403)
        hospital.instead["/fhir/Observation"] = lambda: Answer(status=500)
        page = whole(client, hospital)
        assert page.status_code == 200
        assert "allergies: <strong>not offered by the EHR, or not to this user</strong>" in page.text
        assert "measurements and scores: <strong>no complete answer in time</strong>" in page.text

    def test_a_user_whom_the_ehr_does_not_name(self, client: FlaskClient, hospital: Ehr) -> None:
        """Is not needed; an identity token that cannot be read is none."""
        for id_token in ("", "x", "a.b.c", "a.!.c", "a.W10.c", f"a.{'A' * 9000}.c"):
            hospital.instead[TOKEN] = partial(_token, hospital, id_token=id_token)
            page = whole(client, hospital)
            assert page.status_code == 200
            assert "Opened by" not in page.text


def _token(hospital: Ehr, **other: Any) -> Answer:
    """A token, with some members as given; None leaves one out."""
    hospital.tokens.add("t")
    answer = token_answer(hospital, "t") | other
    return of_json({name: value for name, value in answer.items() if value is not None})


class TestLaunch:
    """Launches that go nowhere."""

    def test_an_ehr_is_read_once_however_many_launch(self, hospital: Ehr, tmp_path: Path) -> None:
        """Anybody may open the address of a launch, and an EHR is not read for each of them."""
        with app(tmp_path, hospital.base) as client:
            for _ in range(5):
                assert launched(client, hospital).status_code == 302
        assert hospital.heard.count(DISCOVERY) == 1

    @pytest.mark.parametrize(
        ("document", "kept"), [(Answer(status=404), FAILURE_SECONDS), (None, KEPT_SECONDS)]
    )
    def test_for_how_long_it_is_kept(self, hospital: Ehr, document: Answer | None, kept: float) -> None:
        """A failure for seconds, a document for minutes; then it is read again."""
        if document is not None:
            hospital.instead[DISCOVERY] = lambda: document
        clock = iter([0.0, 0.0, kept - 0.1, kept, kept])
        known = Configurations(Outbound(allow_http_loopback=True), lambda: next(clock))
        for times in (1, 1, 2):
            with suppress(LaunchError):
                known.of(hospital.base)
            assert hospital.heard.count(DISCOVERY) == times

    @pytest.mark.parametrize("query", ["", "iss=x", "launch=x", "iss=&launch="])
    def test_a_launch_that_lacks_something(self, client: FlaskClient, query: str) -> None:
        """As when somebody opens the address by hand."""
        refused(visit(client, f"{LAUNCH}?{query}"), LaunchFault.INCOMPLETE)

    @pytest.mark.parametrize(
        "iss",
        [
            "https://elsewhere.example.org/fhir",
            "{base}x",
            "{base}/x",
            "{base}//",
            "{base}?x",
            "{base}#x",
            "{base}/../fhir",
            "https://169.254.169.254/",
            "{fhir}",
            " {base}",
        ],
    )
    def test_an_ehr_that_is_not_listed(self, client: FlaskClient, hospital: Ehr, iss: str) -> None:
        """Is not asked anything: the address must be one of the list, not like one."""
        iss = iss.format(base=hospital.base, fhir=hospital.fhir)
        refused(visit(client, f"{LAUNCH}?{urlencode({'iss': iss, 'launch': 'x'})}"), LaunchFault.UNKNOWN_EHR)
        assert hospital.heard == []

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(status=404),
            Answer(status=500),
            Answer(status=302, fields={"Location": "/fhir/elsewhere"}),
            Answer(body=b"<html>", media="text/html"),
            Answer(body=b"[" * 300_000),
        ],
        ids=["none", "broken", "redirect", "page", "huge"],
    )
    def test_no_document(self, client: FlaskClient, hospital: Ehr, answer: Answer) -> None:
        """No redirect is followed, nothing endless is read."""
        hospital.instead[DISCOVERY] = lambda: answer
        refused(launched(client, hospital), LaunchFault.UNREACHABLE_EHR)
        assert hospital.heard == [DISCOVERY]

    @pytest.mark.parametrize(
        "other",
        [
            {"token_endpoint": "https://169.254.169.254/latest/api/token"},
            {"token_endpoint": "https://[::ffff:169.254.169.254]/token"},
            {"token_endpoint": "http://login.example.org/token"},
            {"token_endpoint": "file:///etc/passwd"},
            {"token_endpoint": ""},
            {"token_endpoint": 7},
            {"token_endpoint": None},
            {"authorization_endpoint": "http://login.example.org/authorize"},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"authorization_endpoint": "//evil.example.org"},
            {"authorization_endpoint": "https://user@login.example.org/"},
            {"authorization_endpoint": "https://login.example.org/\r\nSet-Cookie: a=b"},
            {"authorization_endpoint": None},
            {"code_challenge_methods_supported": ["plain"]},
            {"code_challenge_methods_supported": None},
        ],
        ids=str,
    )
    def test_a_hostile_document(self, client: FlaskClient, hospital: Ehr, other: Json) -> None:
        """Addresses that are not secure, and servers without PKCE, are not used."""
        document = {**configuration(hospital), **other}
        hospital.instead[DISCOVERY] = lambda: of_json(document)
        answer = launched(client, hospital)
        refused(answer, LaunchFault.UNFIT_EHR)
        assert "Location" not in answer.headers
        assert "Set-Cookie" not in answer.headers

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"[" * 9_000, b"\xff"])
    def test_no_json(self, client: FlaskClient, hospital: Ehr, body: bytes) -> None:
        """Whatever it is."""
        hospital.instead[DISCOVERY] = lambda: Answer(body=body)
        refused(launched(client, hospital), LaunchFault.UNFIT_EHR)


class TestReturn:
    """Users who are sent back, and do not get to see anything."""

    def test_without_a_launch(self, client: FlaskClient) -> None:
        """A code that somebody else was given shows nothing."""
        refused(visit(client, f"{CALLBACK}?code=x&state=y"), LaunchFault.EXPIRED)

    def test_with_another_state(self, client: FlaskClient, hospital: Ehr) -> None:
        """The code is not exchanged; the launch that was begun can still end well."""
        address = let_in(launched(client, hospital))
        refused(visit(client, f"{CALLBACK}?code=x&state=y"), LaunchFault.MISMATCH)
        refused(visit(client, f"{CALLBACK}?code=x"), LaunchFault.MISMATCH)
        assert TOKEN not in hospital.heard
        assert back(client, address).status_code == 200

    def test_a_page_that_is_loaded_again(self, client: FlaskClient, hospital: Ehr) -> None:
        """Says that it has to be launched again."""
        address = let_in(launched(client, hospital))
        assert back(client, address).status_code == 200
        refused(back(client, address), LaunchFault.EXPIRED)
        assert hospital.heard.count(TOKEN) == 1

    def test_a_stolen_address_and_cookie(self, client: FlaskClient, hospital: Ehr) -> None:
        """Are worth nothing once the page was shown: the EHR takes a code once."""
        answer = launched(client, hospital)
        cookie, address = answer.headers["Set-Cookie"].split(";")[0], let_in(answer)
        assert back(client, address).status_code == 200
        client.set_cookie(*cookie.split("="), domain="127.0.0.1")
        refused(back(client, address), LaunchFault.TOKEN_REFUSED)

    def test_a_stolen_code_without_its_cookie(self, client: FlaskClient, hospital: Ehr) -> None:
        """In a launch of the thief's own: the verifier is another, so the EHR gives nothing."""
        code = query_of(let_in(launched(client, hospital)))["code"]
        own = query_of(launched(client, hospital).headers["Location"])
        answer = visit(client, f"{CALLBACK}?{urlencode({'code': code, 'state': own['state']})}")
        refused(answer, LaunchFault.TOKEN_REFUSED)

    @pytest.mark.parametrize("query", ["error=access_denied", "error=invalid_scope&code=x", "", "code="])
    def test_an_ehr_that_does_not_let_in(self, client: FlaskClient, hospital: Ehr, query: str) -> None:
        """Nothing that it wrote is repeated."""
        state = query_of(launched(client, hospital).headers["Location"])["state"]
        described = "&error_description=<script>planted</script>"
        answer = visit(client, f"{CALLBACK}?state={state}&{query}{described}")
        refused(answer, LaunchFault.DENIED)
        assert "planted" not in answer.text
        assert "access_denied" not in answer.text
        assert TOKEN not in hospital.heard

    @pytest.mark.parametrize(
        "answer",
        [
            of_json({"error": "invalid_grant"}, status=400),
            Answer(status=500),
            Answer(status=302, fields={"Location": "/auth/elsewhere"}),
            Answer(body=b"x" * 300_000),
            Answer(body=b"{"),
            of_json({"access_token": "t"}),
            of_json({"access_token": "t", "token_type": "MAC", "patient": "vignette"}),
            of_json({"access_token": "t\r\nx: y", "token_type": "Bearer", "patient": "vignette"}),
            of_json({"access_token": "", "token_type": "Bearer", "patient": "vignette"}),
        ],
        ids=["400", "500", "redirect", "huge", "no json", "no type", "type", "line break", "empty"],
    )
    def test_no_token(self, client: FlaskClient, hospital: Ehr, answer: Answer) -> None:
        """Nothing is read."""
        hospital.instead[TOKEN] = lambda: answer
        refused(whole(client, hospital), LaunchFault.TOKEN_REFUSED)
        assert not any(path.startswith("/fhir/P") for path in hospital.heard)
        assert client.get_cookie("smart-launch", "127.0.0.1") is None

    @pytest.mark.parametrize("patient", [None, "", "a/b", "../x", "a b", "é", "x" * 65])
    def test_no_patient(self, client: FlaskClient, hospital: Ehr, patient: str | None) -> None:
        """Or something that is no id."""
        hospital.instead[TOKEN] = lambda: _token(hospital, patient=patient)
        refused(whole(client, hospital), LaunchFault.NO_PATIENT)

    @pytest.mark.parametrize("patient", [".", ".."])
    def test_an_id_that_leads_elsewhere(self, client: FlaskClient, hospital: Ehr, patient: str) -> None:
        """Is not read."""
        hospital.instead[TOKEN] = lambda: _token(hospital, patient=patient)
        refused(whole(client, hospital), LaunchFault.UNREAD)

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(status=401),
            Answer(status=404),
            Answer(status=500),
            Answer(body=b"x" * 9_000_000),
            of_json({"resourceType": "OperationOutcome", "issue": []}),
            Answer(body=b"{"),
            of_json([]),
        ],
        ids=["401", "404", "500", "huge", "outcome", "no json", "array"],
    )
    def test_a_patient_who_cannot_be_read(self, client: FlaskClient, hospital: Ehr, answer: Answer) -> None:
        """There is nothing to show then."""
        hospital.instead[f"/fhir/Patient/{hospital.patient_id}"] = lambda: answer
        refused(whole(client, hospital), LaunchFault.UNREAD)

    def test_another_patient(self, client: FlaskClient, hospital: Ehr) -> None:
        """Is not shown, be it instead of the right one or beside them."""
        other = {"resourceType": "Patient", "id": "somebody-else", "name": [{"text": "planted"}]}
        hospital.instead[f"/fhir/Patient/{hospital.patient_id}"] = lambda: of_json(other)
        answer = whole(client, hospital)
        refused(answer, LaunchFault.OTHER_PATIENT)
        assert "planted" not in answer.text
        hospital.instead.clear()
        conditions = [one for one in hospital.resources if one["resourceType"] == "Condition"]
        entries = [{"resource": one} for one in (other, *conditions)]
        mixed = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        hospital.instead["/fhir/Condition"] = lambda: of_json(mixed)
        refused(whole(client, hospital), LaunchFault.OTHER_PATIENT)

    def test_a_fault_of_ours(
        self,
        client: FlaskClient,
        hospital: Ehr,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Is a readable page too, and the log has the place."""

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("planted")

        monkeypatch.setattr("service.web.smart.routes.evidence", fail)
        answer = whole(client, hospital)
        refused(answer, LaunchFault.FAILED)
        assert "planted" not in answer.text

    def test_too_many_at_once(
        self, client: FlaskClient, hospital: Ehr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Half of a worker's threads stay free for the hooks."""
        monkeypatch.setattr("service.web.smart.routes.PLACES", 0)
        with app(tmp_path, hospital.base) as busy:
            refused(launched(busy, hospital), LaunchFault.BUSY)


class TestSetUp:
    """Where the app may be launched from."""

    def test_without_a_client_id_there_is_no_app(self, hospital: Ehr, tmp_path: Path) -> None:
        """The addresses are unknown."""
        with app(tmp_path, hospital.base, client_id=None) as client:
            assert visit(client, LAUNCH).status_code == 404
            assert visit(client, CALLBACK).status_code == 404

    def test_servers_of_every_issuer_count(self, hospital: Ehr, tmp_path: Path) -> None:
        """An EHR that may call may launch."""
        entry = {"iss": "ehr", "jku": "https://ehr.example.org/keys", "fhirServers": [hospital.base]}
        (tmp_path / "issuers.json").write_text(json.dumps([entry]))
        with app(tmp_path, ISSUERS=str(tmp_path / "issuers.json")) as client:
            assert whole(client, hospital).status_code == 200

    def test_over_https_the_cookie_is_bound_to_the_host(self, hospital: Ehr, tmp_path: Path) -> None:
        """As the public address says, whatever the proxy passes on."""
        with app(tmp_path, hospital.base, PUBLIC_URL="https://cds.example.org") as client:
            hospital.launches.add("x")
            answer = visit(client, f"{LAUNCH}?{urlencode({'iss': hospital.base, 'launch': 'x'})}")
        assert answer.headers["Set-Cookie"].startswith("__Host-smart-launch=")
        assert query_of(answer.headers["Location"])["redirect_uri"] == f"https://cds.example.org{CALLBACK}"

    def test_in_production_this_machine_is_no_ehr(self, hospital: Ehr, tmp_path: Path) -> None:
        """Neither is an authorization server without TLS."""
        with pytest.raises(Exception, match="FHIR_SERVERS"), app(tmp_path, hospital.base, MODE="production"):
            pass


def test_nothing_of_the_launch_is_logged(
    client: FlaskClient, hospital: Ehr, caplog: pytest.LogCaptureFixture
) -> None:
    """Lines have the route, the status, and a word for what went wrong."""
    with caplog.at_level(logging.INFO, "service"):
        address = let_in(launched(client, hospital))
        back(client, address)
        back(client, address)
    told = [record.told for record in caplog.records if hasattr(record, "told")]
    assert [(line["event"], line["status"], line.get("reason")) for line in told] == [
        ("smart_launch", 302, None),
        ("smart_callback", 200, None),
        ("smart_callback", 400, "expired"),
    ]
    secrets = [*hospital.tokens, *hospital.launches, *query_of(address).values(), hospital.patient_id]
    assert not any(secret in str(told) or secret in caplog.text for secret in secrets)

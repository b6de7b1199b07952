"""The routes, as a client of HTTP sees them: answers, refusals, failures, and that no path redirects."""

import gzip
import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_hooks.cards import Card
from cds_hooks.request import HookRequest
from cds_hooks.response import ResponseSchema
from cds_hooks.service import Answered, OfferedService, Reply, discovery
from cds_hooks.trust import CdsClient
from cds_hooks.web import blueprint, configure
from tests.cds_hooks.example import (
    BOOSTER_DUE,
    EHR,
    MAX_BODY_BYTES,
    NOT_CHECKED,
    ORDER_SELECT,
    ORDER_SIGN,
    PATIENT_VIEW,
    application,
    booster,
    call,
)

PATIENT_VIEW_PATH = f"/cds-services/{PATIENT_VIEW.id}"


@pytest.fixture
def client() -> FlaskClient:
    """A client of the example."""
    return application().test_client()


def posted(client: FlaskClient, body: Any, path: str = PATIENT_VIEW_PATH, **more: Any) -> TestResponse:
    """The answer to `body` posted as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, data=content, **({"content_type": "application/json"} | more))


def issue(answer: TestResponse, status: int) -> dict[str, Any]:
    """The one issue of the OperationOutcome that `answer` must be."""
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    outcome = json.loads(answer.data)
    assert outcome["resourceType"] == "OperationOutcome"
    [only] = outcome["issue"]
    assert only["severity"] == "error"
    assert only["details"]["text"]
    assert isinstance(only, dict)
    return only


class TestDiscovery:
    """D-01: discovery at its address."""

    @pytest.mark.parametrize("path", ["/cds-services", "/cds-services/", "/cds-services//"])
    def test_it_answers(self, client: FlaskClient, path: str) -> None:
        """Discovery is served with and without slashes too many."""
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.content_type == "application/json"
        assert answer.json == discovery([PATIENT_VIEW, ORDER_SELECT, ORDER_SIGN])

    def test_head(self, client: FlaskClient) -> None:
        """HEAD says what GET would, without a body."""
        answer = client.head("/cds-services")
        assert (answer.status_code, answer.data) == (200, b"")

    def test_no_services(self) -> None:
        """D-02: a server without services answers with an empty list."""
        app = Flask(__name__)
        app.register_blueprint(blueprint([], max_body_bytes=1))
        assert app.test_client().get("/cds-services").json == {"services": []}


class TestCall:
    """R-01 and R-03: a call is answered with cards."""

    def test_cards(self, client: FlaskClient) -> None:
        """The cards of the service are the answer, and the closed schema accepts it."""
        answer = posted(client, call())
        assert answer.status_code == 200
        assert answer.content_type == "application/json"
        assert answer.json == {"cards": [BOOSTER_DUE.to_json()]}
        assert ResponseSchema().validate(json.loads(answer.data)) == {}

    def test_nothing_to_say(self, client: FlaskClient) -> None:
        """Nothing to say is 200 with an empty list."""
        answer = posted(client, call() | {"prefetch": {"shots": {"resourceType": "Bundle"}}})
        assert (answer.status_code, answer.json) == (200, {"cards": []})

    @pytest.mark.parametrize(
        "path",
        [
            f"/cds-services/{PATIENT_VIEW.id}/",
            f"/cds-services//{PATIENT_VIEW.id}",
            f"/cds-services///{PATIENT_VIEW.id}//",
        ],
    )
    def test_slashes_too_many(self, client: FlaskClient, path: str) -> None:
        """A call with slashes too many is served as meant: clients of CDS Hooks do not follow redirects."""
        assert posted(client, call(), path).status_code == 200

    @pytest.mark.parametrize(
        "content_type",
        [
            "application/json; charset=utf-8",
            'Application/JSON; charset="UTF-8"',
            "application/json; profile=x",
        ],
    )
    def test_parameters_of_the_content_type(self, client: FlaskClient, content_type: str) -> None:
        """JSON in UTF-8 may be declared in more than one way."""
        assert posted(client, call(), content_type=content_type).status_code == 200

    def test_routing_goes_by_service(self) -> None:
        """Two services for one hook answer their own calls."""
        other = OfferedService(
            service=type(PATIENT_VIEW)(
                id="other", hook="patient-view", title="x", description="x", prefetch={}
            ),
            handler=lambda *_: Reply(cards=[NOT_CHECKED]),
        )
        app = Flask(__name__)
        offered = [OfferedService(service=PATIENT_VIEW, handler=booster), other]
        app.register_blueprint(blueprint(offered, max_body_bytes=MAX_BODY_BYTES))
        client = app.test_client()
        assert posted(client, call(), "/cds-services/other").json == {"cards": [NOT_CHECKED.to_json()]}
        assert posted(client, call()).json == {"cards": [BOOSTER_DUE.to_json()]}


class TestRefusals:
    """Q-05, R-04 and R-06: what the caller has to change, as status and OperationOutcome."""

    def test_malformed(self, client: FlaskClient) -> None:
        """What is not JSON is 400, with the place in bytes."""
        told = issue(posted(client, b'{"hook": '), 400)
        assert (told["code"], told["expression"]) == ("structure", ["$this"])
        assert told["diagnostics"]

    def test_empty(self, client: FlaskClient) -> None:
        """No body is 400."""
        assert issue(posted(client, b""), 400)["code"] == "structure"

    def test_a_member(self, client: FlaskClient) -> None:
        """A member that is missing is 400, with its path and what was expected."""
        body = call()
        del body["context"]["patientId"]
        assert issue(posted(client, body), 400) == {
            "severity": "error",
            "code": "required",
            "details": {"text": "missing; expected the id of a FHIR Patient"},
            "expression": ["context.patientId"],
        }

    def test_another_hook(self, client: FlaskClient) -> None:
        """A call of another hook than that of the service is 400."""
        told = issue(posted(client, call("order-sign")), 400)
        assert told["expression"] == ["hook"]
        assert "`patient-view`" in told["details"]["text"]

    @pytest.mark.parametrize("name", ["unknown", "patient-view", "%00", "..", "a%20b"])
    def test_unknown_service(self, client: FlaskClient, name: str) -> None:
        """A service that is not offered is 404, whatever the body is."""
        assert issue(posted(client, b"not json", f"/cds-services/{name}"), 404)["code"] == "not-found"

    @pytest.mark.parametrize("path", ["/", "/nothing", f"{PATIENT_VIEW_PATH}/feedback", "/cds-services/a/b"])
    def test_unknown_path(self, client: FlaskClient, path: str) -> None:
        """A path that the server does not have is 404, as OperationOutcome too."""
        assert issue(client.post(path), 404)["code"] == "not-found"

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("GET", PATIENT_VIEW_PATH, {"POST", "OPTIONS"}),
            ("DELETE", f"/cds-services//{PATIENT_VIEW.id}/", {"POST", "OPTIONS"}),
            ("POST", "/cds-services", {"GET", "HEAD", "OPTIONS"}),
            ("PUT", "/cds-services/", {"GET", "HEAD", "OPTIONS"}),
        ],
    )
    def test_method(self, client: FlaskClient, method: str, path: str, allowed: set[str]) -> None:
        """Another method is 405, and Allow lists those that are served."""
        answer = client.open(path, method=method)
        assert issue(answer, 405)["code"] == "not-supported"
        assert set(answer.headers["Allow"].split(", ")) == allowed

    @pytest.mark.parametrize(
        "content_type",
        [
            "",
            "text/plain",
            "application/fhir+json",
            "application/x-www-form-urlencoded",
            "application/json; charset=latin-1",
        ],
    )
    def test_content_type(self, client: FlaskClient, content_type: str) -> None:
        """A body that is not declared as JSON in UTF-8 is 415."""
        told = issue(posted(client, call(), content_type=content_type), 415)
        assert told["expression"] == ["http.Content-Type"]

    @pytest.mark.parametrize("coding", ["br", "deflate", "identity, gzip"])
    def test_other_codings(self, client: FlaskClient, coding: str) -> None:
        """A body that is packed otherwise than with gzip is 415."""
        told = issue(posted(client, call(), headers={"Content-Encoding": coding}), 415)
        assert told["expression"] == ["http.Content-Encoding"]

    @pytest.mark.parametrize(
        "spoilt",
        [b"{}", b"", gzip.compress(b"{}")[:-1], gzip.compress(b"{}") + b"x"],
        ids=["plain", "nothing", "cut off", "more behind it"],
    )
    def test_what_is_no_gzip(self, client: FlaskClient, spoilt: bytes) -> None:
        """A body that says that it is packed, and is not or not whole, is 400."""
        told = issue(posted(client, spoilt, headers={"Content-Encoding": "gzip"}), 400)
        assert told["expression"] == ["$this"]

    def test_what_unfolds_too_far(self, client: FlaskClient) -> None:
        """A packed body is measured by what it holds; it is never unpacked further than the limit."""
        body = json.dumps(call()).encode()
        fits = gzip.compress(body.ljust(MAX_BODY_BYTES))
        assert posted(client, fits, headers={"Content-Encoding": "gzip"}).status_code == 200
        bomb = gzip.compress(body.ljust(MAX_BODY_BYTES + 1))
        assert issue(posted(client, bomb, headers={"Content-Encoding": "gzip"}), 413)["code"] == "too-long"

    def test_too_large(self, client: FlaskClient) -> None:
        """A body of the greatest length is read; one byte more is 413, and the limit is told."""
        body = json.dumps(call()).encode()
        assert posted(client, body.ljust(MAX_BODY_BYTES)).status_code == 200
        for length in (MAX_BODY_BYTES + 1, MAX_BODY_BYTES + 2, 10 * MAX_BODY_BYTES):
            told = issue(posted(client, body.ljust(length)), 413)
            assert told["code"] == "too-long"
            assert str(MAX_BODY_BYTES) in told["details"]["text"]

    def test_data_that_cannot_be_had(self, client: FlaskClient) -> None:
        """P-12: a service that lacks what it cannot do without answers 412 with the key."""
        told = issue(posted(client, call() | {"prefetch": {}}), 412)
        assert told["expression"] == ["prefetch.shots"]


class TestFailures:
    """What goes wrong in the service is no fault of the caller's, and never an empty list of cards."""

    def test_the_fallback(self, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
        """A service that fails is answered by cards that say so, and the log says where, without values."""
        answer = posted(client, call("order-select"), f"/cds-services/{ORDER_SELECT.id}")
        assert (answer.status_code, answer.json) == (200, {"cards": [NOT_CHECKED.to_json()]})
        [record] = caplog.records
        assert record.levelno == logging.ERROR
        assert "RuntimeError in broken" in record.getMessage()
        assert "Jane" not in caplog.text

    @pytest.mark.parametrize("failing", ["no fallback", "a fallback that fails", "a fallback without sense"])
    def test_without_fallback(self, failing: str, caplog: pytest.LogCaptureFixture) -> None:
        """Where the fallback is missing or fails too, 500 says nothing about the inside."""

        def fallback(_request: HookRequest, _caller: CdsClient, _failure: Exception) -> Sequence[Card]:
            if failing == "a fallback that fails":
                raise RuntimeError("no fallback for Jane Roe")
            return [NOT_CHECKED, NOT_CHECKED]

        client = application(None if failing == "no fallback" else fallback).test_client()
        answer = posted(client, call("order-select"), f"/cds-services/{ORDER_SELECT.id}")
        assert issue(answer, 500)["code"] == "exception"
        assert b"Jane" not in answer.data
        assert caplog.records
        assert "Jane" not in caplog.text

    def test_an_answer_that_cannot_be_noted(self, caplog: pytest.LogCaptureFixture) -> None:
        """It is given all the same, and the log says where the noting failed, without values."""

        def forgetful(_: Answered) -> None:
            raise RuntimeError("no room for Jane Roe")

        app = Flask(__name__, static_folder=None)
        configure(app, cors_origins=())
        offered = [OfferedService(service=PATIENT_VIEW, handler=lambda *_: Reply(cards=[]))]
        app.register_blueprint(blueprint(offered, max_body_bytes=MAX_BODY_BYTES, on_answered=forgetful))
        answer = posted(app.test_client(), call(), f"/cds-services/{PATIENT_VIEW.id}")
        assert (answer.status_code, answer.json) == (200, {"cards": []})
        [record] = caplog.records
        assert "RuntimeError in forgetful" in record.getMessage()
        assert "Jane" not in caplog.text

    def test_elsewhere(self, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
        """A route of the application that fails answers 500 with an OperationOutcome, too."""
        answer = client.get("/broken")
        assert issue(answer, 500)["code"] == "exception"
        assert "Jane" not in answer.text + caplog.text


class TestNoRedirects:
    """No CDS path redirects, whatever slashes it has."""

    @pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "PUT"])
    @pytest.mark.parametrize(
        "tail", ["", "/", "//", f"/{PATIENT_VIEW.id}", f"//{PATIENT_VIEW.id}//", "/x/", "//x//y"]
    )
    def test_none(self, client: FlaskClient, method: str, tail: str) -> None:
        """Every method at every spelling of a path is answered on the spot."""
        status = client.open(f"/cds-services{tail}", method=method, headers={"Origin": EHR}).status_code
        assert not 300 <= status < 400

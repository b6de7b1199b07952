"""Calls from the pages of browser-based clients."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.cds_hooks.example import EHR, MAX_BODY_BYTES, PATIENT_VIEW, application

PATH = f"/cds-services/{PATIENT_VIEW.id}"
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def client() -> FlaskClient:
    """A client of an example that is open to one origin."""
    return application().test_client()


def preflight(client: FlaskClient, path: str, origin: str) -> TestResponse:
    """The answer to what a browser asks before it posts JSON with a token."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return client.options(path, headers=asked)


class TestPreflight:
    """J-12: a preflight passes at every path."""

    @pytest.mark.parametrize(
        "path", ["/cds-services", PATH, f"/cds-services//{PATIENT_VIEW.id}/", "/nothing", "/broken"]
    )
    def test_it_passes(self, client: FlaskClient, path: str) -> None:
        """A listed origin learns methods and headers by name, Authorization among them."""
        answer = preflight(client, path, EHR)
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == EHR
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
        assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
        assert int(answer.headers["Access-Control-Max-Age"]) > 0
        assert answer.headers["Vary"] == "Origin"

    @pytest.mark.parametrize(
        "origin", [ELSEWHERE, "null", "https://ehr.example.evil", "http://ehr.example", f"{EHR}/"]
    )
    def test_other_origins_are_not_let_in(self, client: FlaskClient, origin: str) -> None:
        """An origin that is not listed is not named, and caches learn that it was asked for."""
        answer = preflight(client, PATH, origin)
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Vary"] == "Origin"

    def test_options_by_itself(self, client: FlaskClient) -> None:
        """OPTIONS that is no preflight says which methods a path has."""
        assert set(client.options(PATH).headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


class TestAnswers:
    """J-12: every answer, an error as well, has the headers without which a page cannot read it."""

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("GET", "/cds-services", b"", 200),
            ("POST", PATH, b"{}", 400),
            ("GET", "/nothing", b"", 404),
            ("GET", PATH, b"", 405),
            ("POST", PATH, b" " * (MAX_BODY_BYTES + 2), 413),
            ("GET", "/broken", b"", 500),
        ],
    )
    def test_errors_too(self, client: FlaskClient, method: str, path: str, body: bytes, status: int) -> None:
        """The page of a listed origin may read answers of every status."""
        answer = client.open(
            path, method=method, data=body, content_type="application/json", headers={"Origin": EHR}
        )
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == EHR
        assert answer.headers["Vary"] == "Origin"

    @pytest.mark.parametrize("headers", [{}, {"Origin": ELSEWHERE}])
    def test_others(self, client: FlaskClient, headers: dict[str, str]) -> None:
        """Everybody else gets the answer without leave to read it in a page of another origin."""
        answer = client.get("/cds-services", headers=headers)
        assert answer.status_code == 200
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Vary"] == "Origin"

    def test_any_origin(self) -> None:
        """A server that is open to all says so, without naming who asks."""
        client = application(origins=["*"]).test_client()
        assert preflight(client, PATH, ELSEWHERE).headers["Access-Control-Allow-Origin"] == "*"
        assert (
            client.get("/nothing", headers={"Origin": ELSEWHERE}).headers["Access-Control-Allow-Origin"]
            == "*"
        )

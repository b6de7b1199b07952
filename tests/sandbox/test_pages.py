"""The sandbox over HTTP: on for testers, off in production, nothing of a patient where it does not belong."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from service.operations.headers import PAGE_POLICY
from service.web.static.serving import TYPES, read_files
from tests.hooks.ehr import PATH, ehr, usual

PATHS = ("/sandbox", "/sandbox/setups", "/sandbox/request?patient=case-01", f"/sandbox/records/{uuid4()}")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """A client of the application as it is set up for development."""
    return usual()


@pytest.mark.parametrize("path", PATHS, ids=["page", "setups", "request", "record"])
def test_it_is_off_in_production(path: str) -> None:
    """A service in production knows nothing of a sandbox, and says so as of any other path."""
    answer = ehr(KETAMINE_CDS_MODE="production").get(path)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["resourceType"] == "OperationOutcome"


def test_it_can_be_switched_on_and_off() -> None:
    """The setting decides, whatever the mode."""
    assert ehr(KETAMINE_CDS_MODE="production", KETAMINE_CDS_SANDBOX="on").get("/sandbox").status_code == 200
    assert ehr(KETAMINE_CDS_SANDBOX="off").get("/sandbox").status_code == 404


def test_the_page_has_the_policy_of_pages(client: FlaskClient) -> None:
    """Nothing inline, nothing from elsewhere, and not kept by the browser."""
    answer = client.get("/sandbox")
    assert answer.headers.getlist("Content-Security-Policy") == [PAGE_POLICY]
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.get_data(as_text=True)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", page)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)


def test_a_closed_service_says_that_calls_need_a_token() -> None:
    """The page offers no token; its records and pictures are refused as the calls are."""
    closed = ehr(KETAMINE_CDS_AUTH="jwt", KETAMINE_CDS_TRUST_PUBLIC_SANDBOX="true")
    assert "Calls need a token" in closed.get("/sandbox").get_data(as_text=True)
    assert closed.get("/sandbox/request?patient=case-01").status_code == 200
    assert closed.get(f"/sandbox/records/{uuid4()}").status_code == 401
    for path in ("/sandbox/timeline", "/sandbox/policies"):
        picture = closed.post(path, data="{}", content_type="application/json")
        assert picture.status_code == 401


def test_an_open_service_asks_for_no_token(client: FlaskClient) -> None:
    """Then there is no such notice."""
    assert "Calls need a token" not in client.get("/sandbox").get_data(as_text=True)


def test_a_record_is_told_by_codes(client: FlaskClient) -> None:
    """How the data of each key came, times, and the verdict; no key and no digest of anybody."""
    asked = client.get("/sandbox/request?patient=case-01&sent=partly").json
    answer = client.post(PATH.format(hook="patient-view"), json=asked)
    told = _record(client, answer.headers["X-Request-Id"])
    assert told["completeness"]["observations"] == "empty"
    assert told["completeness"]["procedures"] == "not-sent"
    assert told["completeness"]["conditions"] == "sent"
    assert told["timingsMs"]["total"] > 0
    assert set(told) == {"completeness", "timingsMs", "verdict", "notShown"}


def _record(client: FlaskClient, record_id: str) -> dict[str, Any]:
    for _ in range(200):
        answer = client.get(f"/sandbox/records/{record_id}")
        if answer.status_code == 200:
            assert answer.json is not None
            return dict(answer.json)
        assert answer.status_code == 202
    raise AssertionError("no record was written")


def test_the_picture_is_drawn_from_the_request(client: FlaskClient) -> None:
    """A request and a Bundle both give an SVG document; what is neither is refused as an assessment is."""
    asked = client.get("/sandbox/request?patient=case-01").json
    assert asked is not None
    answer = client.post("/sandbox/timeline", json=asked)
    assert answer.status_code == 200
    assert answer.content_type == "image/svg+xml"
    assert answer.data.startswith(b"<svg")
    assert client.post("/sandbox/timeline", json={"hook": 1}).status_code == 400


def test_policies_are_compared_from_the_request(client: FlaskClient) -> None:
    """The same criteria as POST /assessments tells, beside each other, with their picture."""
    asked = client.get("/sandbox/request?patient=case-01").json
    assert asked is not None
    told = client.post("/assessments?criteria=all", json=asked).json
    answer = client.post("/sandbox/policies", json=asked).json
    assert told is not None
    assert answer is not None
    grid = answer["grid"]
    for at, policy in enumerate(grid["policies"]):
        rows = {row["id"]: row["cells"][at] for row in grid["rows"] if row["cells"][at]["standing"]}
        expected = {row["id"]: (row["status"], row["text"]) for row in told["criteria"][at]["criteria"]}
        assert policy["id"] == told["criteria"][at]["profile"]
        assert {name: (cell["standing"], cell["text"]) for name, cell in rows.items()} == expected
    assert answer["picture"].startswith("<svg")
    assert client.post("/sandbox/policies", json={"hook": 1}).status_code == 400


def test_the_request_reads_from_the_top(client: FlaskClient) -> None:
    """Members come in the order of the standard's examples."""
    asked = client.get("/sandbox/request?patient=case-01").get_data(as_text=True)
    assert list(json.loads(asked)) == ["hook", "hookInstance", "context", "prefetch"]


@pytest.mark.parametrize("name", sorted(read_files()))
def test_files_have_their_type_and_are_checked_again(client: FlaskClient, name: str) -> None:
    """A browser keeps a file and asks each time whether it has changed."""
    answer = client.get(f"/static/{name}")
    assert answer.content_type in TYPES.values()
    assert answer.headers.getlist("Cache-Control") == ["no-cache"]
    again = client.get(f"/static/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("name", ["", "none.css", "../settings.py", "serving.py", "..%2fsettings.py"])
def test_nothing_else_is_a_file(client: FlaskClient, name: str) -> None:
    """What is no style sheet, script or picture of ours is not found."""
    assert client.get(f"/static/{name}").status_code == 404

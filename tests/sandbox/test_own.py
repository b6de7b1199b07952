"""A record of one's own in the sandbox: a Bundle becomes the call of a hook, and hostile ones are refused."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.web.sandbox.setups import read_patients
from tests.hooks.chart import Json
from tests.hooks.ehr import PATH, ehr, usual

RECORD = next(patient for patient in read_patients() if patient.id == "case-01")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """A client of the application as it is set up for development."""
    return usual()


def bundle(*resources: Json, **members: Any) -> Json:
    """Return the resources as a Bundle."""
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources], **members}


def made(client: FlaskClient, content: Any, query: str = "hook=patient-view") -> Json:
    """Return the request that a Bundle becomes."""
    answer = client.post(f"/sandbox/request?{query}", json=content)
    assert answer.status_code == 200, answer.text
    found: Json = json.loads(answer.data)
    return found


def _written(resource: Json) -> str:
    return json.dumps(resource, sort_keys=True)


def test_a_bundle_becomes_a_call(client: FlaskClient) -> None:
    """Every resource is sent, with its own dates, under the first key that asks for its kind."""
    request = made(client, bundle(*RECORD.resources))
    sent = [
        entry["resource"]
        for value in request["prefetch"].values()
        for entry in (value.get("entry", []) if value["resourceType"] == "Bundle" else [{"resource": value}])
    ]
    assert sorted(map(_written, sent)) == sorted(map(_written, RECORD.resources))
    assert request["context"]["patientId"] == RECORD.person["id"]
    assert client.post(PATH.format(hook="patient-view"), json=request).status_code == 200


def test_it_takes_the_hook_the_order_and_the_facts(client: FlaskClient) -> None:
    """As a made-up patient does; an order is for the patient of the Bundle."""
    query = "hook=order-sign&order=esketamine&dispenses=refused&patient=ignored"
    request = made(client, bundle(*RECORD.resources), query)
    (entry,) = request["context"]["draftOrders"]["entry"]
    assert entry["resource"]["subject"] == {"reference": f"Patient/{RECORD.person['id']}"}
    assert request["prefetch"]["medicationDispenses"]["resourceType"] == "OperationOutcome"


def test_references_by_full_address_still_lead_somewhere(client: FlaskClient) -> None:
    """As Synthea writes them; a Patient without an id gets one."""
    person = {"resourceType": "Patient", "gender": "female", "birthDate": "1980-01-01"}
    condition = {"resourceType": "Condition", "subject": {"reference": "urn:uuid:1"}, "code": {"text": "MDD"}}
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": person},
        {"fullUrl": "urn:uuid:2", "resource": condition},
    ]
    request = made(client, {"resourceType": "Bundle", "entry": entries})
    assert request["context"]["patientId"] == request["prefetch"]["patient"]["id"] == "own-patient"
    assert request["prefetch"]["conditions"]["entry"] == [entries[1]]


@pytest.mark.parametrize(
    "odd",
    [
        {"resourceType": "Observation", "code": "x", "category": 5},
        {"resourceType": "Observation", "code": {"coding": {"code": 1}}},
        {"resourceType": "Observation", "code": {"coding": [None, "x"]}},
        {"resourceType": "Condition", "subject": []},
        {"resourceType": "Spaceship"},
    ],
)
def test_odd_resources_are_sent_as_they_are(client: FlaskClient, odd: Json) -> None:
    """It is the service that reads them, whatever fact is changed beside them."""
    for query in ("hook=patient-view", "hook=patient-view&pressure=none&score=none"):
        request = made(client, bundle(*RECORD.resources, odd), query)
        assert client.post(PATH.format(hook="patient-view"), json=request).status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        bundle(),
        bundle({"resourceType": "Patient", "id": "a"}, {"resourceType": "Patient", "id": "b"}),
        bundle(entry=5),
        bundle(entry=[None, 5, {"resource": 5}, {"resource": {"resourceType": 5}}]),
        {"resourceType": "Patient", "id": "a"},
        [],
        5,
        "x",
    ],
)
def test_anything_else_is_refused(client: FlaskClient, content: Any) -> None:
    """No patient, several, or no Bundle at all: 400, with the place."""
    answer = client.post("/sandbox/request?hook=patient-view", json=content)
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"]


@pytest.mark.parametrize("raw", [b"{", b"", b"[" * 100_000, b'{"a": NaN}', b"\xff"])
def test_what_is_no_json_is_refused(client: FlaskClient, raw: bytes) -> None:
    """However deep or broken."""
    answer = client.post("/sandbox/request?hook=patient-view", data=raw, content_type="application/json")
    assert answer.status_code == 400


def test_it_is_closed_where_calls_are() -> None:
    """Like a call, it takes a token where the service asks for one; in production there is none."""
    closed = ehr(KETAMINE_CDS_AUTH="jwt", KETAMINE_CDS_TRUST_PUBLIC_SANDBOX="true")
    assert closed.post("/sandbox/request?hook=patient-view", json=bundle()).status_code == 401
    off = ehr(KETAMINE_CDS_MODE="production")
    assert off.post("/sandbox/request?hook=patient-view", json=bundle()).status_code == 404

"""The service as it runs, reading from servers for what a call did not send."""

import json
import socket
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from service.operations.bodies import LARGE
from tests.asked import ASKED_FOR, PREFETCH
from tests.fetch.calls import SECONDS, Json, order, searchset
from tests.fetch.fhir_server.running import FhirServer, fhir_server
from tests.fetch.servers import Heard, Server, response, serving, silent
from tests.hooks.situations import ESKETAMINE
from tests.served import Service, running
from tests.vignettes.build import record, request
from tests.vignettes.cases import Case, all_cases
from tests.vignettes.fhir import PATIENT, Dialect

BUDGET_MS = 1500
SLACK = 5.0  # seconds; a server that is waited for takes longer
UNHURRIED_MS = 60_000
TOKEN = "planted-token"
CASE = next(case for case in all_cases() if case.name.startswith("01-published"))
MEDICINES = {kind for kind in ASKED_FOR.values() if kind.startswith("Medication")}


def unwell(connection: socket.socket, heard: Heard) -> None:
    """Says nothing about problems and patients, refuses medicines, and has an empty list of all else."""
    kind = urlsplit(heard.target).path.split("/")[2]
    if kind in ("Condition", "Patient"):
        silent(connection, heard)
    elif kind in MEDICINES:
        connection.sendall(response({"error": TOKEN}, status="401 Unauthorized"))
    else:
        connection.sendall(response(searchset()))


def healthy(connection: socket.socket, heard: Heard) -> None:
    """Has a patient without any record."""
    kind = urlsplit(heard.target).path.split("/")[2]
    person = {"resourceType": "Patient", "id": PATIENT, "gender": "female", "birthDate": "1980-01-01"}
    connection.sendall(response(person if kind == "Patient" else searchset()))


@pytest.fixture(scope="module")
def ehr() -> Iterator[FhirServer]:
    """A FHIR server that works."""
    with fhir_server() as started:
        yield started


@pytest.fixture(scope="module")
def broken() -> Iterator[Server]:
    """One that does not."""
    with serving(unwell) as started:
        yield started


@pytest.fixture(scope="module")
def empty() -> Iterator[Server]:
    """One that knows nothing."""
    with serving(healthy) as started:
        yield started


@pytest.fixture(scope="module")
def reading(ehr: FhirServer, empty: Server) -> Iterator[Service]:
    """A service that may read those that answer."""
    with running(may_read(ehr.base, empty.base, milliseconds=UNHURRIED_MS)) as started:
        yield started


@pytest.fixture(scope="module")
def hurried(broken: Server) -> Iterator[Service]:
    """A service that may read the one that does not."""
    with running(may_read(broken.base, milliseconds=BUDGET_MS)) as started:
        yield started


def may_read(*bases: str, milliseconds: int) -> dict[str, str]:
    """Settings of a service that may read these servers for so long."""
    return {
        "KETAMINE_CDS_MODE": "development",
        "KETAMINE_CDS_FHIR_SERVERS": ",".join(bases),
        "KETAMINE_CDS_FETCH_BUDGET_MS": str(milliseconds),
    }


def today() -> date:
    """The day on which the service, which runs in UTC, assesses."""
    return datetime.now(UTC).date()


def answer(service: Service, hook: str, body: Json, padding: int = 0) -> requests.Response:
    """What the service says of a body that ends in spaces."""
    content, headers = json.dumps(body) + " " * padding, {"Content-Type": "application/json"}
    url = f"{service.url}/cds-services/ketamine-referral-{hook}"
    return requests.post(url, content, headers=headers, timeout=UNHURRIED_MS / 1000 + SLACK)


def in_time(service: Service, hook: str, body: Json) -> requests.Response:
    """What the service says; fails the test if it takes longer than it may."""
    begun = time.monotonic()
    made = answer(service, hook, body)
    assert time.monotonic() - begun < BUDGET_MS / 1000 + SLACK
    return made


def cards(made: requests.Response) -> list[Json]:
    """The cards without what is new in every answer."""
    assert made.status_code == 200, made.text
    return [_lasting(card) for card in made.json()["cards"]]


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(member) for key, member in value.items() if key != "uuid"}
    return [_lasting(member) for member in value] if isinstance(value, list) else value


def bare(base: str, **changed: Any) -> Json:
    """A call that sends nothing but where to read."""
    leave = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "y"}
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/example", "patientId": PATIENT},
        "fhirServer": base,
        "fhirAuthorization": leave,
        **changed,
    }


def kept(ehr: FhirServer, case: Case) -> None:
    """Let the server have the record of a case, its observations in a category that is asked for."""
    survey = {"category": [{"coding": [{"code": "survey"}]}]}
    plain = record(case, today(), Dialect.PLAIN)
    ehr.keep(one | survey if one["resourceType"] == "Observation" else one for one in plain)


def with_token(body: Json, ehr: FhirServer) -> Json:
    """The call with the token that the server knows."""
    return body | {"fhirAuthorization": body["fhirAuthorization"] | {"access_token": ehr.token}}


def test_the_cards_are_the_same(reading: Service, ehr: FhirServer) -> None:
    """Whether the EHR asked its server and sent the answers, or the service asked it."""
    kept(ehr, CASE)
    queries = {key: template.replace("{{context.patientId}}", PATIENT) for key, template in PREFETCH.items()}
    prefetch = {
        key: ehr.session.get(f"{ehr.base}/{query}", params={"_count": "1000"}, timeout=SECONDS).json()
        for key, query in queries.items()
    }
    sent = cards(answer(reading, "patient-view", bare("https://unlisted.example.org", prefetch=prefetch)))
    assert "Consider referral" in sent[0]["summary"]
    assert cards(answer(reading, "patient-view", with_token(bare(ehr.base), ehr))) == sent
    assert cards(answer(reading, "patient-view", with_token(bare(ehr.base), ehr), LARGE)) == sent


def test_a_server_that_is_not_listed_is_not_read(reading: Service) -> None:
    """Nothing was sent, nothing can be had: 412, which names the keys."""
    with serving(healthy) as unlisted:
        made = answer(reading, "patient-view", bare(unlisted.base))
    assert unlisted.heard == []
    assert made.status_code == 412
    assert made.json()["resourceType"] == "OperationOutcome"
    assert all(key in made.text for key in ("patient", "conditions", "medicationRequests"))
    assert unlisted.base not in made.text


def test_a_stalled_server_costs_no_more_than_the_budget(hurried: Service, broken: Server) -> None:
    """With nothing essential to be had in time it is 412, and no text of anybody's in it."""
    made = in_time(hurried, "patient-view", bare(broken.base))
    assert made.status_code == 412
    assert TOKEN not in made.text
    assert broken.base not in made.text


def test_a_stalled_server_at_an_order_for_esketamine(hurried: Service, broken: Server) -> None:
    """Exactly one card, which warns that nothing was assessed: the order may be signed without an answer."""
    (card,) = cards(in_time(hurried, "order-sign", drafted(broken.base, ESKETAMINE)))
    assert (card["source"]["topic"]["code"], card["indicator"]) == ("not-assessed", "warning")


def test_what_could_not_be_had_in_time_is_named(hurried: Service, broken: Server) -> None:
    """The assessment rests on what came, and says what did not."""
    whole = request(CASE, today(), "patient-view", ASKED_FOR)
    missing = ("medicationDispenses", "medicationStatements")
    prefetch = {key: value for key, value in whole["prefetch"].items() if key not in missing}
    sent, *_ = cards(answer(hurried, "patient-view", whole))
    told, *_ = cards(in_time(hurried, "patient-view", bare(broken.base, prefetch=prefetch)))
    assert told["detail"] != sent["detail"]
    assert "dispens" in told["detail"].lower()


def test_an_empty_record_is_no_missing_one(reading: Service, empty: Server) -> None:
    """All lists came, and hold nothing."""
    assert answer(reading, "patient-view", bare(empty.base)).status_code == 200
    asked = [heard.target for heard in empty.heard]
    assert len([one for one in asked if "Condition?" in one]) == 1
    assert {heard.fields["authorization"] for heard in empty.heard} == {f"Bearer {TOKEN}"}


def drafted(base: str, draft: Json) -> Json:
    """A call before a draft order is signed."""
    context = {"userId": "Practitioner/example", "patientId": PATIENT, "draftOrders": searchset(draft)}
    return bare(base, hook="order-sign", context=context)


def test_an_order_that_is_none_of_our_business_reads_nothing(reading: Service, empty: Server) -> None:
    """A diet needs no record."""
    before = len(empty.heard)
    diet = {"resourceType": "NutritionOrder", "id": "n", "status": "draft"}
    assert cards(answer(reading, "order-sign", drafted(empty.base, diet))) == []
    assert len(empty.heard) == before


def test_an_order_may_turn_out_to_be_none_of_our_business(reading: Service, empty: Server) -> None:
    """Ketamine without a reason is anaesthesia, once the record that was read shows no depression."""
    draft = order("d", "") | {"status": "draft", "medicationCodeableConcept": {"text": "ketamine injection"}}
    del draft["medicationReference"]
    before = len(empty.heard)
    assert cards(answer(reading, "order-sign", drafted(empty.base, draft))) == []
    assert len(empty.heard) > before


def test_a_draft_that_names_its_medicine_by_reference(reading: Service, ehr: FhirServer) -> None:
    """Esketamine is recognised in the formulary of the server."""
    kept(ehr, CASE)
    product: Json = {
        "resourceType": "Medication",
        "id": "spravato",
        "code": {"text": "esketamine 28 mg nasal spray"},
    }
    ehr.session.put(f"{ehr.base}/Medication/spravato", json=product, timeout=SECONDS).raise_for_status()
    draft = order("d", "Medication/spravato") | {"status": "draft"}
    made = cards(answer(reading, "order-sign", with_token(drafted(ehr.base, draft), ehr)))
    assert "esketamine" in json.dumps(made).lower()


def test_no_token_is_left_anywhere(ehr: FhirServer, broken: Server, tmp_path: Path) -> None:
    """Not in what the service prints, nor in its database."""
    settings = may_read(ehr.base, broken.base, milliseconds=3 * BUDGET_MS)
    kept_there = {"KETAMINE_CDS_DATABASE_URL": f"sqlite:///{tmp_path}/kept.db"}
    with running(settings | kept_there) as started:
        for base in (ehr.base, broken.base, "https://unlisted.example.org/fhir"):
            requests.post(
                f"{started.url}/cds-services/ketamine-referral-patient-view", json=bare(base), timeout=SECONDS
            )
        started.process.terminate()
        printed, _ = started.process.communicate(timeout=SECONDS)
    kept_in_files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"failed:status-401" in kept_in_files
    assert TOKEN not in printed
    assert TOKEN.encode() not in kept_in_files

"""Reading from a FHIR R4 server that somebody else wrote, over real HTTP."""

import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds_hooks.request import HookRequest, read_request
from mappings.knowledge import load_knowledge
from service.answer.read import read_chart, read_record
from service.assess import assess
from service.clinical.facts import Completeness
from service.fetch.server import AllowedServer
from service.fhir.received import Fetched
from service.fhir.resources import find
from service.render.document import document
from service.render.view import View
from tests.asked import ASKED_FOR, PREFETCH
from tests.fetch.calls import SECONDS, Json, call, fetched, medication, order, sent, sent_but
from tests.fetch.fhir_server.running import PAGE_SIZE, FhirServer, fhir_server
from tests.vignettes.build import record, request
from tests.vignettes.cases import Case, all_cases
from tests.vignettes.fhir import Dialect

DAY = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
CASES = {
    case.name: case
    for case in all_cases()
    if not case.not_retrievable and not case.first_page_only and not case.drafts
}
EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "examples" / "two-failed-trials.json"


@pytest.fixture(scope="module")
def server() -> Iterator[FhirServer]:
    """The server, for all tests of this module."""
    with fhir_server() as started:
        yield started


def assessed(asked: HookRequest, came: Fetched | None = None) -> Json:
    """The assessment of a call as its JSON document; evidence, which follows the order of lists, sorted."""
    facts = read_record(read_chart(asked, came or sent(asked)), KNOWLEDGE, DAY).facts
    view = View(wording=KNOWLEDGE.wording, of=assess(facts, KNOWLEDGE, "default", DAY))
    answer: Json = json.loads(json.dumps(document(view)))
    for trial in answer["trials"]:
        trial["evidence"].sort()
    return answer


def largest() -> list[Case]:
    """The three cases with the longest records, which so have the most pages."""
    by_size = sorted(CASES.values(), key=lambda case: len(record(case, DAY, Dialect.PLAIN)))
    return by_size[-3:]


def with_categories(resources: list[Json]) -> list[Json]:
    """The resources, and observations in the categories by which they are asked for."""
    survey = [{"coding": [{"code": "survey"}]}]
    return [one | {"category": survey} if one["resourceType"] == "Observation" else one for one in resources]


def read_from(server: FhirServer, asked: HookRequest, token: str | None = None) -> Fetched:
    """What a call comes to."""
    return fetched(asked, AllowedServer(base=server.base, token=server.token if token is None else token))


@pytest.mark.parametrize("case", largest(), ids=lambda case: case.name)
def test_sent_or_read_is_the_same(server: FhirServer, case: Case) -> None:
    """The assessment does not depend on how the data came."""
    server.keep(with_categories(record(case, DAY, Dialect.PLAIN)))
    whole = request(case, DAY, "patient-view", ASKED_FOR)
    sent = read_request(json.dumps(whole).encode())
    bare = read_request(json.dumps(whole | {"prefetch": {}}).encode())
    came = read_from(server, bare)
    assert came.completeness == dict.fromkeys(PREFETCH, "fetched")
    assert assessed(bare, came) == assessed(sent)
    assert assessed(bare) != assessed(sent)


@pytest.mark.parametrize("absent", sorted(PREFETCH))
def test_each_key_may_be_the_one_that_is_missing(server: FhirServer, absent: str) -> None:
    """It alone is read."""
    case = largest()[0]
    server.keep(with_categories(record(case, DAY, Dialect.PLAIN)))
    whole = request(case, DAY, "patient-view", ASKED_FOR)
    prefetch: dict[str, Any] = whole["prefetch"]
    part = {key: value for key, value in prefetch.items() if key != absent}
    asked = read_request(json.dumps(whole | {"prefetch": part}).encode())
    came = read_from(server, asked)
    assert [key for key, word in came.completeness.items() if word == "fetched"] == [absent]
    assert assessed(asked, came) == assessed(read_request(json.dumps(whole).encode()))


def test_a_published_example_gives_the_same(server: FhirServer) -> None:
    """The record of the documentation, of another patient."""
    entries = [entry["resource"] for entry in json.loads(EXAMPLE.read_text())["entry"]]
    server.keep(with_categories(entries))
    person = next(one["id"] for one in entries if one["resourceType"] == "Patient")
    asked = call(patient_id=person, fhir_server=server.base)
    answer = assessed(asked, read_from(server, asked))
    assert [one["status"] for one in answer["trials"]].count("counted") == 2


def test_lists_have_pages(server: FhirServer) -> None:
    """All of them are read, from a first page that was sent as well."""
    problems = [problem(n) for n in range(3 * PAGE_SIZE + 1)]
    server.keep(problems)
    asked = call(sent_but("conditions"))
    came = read_from(server, asked)
    assert len(came.replies["conditions"].sent) == len(problems)
    first = server.session.get(f"{server.base}/Condition?patient=p", timeout=SECONDS).json()
    assert len(first["entry"]) == PAGE_SIZE
    came = read_from(server, call(sent_but() | {"conditions": first}))
    assert {one.resource.id for one in came.replies["conditions"].sent} == {one["id"] for one in problems}
    assert came.completeness["conditions"] == "fetched"


def problem(number: int) -> Json:
    """One of many."""
    subject = {"reference": "Patient/p"}
    return {"resourceType": "Condition", "id": f"c{number}", "subject": subject, "code": {"text": "asthma"}}


def test_a_medication_is_read(server: FhirServer) -> None:
    """By the reference of an order that was sent or read."""
    server.keep([medication("m"), order("o", "Medication/m")])
    for asked in (
        call(sent_but("medicationRequests")),
        call(sent_but() | {"medicationRequests": order("o", f"{server.base}/Medication/m")}),
    ):
        came = read_from(server, asked)
        found = read_record(read_chart(asked, came), KNOWLEDGE, DAY).record
        assert came.completeness["medications"] == "fetched"
        assert find(found, "Medication/m", "Medication") is not None


def test_without_its_token_the_server_tells_nothing(server: FhirServer) -> None:
    """No list is taken for an empty one."""
    server.keep([problem(1)])
    asked = call()
    came = read_from(server, asked, token="of-yesterday")
    assert came.completeness == dict.fromkeys(PREFETCH, "failed:status-401")
    lists = read_record(read_chart(asked, came), KNOWLEDGE, DAY).record.lists
    assert set(lists.values()) == {Completeness.NOT_RETRIEVABLE}


def test_a_patient_who_is_not_there(server: FhirServer) -> None:
    """The lists are empty, the patient is not known."""
    server.keep([problem(1)])
    asked = call(patient_id="nobody")
    begun = time.monotonic()
    came = read_from(server, asked)
    assert time.monotonic() - begun < SECONDS
    assert came.completeness["patient"] == "failed:status-404"
    assert came.completeness["conditions"] == "fetched"
    assert not came.replies["conditions"].sent

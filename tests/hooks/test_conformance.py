"""CDS Hooks 2.0.1 asked of the running service over HTTP; the ids are those of the conformance checklist."""

import json
import re
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tests.hooks.chart import (
    ASKED_FOR,
    CHART,
    PATIENT,
    Json,
    call,
    drug,
    prefetched,
    refused,
    searchset,
    without,
)
from tests.hooks.situations import ANEURYSMATIC, ESKETAMINE, PLAIN, SITUATIONS
from tests.hooks.validator import complaints, hollow
from tests.served import running

HOOKS = ("patient-view", "order-select", "order-sign")
ORDERED = drug("312938 sertraline 100 MG Oral Tablet")
ORIGIN = {"Origin": "https://ehr.example.org"}
KINDS = {
    "patient": "Patient",
    "conditions": "Condition",
    "allergies": "AllergyIntolerance",
    "medicationRequests": "MedicationRequest",
    "medicationDispenses": "MedicationDispense",
    "medicationStatements": "MedicationStatement",
    "medicationAdministrations": "MedicationAdministration",
    "observations": "Observation",
    "surveys": "Observation",
    "questionnaireResponses": "QuestionnaireResponse",
    "procedures": "Procedure",
    "serviceRequests": "ServiceRequest",
    "deviceUses": "DeviceUseStatement",
    "encounters": "Encounter",
}
ESSENTIAL = ("patient", "conditions", "medicationRequests")
TOKEN = re.compile(r"\{\{(.*?)\}\}")


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    """One connection for all calls."""
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="module")
def strict() -> Iterator[str]:
    """The address of a service that forgives nothing, as in production."""
    with running({"KETAMINE_CDS_MODE": "development", "KETAMINE_CDS_LENIENT": "false"}) as started:
        yield started.url


@pytest.fixture(scope="module")
def services(service: str, http: requests.Session) -> list[Json]:
    """What discovery lists."""
    found: list[Json] = http.get(f"{service}/cds-services", timeout=60).json()["services"]
    return found


def post(http: requests.Session, service: str, body: Json) -> requests.Response:
    """Call the service of the body's hook."""
    url = f"{service}/cds-services/ketamine-referral-{body['hook']}"
    return http.post(url, json=body, timeout=60, allow_redirects=False)


def outcome(answer: requests.Response) -> OperationOutcome:
    """The OperationOutcome of a refusal."""
    assert answer.headers["Content-Type"].startswith("application/json")
    assert list(hollow(answer.json())) == []
    return OperationOutcome.model_validate(answer.json())


class TestDiscovery:
    """Area D."""

    def test_answers_with_an_object(self, service: str, http: requests.Session) -> None:
        """D-01 D-02 W-02: 200, JSON, an array of services."""
        answer = http.get(f"{service}/cds-services", timeout=60, allow_redirects=False)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"
        assert isinstance(answer.json()["services"], list)

    def test_describes_each_service(self, services: list[Json]) -> None:
        """D-03 D-04 D-05 W-03: hook, description, id, title, usageRequirements and prefetch are filled."""
        assert [one["hook"] for one in services] == list(HOOKS)
        for one in services:
            assert all(
                isinstance(one[name], str) and one[name].strip()
                for name in ("hook", "id", "title", "description", "usageRequirements")
            )
            assert one["prefetch"]
            assert all(isinstance(template, str) for template in one["prefetch"].values())

    def test_lists_nothing_that_a_closed_schema_refuses(self, services: list[Json]) -> None:
        """D-03 D-05 D-10: only members that 2.0.1 names, and two that the next version adds."""
        named = {"hook", "id", "title", "description", "usageRequirements", "prefetch"}
        known = named | {"version", "hookVersion"}
        assert [set(one) - known for one in services] == [set()] * 3

    def test_tells_its_version_and_that_of_the_hook(self, services: list[Json]) -> None:
        """D-10 D-11: a semantic version of the service, and the published one of each hook."""
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", one["version"]) for one in services)
        assert {one["hookVersion"] for one in services} == {"1.0"}

    def test_is_served_where_its_id_says(
        self, service: str, http: requests.Session, services: list[Json]
    ) -> None:
        """D-06: an id is one safe path segment, at which the service answers its own hook."""
        for one in services:
            assert re.fullmatch(r"[A-Za-z0-9._~-]+", one["id"])
            url = f"{service}/cds-services/{one['id']}"
            assert http.post(url, json=call(one["hook"], PLAIN), timeout=60).status_code == 200

    def test_holds_nothing_empty(self, services: list[Json]) -> None:
        """D-08."""
        assert list(hollow(services)) == []


class TestPrefetch:
    """Area P."""

    def test_templates_are_relative_reads_and_searches(self, services: list[Json]) -> None:
        """P-01 P-05: within the recommended subset, no parameter twice, newest first the R4 way."""
        for template in _templates(services):
            path, _, query = template.partition("?")
            assert re.fullmatch(r"[A-Z][A-Za-z]+(/\{\{context\.patientId\}\})?", path)
            names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
            assert len(set(names)) == len(names)
            assert not any(
                name.startswith(("_include", "_revinclude", "_has")) or "." in name for name in names
            )
            assert not any(":" in name and not name.endswith(":in") for name in names)
            assert not re.search(r"=(ne|sa|eb|ap)\d", query)
            assert "sort:" not in query

    def test_tokens_are_those_of_every_hook(self, services: list[Json]) -> None:
        """P-02 P-03 P-15: only the patient's id, which all three hooks have."""
        tokens = {token for template in _templates(services) for token in TOKEN.findall(template)}
        assert tokens == {"context.patientId"}

    def test_asks_for_what_the_tests_send(self, services: list[Json]) -> None:
        """P-14: these tests send the keys that discovery asks for; what is long is asked for in parts."""
        for one in services:
            kinds = {key: re.split(r"[/?]", query)[0] for key, query in one["prefetch"].items()}
            assert kinds == ASKED_FOR
            assert {key.rstrip("0123456789"): kind for key, kind in kinds.items()} == KINDS

    def test_no_template_is_too_long_for_an_address(self, services: list[Json]) -> None:
        """Servers and proxies cut addresses off, from 2,000 characters on."""
        assert all(len(template) <= 1800 for template in _templates(services))

    @pytest.mark.parametrize("hook", HOOKS)
    def test_without_any_essential_data_fails_its_precondition(
        self, service: str, http: requests.Session, hook: str
    ) -> None:
        """P-11 P-12 R-04: 412 when neither patient, conditions nor medication requests came."""
        rest = {key: value for key, value in PLAIN.items() if key not in ESSENTIAL}
        for prefetch in (None, {}, rest):
            drafts = () if hook == "patient-view" else (ORDERED,)
            answer = post(http, service, call(hook, prefetch, drafts))
            assert answer.status_code == 412
            assert outcome(answer).issue[0].severity == "error"

    @pytest.mark.parametrize("hook", ["order-select", "order-sign"])
    def test_an_agents_order_without_any_data_is_warned_about(
        self, service: str, http: requests.Session, hook: str
    ) -> None:
        """Whoever orders an agent is told that nothing could be assessed, not refused."""
        answer = post(http, service, call(hook, None, (ESKETAMINE,)))
        assert answer.status_code == 200
        (card,) = answer.json()["cards"]
        assert (card["source"]["topic"]["code"], card["indicator"]) == ("not-assessed", "warning")

    @pytest.mark.parametrize("key", ESSENTIAL)
    @pytest.mark.parametrize("form", ["came", "null", "error"])
    def test_with_one_essential_key_it_is_answered(
        self, service: str, http: requests.Session, key: str, form: str
    ) -> None:
        """P-07 P-08 P-09 P-10 P-12: a part, a null and an error are answered with cards, not refused."""
        value = {"came": PLAIN[key], "null": None, "error": refused(ASKED_FOR[key])}[form]
        answer = post(http, service, call("order-sign", {key: value}, [ESKETAMINE]))
        assert answer.status_code == 200
        assert [card["indicator"] for card in answer.json()["cards"]] == ["warning"]

    @pytest.mark.parametrize("empty", [None, searchset("AllergyIntolerance", [])])
    def test_known_to_be_none_is_not_missing(
        self, service: str, http: requests.Session, empty: Json | None
    ) -> None:
        """P-09: null and an empty searchset are an empty list; only a key that is missing blocks."""
        found = post(http, service, call("patient-view", {**PLAIN, "allergies": empty})).json()["cards"]
        lacking = post(http, service, call("patient-view", without("allergies", PLAIN))).json()["cards"]
        assert [_topic(card) for card in found] == ["recommend"]
        assert [_topic(card) for card in lacking] == ["insufficient-data"]

    def test_an_error_in_place_of_data_is_named(self, service: str, http: requests.Session) -> None:
        """P-10: what the server could not give is not obtained, and said."""
        (card,) = post(
            http, service, call("patient-view", {**PLAIN, "conditions": refused("Condition")})
        ).json()["cards"]
        assert _topic(card) == "insufficient-data"
        assert "Check the problem list in the chart" in card["detail"]

    @pytest.mark.parametrize("key", ["conditions", "medicationRequests", "allergies"])
    def test_a_first_page_is_no_complete_list(self, service: str, http: requests.Session, key: str) -> None:
        """P-13: a next link makes the list a first page, and the card says so."""
        link = {"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}
        page = {**PLAIN[key], "link": [*PLAIN[key]["link"], link]}
        (card,) = post(http, service, call("patient-view", {**PLAIN, key: page})).json()["cards"]
        assert _topic(card) == "insufficient-data"
        assert "first page" in card["detail"]

    def test_foreign_keys_are_judged_by_what_they_hold(self, service: str, http: requests.Session) -> None:
        """P-07: proxies name keys item1 to itemN; a single resource stands for a Bundle."""
        renamed = {f"item{n}": value for n, value in enumerate(ANEURYSMATIC.values(), start=1)}
        alone = {
            **prefetched(*(one for one in CHART if one["resourceType"] != "Condition")),
            "conditions": next(one for one in CHART if one["resourceType"] == "Condition"),
        }
        assert _topics(post(http, service, call("patient-view", renamed))) == ["caution"]
        assert _topics(post(http, service, call("patient-view", alone))) == ["recommend"]

    @pytest.mark.parametrize("value", [None, refused("AllergyIntolerance")])
    def test_under_a_foreign_key_an_answer_without_data_is_no_list(
        self, service: str, http: requests.Session, value: Json | None
    ) -> None:
        """P-09 P-10: null under a foreign key is about nothing that is known; an error is an error."""
        foreign = {**without("allergies", PLAIN), "item7": value}
        (card,) = post(http, service, call("patient-view", foreign)).json()["cards"]
        assert _topic(card) == "insufficient-data"
        assert "Check the allergy list in the chart" in card["detail"]

    def test_an_empty_searchset_says_by_its_address_what_it_searched(
        self, service: str, http: requests.Session
    ) -> None:
        """P-09: `link.self` tells the type under a foreign key."""
        foreign = {**without("allergies", PLAIN), "item7": searchset("AllergyIntolerance", [])}
        assert _topics(post(http, service, call("patient-view", foreign))) == ["recommend"]


class TestRequest:
    """Areas Q and X."""

    @pytest.mark.parametrize("member", ["hook", "hookInstance", "context"])
    @pytest.mark.parametrize("value", ["missing", None, 7, [], ""])
    def test_a_required_member_is_required(
        self, service: str, http: requests.Session, member: str, value: Any
    ) -> None:
        """Q-01 Q-05: 400, naming the member."""
        body = {name: each for name, each in call("patient-view", PLAIN).items() if name != member}
        body |= {} if value == "missing" else {member: value}
        answer = http.post(f"{service}/cds-services/ketamine-referral-patient-view", json=body, timeout=60)
        assert answer.status_code == 400
        outcome(answer)
        issue = answer.json()["issue"][0]
        assert issue["expression"][0].startswith(member)
        assert "expected" in issue["details"]["text"]

    @pytest.mark.parametrize(
        ("hook", "member"),
        [(hook, member) for hook in HOOKS for member in ("userId", "patientId")]
        + [("order-sign", "draftOrders"), ("order-select", "draftOrders"), ("order-select", "selections")],
    )
    def test_a_required_part_of_the_context_is_required(
        self, strict: str, http: requests.Session, hook: str, member: str
    ) -> None:
        """X-01 X-02 X-03: 400, naming the path."""
        body = call(hook, PLAIN)
        del body["context"][member]
        answer = post(http, strict, body)
        assert answer.status_code == 400
        assert outcome(answer).issue[0].expression == [f"context.{member}"]

    @pytest.mark.parametrize("hook", HOOKS)
    def test_another_hook_is_refused(self, strict: str, http: requests.Session, hook: str) -> None:
        """Q-05: routing goes by service id, and the body has to agree."""
        body = {**call("order-select", PLAIN), "hook": "order-dispatch"}
        for named in ("order-dispatch", *(one for one in HOOKS if one != hook)):
            answer = http.post(
                f"{strict}/cds-services/ketamine-referral-{hook}", json={**body, "hook": named}, timeout=60
            )
            assert answer.status_code == 400
            assert outcome(answer).issue[0].expression == ["hook"]

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("POST", "/cds-services/unknown", 404),
            ("GET", "/cds-services/ketamine-referral-patient-view", 405),
            ("DELETE", "/cds-services", 405),
            ("POST", "/cds-services", 405),
            ("GET", "/nowhere", 404),
        ],
    )
    def test_other_paths_and_methods_are_refused(
        self, service: str, http: requests.Session, method: str, path: str, status: int
    ) -> None:
        """Q-05 R-06: 404 and 405 with an OperationOutcome."""
        answer = http.request(method, service + path, json={}, timeout=60, allow_redirects=False)
        assert answer.status_code == status
        outcome(answer)

    @pytest.mark.parametrize(
        ("kind", "status"),
        [
            ("text/plain", 415),
            ("application/xml", 415),
            ("application/json; charset=latin-1", 415),
            ("application/json; charset=utf-8", 200),
            ("application/json", 200),
            (None, 415),
        ],
    )
    def test_only_json_is_read(
        self, service: str, http: requests.Session, kind: str | None, status: int
    ) -> None:
        """Q-04 Q-05: UTF-8 JSON, declared as such."""
        body = json.dumps(call("patient-view", PLAIN)).encode()
        headers = {"Content-Type": kind} if kind else {}
        url = f"{service}/cds-services/ketamine-referral-patient-view"
        assert http.post(url, data=body, headers=headers, timeout=60).status_code == status

    def test_unknown_members_are_ignored(self, service: str, http: requests.Session) -> None:
        """Q-03 Q-06: at top level and in the context, extensions included."""
        body = call("patient-view", PLAIN, futureField={"a": None}, encounterId="e1")
        body |= {"item7": {"x": 1}, "extension": {"org.example": 1}, "user": "Practitioner/x"}
        assert _topics(post(http, service, body)) == ["recommend"]

    def test_a_server_and_its_token_may_come(self, service: str, http: requests.Session) -> None:
        """Q-02 Q-03: they change nothing as long as the prefetch is complete."""
        token = {"access_token": "secret", "token_type": "Bearer", "expires_in": 300, "scope": "user/*.rs"}
        body = call("patient-view", PLAIN) | {
            "fhirServer": "https://ehr.example.org/fhir",
            "fhirAuthorization": {**token, "subject": "cds", "patient": PATIENT},
        }
        assert _topics(post(http, service, body)) == ["recommend"]

    @pytest.mark.parametrize("user", ["Practitioner/d", "PractitionerRole/d", "Patient/d", "RelatedPerson/d"])
    def test_any_kind_of_user_opens_a_chart(self, service: str, http: requests.Session, user: str) -> None:
        """X-01."""
        assert _topics(post(http, service, call("patient-view", PLAIN, userId=user))) == ["recommend"]

    def test_ids_come_with_and_without_their_type(self, service: str, http: requests.Session) -> None:
        """X-11: bare by the standard, with `Patient/` and `Encounter/` in most published calls."""
        body = call("patient-view", PLAIN, patientId=f"Patient/{PATIENT}", encounterId="Encounter/e1")
        (card,) = post(http, service, body).json()["cards"]
        resource = card["suggestions"][0]["actions"][0]["resource"]
        assert resource["subject"]["reference"] == f"Patient/{PATIENT}"
        assert resource["encounter"]["reference"] == "Encounter/e1"

    def test_drafts_need_not_be_valid(self, service: str, http: requests.Session) -> None:
        """X-10 X-14 X-15: unknown types, no Bundle type, no intent, a mis-shaped instruction."""
        spray = {name: value for name, value in ESKETAMINE.items() if name not in ("intent", "status")}
        entries = [
            {"resource": {"resourceType": "NutritionOrder", "id": "n", "status": "draft"}},
            {"resource": {"resourceType": "FutureRequest", "id": "f"}},
            {"resource": {**spray, "dosageInstruction": {"text": "56 mg", "timing": 5}}},
        ]
        body = call("order-sign", PLAIN)
        body["context"]["draftOrders"] = {"resourceType": "Bundle", "entry": entries}
        assert _topics(post(http, service, body)) == ["order-check"]


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_answer_pleases_the_validators(service: str, http: requests.Session, name: str) -> None:
    """R-01 R-03 R-08, C-01 to C-13, S-01 to S-09, K-01 K-02, W-04 to W-11 for every kind of card."""
    answer = post(http, service, SITUATIONS[name])
    assert answer.status_code == 200
    assert complaints(answer.json()) == []
    expected = {
        "nothing": 0,
        "unrelated": 0,
        "safety, caution": 2,
        "safety warning": 2,
        "safety, order-check": 2,
    }
    assert len(answer.json()["cards"]) == expected.get(name, 1)


def test_a_call_made_twice_gets_new_uuids(service: str, http: requests.Session) -> None:
    """C-08: feedback can tell one showing of a card from the next."""
    first, second = (post(http, service, SITUATIONS["recommend"]).json()["cards"][0] for _ in range(2))
    assert first.pop("uuid") != second.pop("uuid")
    assert first["suggestions"][0].pop("uuid") != second["suggestions"][0].pop("uuid")
    assert first == second


def test_only_a_referral_is_ever_suggested(service: str, http: requests.Session) -> None:
    """S-04 S-06: one draft ServiceRequest, in recommend and caution only, none without a route left."""
    offered = {
        name: [_topic(card) for card in post(http, service, body).json()["cards"] if "suggestions" in card]
        for name, body in SITUATIONS.items()
    }
    assert {name: topics for name, topics in offered.items() if topics} == {
        "recommend": ["recommend"],
        "caution": ["caution"],
        "safety, caution": ["caution"],
        "safety warning": ["caution"],
        "for the depression": ["recommend"],
    }


PATHS = [
    ("GET", "/cds-services"),
    ("GET", "/"),
    ("GET", "/openapi.yaml"),
    ("GET", "/health/live"),
    ("GET", "/nowhere"),
    ("POST", "/cds-services/ketamine-referral-patient-view"),
    ("POST", "/cds-services/unknown"),
    ("DELETE", "/cds-services"),
    ("POST", "/assessments"),
]


class TestBrowsers:
    """J-12: clients that run in a browser."""

    @pytest.mark.parametrize(("method", "path"), PATHS)
    def test_every_answer_is_open(self, service: str, http: requests.Session, method: str, path: str) -> None:
        """Answers and errors alike allow the origin, for without it a browser hides even the error."""
        answer = http.request(method, service + path, data=b"{", headers=ORIGIN, timeout=60)
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", ORIGIN["Origin"])

    @pytest.mark.parametrize(("method", "path"), PATHS)
    def test_every_path_passes_preflight(
        self, service: str, http: requests.Session, method: str, path: str
    ) -> None:
        """No token is asked for, and Authorization is allowed by name."""
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization"}
        answer = http.options(service + path, headers={**ORIGIN, **asked}, timeout=60, allow_redirects=False)
        assert answer.status_code in (200, 204)
        assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
        assert "content-type" in answer.headers["Access-Control-Allow-Headers"].lower()
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("prefix", ["/cds-services", "//cds-services", "/cds-services/", "//cds-services//"])
def test_discovery_never_redirects(service: str, prefix: str) -> None:
    """D-01: clients do not follow; slashes too many are read as meant."""
    assert _raw_status(service, "GET", prefix) == 200


@pytest.mark.parametrize(
    "path",
    [
        "/cds-services/ketamine-referral-patient-view/",
        "/cds-services//ketamine-referral-patient-view",
        "//cds-services///ketamine-referral-patient-view//",
    ],
)
def test_a_service_never_redirects(service: str, path: str) -> None:
    """D-06: the same for a call."""
    assert _raw_status(service, "POST", path, call("patient-view", PLAIN)) == 200


def test_ids_of_calls_are_uuids_with_hyphens(service: str, http: requests.Session) -> None:
    """Q-01: capitals are one way to write a UUID, anything else is refused."""
    body = call("patient-view", PLAIN)
    spelt = str(uuid.uuid4())
    for written, status in ((spelt.upper(), 200), (spelt.replace("-", ""), 400), ("1", 400)):
        assert post(http, service, {**body, "hookInstance": written}).status_code == status


def _templates(services: list[Json]) -> list[str]:
    return [template for one in services for template in one["prefetch"].values()]


def _topic(card: Json) -> str:
    topic: str = card["source"]["topic"]["code"]
    return topic


def _topics(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [_topic(card) for card in answer.json()["cards"]]


def _raw_status(service: str, method: str, path: str, body: Json | None = None) -> int:
    """The status of a request whose path is sent as it stands: libraries tidy it."""
    address = urlsplit(service)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()

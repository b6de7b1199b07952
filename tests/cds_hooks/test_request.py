"""The body of a call: what is read from it, and what is refused, member by member."""

import json
from typing import Any

import pytest

from cds_hooks.contexts import HOOKS
from cds_hooks.errors import BadRequestError
from cds_hooks.request import Authorization, HookRequest, read_request
from tests.cds_hooks.example import call

ABSENT = object()
TOKEN = "some-secret-token"
AUTHORIZATION: dict[str, Any] = {
    "access_token": TOKEN,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/Immunization.rs",
    "subject": "tetanus",
    "patient": "jane",
}


def changed(hook: str, path: str, value: Any) -> bytes:
    """A call of `hook` in which the member at `path` is `value` or absent."""
    body = call(hook) | {"fhirServer": "https://ehr.example/r4", "fhirAuthorization": dict(AUTHORIZATION)}
    *parents, name = path.split(".")
    members = body
    for parent in parents:
        members = members[parent]
    if value is ABSENT:
        members.pop(name, None)
    else:
        members[name] = value
    return json.dumps(body).encode()


def refusal(body: bytes, hook: str | None = None) -> list[tuple[str | None, str]]:
    """Where and with which FHIR issue code `body` is refused."""
    with pytest.raises(BadRequestError) as refused:
        read_request(body, hook)
    return [(issue.expression, issue.code) for issue in refused.value.issues]


class TestEnvelope:
    """Q-01 to Q-04: hook, hookInstance and context are needed; the rest may come."""

    def test_a_whole_call(self) -> None:
        """Everything that a call says is in the request, ids bare and resources as they came."""
        body = call("order-select") | {
            "fhirServer": "https://ehr.example",
            "fhirAuthorization": AUTHORIZATION,
        }
        body["context"]["encounterId"] = "e1"
        body["prefetch"] = {"shots": {"resourceType": "Bundle"}, "user": None}
        assert read_request(json.dumps(body, separators=(",", ":")).encode()) == HookRequest(
            hook="order-select",
            hook_instance="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            user_id="Practitioner/p1",
            patient_id="jane",
            encounter_id="e1",
            draft_orders=b'{"resourceType":"Bundle","entry":[]}',
            selections=("ServiceRequest/wound-care",),
            prefetch={"shots": b'{"resourceType":"Bundle"}', "user": b"null"},
            fhir_server="https://ehr.example",
            authorization=Authorization(**AUTHORIZATION),
        )

    @pytest.mark.parametrize(
        "path", ["hookInstance", "context", "context.userId", "context.patientId", "context.draftOrders"]
    )
    def test_what_is_needed(self, path: str) -> None:
        """A call that lacks what the standard requires is refused, and the path says what is missing."""
        assert refusal(changed("order-sign", path, ABSENT)) == [(path, "required")]

    @pytest.mark.parametrize("value", [None, 1, "", "now", [], "d1577c69dfbe44adba6d3e05e953b2ea"])
    def test_hook_instance_is_a_uuid(self, value: Any) -> None:
        """What is no UUID names no firing of a hook."""
        assert refusal(changed("order-sign", "hookInstance", value)) == [("hookInstance", "value")]

    def test_capitals_in_a_uuid(self) -> None:
        """A UUID in capitals is the same one in lower case."""
        body = changed("order-sign", "hookInstance", "D1577C69-DFBE-44AD-BA6D-3E05E953B2EA")
        assert read_request(body).hook_instance == "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"

    @pytest.mark.parametrize(
        "value",
        [1, "", "ehr.example", "ftp://ehr.example", "https://", "https://a b", "https://u:p@ehr.example"],
    )
    def test_fhir_server_is_a_web_address(self, value: Any) -> None:
        """A FHIR server that is no absolute http or https URL is refused."""
        assert refusal(changed("order-sign", "fhirServer", value)) == [("fhirServer", "value")]

    @pytest.mark.parametrize("path", ["fhirServer", "fhirAuthorization", "prefetch", "context.encounterId"])
    def test_what_may_be_absent_may_be_null(self, path: str) -> None:
        """An optional member that is null is as good as absent."""
        absent = read_request(changed("patient-view", path, ABSENT))
        assert read_request(changed("patient-view", path, None)) == absent

    @pytest.mark.parametrize("path", ["context", "prefetch", "fhirAuthorization", "extension"])
    @pytest.mark.parametrize("value", ["x", 1, [], True])
    def test_objects_are_objects(self, path: str, value: Any) -> None:
        """A member that is an object in the standard is not taken as anything else."""
        assert refusal(changed("order-sign", path, value)) == [(path, "value")]

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("fhirServer", "an http or https URL"),
            ("fhirAuthorization", "an object"),
            ("fhirAuthorization.access_token", "the access token"),
            ("fhirAuthorization.token_type", "`Bearer`"),
            ("fhirAuthorization.expires_in", "a number of seconds"),
            ("fhirAuthorization.scope", "a string"),
            ("fhirAuthorization.subject", "a string"),
            ("fhirAuthorization.patient", "a string"),
            ("hookInstance", "a UUID"),
            ("context", "an object"),
            ("context.userId", "`Type/id` of the user"),
            ("context.patientId", "the id of a FHIR Patient"),
            ("context.encounterId", "the id of a FHIR Encounter"),
            ("context.draftOrders", "a FHIR Bundle"),
            ("prefetch", "an object of at most 500 members"),
        ],
    )
    def test_a_refusal_says_what_was_expected(self, path: str, expected: str) -> None:
        """Whoever debugs a caller need not look it up."""
        with pytest.raises(BadRequestError) as refused:
            read_request(changed("order-select", path, [False]))
        (issue,) = refused.value.issues
        assert (issue.expression, issue.text) == (path, f"expected {expected}")

    def test_a_prefetch_of_more_keys_than_anyone_asks_for_is_refused(self) -> None:
        """P-14: clients send what was asked for; some send a hundred keys, none sends thousands."""
        assert (
            len(read_request(changed("order-sign", "prefetch", dict.fromkeys(map(str, range(500))))).prefetch)
            == 500
        )
        flood = dict.fromkeys(map(str, range(501)))
        assert refusal(changed("order-sign", "prefetch", flood)) == [("prefetch", "value")]

    def test_every_fault_is_told_at_once(self) -> None:
        """Whoever debugs a caller reads all faults of a call, not one after the other."""
        body = json.dumps({"hook": "order-sign", "hookInstance": "x", "context": {}}).encode()
        assert set(refusal(body)) == {
            ("hookInstance", "value"),
            ("context.userId", "required"),
            ("context.patientId", "required"),
            ("context.draftOrders", "required"),
        }


class TestHook:
    """X: the hook that is called decides what the context holds."""

    @pytest.mark.parametrize("hook", HOOKS)
    def test_each_is_spoken(self, hook: str) -> None:
        """A call of a hook is read whether or not one was expected."""
        body = json.dumps(call(hook)).encode()
        assert read_request(body) == read_request(body, hook)

    @pytest.mark.parametrize(
        "value", [ABSENT, None, 5, "", "order-dispatch", "PATIENT-VIEW", ["patient-view"]]
    )
    def test_others_are_refused(self, value: Any) -> None:
        """A hook that is not spoken here is refused, and the message lists those that are."""
        assert refusal(changed("patient-view", "hook", value)) == [("hook", "value")]

    def test_another_one_than_the_service_is_for(self) -> None:
        """A call of one hook at a service for another one is refused, with what that other one lacks."""
        assert refusal(changed("order-sign", "hook", "patient-view"), "order-sign") == [("hook", "value")]
        assert set(refusal(json.dumps(call()).encode(), "order-sign")) == {
            ("hook", "value"),
            ("context.draftOrders", "required"),
        }


class TestContext:
    """X-01 to X-03 and X-11: ids, users, draft orders and selections."""

    @pytest.mark.parametrize(
        ("path", "value", "kept"),
        [
            ("context.patientId", "Patient/jane", "jane"),
            ("context.patientId", "eTRD.1-x_2", "eTRD.1-x_2"),
            ("context.encounterId", "Encounter/e1", "e1"),
            ("context.encounterId", "e1", "e1"),
            ("context.userId", "PractitionerRole/r1", "PractitionerRole/r1"),
            ("context.userId", "RelatedPerson/r1", "RelatedPerson/r1"),
            ("context.userId", "Patient/jane", "Patient/jane"),
        ],
    )
    def test_ids(self, path: str, value: str, kept: str) -> None:
        """Ids come bare or, from many callers, with their type; users always with it."""
        read = read_request(changed("patient-view", path, value))
        assert kept in {read.patient_id, read.encounter_id, read.user_id}

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("context.patientId", ""),
            ("context.patientId", None),
            ("context.patientId", 12),
            ("context.patientId", ["jane"]),
            ("context.patientId", "Encounter/jane"),
            ("context.patientId", "Patient/"),
            ("context.patientId", "Patient/../Patient/john"),
            ("context.patientId", "jane?_include=*"),
            ("context.patientId", "jane\n"),
            ("context.patientId", "j" * 65),
            ("context.encounterId", "Patient/e1"),
            ("context.encounterId", ""),
            ("context.userId", "p1"),
            ("context.userId", "Device/d1"),
            ("context.userId", "Practitioner/p1/x"),
            ("context.draftOrders", None),
            ("context.draftOrders", []),
            ("context.draftOrders", "Bundle"),
            ("context.draftOrders", {}),
            ("context.draftOrders", {"resourceType": 1}),
            ("context.draftOrders", {"resourceType": "MedicationRequest"}),
            ("context.selections", None),
            ("context.selections", "ServiceRequest/1"),
            ("context.selections", {"a": 1}),
        ],
    )
    def test_what_is_none_is_refused(self, path: str, value: Any) -> None:
        """A member of the context that cannot be what it should be is refused with its path."""
        assert refusal(changed("order-select", path, value)) == [(path, "value")]

    def test_the_item_of_a_list_has_a_path_too(self) -> None:
        """Of several selections, the one that is wrong is told."""
        body = changed("order-select", "context.selections", ["ServiceRequest/1", 2])
        assert refusal(body) == [("context.selections[1]", "value")]

    def test_numbers_out_of_range(self) -> None:
        """A number that no double can hold is refused with its path."""
        body = json.dumps(call()).replace('"jane"', "1e999").encode()
        assert refusal(body) == [("context.patientId", "value")]

    def test_members_of_later_versions_are_ignored(self) -> None:
        """Q-06: hooks gain members in minor versions, and calls that have them are read."""
        body = call() | {"futureMember": {"a": [1]}}
        body["context"] |= {"futureMember": {"a": [1]}, "draftOrders": "of no meaning to this hook"}
        assert read_request(json.dumps(body).encode()) == read_request(json.dumps(call()).encode())


class TestPrefetch:
    """P-07 to P-10: any key may be missing, null or something else than was asked for."""

    def test_missing_and_null_differ(self) -> None:
        """A key that was left out is missing; one that was asked for in vain is null."""
        assert read_request(json.dumps(call()).encode()).prefetch == {"shots": b"null"}
        assert read_request(changed("patient-view", "prefetch", ABSENT)).prefetch == {}

    @pytest.mark.parametrize("value", [{}, {"resourceType": "OperationOutcome"}, "x", 1, [[]]])
    def test_values_are_not_judged(self, value: Any) -> None:
        """What a value is worth is for the reader of resources to say."""
        read = read_request(changed("patient-view", "prefetch", {"shots": value}))
        assert json.loads(read.prefetch["shots"]) == value

    def test_values_that_landed_beside_prefetch(self) -> None:
        """Published calls hold items beside `prefetch`: they are ignored, and nothing fails."""
        body = call() | {"item2": {"resourceType": "Bundle"}}
        assert read_request(json.dumps(body).encode()).prefetch == {"shots": b"null"}


class TestAuthorization:
    """A-01 to A-03: leave to read from the FHIR server, whose token is never shown."""

    def test_the_token_is_not_shown(self) -> None:
        """What a log line may hold of a request tells neither the token nor the patient."""
        shown = repr(read_request(changed("order-select", "prefetch", {"shots": {"name": "Jane Roe"}})))
        assert TOKEN not in shown
        assert "jane" not in shown.lower()

    @pytest.mark.parametrize(
        ("member", "value"),
        [
            ("access_token", ABSENT),
            ("access_token", 1),
            ("expires_in", "soon"),
            ("token_type", "mac"),
            ("scope", 1),
        ],
    )
    def test_what_is_wrong_has_a_path(self, member: str, value: Any) -> None:
        """Authorization that cannot be used is refused with its path."""
        path = f"fhirAuthorization.{member}"
        assert [expression for expression, _ in refusal(changed("patient-view", path, value))] == [path]

    def test_only_the_token_is_needed(self) -> None:
        """Authorization may be as little as a token, even an empty one."""
        read = read_request(changed("patient-view", "fhirAuthorization", {"access_token": "", "later": {}}))
        assert read.authorization is not None
        assert read.authorization.access_token == ""

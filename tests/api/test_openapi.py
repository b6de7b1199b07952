"""openapi.yaml: it is valid, its examples come true, and it says the same as the service and the rules."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
import requests
import yaml
from openapi_spec_validator import validate

from tests.asked import PREFETCH
from tests.served import REPOSITORY

METHODS = ("get", "post")
DESCRIPTION: dict[str, Any] = yaml.safe_load((REPOSITORY / "openapi.yaml").read_text(encoding="utf-8"))
READERS: dict[str, Callable[[bytes], Any]] = {
    "application/json": json.loads,
    "application/yaml": yaml.safe_load,
    "text/plain": bytes.decode,
    "text/html": bytes.decode,
    "application/pdf": lambda raw: raw.decode("latin-1"),
}
OPERATIONS = [
    (path, method, DESCRIPTION["paths"][path][method])
    for path in DESCRIPTION["paths"]
    for method in METHODS
    if method in DESCRIPTION["paths"][path]
]
EXAMPLES = [
    pytest.param(path, reference["$ref"], id=f"{operation['operationId']}-{name}")
    for path, _, operation in OPERATIONS
    for content in operation.get("requestBody", {}).get("content", {}).values()
    for name, reference in content.get("examples", {}).items()
]


def resolved(part: dict[str, Any]) -> Any:
    """Return what a reference of the description points at, else `part` itself."""
    found: Any = DESCRIPTION
    if "$ref" not in part:
        return part
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def check(body: Any, schema: dict[str, Any]) -> None:
    """Raise ValidationError when `body` does not fit `schema`, a part of the description."""
    whole = {**schema, "components": DESCRIPTION["components"]}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(body)


def agree(answer: Any, expected: Any, path: str = "body") -> None:
    """Fail unless `answer` has everything that `expected` has; lists have the same length."""
    if isinstance(expected, dict):
        assert isinstance(answer, dict), path
        for name, inner in expected.items():
            agree(answer.get(name), inner, f"{path}.{name}")
    elif isinstance(expected, list):
        assert isinstance(answer, list), path
        assert len(answer) == len(expected), path
        for index, inner in enumerate(expected):
            agree(answer[index], inner, f"{path}[{index}]")
    else:
        assert answer == expected, path


def schemas(part: Any) -> list[dict[str, Any]]:
    """Return every schema of an object in `part` that is ours to close."""
    if isinstance(part, list):
        return [schema for inner in part for schema in schemas(inner)]
    if not isinstance(part, dict):
        return []
    own = [part] if part.get("type") == "object" and "properties" in part else []
    return own + [schema for inner in part.values() for schema in schemas(inner)]


def test_the_description_is_valid_openapi() -> None:
    """openapi.yaml follows the OpenAPI specification."""
    validate(DESCRIPTION)


@pytest.mark.parametrize(("path", "example"), EXAMPLES)
def test_an_example_comes_true(service: str, path: str, example: str) -> None:
    """The service answers the example with the status and the content that stand beside it."""
    given = resolved({"$ref": example})
    address = service + path.replace("{id}", "ketamine-referral-patient-view")
    answer = requests.post(address, json=given["value"], timeout=60)
    expected = given["x-expected"]
    assert answer.status_code == expected["status"]
    agree(answer.json(), expected["body"])
    response = resolved(DESCRIPTION["paths"][path]["post"]["responses"][str(answer.status_code)])
    check(answer.json(), response["content"]["application/json"]["schema"])


@pytest.mark.parametrize(("path", "example"), EXAMPLES)
def test_an_example_fits_its_schema_unless_it_shows_a_refusal(path: str, example: str) -> None:
    """What the examples send is what the description allows, except where a 400 is the point."""
    given = resolved({"$ref": example})
    schema = DESCRIPTION["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": DESCRIPTION["components"]}
    fits = jsonschema_rs.Draft202012Validator(whole).is_valid(given["value"])
    assert fits is (given["x-expected"]["status"] != 400)


def test_the_answers_that_are_shown_are_cards_of_three_kinds() -> None:
    """A recommendation, a critical order, what could not be assessed: each is as described."""
    content = DESCRIPTION["components"]["responses"]["Cards"]["content"]["application/json"]
    shown = [example["value"] for example in content["examples"].values()]
    for answer in shown:
        check(answer, content["schema"])
    kinds = [
        [(card["source"]["topic"]["code"], card["indicator"]) for card in answer["cards"]] for answer in shown
    ]
    assert kinds == [[("recommend", "info")], [("order-check", "critical")], [("not-assessed", "warning")]]


def test_the_description_is_there_as_json_too(service: str) -> None:
    """/openapi.json says what openapi.yaml says, with days as they are written there."""
    answer = requests.get(f"{service}/openapi.json", timeout=60)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == json.loads(json.dumps(DESCRIPTION, default=str))


def test_the_page_shows_the_answers_whom_to_write_to_and_the_licence(service: str) -> None:
    """/docs has the three answers, the contact and the licence."""
    page = requests.get(f"{service}/docs", timeout=60).text
    for summary in (
        "two failed trials and nothing",
        "esketamine is signed for a patient",
        "the same order, and no data",
    ):
        assert f"Example: {summary}" in page
    assert DESCRIPTION["info"]["contact"]["name"] in page
    assert DESCRIPTION["info"]["license"]["name"] in page


@pytest.mark.parametrize(
    ("path", "file", "schema"),
    [
        ("/cds-services/ketamine-referral-patient-view", "service/warm_up.json", "Cards"),
        ("/cds-services/ketamine-referral-order-sign", "docs/examples/esketamine-order.json", "Cards"),
        ("/assessments?asOf=2026-11-02", "docs/examples/esketamine-order.json", "Assessment"),
        ("/assessments?asOf=2026-11-02", "docs/examples/two-failed-trials.json", "Assessment"),
    ],
)
def test_an_answer_about_a_whole_record_fits_its_schema(
    service: str, path: str, file: str, schema: str
) -> None:
    """Cards with a drafted referral, and assessments with trials, flags and gaps, are as described."""
    sent = (REPOSITORY / file).read_bytes()
    answer = requests.post(
        service + path, data=sent, headers={"Content-Type": "application/json"}, timeout=60
    )
    check(answer.json(), DESCRIPTION["components"]["schemas"][schema])


def test_the_examples_send_what_discovery_asks_for() -> None:
    """Examples use the prefetch keys of the service, so that they can be copied."""
    sent = [example["value"] for example in DESCRIPTION["components"]["examples"].values()]
    sent.append(json.loads((REPOSITORY / "docs/examples/esketamine-order.json").read_bytes()))
    assert {key for body in sent for key in body.get("prefetch", {})} <= set(PREFETCH)


def test_every_answer_is_listed_and_no_default_hides_one() -> None:
    """Each operation lists its statuses one by one."""
    for path, method, operation in OPERATIONS:
        assert all(status.isdecimal() for status in operation["responses"]), (path, method)


def test_what_the_service_sends_is_closed() -> None:
    """Every object that the service itself defines forbids members that are not described."""
    ours = {
        name: schema
        for name, schema in DESCRIPTION["components"]["schemas"].items()
        if name not in ("HookRequest", "Envelope", "Bundle", "DraftReferral") and not name.endswith("Request")
    }
    for schema in schemas(ours):
        assert schema.get("additionalProperties") is False, schema


def test_the_services_are_those_of_discovery(service: str) -> None:
    """Each service of discovery has a path of its own, and each such path a service."""
    offered = requests.get(f"{service}/cds-services", timeout=60).json()["services"]
    described = {path.removeprefix("/cds-services/") for path in DESCRIPTION["paths"] if "-referral-" in path}
    assert {entry["id"] for entry in offered} == described


def test_the_version_is_the_one_of_the_package(service: str) -> None:
    """The description, the package and the running service name one version."""
    assert DESCRIPTION["info"]["version"] == requests.get(service, timeout=60).json()["version"]


@pytest.mark.parametrize("path", [path for path, method, _ in OPERATIONS if method == "get"])
def test_an_answer_to_get_fits_its_schema(service: str, path: str) -> None:
    """What can be read without a body is what the description says."""
    answer = requests.get(service + path.replace("{rule}", "recommend"), timeout=60)
    media_type = answer.headers["Content-Type"].partition(";")[0]
    response = resolved(DESCRIPTION["paths"][path]["get"]["responses"][str(answer.status_code)])
    content = response["content"]
    check(READERS[media_type](answer.content), content[media_type]["schema"])

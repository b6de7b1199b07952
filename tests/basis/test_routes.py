"""The basis pages and the API documentation over HTTP."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from mappings.filling import plain
from tests.basis.reading import KNOWLEDGE, LIBRARY, Document, texts

POLICIES = [f"basis/criteria/{policy}" for policy in KNOWLEDGE.policies.policies]
PATHS = ["basis", *(f"basis/{page}" for page in LIBRARY.pages), "basis/criteria", *POLICIES, "docs"]


@pytest.fixture(scope="module")
def documents(service: str) -> dict[str, Document]:
    """Every page by its path."""
    with requests.Session() as session:
        session.headers["Accept"] = "text/html"
        answers = {path: session.get(f"{service}/{path}", timeout=60) for path in PATHS}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {path: Document(answer.text) for path, answer in answers.items()}


def _links(documents: dict[str, Document]) -> Iterator[tuple[str, str, str]]:
    for path, document in documents.items():
        for link in document.links:
            parts = urlsplit(urljoin(f"http://here/{path}", link))
            if parts.netloc == "here":
                yield path, parts.path.lstrip("/"), parts.fragment


def test_pages_are_well_formed(documents: dict[str, Document]) -> None:
    """Every tag that opens closes, and no two places of a page have one name."""
    for path, document in documents.items():
        assert set(document.open) <= {"html", "body"}, path
        assert sorted(set(document.ids)) == sorted(document.ids), path


def test_links_lead_somewhere(documents: dict[str, Document]) -> None:
    """Every link within the service leads to a page, and to a place that the page has."""
    elsewhere = {"", "openapi.yaml", "sandbox", "health", "basis/document"}
    for path, target, fragment in _links(documents):
        assert target in documents or target in elsewhere, f"{path}: {target}"
        is_place = fragment and target != "sandbox"  # whose fragment is what it opens with
        assert not is_place or fragment in documents[target].ids, f"{path}: {target}#{fragment}"


def test_pages_load_from_this_service_alone(documents: dict[str, Document]) -> None:
    """Style sheets are named relative to the page; nothing else is loaded."""
    for path, document in documents.items():
        assert all(one.startswith(("../", "./", "data:,", "?")) for one in document.sources), path


@pytest.mark.parametrize(
    "page", ["basis", "basis/safety", "basis/minimum-doses", "basis/flag-preg", "basis/criteria", *POLICIES]
)
def test_html_and_json_say_the_same(service: str, documents: dict[str, Document], page: str) -> None:
    """Every text of the JSON stands on the page."""
    content = requests.get(f"{service}/{page}?format=json", timeout=60).json()
    shown = documents[page].text
    content.pop("id", None), content.pop("kind", None)
    for table in content.get("tables", ()):
        del table["anchor"]
        for row in table["rows"]:
            del row["anchor"]
    missing = [text for text in texts(content) if " ".join(text.split()).rstrip(".") not in shown]
    expected_in_links = {
        link["id"] for key in ("see", "cards", "topics", "flags", "rules") for link in content.get(key, ())
    }
    assert set(missing) <= expected_in_links


def test_json_has_the_names_of_the_description(service: str) -> None:
    """Members are written as everywhere in this service, and as openapi.yaml lists them."""
    content = requests.get(f"{service}/basis/gates", timeout=60).json()
    assert {"sourceAttributes", "edition", "see"} <= set(content)
    assert {"ruleSet", "checkedBy", "effectiveSince"} <= set(content["edition"])


def test_the_format_is_chosen_by_accept_or_by_the_address(service: str) -> None:
    """A browser gets HTML, a program JSON, and `format` prevails."""
    url = f"{service}/basis/gates"
    for headers, query, expected in [
        ({"Accept": "text/html"}, "", "text/html; charset=utf-8"),
        ({"Accept": "application/json"}, "", "application/json"),
        ({"Accept": "text/html"}, "?format=json", "application/json"),
        ({"Accept": "*/*"}, "?format=html", "text/html; charset=utf-8"),
    ]:
        answer = requests.get(url + query, headers=headers, timeout=60)
        assert answer.headers["Content-Type"] == expected
        assert answer.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    ("path", "status"),
    [("basis/nothing", 404), ("basis/criteria/nobody", 404), ("basis/gates?format=pdf", 400)],
)
def test_refusals_are_operation_outcomes(service: str, path: str, status: int) -> None:
    """A rule that is not there and a format that is not offered are told to programs as everywhere."""
    answer = requests.get(f"{service}/{path}", timeout=60)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_pages_forbid_whatever_is_not_ours(service: str) -> None:
    """The policy allows our own files only, and an unchanged page is not sent again."""
    for path in ("basis", "basis/recommend", "basis/criteria", "basis/criteria/cigna", "docs"):
        answer = requests.get(f"{service}/{path}", headers={"Accept": "text/html"}, timeout=60)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        again = {"Accept": "text/html", "If-None-Match": answer.headers["ETag"]}
        assert requests.get(f"{service}/{path}", headers=again, timeout=60).status_code == 304


def test_the_source_of_a_real_card_can_be_opened(service: str) -> None:
    """A card of the running service leads to a page of the running service."""
    name = "ketamine-referral-order-sign"
    call: dict[str, Any] = {
        "hook": "order-sign",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {
            "userId": "Practitioner/p",
            "patientId": "1",
            "draftOrders": {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [
                    {
                        "resource": {
                            "resourceType": "MedicationRequest",
                            "id": "d",
                            "status": "draft",
                            "intent": "order",
                            "subject": {"reference": "Patient/1"},
                            "medicationCodeableConcept": {"text": "Spravato 56 mg dose pack"},
                        }
                    }
                ],
            },
        },
        "prefetch": {"patient": {"resourceType": "Patient", "id": "1", "birthDate": "1980-01-01"}},
    }
    cards = requests.post(f"{service}/cds-services/{name}", json=call, timeout=60).json()["cards"]
    assert cards
    for card in cards:
        assert requests.get(card["source"]["url"], timeout=60).json()["kind"] == "card"


def test_plain_numbers() -> None:
    """Numbers are written as a reader writes them."""
    assert [plain(value) for value in (50.0, 0.5, 20000, True, ("a", 2.5))] == [
        "50",
        "0.5",
        "20000",
        "yes",
        "a, 2.5",
    ]

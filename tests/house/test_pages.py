"""The pages of the service as one house: one header, no dead link, errors in words for people."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
import requests

PEOPLE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
ROOMS = (
    "",
    "sandbox",
    "basis",
    "docs",
    "health",
    "basis/safety",
    "basis/document",
    "basis/criteria",
    "basis/criteria/cigna",
    "no-such-page",
)


class _Page(HTMLParser):
    """The links of a page, and the places on it that a link may lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an anchor, a style sheet, a script or an id."""
        named = dict(attrs)
        target = named.get("src") or (named.get("href") if tag in {"a", "link", "script"} else None)
        if target and not target.startswith("data:"):
            self.links.append(target)
        if named.get("id"):
            self.places.add(str(named["id"]))


def opened(address: str) -> requests.Response:
    """Open an address as a browser does."""
    return requests.get(address, headers=PEOPLE, timeout=60)


def test_no_link_leads_nowhere(service: str) -> None:
    """From the first page on, every link within the service has an answer, and the place that it names."""
    pages: dict[str, _Page] = {}
    waiting, faults = [f"{service}/"], []
    while waiting:
        address = waiting.pop()
        answer = opened(address)
        if answer.status_code != 200:
            faults.append(f"{address}: {answer.status_code}")
        is_page = answer.headers["Content-Type"].startswith("text/html")
        pages[address] = _Page(answer.text if is_page else "")
        targets = {urldefrag(urljoin(address, link))[0] for link in pages[address].links}
        inside = {target for target in targets if target.startswith(f"{service}/")}
        waiting += sorted(inside - pages.keys() - set(waiting))
    faults += [
        f"{address}: {link}" for address, page in pages.items() for link in _dangling(address, page, pages)
    ]
    assert not faults
    assert len(pages) > 100


def _dangling(address: str, page: _Page, pages: dict[str, _Page]) -> Iterator[str]:
    """Yield the links to a place that is not on its page."""
    for link in page.links:
        target, place = urldefrag(urljoin(address, link))
        is_place = place and not target.endswith("/sandbox")  # whose fragment is what it opens with
        if is_place and target in pages and place not in pages[target].places:
            yield link


@pytest.mark.parametrize("room", ROOMS)
def test_the_header_is_the_same(service: str, room: str) -> None:
    """The same rooms in the same order; where one is, is said once."""
    header = re.search(r'<header class="house">.*?</header>', opened(f"{service}/{room}").text, re.S)
    assert header is not None
    names = re.findall(r"<a [^>]*>(.*?)</a>", header[0])
    assert names == ["Ketamine CDS", "Sandbox", "Basis of the rules", "API", "Health"]
    assert header[0].count("aria-current") == (0 if room == "no-such-page" else 1)


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("no-such-page", 404, "There is no such page here"),
        ("basis/no-such-rule", 404, "There is no such page here"),
        ("assessments", 405, "Programs send something to this address"),
        ("basis?format=xml", 400, "http.format: expected one of json, html"),
        ("sandbox/request?patient=nobody", 400, "/sandbox/setups lists"),
    ],
)
def test_an_error_is_told_to_people(service: str, path: str, status: int, says: str) -> None:
    """As a page with a way on and the id of the log line; nothing of the address is repeated."""
    answer = opened(f"{service}/{path}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert says in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert "no-such" not in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/fhir+json"])
def test_an_error_is_told_to_programs_as_ever(service: str, accept: str | None) -> None:
    """Who does not ask for a page gets an OperationOutcome; who sends something, gets one in any case."""
    headers = {"Accept": accept} if accept else {}
    answer = requests.get(f"{service}/no-such-page", headers=headers, timeout=60)
    assert answer.json()["resourceType"] == "OperationOutcome"
    sent = requests.post(f"{service}/assessments", headers=PEOPLE, data="{", timeout=60)
    assert sent.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("path", ["", "health"])
def test_a_page_for_people_and_json_for_programs(service: str, path: str) -> None:
    """By what is asked for; a cache keeps them apart."""
    shown = opened(f"{service}/{path}")
    told = requests.get(f"{service}/{path}", timeout=60)
    assert told.json()["name"] == "ketamine-cds"
    assert told.json()["warning"] in shown.text
    assert urlsplit(shown.url).path == f"/{path}"
    assert all("Accept" in answer.headers["Vary"] for answer in (shown, told))

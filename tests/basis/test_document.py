"""The basis as one document: everything once, in words, with the evidence behind numbers."""

import re
from collections import Counter

import pytest
import requests
from playwright.sync_api import Browser, expect

from mappings.knowledge import load_knowledge
from service.web.basis.plainly import names_of, plainly
from tests.basis.reading import Document

PARTS = (
    *("use", "population", "logic", "inputs", "evidence", "validation", "limits", "regulation"),
    *("changes", "flags", "rules"),
)
KNOWLEDGE = load_knowledge()


@pytest.fixture(scope="module")
def text(service: str) -> str:
    """The document as HTML."""
    answer = requests.get(f"{service}/basis/document", timeout=60)
    assert answer.headers["Content-Type"].startswith("text/html")
    return answer.text


def test_the_parts_come_in_their_order(text: str) -> None:
    """Each once, from the use to the changes; then the rules."""
    assert re.findall(r'<section id="([a-z]+)"', text) == list(PARTS)


def test_no_id_is_left(text: str) -> None:
    """Whatever has a name is told by it: rules, flags, gaps, reasons, sources."""
    ids = {*names_of(KNOWLEDGE), *(source for source in KNOWLEDGE.sources if "-" in source)}
    shown = re.sub(r"<[^>]*>|https?://\S+", " ", text)
    words = set(re.findall(r"[\w.-]*[\w]", shown))
    names = {"HTI-5", "hti-5"}  # the name of the rule, not of a row
    assert sorted((ids - names) & words) == []


def test_every_number_leads_to_its_source(text: str) -> None:
    """As many sources as numbers, and none is cited that is not listed."""
    listed = re.findall(r'id="evidence-(\d+)"', text)
    assert listed == [str(number) for number in range(1, len(listed) + 1)]
    assert set(re.findall(r'href="#evidence-(\d+)"', text)) <= set(listed)


def test_what_is_common_is_told_once(text: str) -> None:
    """Limits, validation and the sentences that hold for every flag."""
    told = Counter(re.findall(r"<li>(.+?)</li>", text))
    for sentence in (*KNOWLEDGE.basis.use.limits, *KNOWLEDGE.basis.use.not_for):
        assert told[sentence] == 1, sentence


def test_who_has_read_it_is_one_phrase(text: str) -> None:
    """When it was read, that no clinician has reviewed it, and when it is read again."""
    assert re.search(
        r"Read by the project on [0-9-]{10}, not yet reviewed by a clinician; to be read again by [0-9-]{10}",
        text,
    )


def test_what_is_new_or_proposed_is_told_with_how_it_was_read(text: str) -> None:
    """FDA's guidance, the proposed rule, and the wording of the rule in force."""
    part = text[text.index('id="regulation"') : text.index('id="changes"')]
    for said in ("6 January 2026", "29 December 2025", "170.213"):
        assert said in part
    assert part.count("not read first-hand") + part.count("not first-hand") >= 3


def test_ids_become_words() -> None:
    """Within a sentence in quotes; alone as they are; what is no id stays."""
    names = {"CI-ANEUR": "Aneurysm", "P-DUR": "too few days"}
    assert plainly("CI-ANEUR", names) == "Aneurysm"
    assert plainly(("unless CI-ANEUR or PHQ-9 (P-DUR)",), names) == (
        "unless “Aneurysm” or PHQ-9 (“too few days”)",
    )
    assert plainly("child_pugh and self-harm", names) == "child pugh and self-harm"


def test_it_prints(browser: Browser, service: str) -> None:
    """On paper the navigation is gone, and no table is wider than the sheet."""
    page = browser.new_page(viewport={"width": 680, "height": 960})
    page.goto(f"{service}/basis/document")
    page.emulate_media(media="print")
    expect(page.locator("nav").first).to_be_hidden()
    expect(page.get_by_text("To keep it, print it")).to_be_hidden()
    wide = page.evaluate(
        "[...document.querySelectorAll('table')].filter((one) => one.scrollWidth > innerWidth + 1).length"
    )
    page.close()
    assert wide == 0


def test_it_is_well_formed(text: str) -> None:
    """Every element is closed, and every link within it leads to a place."""
    read = Document(text)
    assert set(read.open) <= {"html", "body"}
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(read.ids)

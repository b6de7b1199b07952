"""The basis as PDF: the words of the page, on sheets that tell what they are of."""

import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import requests
from pypdf import PdfReader
from pypdf.generic import Destination

from service.paper.reading import page_paper


@pytest.fixture(scope="module")
def made(service: str) -> PdfReader:
    """The document as PDF."""
    answer = requests.get(f"{service}/basis/document.pdf", timeout=120)
    assert answer.headers["Content-Type"] == "application/pdf"
    return PdfReader(BytesIO(answer.content))


def words(text: str) -> str:
    """Return the letters without the spaces that breaking lines adds and removes."""
    return re.sub(r"\s", "", text)


def test_it_says_what_the_page_says(made: PdfReader, service: str) -> None:
    """Every sentence of the page stands in the PDF, in its order."""
    edge = "The basis of the rules Page "
    pages = [" ".join(page.extract_text().split()).rpartition(edge)[0] for page in made.pages]
    told = words("".join(pages))
    html = requests.get(f"{service}/basis/document", timeout=60).text
    main = html[html.index("<main") : html.index("</main>")]
    sentences = [
        words(unescape(re.sub(r"<[^>]*>", "", text))) for text in re.findall(r"<(?:li|p|h3)>(.+?)</", main)
    ]
    assert len(sentences) > 500
    place = 0
    for sentence in sentences:
        place = told.find(sentence, place)
        assert place >= 0, sentence


def test_each_sheet_tells_what_it_is_of(made: PdfReader) -> None:
    """Title, number, version and who has reviewed it."""
    for number, page in enumerate(made.pages, 1):
        text = page.extract_text()
        assert f"Page {number} of {len(made.pages)}" in text
        assert "not yet reviewed by a clinician" in text


def test_marks_lead_to_its_parts(made: PdfReader) -> None:
    """The parts of the page, and the chapters below them, each to its own sheet."""
    titles = [mark.title for mark in made.outline if not isinstance(mark, list)]
    assert titles[:4] == ["Intended use", "Population", "Logic and figures", "Inputs"]
    chapters = [mark for mark in _all(made.outline) if mark.title not in titles]
    assert len(chapters) > 50
    for mark in chapters[::10]:
        page = made.pages[made.get_destination_page_number(mark) or 0]
        assert words(str(mark.title)) in words(page.extract_text())


def _all(outline: Any) -> Iterator[Destination]:
    for mark in outline:
        if isinstance(mark, list):
            yield from _all(mark)
        else:
            yield mark


def test_what_is_hidden_stays_off_the_paper() -> None:
    """Words for the screen or screen readers alone are left out, and what is outside of the content."""
    html = (
        "<nav><p>away</p></nav><main><h1>Title</h1><p class='only-screen'>print <b>it</b></p>"
        "<p>kept <span class='unseen'>none</span> &amp; &lt;i&gt;</p>"
        "<ol><li>one</li><li>two</li></ol></main><p>x</p>"
    )
    (page,) = PdfReader(BytesIO(page_paper(html, lambda at, of: f"{at}/{of}"))).pages
    assert page.extract_text().split() == [
        "Title", "kept", "&", "<i>", "1.", "one", "2.", "two", "Title", "1/1",
    ]  # fmt: skip

"""The table beneath the picture and the page of the command line."""

import os
import pty
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from service.picture import evidence_page
from tests.picture.drawn import NAMES, assessment_of, facts_of, svg_of
from tests.picture.records import KNOWLEDGE
from tests.served import COMMAND, REPOSITORY

RECORD = REPOSITORY / "docs" / "examples" / "two-failed-trials.json"
each_picture = pytest.mark.parametrize("name", NAMES)


class Reader(HTMLParser):
    """Collects tags, attributes and text as a browser would."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def read(html: str) -> Reader:
    """What a browser makes of the page."""
    reader = Reader()
    reader.feed(html)
    return reader


def page_of(name: str) -> str:
    """The page of a record."""
    return evidence_page(assessment_of(name), facts_of(name), KNOWLEDGE)


@each_picture
def test_the_table_names_every_course_and_every_resource(name: str) -> None:
    """Drug, reasons and each resource of the evidence stand in words: the picture's text alternative."""
    assessment = assessment_of(name)
    page = page_of(name)
    table = read(page[page.index('<table class="courses">') : page.index("</table>")])
    assert table.tags.count("tr") == 1 + max(len(assessment.trials), 1)
    for trial in assessment.trials:
        assert trial.ingredient in table.text
        assert all(KNOWLEDGE.wording.words["shortfall"][one] in table.text for one in trial.shortfalls)
        assert all(one in table.text for one in trial.evidence if one.isprintable() and len(one) < 100)


@each_picture
def test_the_page_stands_alone(name: str) -> None:
    """Nothing is loaded, nothing runs; what is on record cannot add a tag or an attribute."""
    page = read(page_of(name))
    allowed = {"html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "p", "figure"}
    allowed |= {"section", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li", "bdi", "br"}
    allowed |= {"div", "small", "strong", "span", "svg", "desc", "g", "path", "text", "circle", "polyline"}
    assert set(page.tags) <= allowed | {"rect"}
    assert not [one for one, _ in page.attributes if one in ("src", "style") or one.startswith("on")]
    assert all(value.startswith("#") for one, value in page.attributes if one == "href")


def test_the_page_holds_the_same_picture() -> None:
    """The picture of the page is the one that `--format svg` gives."""
    assert svg_of("beside").decode() in page_of("beside")


def test_the_page_tells_gaps_flags_and_suicide_risk() -> None:
    """Beside the trials stand the flags on both routes, what is missing, and triggers where there are any."""
    text = read(page_of("beside")).text
    for told in (
        "BP-HOLD",
        "hold pending clearance",
        "LIVER-UNK (not assessed)",
        "lithium, 2026-02-25 to 2026-05-25: 900 mg/day",
        "A record-based estimate",
    ):
        assert told in text


def answer(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What the command answers about the example record."""
    given: list[str | Path] = [COMMAND, "assess", RECORD, "--as-of", "2026-11-02", *arguments]
    return subprocess.run(given, capture_output=True, timeout=60)


@pytest.mark.parametrize(
    ("kind", "begin"), [("svg", b"<svg "), ("png", b"\x89PNG\r\n"), ("html", b"<!doctype html>")]
)
def test_the_command_draws(kind: str, begin: bytes) -> None:
    """`assess --format svg|png|html` writes the picture to standard output and nothing else."""
    done = answer("--format", kind)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.lstrip().startswith(begin)


def test_a_terminal_gets_no_png(tmp_path: Path) -> None:
    """Bytes that would upset a terminal are refused in one line that says what to do."""
    reading, writing = pty.openpty()
    given: list[str | Path] = [COMMAND, "assess", RECORD, "--format", "png"]
    done = subprocess.run(given, stdout=writing, stderr=subprocess.PIPE, timeout=60, cwd=tmp_path)
    os.close(writing)
    os.close(reading)
    assert done.returncode == 2
    refusal = b"PNG is not for a terminal: name a file, as in --output picture.png"
    assert done.stderr == b"ketamine-cds: " + refusal + b"\n"

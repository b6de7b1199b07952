"""What the documentation says is held against the code, so that it cannot grow old unnoticed."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.documents import MADE, written
from tests.served import REPOSITORY

PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")])
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")


def commands(word: str) -> list[list[str]]:
    """Return the README's indented command lines that start with `word`."""
    lines = re.findall(rf"^    ({word} .*)$", README, re.M)
    return [shlex.split(line) for line in lines]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_and_names_of_files_lead_somewhere(page: Path) -> None:
    """Each relative link, and each path of this repository in code marks, exists."""
    text = page.read_text(encoding="utf-8")
    links = {page.parent / link for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", text)}
    named = re.findall(r"`((?:service|cds_hooks|mappings|tests|docs)/[\w./-]*)`", text)
    for place in sorted(links | {REPOSITORY / name for name in named}):
        assert place.exists(), place


def test_the_commands_of_the_readme_exist() -> None:
    """Every `make` word that the documentation, or the hook before a commit, uses is a target."""
    targets = set(re.findall(r"^([a-z]+):.*##", MAKEFILE, re.M))
    hook = (REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"entry: make ([a-z]+)", hook)) == {"check"} <= targets
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))) <= targets


@pytest.mark.parametrize("file", MADE)
def test_what_is_written_by_make_docs_is_up_to_date(file: str) -> None:
    """Texts made from the tables and figures that are counted are those of today: run `make docs`."""
    assert (REPOSITORY / file).read_text(encoding="utf-8") == written(file)


@pytest.mark.parametrize(
    "stage",
    ["fhir", "fetch", "normalise", "assess/trials", "assess/flags", "assess", "assess/criteria", "render"],
)
def test_the_architecture_page_names_the_modules_of_each_stage(stage: str) -> None:
    """docs/architecture.md names every module of a stage, and none that does not exist."""
    text = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
    rows = text.partition("## What happens in each stage")[2].partition(f"| `{stage}` |")[2]
    own = re.split(r"^\| `[\w/]+` \|", rows.partition("\n\n")[0], flags=re.M)[0]
    named = re.findall(r"`(\w+)`", own)
    modules = {module.stem for module in (REPOSITORY / "service" / stage).glob("[a-z]*.py")}
    assert sorted(named) == sorted(modules)


def test_the_first_card_of_the_readme_comes(service: str) -> None:
    """The first request of the README gives the critical card that the README promises."""
    order, _ = commands("curl")
    answer = send(order, service)
    assert [card["indicator"] for card in answer["cards"]] == ["critical"]
    assert "aneurysm" in answer["cards"][0]["summary"].lower()


def test_the_assessments_of_the_readme_come(service: str) -> None:
    """On each day that the README names its record gives the conclusion that the README promises."""
    _, record = commands("curl")
    days = [word for words in commands(".venv/bin/ketamine-cds") for word in words if word[:2] == "20"]
    assert days == ["2026-11-02"]
    assert send(record, service)["conclusion"] == "recommend"
    later = [word.replace("2026-11-02", "2027-03-02") for word in record]
    assert send(later, service)["conclusion"] == "insufficient-data"


def send(curl: list[str], service: str) -> Any:
    """Do what a curl command of the README does, against a service under test; return the JSON answer."""
    url = curl[-1].replace("http://127.0.0.1:8000", service)
    name, _, value = curl[curl.index("-H") + 1].partition(": ")
    body = REPOSITORY / curl[curl.index("--data") + 1].removeprefix("@")
    answer = requests.post(url, data=body.read_bytes(), headers={name: value}, timeout=60)
    answer.raise_for_status()
    return answer.json()

"""docs/integrate.md: its tables are those of the code, and its test checklist is carried out."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from mappings.knowledge import load_knowledge
from service.access.issuers import read_issuers
from service.answer.services import OFFERED
from service.fetch.pages import MOST_PAGES
from service.render.kinds import Kind
from service.settings import Mode
from tests.api.test_openapi import OPERATIONS
from tests.asked import ASKED_FOR
from tests.served import REPOSITORY, running

PAGE = (REPOSITORY / "docs/integrate.md").read_text(encoding="utf-8")
BLOCKS = {
    language: re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S) for language in ("json", "python")
}
KNOWLEDGE = load_knowledge()
BASE = "https://cds.example.org"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ehr:
    """A test EHR as the checklist makes one: where the service is that knows it, the folder of its keys."""

    served: str
    folder: Path

    def token(self, url: str) -> str:
        """A token for one call of `url`."""
        return ehr(self.folder, "token", url).strip()

    def post(self, url: str, body: bytes) -> requests.Response:
        """Post JSON with a token for it."""
        headers = {"Authorization": f"Bearer {self.token(url)}", "Content-Type": "application/json"}
        return requests.post(self.way(url), data=body, headers=headers, timeout=60)

    def way(self, url: str) -> str:
        """Where a public URL leads: a proxy would bring the call there."""
        return url.replace(BASE, self.served)


def ehr(folder: Path, *arguments: str) -> str:
    """Run the page's ehr.py."""
    command = [sys.executable, str(folder / "ehr.py"), *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ehr]:
    """The test EHR, with keys of its own, entered as the page says."""
    folder = tmp_path_factory.mktemp("ehr")
    (folder / "ehr.py").write_text(BLOCKS["python"][0], encoding="utf-8")
    ehr(folder, "keys")
    (entry,) = re.findall(r"echo '(\[\{\"iss\".*\}\])'", PAGE)
    (folder / "issuers.json").write_text(entry, encoding="utf-8")
    settings = {
        "KETAMINE_CDS_PUBLIC_URL": BASE,
        "KETAMINE_CDS_ISSUERS": str(folder / "issuers.json"),
        "KETAMINE_CDS_CORS_ORIGINS": "https://ehr.example.org",
        "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder / 'test.db'}",
    }
    with running(settings) as served:
        yield Ehr(served=served.url, folder=folder)


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table whose first line begins with `heading`, code marks left out."""
    (lines,) = re.findall(rf"^\| {re.escape(heading)}.*\n.*\n((?:\|.*\n)+)", PAGE, re.M)
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines.splitlines()]


def test_the_checklist_gets_the_statuses_that_it_names(connected: Ehr) -> None:
    """Each command of the checklist, one after the other, gets the status in the line above it."""
    lines = re.findall(r"^    (#.*|TOKEN=.*|curl .*)$", PAGE.partition("## Test checklist")[2], re.M)
    token, expected, done = "", 0, 0
    for line in (each.replace("$BASE", BASE) for each in lines):
        if line.startswith("#"):
            expected = int(line.removeprefix("# "))
        elif line.startswith("TOKEN="):
            (url,) = re.findall(r'^TOKEN=\$\(\.venv/bin/python ehr\.py token "(.*)"\)$', line)
            token = connected.token(url)
        else:
            answer = sent(shlex.split(line.replace("$TOKEN", token)), connected)
            assert answer.status_code == expected, line
            assert "X-Request-Id" in answer.headers or expected == 204
            done += 1
    assert done > 8


def sent(curl: list[str], connected: Ehr) -> requests.Response:
    """Do what a curl command of the page does."""
    options = iter(curl[1:-1])
    method, headers, body = "GET", {}, None
    for option in options:
        match option:
            case "--include":
                continue
            case "--request":
                method = next(options)
            case "--oauth2-bearer":
                headers["Authorization"] = f"Bearer {next(options)}"
            case "--header":
                name, _, value = next(options).partition(": ")
                headers[name] = value
            case "--data":
                method, body = "POST", content(next(options))
            case _:
                raise AssertionError(f"an option that this test does not know: {option}")
    return requests.request(method, connected.way(curl[-1]), headers=headers, data=body, timeout=60)


def content(data: str) -> bytes:
    """The body that a curl command names: a file of the repository, or the text itself."""
    return (REPOSITORY / data[1:]).read_bytes() if data.startswith("@") else data.encode()


def test_the_order_of_the_checklist_gets_its_card(connected: Ehr) -> None:
    """The order for esketamine gets the critical card that the checklist promises."""
    url = f"{BASE}/cds-services/ketamine-referral-order-sign"
    (card,) = connected.post(url, content("@docs/examples/esketamine-order.json")).json()["cards"]
    assert card["indicator"] == "critical"
    assert "aneurysm" in card["summary"].lower()


def test_the_example_of_feedback_is_accepted(connected: Ehr) -> None:
    """The feedback in the text is taken, both items of it."""
    (example,) = (block for block in BLOCKS["json"] if '"feedback"' in block)
    answer = connected.post(f"{BASE}/cds-services/ketamine-referral-patient-view/feedback", example.encode())
    assert (answer.status_code, answer.json()) == (200, {"received": 2})


def test_the_example_of_issuers_can_be_read(connected: Ehr, tmp_path: Path) -> None:
    """The file of issuers in the text is one that the service starts with."""
    (example,) = (block for block in BLOCKS["json"] if block.startswith("["))
    (tmp_path / "issuers.json").write_text(example, encoding="utf-8")
    keys = (connected.folder / "ehr.jwks.json").read_bytes()
    (tmp_path / json.loads(example)[1]["jwks"]).write_bytes(keys)
    published, pinned = read_issuers(tmp_path / "issuers.json", Mode.PRODUCTION)
    assert published.jku is not None
    assert pinned.keys is not None
    fields = {field for entry in json.loads(example) for field in entry}
    assert fields == {row[0] for row in table("field |")}


def test_the_services_are_those_on_offer() -> None:
    """Service ids and hooks are those of discovery, and each `aud` is the address of one of them."""
    listed = {(service, hook) for service, hook, _ in table("service id |")}
    assert listed == {(service_id, hook) for hook, (service_id, *_) in OFFERED.items()}
    ids = "|".join(service_id for service_id, *_ in OFFERED.values())
    for _, audience in table("call | `aud`"):
        assert re.fullmatch(rf"https://cds\.example\.org/cds-services(/({ids})(/feedback)?)?", audience)


def test_the_prefetch_keys_are_those_asked_for() -> None:
    """Each prefetch key is listed with its type and the scopes to read it."""
    assert table("prefetch key |") == [
        [key, kind, f"patient/{kind}.read", f"patient/{kind}.rs"]
        for key, kind in ASKED_FOR.items()
        if not key[-1].isdigit()  # the second part of a long template
    ]


def test_the_limit_of_pages_is_that_of_the_code() -> None:
    """An EHR whose pages are small learns how many of them are read."""
    assert f"for at most {MOST_PAGES} pages of a list" in " ".join(PAGE.split())


def test_the_statuses_are_those_described() -> None:
    """Each status that openapi.yaml describes for an EHR has its row, and no other but the preflight's."""
    described = {
        status
        for path, _, operation in OPERATIONS
        if path.startswith("/cds-services")
        for status in operation["responses"]
    }
    assert {row[0] for row in table("status |")} == described | {"204"}


def test_the_override_reasons_are_those_on_cards() -> None:
    """Reasons, their texts and the cards that offer them are those of the table."""
    overrides = KNOWLEDGE.wording.overrides
    expected = [
        [reason.code, reason.display, ", ".join(str(kind) for kind in Kind if reason in overrides.of(kind))]
        for reason in overrides.reason
    ]
    assert table("reason |") == expected
    assert f"`{overrides.system}`" in PAGE


def test_the_cards_that_may_be_left_out_are_those_of_the_table() -> None:
    """The page names the kinds of card that may be suppressed, and all kinds of card there are."""
    text = " ".join(PAGE.split())
    (named,) = re.findall(r"A card about (.*?) that a user has overridden", text)
    assert set(re.findall(r"`([\w-]+)`", named)) == set(KNOWLEDGE.suppression.may_be_suppressed)
    (topics,) = re.findall(r"The code in `source.topic` tells what a card is about: (.*?)\. ", text)
    assert re.findall(r"`([\w-]+)`", topics) == [kind.value for kind in Kind]

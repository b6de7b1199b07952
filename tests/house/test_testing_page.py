"""docs/testing.md: its links are those that the public sandbox reads, and its commands do what it says."""

import json
import re
import shlex
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from service.access.issuers import public_sandbox
from service.answer.services import OFFERED
from service.settings import SETTINGS, read_settings
from tests.house.test_integrate_page import content
from tests.served import REPOSITORY, running

PAGE = (REPOSITORY / "docs/testing.md").read_text(encoding="utf-8")
LOCAL = "http://127.0.0.1:8000"
SCREENS = {"patient-view": "patient-view", "order-select": "rx-view", "order-sign": "rx-sign"}
COMMANDS = re.findall(r"^    # (\d+)(?: (\S+))?\n    (curl .*)$", PAGE, re.M)


@pytest.fixture(scope="module")
def tried() -> Iterator[str]:
    """The service as `make run` starts it."""
    with running({"KETAMINE_CDS_MODE": "development"}) as started:
        yield started.url


def test_there_is_a_link_for_each_hook() -> None:
    """Each opens the view that calls the hook, if there is one, with this service and a FHIR R4 server."""
    rows = re.findall(r"^\| `([\w-]+)` \| \[.*?\]\((\S+)\) \|$", PAGE, re.M)
    assert [hook for hook, _ in rows] == [hook for hook in OFFERED if hook in SCREENS]
    for hook, link in rows:
        assert link.startswith("https://sandbox.cds-hooks.org/?")
        assert parse_qs(urlsplit(link).query, strict_parsing=True) == {
            "serviceDiscoveryURL": [f"{LOCAL}/cds-services"],
            "fhirServiceUrl": ["https://launch.smarthealthit.org/v/r4/fhir"],
            "hook": [hook],
            "screen": [SCREENS[hook]],
        }


@pytest.mark.parametrize(("status", "topic", "command"), COMMANDS)
def test_the_commands_do_what_they_promise(tried: str, status: str, topic: str, command: str) -> None:
    """Each gets the status, and the card, in the line above it."""
    answer = sent(shlex.split(command), tried)
    assert answer.status_code == int(status)
    if topic:
        (card,) = answer.json()["cards"]
        assert card["source"]["topic"]["code"] == topic


def test_every_command_is_tried() -> None:
    """No curl command of the page stands without what it gets."""
    assert len(COMMANDS) == len(re.findall(r"^    curl ", PAGE, re.M)) > 5


def sent(curl: list[str], served: str) -> requests.Response:
    """Do what a curl command of the page does."""
    options = iter(curl[1:-1])
    method, headers, body = "GET", {}, None
    for option in options:
        match option:
            case "--include":
                continue
            case "--request":
                method = next(options)
            case "--header":
                name, _, value = next(options).partition(": ")
                headers[name] = value
            case "--data":
                method, body = "POST", content(next(options))
            case _:
                raise AssertionError(f"an option that this test does not know: {option}")
    return requests.request(
        method, curl[-1].replace(LOCAL, served), headers=headers, data=body, timeout=60, allow_redirects=False
    )


def test_the_settings_of_the_page_exist() -> None:
    """Each setting is one, and the ways to start are accepted."""
    known = set(SETTINGS)
    assert set(re.findall(r"KETAMINE_CDS_[A-Z_]+", PAGE)) <= known
    starts = re.findall(r"^    (KETAMINE_CDS_.*) make run$", PAGE, re.M)
    assert len(starts) == 2
    for start in starts:
        given = dict(pair.split("=", 1) for pair in start.split())
        read_settings({"KETAMINE_CDS_MODE": "development", **given})


def test_the_public_sandbox_is_the_one_that_is_trusted() -> None:
    """The page, its links and the published key are of one address."""
    assert f"<{public_sandbox(()).name}>" in PAGE


def test_the_sandbox_of_the_page_is_there(tried: str) -> None:
    """The built-in sandbox is where the page says, and only where it is turned on."""
    (address,) = re.findall(rf"<{LOCAL}(/sandbox)>", PAGE)
    answer = requests.get(tried + address, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "text/html")


def test_the_example_is_the_one_of_another_hook() -> None:
    """The command that shows lenient mode sends a call of another hook than its address."""
    (shown,) = (command for _, topic, command in COMMANDS if topic == "not-assessed")
    hook = json.loads((REPOSITORY / "docs/examples/esketamine-order.json").read_text("utf-8"))["hook"]
    assert not shown.endswith(hook)

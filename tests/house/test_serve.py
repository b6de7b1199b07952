"""The started service: where it says to look, how it stops, and what it says when it cannot start."""

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from service.app import create_app
from service.serve import warm_up
from service.settings import read_settings
from tests.served import COMMAND, REPOSITORY, environment, free_port, running, scratch

STOP_SECONDS = 15


def start(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `ketamine-cds serve` with settings with which it cannot start."""
    return subprocess.run(
        [COMMAND, "serve"],
        env=environment(settings),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_the_start_tells_where_to_look() -> None:
    """The first lines name the page, discovery, the API description and a command to try."""
    with running({"KETAMINE_CDS_PUBLIC_URL": "https://cds.example.org"}) as started:
        started.process.terminate()
        printed, _ = started.process.communicate(timeout=STOP_SECONDS)
    for place in ("/", "/cds-services", "/openapi.yaml"):
        assert f"https://cds.example.org{place}\n" in printed
    assert "curl https://cds.example.org/cds-services" in printed


def test_an_open_service_says_so_loudly() -> None:
    """Who starts it sees that everyone is answered, and whether others than this machine's users are."""
    for public, warnings in [("http://localhost:8000", 1), ("https://cds.example.org", 2)]:
        with running({"KETAMINE_CDS_PUBLIC_URL": public}) as started:
            started.process.terminate()
            printed, _ = started.process.communicate(timeout=STOP_SECONDS)
        assert "*** This service is OPEN: it answers everyone who reaches it" in printed
        assert printed.count("***\n") == warnings
        assert printed.count('"level":"warning","event":"log","logger":"service.serve"') == warnings


def test_in_development_people_read_the_log() -> None:
    """That everyone is answered stands there once, and a call is a line of words."""
    with running({"KETAMINE_CDS_MODE": "development"}) as started:
        requests.get(f"{started.url}/cds-services", timeout=60)
        started.process.terminate()
        printed, _ = started.process.communicate(timeout=STOP_SECONDS)
    assert printed.count("OPEN") == 1
    assert "{" not in printed
    assert re.search(r"^\d\d:\d\d:\d\d discover .*\bstatus=200\b", printed, re.M)


def test_make_run_says_that_it_installs() -> None:
    """Who waits for the first start knows for what."""
    make = ["make", "--always-make", "--dry-run", "run"]
    steps = subprocess.run(make, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    told, installing = steps.index("Installing what requirements.lock names"), steps.index("pip install")
    assert told < installing


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_it_does_not_start_open_to_others(host: str) -> None:
    """On an address that other machines can reach it starts only if callers are checked or it is told to."""
    refused = start({"KETAMINE_CDS_HOST": host, "KETAMINE_CDS_PORT": str(free_port())})
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert refused.stderr.startswith(f"ketamine-cds: will not answer everyone on {host}, ")
    assert "KETAMINE_CDS_ALLOW_OPEN_PUBLIC=true" in refused.stderr


def test_it_starts_open_to_others_when_told_to() -> None:
    """The operator may decide that nobody is checked."""
    told = {"KETAMINE_CDS_HOST": "0.0.0.0", "KETAMINE_CDS_ALLOW_OPEN_PUBLIC": "true"}
    with running(told) as started:
        assert requests.get(f"{started.url}/health", timeout=5).json()["auth"] == "open"


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(stop: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end the service with exit code 0, and its port is free again."""
    with running({}) as started:
        started.process.send_signal(stop)
        started.process.communicate(timeout=STOP_SECONDS)
        assert started.process.returncode == 0
        with pytest.raises(requests.ConnectionError):
            requests.get(started.url, timeout=5)


def test_make_run_ends_with_make() -> None:
    """Stopping `make run` stops the service too, instead of leaving it behind on its port."""
    make = ("make", "--old-file=.venv/.for-running", f"BIN={COMMAND.parent}", "run")
    with running({}, command=make) as started:
        assert requests.get(started.url, timeout=5).json()["mode"] == "development"
        started.process.terminate()
        started.process.communicate(timeout=STOP_SECONDS)
        with pytest.raises(requests.ConnectionError):
            requests.get(started.url, timeout=5)


def test_a_taken_port_is_told_in_one_line(taken_port: int) -> None:
    """A second service on a port neither shares it silently nor prints a stack trace."""
    refused = start({"KETAMINE_CDS_PORT": str(taken_port)})
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert refused.stderr.startswith(f"ketamine-cds: cannot listen on 127.0.0.1 port {taken_port}: ")


def test_a_running_service_keeps_its_port_to_itself() -> None:
    """Two services never share one port, although the workers of one do."""
    with running({}) as started:
        assert start({"KETAMINE_CDS_PORT": started.url.rpartition(":")[2]}).returncode == 2


def test_a_bad_setting_is_told_in_one_line() -> None:
    """A value that does not fit stops the start with the variable and what was expected."""
    refused = start({"KETAMINE_CDS_MODE": "debug", "KETAMINE_CDS_PORT": str(free_port())})
    assert refused.returncode == 2
    assert refused.stderr == "ketamine-cds: KETAMINE_CDS_MODE: expected development or production\n"


def test_the_warm_up_goes_through_everything() -> None:
    """The call with which a worker warms up gives, on any day, a card that suggests a drafted referral."""
    app = create_app(read_settings(scratch()))
    (card,) = json.loads(warm_up(app))["cards"]
    app.extensions["close"]()
    assert card["source"]["topic"]["code"] == "caution"
    assert card["suggestions"][0]["actions"][0]["resource"]["resourceType"] == "ServiceRequest"


def test_it_lives(service: str) -> None:
    """The liveness probe answers 200 with a JSON object."""
    answer = requests.get(f"{service}/health/live", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_api_description_is_the_one_of_the_repository(service: str) -> None:
    """What is served is openapi.yaml, byte for byte, as YAML."""
    answer = requests.get(f"{service}/openapi.yaml", timeout=5)
    assert answer.headers["Content-Type"] == "application/yaml"
    assert answer.content == Path(REPOSITORY, "openapi.yaml").read_bytes()


def test_the_first_page_is_json_for_programs(service: str) -> None:
    """Without a wish for HTML, / is a JSON object whose links all lead somewhere."""
    answer = requests.get(service, timeout=5).json()
    assert answer["name"] == "ketamine-cds"
    assert {requests.get(link, timeout=5).status_code for link in answer["links"].values()} <= {200, 405}


def test_the_first_page_is_html_for_browsers(service: str) -> None:
    """A browser gets a page that loads nothing from elsewhere."""
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    answer = requests.get(service, headers=browser, timeout=5)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Vary"] == "Accept"
    assert "src=" not in answer.text
    assert {style[:9] for style in re.findall(r'<link rel="stylesheet" href="([^"]*)"', answer.text)} == {
        "./static/"
    }

"""The image and the wheel: the Dockerfile's own steps, run in an empty folder, give a service that works.

No Docker engine is needed: the COPY and RUN lines of the build stage are carried out with the image's
folders (/src, /tools, /app, /wheel) moved into a temporary one.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.served import REPOSITORY, environment, running

DOCKERFILE = REPOSITORY / "Dockerfile"
EXAMPLE = REPOSITORY / "docs" / "examples" / "two-failed-trials.json"


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile as (word, rest) pairs, continued lines joined."""
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def build_stage() -> list[tuple[str, str]]:
    """Return the COPY and RUN instructions before the second FROM."""
    words = [word for word, _ in instructions()]
    second = words.index("FROM", 1)
    return [(word, rest) for word, rest in instructions()[:second] if word in ("COPY", "RUN")]


def copy(sources: list[str], target: Path) -> None:
    """Copy files into a folder, and a folder's content as that folder, as COPY does."""
    for source in (REPOSITORY / name for name in sources):
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


def run(command: str, image: Path) -> None:
    """Run a shell command of the Dockerfile with the image's folders moved to `image`."""
    moved = re.sub(r"(?<![\w.])/(src|tools|app|wheel)\b", rf"{image}/\1", command)
    moved = re.sub(r"^python ", f"{shlex.quote(sys.executable)} ", moved)
    subprocess.run(["bash", "-euc", moved], cwd=image / "src", check=True, env=environment({}))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file system of the image, as far as the build stage makes it."""
    root = tmp_path_factory.mktemp("image")
    (root / "src").mkdir()
    for word, rest in build_stage():
        if word == "COPY":
            *sources, target = rest.split()
            copy(sources, root / "src" / target)
        else:
            run(rest, root)
    return root


def test_assessment_runs_outside_the_checkout(image: Path, tmp_path: Path) -> None:
    """The installed wheel holds every table that an assessment needs."""
    shutil.copy(EXAMPLE, tmp_path / "record.json")
    answer = subprocess.run(
        [
            image / "app/bin/ketamine-cds",
            "assess",
            "record.json",
            "--as-of",
            "2026-11-02",
            "--format",
            "json",
        ],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout)["conclusion"] == "recommend"


def test_service_runs_outside_the_checkout(image: Path, tmp_path: Path) -> None:
    """The installed command serves discovery, the API description and the page for browsers."""
    with running({}, command=(image / "app/bin/ketamine-cds", "serve"), cwd=tmp_path) as served:
        discovery = requests.get(f"{served.url}/cds-services", timeout=10).json()
        description = requests.get(f"{served.url}/openapi.yaml", timeout=10).content
        page = requests.get(served.url, headers={"Accept": "text/html"}, timeout=10).text
    assert len(discovery["services"]) == 3
    assert description == (REPOSITORY / "openapi.yaml").read_bytes()
    assert page.startswith("<!doctype html>")


def test_image_holds_nothing_to_build_or_test_with(image: Path) -> None:
    """What runs in production is what requirements.lock names, and the service."""
    listing = f"{image}/tools/bin/python -m pip --python {image}/app/bin/python list --format json"
    installed = subprocess.run(shlex.split(listing), capture_output=True, check=True, env=environment({}))
    names = {re.sub(r"[._]", "-", row["name"].lower()) for row in json.loads(installed.stdout)}
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    assert names == {"ketamine-cds", *re.findall(r"^([\w-]+)==\S+ \\$", lock, re.M)}


def test_image_runs_without_privileges_and_says_whether_it_lives() -> None:
    """The last stage names a user that is not root, and a health check on /health/live."""
    last = dict(instructions())
    assert last["USER"] not in ("root", "0")
    assert "/health/live" in last["HEALTHCHECK"]


def test_the_health_check_of_the_image_works(service: str) -> None:
    """The command of HEALTHCHECK succeeds on a living service and fails where nothing answers."""
    command = json.loads(dict(instructions())["HEALTHCHECK"].partition("CMD ")[2])
    for port, living in ((service.rpartition(":")[2], True), ("1", False)):
        check = subprocess.run(
            [sys.executable, *command[1:]], env=environment({"KETAMINE_CDS_PORT": port}), capture_output=True
        )
        assert (check.returncode == 0) is living

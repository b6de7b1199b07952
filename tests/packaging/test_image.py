"""The image and the wheel: the Dockerfile's own steps, run in an empty folder, give a service that works.

No Docker engine is needed: the COPY and RUN lines of the build stage are carried out with the image's
folders (/src, /tools, /app, /wheel) moved into a temporary one.
"""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests
from packaging.requirements import Requirement

from release import sbom
from tests.served import REPOSITORY, environment, free_port, running

DOCKERFILE = REPOSITORY / "Dockerfile"
SOURCES = ("cds_hooks", "mappings", "service")
FILES = ("pyproject.toml", "README.md", "LICENSE", "openapi.yaml", "sbom.cdx.json", "Makefile")
EXAMPLE = REPOSITORY / "docs" / "examples" / "two-failed-trials.json"


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile as (word, rest) pairs, continued lines joined."""
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def build_stage() -> list[tuple[str, str]]:
    """Return the COPY and RUN instructions before the second FROM."""
    first, second = (number for number, (word, _) in enumerate(instructions()) if word == "FROM")
    return [(word, rest) for word, rest in instructions()[first:second] if word in ("COPY", "RUN")]


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
        discovery = requests.get(f"{served.url}/cds-services", timeout=60).json()
        description = requests.get(f"{served.url}/openapi.yaml", timeout=60).content
        page = requests.get(served.url, headers={"Accept": "text/html"}, timeout=60).text
    assert len(discovery["services"]) == 3
    assert description == (REPOSITORY / "openapi.yaml").read_bytes()
    assert page.startswith("<!doctype html>")


def test_the_tables_are_made_ready_in_the_image(image: Path) -> None:
    """The first start takes them: what the image runs as may not write there."""
    assert list(image.glob("app/lib/python*/site-packages/mappings/__pycache__/knowledge.*.pickle"))


def test_image_holds_nothing_to_build_or_test_with(image: Path) -> None:
    """What runs in production is what requirements.lock names, and the service."""
    listing = f"{image}/tools/bin/python -m pip --python {image}/app/bin/python list --format json"
    installed = subprocess.run(shlex.split(listing), capture_output=True, check=True, env=environment({}))
    names = {re.sub(r"[._]", "-", row["name"].lower()) for row in json.loads(installed.stdout)}
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    locked = [Requirement(line) for line in re.findall(r"^([\w-]+==.*) \\$", lock, re.M)]
    here = {each.name for each in locked if each.marker is None or each.marker.evaluate()}
    assert names == {"ketamine-cds", *here}


def test_everything_is_installed_by_its_hash() -> None:
    """Each package has hashes in its lock, and the image installs by them, or the wheel just built."""
    for name in (
        "requirements.lock",
        "requirements-mcp.lock",
        "requirements-populations.lock",
        "requirements-build.lock",
        "requirements-dev.lock",
        "docs/site/requirements.lock",
    ):
        lock = (REPOSITORY / name).read_text(encoding="utf-8")
        packages = re.findall(r"^[\w-]+==[^\n]+\n    --hash=sha256:[0-9a-f]{64}", lock, re.M)
        assert len(packages) == len(re.findall(r"^[^\s#-]", lock, re.M))
    installs = [
        rest for word, rest in instructions() if word == "RUN" and "pip" in rest and " install " in rest
    ]
    assert len(installs) == 3
    assert all("--require-hashes" in each or "--no-index --no-deps /wheel/" in each for each in installs)


def variables() -> dict[str, str]:
    """The environment variables that the image sets."""
    lines = [rest for word, rest in instructions() if word == "ENV"]
    return dict(each.split("=", 1) for line in lines for each in shlex.split(line))


def as_in_the_image(folder: Path) -> dict[str, str]:
    """The settings that the image has, with its folder for data moved to `folder`."""
    return {
        name: value.replace(last_of("VOLUME"), str(folder))
        for name, value in variables().items()
        if name != "PATH"
    }


def last_of(word: str) -> str:
    """What the last instruction of this kind says."""
    return dict(instructions())[word]


def test_the_image_keeps_its_data_in_a_volume_of_its_user() -> None:
    """The default database lies in a folder that outlives the container and that its user may write."""
    folder = last_of("VOLUME")
    assert variables()["KETAMINE_CDS_DATABASE_URL"].startswith(f"sqlite:///{folder}/")
    user = last_of("USER")
    (made,) = re.findall(rf"install --directory .*--owner (\d+) .*{folder}", last_of("RUN"))
    assert made == user


def test_the_image_refuses_to_start_open(image: Path, tmp_path: Path) -> None:
    """As it listens on all addresses, it starts only with issuers, or when told that open is meant."""
    command = (image / "app/bin/ketamine-cds", "serve")
    settings = as_in_the_image(tmp_path)
    closed = environment({**settings, "KETAMINE_CDS_PORT": str(free_port())})
    refused = subprocess.run(command, cwd=tmp_path, env=closed, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert "KETAMINE_CDS_ALLOW_OPEN_PUBLIC" in refused.stderr
    with running({**settings, "KETAMINE_CDS_ALLOW_OPEN_PUBLIC": "true"}, command, tmp_path) as served:
        assert requests.get(f"{served.url}/cds-services", timeout=60).status_code == 200
    assert (tmp_path / "ketamine-cds.db").is_file()


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


def built(folder: Path, umask: int, zone: str) -> Path:
    """Build the wheel by `make dist` in a folder, as another user would on another machine."""
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / name, folder / name, symlinks=True, ignore=ignored)
    for name in FILES:
        (folder / name).write_bytes((REPOSITORY / name).read_bytes())
    make = ["make", "--old-file=.venv/.for-running", f"BIN={Path(sys.executable).parent}", "dist"]
    before = os.umask(umask)
    try:
        subprocess.run(make, cwd=folder, env=environment({"TZ": zone}), check=True, capture_output=True)
    finally:
        os.umask(before)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_wheel_is_the_same_wherever_it_is_built(tmp_path: Path, image: Path) -> None:
    """Two folders, users and time zones, and the steps of the image give one hash, which stands beside it."""
    first = built(tmp_path / "one", 0o022, "UTC")
    second = built(tmp_path / "a longer name" / "two", 0o077, "Pacific/Kiritimati")
    (third,) = (image / "wheel").glob("*.whl")
    assert digest(first) == digest(second) == digest(third)
    hashes = (first.parent / "SHA256SUMS").read_text(encoding="utf-8")
    beside = first.parent / "sbom.cdx.json"
    assert hashes == f"{digest(first)}  {first.name}\n{digest(beside)}  sbom.cdx.json\n"
    assert beside.read_bytes() == sbom.SBOM.read_bytes()


def test_the_wheel_holds_types_and_no_tools(image: Path) -> None:
    """Type checkers find our types in it; tests, tools and what rebuilds tables stay out."""
    (wheel,) = (image / "wheel").glob("*.whl")
    names = set(ZipFile(wheel).namelist())
    assert {f"{package}/py.typed" for package in SOURCES} < names
    folders = {name.partition("/")[0] for name in names}
    assert folders == {*SOURCES, "ketamine_cds-0.1.0.dist-info"}


def test_the_list_of_parts_is_what_the_image_installs(image: Path) -> None:
    """sbom.cdx.json is what the installed packages give; another Python may need a few others."""
    made = sbom.read_environment(image / "app/bin/python")
    (python,) = re.findall(r"python:(\d\.\d+)", dict(instructions())["ARG"])
    if sys.version_info[:2] == tuple(map(int, python.split("."))):
        assert sbom.as_text(made) == sbom.SBOM.read_text(encoding="utf-8"), "run `make sbom`"
    packages = [
        {each["purl"] for each in document["components"]}
        for document in (made, json.loads(sbom.SBOM.read_bytes()))
    ]
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    by_version = set(re.findall(r"^([\w-]+)==.* ; python_full_version", lock, re.M))
    differing = {re.sub(r"pkg:pypi/(.*)@.*", r"\1", purl) for purl in packages[0] ^ packages[1]}
    assert differing <= by_version

"""What a release is made of: its parts, their licences, what is known against them, the base image."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from release import advisories, sbom
from tests.packaging.test_image import DOCKERFILE, instructions
from tests.served import REPOSITORY, environment

MAKEFILE = REPOSITORY / "Makefile"
PARTS = json.loads(sbom.SBOM.read_text(encoding="utf-8"))
LICENCES = tomllib.loads((REPOSITORY / "release" / "licences.toml").read_text(encoding="utf-8"))


def locked(name: str) -> dict[str, Requirement]:
    """Return what a lock installs with this Python, by name."""
    lines = re.findall(r"^([\w-]+==.*) \\$", (REPOSITORY / name).read_text(encoding="utf-8"), re.M)
    here = [each for each in map(Requirement, lines) if each.marker is None or each.marker.evaluate()]
    return {str(canonicalize_name(each.name)): each for each in here}


def test_the_list_of_parts_tells_of_no_place_and_no_day() -> None:
    """The same lock gives the same list: no address, no path, no time, no random number."""
    text = sbom.SBOM.read_text(encoding="utf-8").replace(PARTS["$schema"], "")
    assert not re.search(r"https?://|file:|/work|/tmp|/home", text)
    assert "serialNumber" not in PARTS
    assert "timestamp" not in PARTS["metadata"]


def test_the_list_of_parts_has_versions_and_who_needs_whom() -> None:
    """Each package has its purl, the service is its root, and every dependency is a part."""
    assert PARTS["metadata"]["component"]["name"] == "ketamine-cds"
    refs = {each["bom-ref"] for each in PARTS["components"]} | {"root-component"}
    needed = {ref for each in PARTS["dependencies"] for ref in each.get("dependsOn", ())}
    assert needed == refs - {"root-component"}
    assert all(each["purl"].startswith("pkg:pypi/") for each in PARTS["components"])


def test_the_image_holds_the_list_of_parts() -> None:
    """The last stage copies it, and .dockerignore lets it through."""
    copied = [rest.split() for word, rest in instructions() if word == "COPY"]
    assert ["sbom.cdx.json", "LICENSE", "/usr/share/doc/ketamine-cds/"] in copied
    assert "!sbom.cdx.json" in (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_the_page_of_licences_is_up_to_date() -> None:
    """docs/licences.md lists what the list of parts tells: run `make sbom`."""
    page = sbom.LICENCES.read_text(encoding="utf-8")
    assert page == sbom.with_table(page, PARTS)


def test_no_package_has_a_licence_that_is_not_allowed() -> None:
    """Of the service and of its tools; what tells no licence is named with where it was read."""
    here = sbom.read_environment(Path(sys.executable))["components"]
    names = locked("requirements-dev.lock")
    used = {
        str(canonicalize_name(each["name"])): sbom.licences(each) for each in [*here, *PARTS["components"]]
    }
    assert names.keys() <= used.keys()
    for name in {*names, *locked("requirements.lock")}:
        assert used[name] or name in LICENCES["read_elsewhere"], name
        assert all(map(allowed, used[name])), (name, used[name])


def allowed(licence: str) -> bool:
    """Tell whether each part of a licence is in the list; of alternatives, too, each."""
    parts = [licence] if licence in LICENCES["allowed"] else re.split(r" AND | OR |[()]+", licence)
    return all(part in LICENCES["allowed"] for part in parts if part)


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "Proprietary", "(MIT OR SSPL-1.0)"]
)
def test_a_new_kind_of_licence_would_be_found(licence: str) -> None:
    """What is not in the list is refused, also as a part."""
    assert not allowed(licence)
    assert allowed("(MIT OR Apache-2.0) AND BSD-3-Clause")


def test_a_release_has_one_version_and_one_day() -> None:
    """They are those of the newest release in the changelog, wherever they stand."""
    changes = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    version, day = re.findall(r"^## (\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)$", changes, re.M)[0]
    read = {name: (REPOSITORY / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "README.md")}
    citation, described = (
        yaml.safe_load((REPOSITORY / name).read_text(encoding="utf-8"))
        for name in ("CITATION.cff", "openapi.yaml")
    )
    assert tomllib.loads(read["pyproject.toml"])["project"]["version"] == version
    assert (citation["version"], str(citation["date-released"])) == (version, day)
    assert described["info"]["version"] == version
    assert set(re.findall(r"ketamine_cds-([\d.]+)-py3", read["README.md"])) == {version}


def test_a_release_lists_its_rule_changes_apart() -> None:
    """Whoever answers for the rules finds what became different of them in one list."""
    changes = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    for release in re.split(r"^## \d.*\n", changes, flags=re.M)[1:]:
        lists = re.findall(r"^### (.+)$", release, re.M)
        assert lists[0] == "Rules"
        assert "\n- " in release.partition("### Rules")[2].partition("###")[0]


KNOWN = {"id": "PYSEC-1", "fix_versions": ["2.0"]}


@pytest.mark.parametrize(
    ("answer", "lines", "failing"),
    [
        ("the network is away", ["x.lock: NOT CHECKED: the network is away"], False),
        ([], ["x.lock: NOT CHECKED: 0 of 0 packages the index tells nothing of: "], False),
        (
            [{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1", "vulns": []}],
            [
                "x.lock: NOT CHECKED: 1 of 2 packages the index tells nothing of: a",
                "x.lock: 1 packages checked, 0 with advisories",
            ],
            False,
        ),
        (
            [{"name": "b", "version": "1", "vulns": [KNOWN]}],
            ["x.lock: 1 packages checked, 1 with advisories", "  b 1: PYSEC-1, mended in 2.0"],
            True,
        ),
    ],
)
def test_what_was_not_checked_is_never_clear(
    answer: advisories.Packages | str,
    lines: list[str],
    failing: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A package of which nothing came is told as not checked; only an advisory fails."""
    assert list(advisories.told("x.lock", answer)) == lines
    monkeypatch.setattr(advisories, "ask", lambda _: answer)
    assert advisories.main() == int(failing)


def test_an_index_that_cannot_be_reached_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever goes wrong with asking is told in a line."""
    tool = tmp_path / "pip-audit"
    tool.write_text("#!/bin/sh\necho 'no such host' >&2\nexit 1\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setattr(advisories, "_TOOL", tool)
    assert advisories.ask("requirements.lock") == "no such host"


def pinned(folder: Path, answer: str) -> tuple[int, str]:
    """Run `make base` with a docker that answers so; return its exit code and the line of the Dockerfile."""
    docker = folder / "docker"
    docker.write_text(f'#!/bin/sh\n[ "$4" = python:3.11-slim ] && echo {answer}\n', encoding="utf-8")
    docker.chmod(0o755)
    shutil.copy(MAKEFILE, folder)
    path = f"{folder}:{os.environ['PATH']}"
    done = subprocess.run(["make", "base"], cwd=folder, env=environment({"PATH": path}), capture_output=True)
    (line,) = re.findall(r"^ARG BASE=.*$", (folder / "Dockerfile").read_text(encoding="utf-8"), re.M)
    return done.returncode, line


def test_the_base_image_is_pinned_and_renewed_by_one_word(tmp_path: Path) -> None:
    """`make base` writes the digest that the tag has, also over an older one; no digest changes nothing."""
    shutil.copy(DOCKERFILE, tmp_path)
    for digit in "ab":
        digest = f"sha256:{digit * 64}"
        assert pinned(tmp_path, digest) == (0, f"ARG BASE=python:3.11-slim@{digest}")
    code, line = pinned(tmp_path, "''")
    assert code != 0
    assert line == f"ARG BASE=python:3.11-slim@sha256:{'b' * 64}"


def test_both_stages_stand_on_the_same_base() -> None:
    """The argument is what every stage begins with."""
    assert [rest for word, rest in instructions() if word == "FROM"] == ["${BASE} AS build", "${BASE}"]

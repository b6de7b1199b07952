"""deploy/compose.yaml: valid by the Compose specification, without privileges, and without secrets inside."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.serve import STOP_SECONDS
from tests.deploy.manifests import COMPOSE, DEPLOY

CHECK = Path(sys.executable).with_name("check-jsonschema")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
EACH = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
SECRET = re.compile(r"PASSWORD|KEY|SECRET|TOKEN")


def validated(file: Path) -> int:
    """Hold a file against the schema of the Compose specification; return the exit code."""
    command: list[str | Path] = [CHECK, "--builtin-schema", "vendor.compose-spec", file]
    return subprocess.run(command, capture_output=True).returncode


def test_the_file_is_valid(tmp_path: Path) -> None:
    """The file fits the specification's schema, and one misspelt member would not."""
    file = DEPLOY / "compose.yaml"
    assert validated(file) == 0
    broken = tmp_path / "compose.yaml"
    broken.write_text(file.read_text(encoding="utf-8").replace("read_only", "readonly"), encoding="utf-8")
    assert validated(broken) != 0


def test_service_database_and_proxy_are_there() -> None:
    """Two replicas of the service, one PostgreSQL 15, one proxy."""
    assert set(SERVICES) == {"proxy", "service", "database"}
    assert SERVICES["service"]["deploy"]["replicas"] == 2
    assert SERVICES["database"]["image"].startswith("postgres:15.")
    assert "container_name" not in SERVICES["service"]  # one name cannot be given to two


@EACH
def test_images_are_pinned(service: dict[str, Any]) -> None:
    """Each image has a full version, so that a restart never brings another one."""
    _, _, tag = service["image"].partition(":")
    assert re.match(r"\d+\.\d+", tag)


@EACH
def test_containers_have_no_privileges(service: dict[str, Any]) -> None:
    """No root, nothing to write to, no capability but the one that the proxy's program is marked with."""
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) in ([], ["NET_BIND_SERVICE"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"privileged", "network_mode", "pid", "ipc", "devices"}
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


@EACH
def test_containers_are_bounded_and_restarted(service: dict[str, Any]) -> None:
    """Processors, memory, processes and logs have a limit; what ends is started again."""
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert service["restart"] == "unless-stopped"


def test_only_the_proxy_is_reached_from_outside() -> None:
    """One port is published, for TLS; the database is in a network without a way out."""
    assert {name: each["ports"] for name, each in SERVICES.items() if "ports" in each} == {
        "proxy": ["443:8443"]
    }
    assert SERVICES["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert "inside" not in SERVICES["proxy"]["networks"]


def test_each_starts_after_what_it_needs() -> None:
    """The service waits for a healthy database, the proxy for a healthy service; all three are checked."""
    assert SERVICES["service"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert SERVICES["proxy"]["depends_on"] == {"service": {"condition": "service_healthy"}}
    assert "healthcheck" in SERVICES["database"]
    assert "healthcheck" in SERVICES["proxy"]
    assert "HEALTHCHECK" in (DEPLOY.parent / "Dockerfile").read_text(encoding="utf-8")


def test_the_service_has_time_to_stop() -> None:
    """Calls in flight are finished and records written before the container is killed."""
    assert int(SERVICES["service"]["stop_grace_period"].removesuffix("s")) > STOP_SECONDS


def test_no_secret_stands_in_the_file() -> None:
    """Each secret is a variable without a default, or a file that is named by one."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if SECRET.search(name):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), name
    assert re.findall(r"://[^/\s]*:([^@/\s]*)@", text) == ["${DATABASE_PASSWORD}"]
    assert all(each["file"].startswith("${") for each in COMPOSE["secrets"].values())


def test_the_example_names_every_variable_and_no_value() -> None:
    """deploy/compose.env.example lists what compose.yaml asks for, nothing filled in."""
    lines = (DEPLOY / "compose.env.example").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line and not line.startswith("#")]
    assert all(line.endswith("=") for line in listed)
    asked = re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert {line.rstrip("=") for line in listed} == set(asked)
    assert "/deploy/.env" in (DEPLOY.parent / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_files_that_are_mounted_exist() -> None:
    """Each file beside compose.yaml that a container gets is there."""
    volumes = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    for volume in volumes:
        if volume.startswith("./"):
            assert (DEPLOY / volume.split(":")[0]).is_file()

"""docs/operate.md: metrics, alerts, log fields, figures and commands are those of the code."""

import re
import subprocess
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from service.operations import bodies, gateway, logs, metrics
from service.serve import STOP_SECONDS
from service.settings import SETTINGS, read_settings
from service.store import database, recorder
from tests.served import COMMAND, REPOSITORY, environment

PAGE = (REPOSITORY / "docs/operate.md").read_text(encoding="utf-8")
RULES: dict[str, Any] = yaml.safe_load(re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)[0])
ALERTS: list[dict[str, Any]] = [alert for group in RULES["groups"] for alert in group["rules"]]
PAGES = [REPOSITORY / "docs" / name for name in ("operate.md", "integrate.md", "security.md")]
SERIES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


def exposed() -> dict[str, tuple[str, ...]]:
    """The labels of each metric, by the name that an expression uses."""
    kept = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    return {
        f"{family.name}{suffix}": labels_of(each) + (("le",) if suffix == "_bucket" else ())
        for each in kept
        for family in each.describe()
        for suffix in SERIES[family.type]
    }


def labels_of(metric: MetricWrapperBase) -> tuple[str, ...]:
    """The names of the labels of a metric."""
    return tuple(metric._labelnames)


def rows(heading: str) -> list[list[str]]:
    """The rows of the table whose first line begins with `heading`, code marks left out."""
    lines = PAGE.partition(f"\n| {heading}")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]


def test_the_metrics_are_those_that_are_exposed() -> None:
    """Each metric is listed with its labels, and no other."""
    families = {
        re.sub("_(bucket|sum|count)$", "", name): [each for each in labels if each != "le"]
        for name, labels in exposed().items()
    }
    listed = {name: [each for each in labels.split(", ") if each] for name, labels, _ in rows("metric |")}
    assert listed == families


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_alerts_ask_for_what_is_exposed(alert: dict[str, Any]) -> None:
    """Each alert is complete, and its expression names series and labels that exist."""
    assert set(alert) <= {"alert", "expr", "for", "labels", "annotations"}
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert alert["annotations"]["summary"].endswith(".")
    known = exposed()
    series = re.findall(r"(ketamine_cds_\w+)(?:\{(\w+)[=~!])?", alert["expr"])
    assert series
    for name, label in series:
        assert name in known
        assert not label or label in known[name]
    grouped = re.findall(r"by \((\w+)\)", alert["expr"])
    assert set(grouped) <= {label for name, _ in series for label in known[name]}


def test_the_alert_on_waiting_records_comes_before_the_first_is_lost() -> None:
    """Its figure is below what a worker holds."""
    (alert,) = (each for each in ALERTS if each["alert"] == "KetamineCdsRecordsWait")
    (figure,) = re.findall(r"> (\d+)$", alert["expr"])
    assert int(figure) < recorder.MOST_QUEUED


def test_the_log_fields_are_those_that_are_written() -> None:
    """Each field that the line of a call may hold is listed, with those that every line has."""
    listed = [name for name, _ in rows("field |")]
    assert set(listed) >= {*logs.TOLD, "time", "level", "event"}
    assert set(listed) - set(logs.TOLD) == {
        "time", "level", "event", "logger", "message", "place", "error",
    }  # fmt: skip


def test_every_setting_has_a_purpose() -> None:
    """The table of purposes has each setting once."""
    named = re.findall(r"KETAMINE_CDS_[A-Z_]+", "\n".join(cells for _, cells in rows("purpose |")))
    assert sorted(named) == sorted(SETTINGS)


def test_the_figures_are_those_of_the_code() -> None:
    """Limits and times that the page names are those that hold."""
    figures = {name: value for name, value, _ in rows("figure |")}
    usual = read_settings({})
    workers, threads = usual.workers, usual.threads
    assert figures["workers in a replica"].startswith(f"{workers}, each with {threads} threads")
    assert figures["calls at a time in a replica"].startswith(f"{workers * threads} with bodies up to ")
    lanes = (gateway.MIDDLING_AT_ONCE, gateway.LARGE_AT_ONCE)
    assert (
        figures["bodies above 256 KiB and above 1 MiB that a worker answers at a time"]
        == f"{lanes[0]}, of which one computes, and {lanes[1]} in a process of its own"
    )
    assert (gateway.MIDDLING, bodies.LARGE) == (256 * 1024, 1024 * 1024)
    assert figures["room for large bodies in a worker"].startswith(f"{bodies.AT_ONCE} times ")
    assert figures["time that a body waits for room"].startswith(f"{bodies.WAIT_SECONDS:g} s")
    assert figures["time for a body to come"].startswith(f"{bodies.BODY_SECONDS:g} s")
    assert (bodies.STALL_SECONDS, bodies.GRACE_SECONDS, bodies.PACE) == (2.0, 5.0, 2 * 1024 * 1024)
    assert figures["records that wait in a worker"] == str(recorder.MOST_QUEUED)
    text = " ".join(PAGE.split())
    assert f"within {STOP_SECONDS} seconds" in text
    assert (database.SOON_SECONDS, database.REST_SECONDS) == (0.25, 5.0)
    assert "a quarter of a second at most, and after a failure not at all for five seconds" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_exist(page: Any) -> None:
    """Each command that a page names is one that the command line knows."""
    named = re.findall(r"`ketamine-cds ([a-z]+(?: [a-z]+)?)", page.read_text(encoding="utf-8"))
    for command in sorted(set(named)):
        asked = subprocess.run(
            [COMMAND, *command.split(), "--help"], env=environment({}), capture_output=True, text=True
        )
        assert asked.returncode == 0, command

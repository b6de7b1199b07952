"""How the service says that it is: to people, and to those who decide where calls go."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_hooks.web import everyone
from service.access.callers import Callers
from service.fhir.prefetch import Asked
from service.settings import read_settings
from service.web.status import Check, pages

RULES = "2026.12.0+12345678"


def client(*readiness: Check, missing_rows: Sequence[str] = (), **settings: str) -> FlaskClient:
    """A client of the pages alone."""
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(
        pages(
            read_settings(settings),
            rule_set=RULES,
            missing_rows=missing_rows,
            readiness=readiness,
            callers=Callers(trust=everyone, bases={}, everywhere=Asked(templates={}, essential=())),
        )
    )
    return app.test_client()


def well() -> None:
    """Find nothing to complain of."""


def unwell() -> str:
    """Find something."""
    return "the database cannot be used"


def answer(asked: FlaskClient, path: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON of an answer."""
    got = asked.get(path)
    return got.status_code, got.get_json()


def test_ready_when_nothing_is_wrong() -> None:
    """A load balancer sends calls to a service that has nothing to complain of."""
    assert answer(client(well, well), "/health/ready") == (200, {"status": "ready"})


def test_not_ready_with_reasons() -> None:
    """Every reason is told in words; the service lives all the same."""
    asked = client(well, unwell, lambda: "the queue is full")
    reasons = ["the database cannot be used", "the queue is full"]
    assert answer(asked, "/health/ready") == (503, {"status": "not ready", "reasons": reasons})
    assert answer(asked, "/health/live") == (200, {"status": "ok"})


def test_readiness_is_asked_anew() -> None:
    """A service that recovers is ready again."""
    reasons = ["away", None]
    asked = client(lambda: reasons.pop(0))
    assert [asked.get("/health/ready").status_code for _ in range(2)] == [503, 200]


def test_health_tells_a_person() -> None:
    """What runs here, how it is, and a warning in words that everyone is answered; the status is 200."""
    status, told = answer(client(unwell), "/health")
    assert status == 200
    assert told["status"] == "not ready"
    assert told["reasons"] == ["the database cannot be used"]
    assert (told["ruleSet"], told["auth"]) == (RULES, "open")
    assert told["warning"].startswith("open: ")


@pytest.mark.parametrize("path", ["/health", "/"])
def test_no_warning_where_callers_are_checked(path: str) -> None:
    """A service that checks who calls says so, and warns of nothing."""
    asked = client(KETAMINE_CDS_AUTH="jwt", KETAMINE_CDS_ISSUERS=__file__)
    told = asked.get(path).get_json()
    assert told["auth"] == "jwt"
    assert "warning" not in told


def test_the_first_page_warns_of_an_open_service() -> None:
    """A browser shows it, and a program finds it."""
    shown = client().get("/", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "Warning: open: this service answers everyone" in shown
    assert client().get("/").get_json()["warning"] in shown


def test_rows_that_are_missing_are_named() -> None:
    """A site that took a row out reads so; a service with every row says nothing."""
    gone = ["flags.toml flag GOUT"]
    assert answer(client(missing_rows=gone), "/health")[1]["missingRows"] == gone
    assert "missingRows" not in answer(client(), "/health")[1]

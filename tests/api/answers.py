"""The answers that openapi.yaml shows: made by the service, on a fixed day, of patients of the sandbox."""

import json
import re
from dataclasses import fields
from datetime import date
from itertools import count
from textwrap import indent

from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings, read_settings
from tests.hooks.chart import Json
from tests.hooks.ehr import PATH, knowledge
from tests.served import scratch

DEEP = " " * 12
SETUPS = {
    "recommend": (
        "two failed trials and nothing against a referral: recommend",
        "patient=case-01&hook=patient-view",
    ),
    "critical": (
        "esketamine is signed for a patient with an aortic aneurysm: critical",
        "patient=case-24&hook=order-sign&order=esketamine",
    ),
    "notAssessed": (
        "the same order, and no data came with it: not-assessed",
        "patient=case-24&hook=order-sign&order=esketamine&sent=nothing",
    ),
}
"""What each example shows, and the set-up of the sandbox that gets it."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class _OnThatDay(Settings):
    """Settings of a service that takes one day for today."""

    __slots__ = ()

    def today(self) -> date:
        """Return the day as of which the patients of the sandbox were written."""
        return date(2026, 11, 2)


def answers() -> str:
    """Return the answers as they stand in openapi.yaml, each as JSON, which YAML reads too."""
    client = _client()
    shown = {name: _example(client, told, setup) for name, (told, setup) in SETUPS.items()}
    client.application.extensions["close"]()
    return "".join(
        indent(f"{name}: {json.dumps(example, indent=1, ensure_ascii=False)}\n", DEEP)
        for name, example in shown.items()
    )


def _example(client: FlaskClient, told: str, setup: str) -> Json:
    """Return an example answer, with the link of the sandbox that gets it."""
    body = client.get(f"/sandbox/request?{setup}").get_data(as_text=True)
    path = PATH.format(hook=json.loads(body)["hook"])
    text = client.post(path, data=body, content_type="application/json").get_data(as_text=True)
    return {"summary": told, "x-sandbox": setup, "value": json.loads(_numbered(text))}


def _numbered(text: str) -> str:
    """Return an answer in which an id that is made anew each time is a number."""
    numbers = count(1)
    return _UUID.sub(lambda _: f"00000000-0000-4000-8000-{next(numbers):012d}", text)


def _client() -> FlaskClient:
    read = read_settings({"KETAMINE_CDS_MODE": "development", **scratch()})
    dated = _OnThatDay(**{member.name: getattr(read, member.name) for member in fields(read)})
    return create_app(dated, knowledge()).test_client()

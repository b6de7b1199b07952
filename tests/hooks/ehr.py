"""The application in this process on a fixed day, asked as an EHR asks it."""

import json
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any

from flask.testing import FlaskClient

from mappings.knowledge import Knowledge, load_knowledge
from service.app import create_app
from service.settings import Settings, read_settings
from tests.hooks.chart import DAY, Json, call
from tests.served import scratch

PATH = "/cds-services/ketamine-referral-{hook}"
ASSESSED = frozenset({"safety", "recommend", "caution", "insufficient-data", "order-check", "not-assessed"})


class _Dated(Settings):
    """Settings of a service that takes DAY for today."""

    __slots__ = ()

    def today(self) -> date:
        """DAY."""
        return DAY


@cache
def knowledge() -> Knowledge:
    """The rule tables, read once."""
    return load_knowledge()


def ehr(**settings: str) -> FlaskClient:
    """A client of the application with these settings."""
    read = read_settings({"KETAMINE_CDS_MODE": "development", **scratch(), **settings})
    dated = _Dated(**{field.name: getattr(read, field.name) for field in fields(read)})
    return create_app(dated, knowledge()).test_client()


@cache
def usual() -> FlaskClient:
    """A client of the application as it is set up for development."""
    return ehr()


def cards(body: Json) -> list[Json]:
    """The cards that answer a call, which has to succeed."""
    answer = usual().post(PATH.format(hook=body["hook"]), json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[Json] = json.loads(answer.data)["cards"]
    return found


def signed(prefetch: Json, *drafts: Json) -> list[str]:
    """What order-sign says about drafts: `topic indicator` of each card."""
    return kinds(cards(call("order-sign", prefetch, drafts)))


def kinds(found: list[Json]) -> list[str]:
    """`topic indicator` of each card."""
    return [f"{one['source']['topic']['code']} {one['indicator']}" for one in found]


def words(found: list[Json]) -> str:
    """All that cards say, summary and detail."""
    return "\n".join(f"{one['summary']}\n{one.get('detail', '')}" for one in found)


def raw_post(path: str, body: bytes | str, **headers: Any) -> Any:
    """Send bytes as they are."""
    return usual().post(path, data=body, content_type="application/json", headers=headers)

"""The application in this process on the day of the corpus, and what its cards say."""

from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mappings.knowledge import load_knowledge
from service.app import create_app
from service.settings import Settings, read_settings
from tests.corpus.writing import DAY

OFFERED = ("patient-view", "order-select", "order-sign")


class _Dated(Settings):
    """Settings of a service that takes DAY for today."""

    __slots__ = ()

    def today(self) -> date:
        """DAY."""
        return DAY


def assessed(body: dict[str, Any]) -> TestResponse:
    """The answer of `POST /assessments` on DAY."""
    return _client().post(f"/assessments?asOf={DAY}", json=body)


def shown(call: dict[str, Any]) -> TestResponse:
    """The answer of the hook that a call names; one that is not offered is asked of patient-view."""
    hook = call["hook"] if call.get("hook") in OFFERED else "patient-view"
    return _client().post(f"/cds-services/ketamine-referral-{hook}", json=call)


def words(cards: list[dict[str, Any]]) -> str:
    """All that cards say, summary and detail."""
    return "\n".join(f"{card['summary']}\n{card.get('detail', '')}" for card in cards)


@cache
def _client() -> FlaskClient:
    read = read_settings({"KETAMINE_CDS_MODE": "development"})
    dated = _Dated(**{field.name: getattr(read, field.name) for field in fields(read)})
    return create_app(dated, load_knowledge()).test_client()

"""The application in this process on the day of the corpus, and what its cards say."""

import json
from dataclasses import fields
from datetime import date
from functools import cache

from flask.testing import FlaskClient

from mappings.knowledge import load_knowledge
from service.app import create_app
from service.settings import Settings, read_settings
from tests.corpus.writing import DAY, Json
from tests.served import scratch

OFFERED = ("patient-view", "order-select", "order-sign")


class _Dated(Settings):
    """Settings of a service that takes DAY for today."""

    __slots__ = ()

    def today(self) -> date:
        """DAY."""
        return DAY


def assessed(body: Json) -> tuple[int, Json]:
    """Status and answer of `POST /assessments` on DAY."""
    return _posted(f"/assessments?asOf={DAY}", body)


def shown(call: Json) -> tuple[int, Json]:
    """Status and answer of the hook that a call names; one that is not offered is asked of patient-view."""
    hook = call["hook"] if call.get("hook") in OFFERED else "patient-view"
    return _posted(f"/cds-services/ketamine-referral-{hook}", call)


def statuses_of(raw: str) -> tuple[int, int]:
    """The status of the answer of /assessments, and of patient-view, to text as it is."""
    paths = (f"/assessments?asOf={DAY}", "/cds-services/ketamine-referral-patient-view")
    one, other = (_client().post(path, data=raw, content_type="application/json") for path in paths)
    return one.status_code, other.status_code


def words(cards: list[Json]) -> str:
    """All that cards say, summary and detail."""
    return "\n".join(f"{card['summary']}\n{card.get('detail', '')}" for card in cards)


def _posted(path: str, body: Json) -> tuple[int, Json]:
    answer = _client().post(path, json=body)
    return answer.status_code, json.loads(answer.data)


@cache
def _client() -> FlaskClient:
    read = read_settings({"KETAMINE_CDS_MODE": "development", **scratch()})
    dated = _Dated(**{field.name: getattr(read, field.name) for field in fields(read)})
    return create_app(dated, load_knowledge()).test_client()

"""The answers that openapi.yaml shows: made by the service, on a fixed day, from records of docs/examples."""

import json
import re
from dataclasses import fields
from datetime import date
from itertools import count
from textwrap import indent

from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings, read_settings
from tests.hooks.chart import Json, call, prefetched
from tests.hooks.ehr import PATH, knowledge
from tests.served import REPOSITORY, scratch

DEEP = " " * 12
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class _OnThatDay(Settings):
    """Settings of a service that takes one day for today."""

    __slots__ = ()

    def today(self) -> date:
        """Return the day on which the records of docs/examples are read."""
        return date(2026, 11, 2)


def answers() -> str:
    """Return the answers as they stand in openapi.yaml, each as JSON, which YAML reads too."""
    client = _client()
    shown = {name: (told, _answer(client, body)) for name, (told, body) in _calls().items()}
    client.application.extensions["close"]()
    return "".join(
        indent(
            f"{name}: {json.dumps({'summary': told, 'value': value}, indent=1, ensure_ascii=False)}\n", DEEP
        )
        for name, (told, value) in shown.items()
    )


def _answer(client: FlaskClient, body: Json) -> Json:
    """Return an answer in which an id that is made anew each time is a number."""
    text = client.post(PATH.format(hook=body["hook"]), json=body).get_data(as_text=True)
    numbers = count(1)
    answer: Json = json.loads(_UUID.sub(lambda _: f"00000000-0000-4000-8000-{next(numbers):012d}", text))
    return answer


def _calls() -> dict[str, tuple[str, Json]]:
    two_trials = json.loads((REPOSITORY / "docs/examples/two-failed-trials.json").read_bytes())
    order = json.loads((REPOSITORY / "docs/examples/esketamine-order.json").read_bytes())
    chart = prefetched(*(entry["resource"] for entry in two_trials["entry"]))
    opened = call("patient-view", chart)
    opened["context"]["patientId"] = two_trials["entry"][0]["resource"]["id"]
    nothing = {name: member for name, member in order.items() if name != "prefetch"}
    return {
        "recommend": ("two failed trials and nothing against a referral: recommend", opened),
        "critical": ("esketamine is signed for a patient with an aortic aneurysm: critical", order),
        "notAssessed": ("the same order, and no data came with it: not-assessed", nothing),
    }


def _client() -> FlaskClient:
    read = read_settings({"KETAMINE_CDS_MODE": "development", **scratch()})
    dated = _OnThatDay(**{member.name: getattr(read, member.name) for member in fields(read)})
    return create_app(dated, knowledge()).test_client()

"""Ten clients, each as a live stub and as an exchange that was recorded of it on a day, in `dialects/`."""

import json
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings, read_settings
from tests.clients.stub import DIALECTS, PUBLIC, SERVER, Dialect, entries
from tests.hooks.chart import Json
from tests.hooks.ehr import kinds, knowledge
from tests.served import scratch

DAY = date(2026, 11, 2)
RECORDED = Path(__file__).parent / "dialects"
each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=[dialect.name for dialect in DIALECTS])


class _ThatDay(Settings):
    """Settings of a service that takes the day of the record for today."""

    __slots__ = ()

    def today(self) -> date:
        """The day of the record."""
        return DAY


@cache
def service(guarded: bool) -> FlaskClient:
    """A service that knows all clients with tokens, or one that asks nobody who they are."""
    given = {"KETAMINE_CDS_PUBLIC_URL": PUBLIC, **scratch()}
    if guarded:
        file = Path(given["KETAMINE_CDS_DATABASE_URL"].removeprefix("sqlite:///")).with_suffix(
            ".issuers.json"
        )
        file.write_text(json.dumps([each.listed for each in DIALECTS if each.entry is not None]))
        given["KETAMINE_CDS_ISSUERS"] = str(file)
    else:
        given |= {"KETAMINE_CDS_MODE": "development"}
    read = read_settings(given)
    settings = _ThatDay(**{field.name: getattr(read, field.name) for field in fields(read)})
    return create_app(settings, knowledge()).test_client()


def posted(dialect: Dialect, path: str, body: Json) -> Any:
    """The answer to a call, while the FHIR server of these clients can be read."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        for kind in (
            "Condition",
            "MedicationRequest",
            "MedicationDispense",
            "Observation",
            "QuestionnaireResponse",
        ):
            rest = [{"resource": one} for one in entries(kind)[1:]]
            page: Json = {"resourceType": "Bundle", "type": "searchset"} | ({"entry": rest} if rest else {})
            web.get(f"{SERVER}/{kind}", body=json.dumps(page), content_type="application/fhir+json")
        return service(dialect.entry is not None).post(path, json=body, headers=dialect.signed(path))


def called(dialect: Dialect) -> tuple[str, Json]:
    """The path and the body by which a client opens a chart, from what discovery tells it."""
    offered = dialect.discovery(service(dialect.entry is not None))
    chart = next(each for each in offered if each["hook"] == "patient-view")
    return f"/cds-services/{chart['id']}", dialect.call(chart)


@each_dialect
def test_a_live_client_gets_its_card(dialect: Dialect) -> None:
    """From discovery to a recommendation, and its feedback is taken."""
    path, body = called(dialect)
    answer = posted(dialect, path, body)
    assert answer.status_code == 200, answer.text
    assert kinds(answer.json["cards"]) == ["recommend info"]
    item = {
        "card": answer.json["cards"][0]["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": answer.json["cards"][0]["suggestions"][0]["uuid"]}],
        "outcomeTimestamp": "2026-11-02T10:15:00Z",
    }
    assert posted(dialect, f"{path}/feedback", {"feedback": [item]}).status_code == 200


def test_what_stands_on_later_pages_counts() -> None:
    """Without leave to read them the lists are incomplete, and nothing is recommended."""
    (paging,) = (each for each in DIALECTS if each.pages)
    path, body = called(paging)
    alone = {name: value for name, value in body.items() if not name.startswith("fhir")}
    assert kinds(posted(paging, path, body).json["cards"]) == ["recommend info"]
    assert kinds(posted(paging, path, alone).json["cards"]) != ["recommend info"]


@each_dialect
def test_a_recorded_exchange_is_answered_as_then(dialect: Dialect) -> None:
    """The same body, with a token of today, gets the same cards."""
    kept = json.loads((RECORDED / f"{dialect.name}.json").read_text("utf-8"))
    answer = posted(dialect, kept["path"], kept["request"])
    assert answer.status_code == kept["status"]
    assert [[card["summary"], *kinds([card])] for card in answer.json["cards"]] == kept["cards"]


@pytest.mark.parametrize(
    "dialect", [each for each in DIALECTS if each.entry is not None], ids=lambda each: each.name
)
def test_none_of_them_is_let_in_twice_or_without_a_token(dialect: Dialect) -> None:
    """Whatever else its tokens say."""
    path, body = called(dialect)
    client = service(guarded=True)
    assert client.post(path, json=body).status_code == 401
    headers = dialect.signed(path)
    assert client.post(path, json=body, headers=headers).status_code in (200, 412)
    assert client.post(path, json=body, headers=headers).status_code == 401


def test_there_are_ten_of_each() -> None:
    """A stub and an exchange for each."""
    assert len(DIALECTS) == 10
    assert {path.stem for path in RECORDED.glob("*.json")} == {dialect.name for dialect in DIALECTS}


def record() -> None:
    """Write the exchanges anew: `python -m tests.clients.test_dialects`."""
    for dialect in DIALECTS:
        path, body = called(dialect)
        answer = posted(dialect, path, body)
        kept = {
            "what": f"a chart is opened in {dialect.name}",
            "recorded_on": str(DAY),
            "path": path,
            "request": body,
            "status": answer.status_code,
            "cards": [[card["summary"], *kinds([card])] for card in answer.json["cards"]],
        }
        (RECORDED / f"{dialect.name}.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    record()

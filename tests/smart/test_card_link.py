"""The link on cards: there where the app is set up and the card rests on an assessment, else nowhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.clock import now
from tests.asked import ASKED_FOR
from tests.served import REPOSITORY
from tests.smart.calls import PUBLIC, app
from tests.vignettes.build import request
from tests.vignettes.cases import all_cases

Json = dict[str, Any]

CHART, SIGNING = "ketamine-referral-patient-view", "ketamine-referral-order-sign"
LINK = {
    "label": "Open the evidence: trials, flags and gaps",
    "url": f"{PUBLIC}/smart/launch",
    "type": "smart",
    "autolaunchable": False,
}


def cards(client: FlaskClient, service: str, call: Json) -> list[Json]:
    """The cards that answer a call."""
    answer = client.post(f"/cds-services/{service}", json=call)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json["cards"] if answer.json else []
    assert found
    return found


def example(service: str) -> Json:
    """A call of a service that is answered with cards about an assessment."""
    if service == CHART:
        case = next(case for case in all_cases() if case.title.startswith("26: "))
        return request(case, now().date(), "patient-view", ASKED_FOR)
    call: Json = json.loads((REPOSITORY / "docs/examples/esketamine-order.json").read_text())
    return call


def apps(card: Json) -> list[Json]:
    """The links of a card that launch an app."""
    return [link for link in card.get("links", []) if link["type"] == "smart"]


def without_ids(found: list[Json]) -> list[Json]:
    """The cards without what is another in each answer."""
    kept = json.loads(json.dumps(found))
    for card in kept:
        for one in (card, *card.get("suggestions", [])):
            one.pop("uuid")
        card.pop("links", None)
    return list(kept)


@pytest.mark.parametrize("service", [CHART, SIGNING])
def test_cards_about_an_assessment_have_it(tmp_path: Path, service: str) -> None:
    """All of them, and nothing else of them changes."""
    with app(tmp_path) as client:
        linked = cards(client, service, example(service))
    with app(tmp_path, client_id=None) as client:
        bare = cards(client, service, example(service))
    assert [apps(card) for card in linked] == [[LINK]] * len(linked)
    assert not any(map(apps, bare))
    assert without_ids(linked) == without_ids(bare)


def test_a_card_that_nothing_was_assessed_for_has_none(tmp_path: Path) -> None:
    """As where data of another patient came: the view of the open chart would be about somebody else."""
    call = example(CHART)
    call["context"]["patientId"] = "somebody-else"
    with app(tmp_path) as client:
        found = cards(client, CHART, call)
    assert [card["source"]["topic"]["code"] for card in found] == ["not-assessed"]
    assert apps(found[0]) == []

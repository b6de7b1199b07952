"""Calls that do not fit their service: of another hook that is spoken here, or without orders."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask

from cds_hooks.cards import Card
from cds_hooks.errors import BadRequestError, MismatchError
from cds_hooks.request import read_request
from cds_hooks.service import Answered, OfferedService, Reply
from cds_hooks.web import OnMismatch, blueprint, configure
from tests.cds_hooks.example import NOT_CHECKED, ORDER_SELECT, call

ADDRESS = "/cds-services/tetanus-order-select"
ORDERS = ("draftOrders", "selections")


def told(mismatch: MismatchError) -> Sequence[Card]:
    """A card, whatever does not fit."""
    assert mismatch.issues
    return [NOT_CHECKED]


def broken(_: MismatchError) -> Sequence[Card]:
    """A defect."""
    raise RuntimeError("no card for Jane Roe")


def served(on_mismatch: OnMismatch | None, heard: list[Answered]) -> Flask:
    """A server of one service for order-select."""
    app = Flask(__name__, static_folder=None)
    configure(app, cors_origins=())
    offered = [OfferedService(service=ORDER_SELECT, handler=lambda *_: Reply(cards=[]))]
    app.register_blueprint(
        blueprint(offered, max_body_bytes=20_000, on_mismatch=on_mismatch, on_answered=heard.append)
    )
    return app


def without(*members: str, hook: str = "order-select") -> dict[str, Any]:
    """A call of `hook` in which these members of the context are missing."""
    body = call("order-select")
    return body | {
        "hook": hook,
        "context": {name: value for name, value in body["context"].items() if name not in members},
    }


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "patient-view"])
@pytest.mark.parametrize("lacking", [(), ("selections",), ("draftOrders",), ORDERS])
def test_what_does_not_fit(hook: str, lacking: tuple[str, ...]) -> None:
    """Another hook that is spoken, missing orders, and both at once are told apart from other faults."""
    body = json.dumps(without(*lacking, hook=hook)).encode()
    if hook == "order-select" and not lacking:
        assert read_request(body, "order-select").hook == hook
        return
    with pytest.raises(MismatchError) as refused:
        read_request(body, "order-select")
    assert {issue.expression for issue in refused.value.issues} == {
        *(["hook"] if hook != "order-select" else []),
        *(f"context.{name}" for name in lacking),
    }


@pytest.mark.parametrize(
    "also",
    [
        {"hookInstance": None},
        {"prefetch": 1},
        {"context": {"userId": "Practitioner/p1"}},
        {"context": {"patientId": "jane"}},
        {"context": {"userId": "Practitioner/p1", "patientId": "jane", "draftOrders": "none"}},
        {"hook": "order-dispatch"},
    ],
)
def test_another_fault_is_no_mismatch(also: dict[str, Any]) -> None:
    """A call that is wrong beside that is refused as any other."""
    with pytest.raises(BadRequestError) as refused:
        read_request(json.dumps(without(*ORDERS) | also).encode(), "order-select")
    assert not isinstance(refused.value, MismatchError)


def test_what_fits_is_answered() -> None:
    """In the word that records and figures keep of it."""
    heard: list[Answered] = []
    assert served(None, heard).test_client().post(ADDRESS, json=call("order-select")).status_code == 200
    assert [(each.outcome, each.status, each.cards) for each in heard] == [("answered", 200, [])]


def test_it_is_refused_unless_there_are_cards_for_it() -> None:
    """400 by default, and the account of the call says the same."""
    heard: list[Answered] = []
    client = served(None, heard).test_client()
    assert client.post(ADDRESS, json=without("selections")).status_code == 400
    assert [(each.outcome, each.status, each.cards) for each in heard] == [("refused", 400, ())]


def test_cards_tell_what_does_not_fit() -> None:
    """200 with the cards; the account still says that the call was refused, and what the user read."""
    heard: list[Answered] = []
    answer = served(told, heard).test_client().post(ADDRESS, json=without("selections"))
    assert answer.status_code == 200
    assert [card["uuid"] for card in json.loads(answer.data)["cards"]] == [NOT_CHECKED.uuid]
    assert [(each.outcome, each.status, each.cards) for each in heard] == [("refused", 200, [NOT_CHECKED])]
    assert heard[0].request is None


@pytest.mark.parametrize("body", [without(hook="order-dispatch"), {"hook": "order-select"}, []])
def test_other_refusals_get_no_cards(body: Any) -> None:
    """Only calls that do not fit are told by card."""
    assert served(told, []).test_client().post(ADDRESS, json=body).status_code == 400


def test_a_defect_is_told_as_one() -> None:
    """If the card cannot be made the answer is 500, and so says the account."""
    heard: list[Answered] = []
    assert served(broken, heard).test_client().post(ADDRESS, json=without("selections")).status_code == 500
    assert [(each.outcome, each.status) for each in heard] == [("failed", 500)]


LEAVE = {
    "access_token": "x",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/Condition.rs",
    "subject": "cds",
}
SERVER = "https://ehr.example/fhir"


@pytest.mark.parametrize("lacking", ["fhirServer", "token_type", "expires_in", "scope", "subject", None])
@pytest.mark.parametrize("strict", [True, False])
def test_leave_to_read_comes_whole(lacking: str | None, strict: bool) -> None:
    """With its server and all required members, or it is refused; in lenient mode it is used as it is."""
    leave = {name: value for name, value in LEAVE.items() if name != lacking}
    server = {} if lacking == "fhirServer" else {"fhirServer": SERVER}
    body = call("order-select") | server | {"fhirAuthorization": leave}
    answer = served(None if strict else told, []).test_client().post(ADDRESS, json=body)
    assert answer.status_code == (400 if strict and lacking else 200)
    if answer.status_code == 400:
        path = "fhirServer" if lacking == "fhirServer" else f"fhirAuthorization.{lacking}"
        assert [issue["expression"] for issue in json.loads(answer.data)["issue"]] == [[path]]

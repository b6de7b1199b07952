"""A silent hook records every card, and shows only those about a danger."""

import json
from typing import Any

import pytest

from tests.hooks.chart import CHART, DAY, call, item_9, patient, prefetched
from tests.hooks.situations import ESKETAMINE, KETAMINE, PREGNANT
from tests.records.recorded import PATH, recorded

SILENT = frozenset({"patient-view", "order-sign"})
OF_ANOTHER = prefetched(patient(id="somebody-else"), *CHART[1:])


def told(hook: str, body: Any, silent: frozenset[str] = SILENT) -> tuple[list[str], list[tuple[str, bool]]]:
    """The topics of the cards shown, and of those recorded with whether they were silent."""
    service = recorded(DAY, silent=silent)
    answer = service.client.post(
        PATH.format(hook=hook), data=json.dumps(body).encode(), content_type="application/json"
    )
    shown = [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]
    return shown, [(card.topic, card.silent) for card in service.last.cards]


@pytest.mark.parametrize(
    ("body", "shown", "kept"),
    [
        (call("patient-view", prefetched(*CHART)), [], [("recommend", True)]),
        (
            call("patient-view", prefetched(*CHART, item_9(2, 3))),
            ["safety"],
            [("safety", False), ("caution", True)],
        ),
        (call("order-sign", prefetched(*CHART), [ESKETAMINE]), [], [("order-check", True)]),
        (call("order-sign", PREGNANT, [KETAMINE]), ["order-check"], [("order-check", False)]),
        (call("order-sign", OF_ANOTHER, [ESKETAMINE]), ["not-assessed"], [("not-assessed", False)]),
        (call("patient-view", OF_ANOTHER), [], [("not-assessed", True)]),
    ],
)
def test_a_silent_hook_shows_only_dangers(body: Any, shown: list[str], kept: list[tuple[str, bool]]) -> None:
    """Suicide risk, a critical order, and an agent's order not assessed are shown; all is recorded."""
    assert told(body["hook"], body) == (shown, kept)


def test_another_hook_speaks() -> None:
    """Only the hooks that are named are silent."""
    shown, kept = told("patient-view", call("patient-view", prefetched(*CHART)), frozenset({"order-sign"}))
    assert (shown, kept) == (["recommend"], [("recommend", False)])


def test_an_internal_failure_is_silent_on_a_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    """On an order for ketamine or esketamine it is not."""

    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("service.answer.cards.assess", fail)
    assert told("patient-view", call("patient-view", prefetched(*CHART)))[0] == []
    assert told("order-sign", call("order-sign", prefetched(*CHART), [ESKETAMINE]))[0] == ["not-assessed"]

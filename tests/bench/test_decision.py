"""The decision that peers are measured by, at its boundaries, and the calls that all is measured with."""

import json
from datetime import date
from typing import Any

import pytest

from bench.calls import Call, Shapes, call, prefetched
from bench.charts import ChartMaker
from bench.overhttp import same_as_first
from bench.peers.decision import cards
from cds_hooks.request import read_request
from tests.asked import PREFETCH

TODAY = date(2026, 12, 1)
SHAPES = Shapes(TODAY)


def dispense(day: str, days: int, code: str = "312938", daily: int = 1) -> dict[str, Any]:
    """A dispense of so many days' supply from a day on."""
    return {
        "resourceType": "MedicationDispense",
        "status": "completed",
        "medicationCodeableConcept": {"coding": [{"code": code}]},
        "whenHandedOver": day,
        "daysSupply": {"value": days},
        "dosageInstruction": [
            {
                "timing": {"repeat": {"frequency": daily, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 1}}],
            }
        ],
    }


def summaries(*resources: dict[str, Any]) -> list[str]:
    """Return what the cards about these resources say."""
    bundle = {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}
    return [card["summary"] for card in cards({"all": bundle})]


@pytest.mark.parametrize(
    ("supplies", "covered"),
    [
        ([("2026-01-01", 27)], "none"),
        ([("2026-01-01", 28)], "sertraline"),
        ([("2026-01-01", 20), ("2026-01-08", 20)], "none"),  # 27 days together
        ([("2026-01-01", 20), ("2026-01-09", 20)], "sertraline"),
        ([("2026-03-01", 14), ("2026-01-01", 14)], "sertraline"),
    ],
)
def test_covered_days_are_those_of_merged_intervals(supplies: list[tuple[str, int]], covered: str) -> None:
    """Overlapping supplies count once; 28 days are enough, and 27 are not."""
    told = summaries(*(dispense(day, days) for day, days in supplies))
    assert told[0].endswith(f"adequately covered: {covered}")


def test_a_dose_below_the_minimum_covers_nothing() -> None:
    """Two tablets of 50 mg reach the minimum of 100 mg, one does not."""
    assert summaries(dispense("2026-01-01", 30, "312941"))[0].startswith("0 ")
    assert summaries(dispense("2026-01-01", 30, "312941", daily=2))[0].startswith("1 ")


def test_the_decisions_about_made_up_charts_differ() -> None:
    """The charts by which the peers are compared are told apart by one to four cards."""
    made = [
        cards(json.loads(call(prefetched(ChartMaker(TODAY, seed, courses=2).chart(300))).body)["prefetch"])
        for seed in range(40)
    ]
    assert {len(told) for told in made} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "shape",
    [
        "opened",
        "signed",
        "unrelated",
        "narrative",
        "small_bundles",
        "malformed",
        "mixed",
        "null_keys",
        "unseen",
    ],
)
def test_a_shape_is_a_call_of_its_hook_and_the_same_each_time(shape: str) -> None:
    """Each shape can be read as a call; the seed alone decides what is in it."""
    made: Call = getattr(SHAPES, shape)(60, 5)
    assert read_request(made.body, made.hook).patient_id == "p1"
    assert made == getattr(SHAPES, shape)(60, 5)
    assert made != getattr(SHAPES, shape)(60, 6)


def test_a_full_prefetch_is_what_the_service_asks_for() -> None:
    """A chart that is sent whole has every key, so that nothing is left to be read."""
    assert json.loads(SHAPES.opened(20).body)["prefetch"].keys() == PREFETCH.keys()


def test_a_resource_is_as_large_as_in_the_field() -> None:
    """Charts have so many resources as asked for, of about 1.85 kB each."""
    body = SHAPES.opened(1000).body
    assert 1750 < len(body) / 1000 < 1950
    assert body.count(b'"fullUrl"') == 1000


def test_an_answer_that_is_not_the_first_one_stops_a_run() -> None:
    """Another id is no difference; another card, another status and an error are."""
    ok, check = b"HTTP/1.1 200 OK", same_as_first()
    check(ok, b'{"cards":[{"uuid":"00000000-0000-0000-0000-000000000001","summary":"a"}]}')
    check(ok, b'{"cards":[{"uuid":"00000000-0000-0000-0000-000000000002","summary":"a"}]}')
    for head, body in (
        (ok, b'{"cards":[{"uuid":"00000000-0000-0000-0000-000000000002","summary":"b"}]}'),
        (b"HTTP/1.1 500 OOPS", b'{"cards":[]}'),
        (ok, b'{"resourceType":"OperationOutcome"}'),
    ):
        with pytest.raises(ValueError, match="answer"):
            check(head, body)

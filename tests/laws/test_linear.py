"""No answer takes more steps than its input grows: a record of twice the size costs twice as much.

Steps are counted, not time: lines of Python begun, again in each round of a loop.
"""

import json
from collections import Counter
from types import CodeType
from uuid import UUID

import pytest

from cds_hooks.request import HookRequest, read_request
from mappings.knowledge import load_knowledge
from service.answer.cards import RuleSet, answer_chart, answer_orders
from service.answer.read import brought, read_chart, read_document, read_record
from service.answer.relevant_orders import relevant_orders
from service.fhir.prefetch import usual
from tests.asked import ASKED_FOR
from tests.laws.growing import DAY, DRUGS, GROWING, counted, order, record

KNOWLEDGE = load_knowledge()
RULES = RuleSet(knowledge=KNOWLEDGE, profile="default", source_url="https://cds.example.org/basis/")
OPENED = HookRequest(
    hook="patient-view", hook_instance="1", user_id="Practitioner/1", patient_id="p", prefetch={}
)
ENTRIES = 40
LATE = {"pressures in part of one day": 80}
"""Kinds of which so many must have come before all has begun that is done for each of them."""
ROOM = 1.25  # n log n, and lists that only begin to grow: the square of the input would be 2
FEW = 1000  # steps of a function, from which its growth can be told

Taken = Counter[CodeType]


def steeper(once: Taken, twice: Taken, four_times: Taken) -> list[str]:
    """The functions, the whole among them, whose second half of the input cost more than the first."""
    whole = [(f"{code.co_filename} {code.co_qualname}", code) for code in four_times]
    found = [(name, [one[code] for one in (once, twice, four_times)]) for name, code in whole]
    found.append(("all together", [one.total() for one in (once, twice, four_times)]))
    return [
        f"{name}: {first}, {second}, {last}"
        for name, (first, second, last) in found
        if last - second > 2 * ROOM * max(second - first, FEW)
    ]


def steps(kind: str, number: int) -> Taken:
    """The steps of reading a record with so many entries of a kind, assessing it, and making its cards."""
    sent = record(kind, number)
    answer_chart(OPENED, read_document(sent, KNOWLEDGE, DAY), RULES, DAY)
    with counted() as taken:  # what is remembered of entries is no part of the growth
        answer_chart(OPENED, read_document(sent, KNOWLEDGE, DAY), RULES, DAY)
    return taken.taken


@pytest.mark.parametrize("kind", GROWING)
def test_an_answer_grows_with_its_input(kind: str) -> None:
    """The second half of a record costs as much for each entry as the first, in every function."""
    least = LATE.get(kind, ENTRIES)
    assert steeper(*(steps(kind, least * times) for times in (1, 2, 4))) == []


def test_every_list_grows_in_some_kind() -> None:
    """Each type of resource that the service asks for is among the entries that grow."""
    grown = {
        entry["resource"]["resourceType"]
        for kind in GROWING
        for entry in json.loads(record(kind, 3))["entry"]
    }
    assert {template.partition("?")[0].partition("/")[0] for template in ASKED_FOR.values()} <= grown


AGENT = ("2119381", "esketamine 140 MG/ML Nasal Spray")
DRAFTS = {
    "of the agent": (AGENT,),
    "of antidepressants": DRUGS[:4],
    "of other medicines": (DRUGS[-1],),
    "of all kinds": (AGENT, *DRUGS),
    "of names never seen": (("", "esketamine of another maker"), ("", "vitamin of another maker")),
}


def drafted(kind: str, number: int) -> HookRequest:
    """An order that is about to be signed, with so many drafts."""
    drafts = [order(n, DRAFTS[kind], status="draft") for n in range(number)]
    context = {
        "userId": "Practitioner/1",
        "patientId": "p",
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": each} for each in drafts]},
    }
    body = {"hook": "order-sign", "hookInstance": str(UUID(int=7)), "context": context}
    return read_request(json.dumps(body).encode(), "order-sign")


def steps_of_drafts(kind: str, number: int) -> Taken:
    """The steps of finding out what so many drafts are about, and of answering them."""
    call = drafted(kind, number)
    assert call.draft_orders is not None

    def answer() -> None:
        chart = read_chart(call, brought(call, usual(KNOWLEDGE.prefetch)))
        orders = relevant_orders(chart, call.draft_orders or b"", KNOWLEDGE, DAY)
        if orders:
            answer_orders(call, read_record(chart, KNOWLEDGE, DAY), orders, RULES, DAY)

    answer()
    with counted() as taken:
        answer()
    return taken.taken


@pytest.mark.parametrize("kind", DRAFTS)
def test_an_answer_grows_with_the_drafts(kind: str) -> None:
    """The second half of many draft orders costs as much for each as the first, in every function."""
    assert steeper(*(steps_of_drafts(kind, ENTRIES * times) for times in (1, 2, 4))) == []


def test_steps_are_counted() -> None:
    """What costs the square of its input is found, beside all that does not."""

    def square(number: int) -> int:
        return sum(1 for one in range(number) for other in range(one) if one == other)

    taken = []
    for number in (ENTRIES, 2 * ENTRIES, 4 * ENTRIES):
        with counted() as found:
            sum(1 for _ in range(1000 * number))
            square(number)
        taken.append(found.taken)
    (steep,) = steeper(*taken)
    assert "square.<locals>.<genexpr>" in steep

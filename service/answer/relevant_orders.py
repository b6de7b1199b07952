"""The draft orders of an order hook: which are this service's business, and which could not be read."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from mappings.knowledge import Knowledge
from service.answer.read import Call
from service.assess.diagnosis import depression
from service.assess.orders import Topic, topic
from service.clinical.facts import ListState
from service.clinical.order_check import Agent
from service.clinical.orders import DraftOrder
from service.fhir.resources import Drafts
from service.normalise.drafts import draft_orders

_CODE = re.compile(r'"([0-9-]{4,14})"')
_SYSTEMS = ("rxnorm", "ndc")


def answered_orders(
    call: Call, written: bytes, rules: Knowledge, today: date, patient_id: str
) -> dict[Topic, list[DraftOrder]]:
    """The draft orders by what they are about, without those that are no business of this service.

    Drafts that could not be read stand under a concern of their own, even where none of them can be shown;
    `written` is what came, in which the name of an agent may stand that was not understood.
    """
    assert call.drafts is not None, "only order hooks bring orders"
    entries = depression(call.facts.problems, rules.diagnoses)
    listed = call.facts.list_state("Condition") is ListState.COMPLETE
    depressed = bool(entries.active or entries.remitted) or not listed
    orders = draft_orders(call.drafts, call.record, rules.terminology, rules.reading, today, patient_id)
    found: dict[Topic, list[DraftOrder]] = {}
    for order in orders:
        about = topic(order, rules.orders, rules.drugs, rules.diagnoses, depressed)
        if about is not Topic.UNRELATED:
            found.setdefault(about, []).append(order)
    unclear = [order for order in orders if _unclear(order, rules)]
    if unclear or _lost(call.drafts, orders):
        named = names_agent(written, rules)
        found[Topic.UNREADABLE_AGENT if named else Topic.UNREADABLE] = unclear
    return found


def names_agent(written: bytes, rules: Knowledge) -> bool:
    """Whether ketamine or esketamine stands anywhere in the JSON, by name or by code."""
    try:
        text = msgspec.json.encode(msgspec.json.decode(written)).decode()  # `k` and `\\u006b` become one
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = written.decode(errors="replace")
    agent = rules.orders.agent
    return agent.esketamine.in_text(text) or agent.ketamine.in_text(text) or any(_agent_codes(text, rules))


def _agent_codes(text: str, rules: Knowledge) -> Iterator[bool]:
    for code in sorted(set(_CODE.findall(text))):
        products = (rules.terminology.product(system, code) for system in _SYSTEMS)
        yield any(not {Agent.ESKETAMINE, Agent.KETAMINE}.isdisjoint(p.ingredients) for p in products if p)


def _unclear(order: DraftOrder, rules: Knowledge) -> bool:
    """Whether it is an order of a medicine that could not be identified and may be one of ours.

    A name of several medicines is unclear if it names an antidepressant.
    """
    if not order.fault or order.do_not_perform:
        return False
    named = rules.terminology.allergens(order.asks_for)
    return not named or any(name in rules.drugs.drugs for name in named)


def _lost(drafts: Drafts, orders: Sequence[DraftOrder]) -> bool:
    """Whether a draft, or what it is an order for, could not be read."""
    named = {order.reference for order in orders if order.name}
    return any(each.reference not in named for each in drafts.unread)

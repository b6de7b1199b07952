"""The draft orders of an order hook: which are this service's business, and which could not be read."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

import msgspec

from mappings.knowledge import Knowledge
from service.answer.read import Chart
from service.assess.diagnosis import depression
from service.assess.orders import Topic, topic
from service.clinical.facts import Completeness
from service.clinical.order_check import Agent
from service.clinical.orders import DraftOrder
from service.fhir.resources import Drafts
from service.normalise import problem_list
from service.normalise.drafts import draft_orders

_CODE = re.compile(r'"([0-9-]{4,14})"')
_SYSTEMS = ("rxnorm", "ndc")


def relevant_orders(
    chart: Chart, written: bytes, rules: Knowledge, today: date
) -> dict[Topic, list[DraftOrder]]:
    """Return the draft orders by what they are about, without those that do not concern this service.

    Drafts that could not be read stand under a topic of their own, even where none of them can be shown;
    `written` is what came, in which the name of an agent may stand that was not understood.
    """
    assert chart.drafts is not None, "only order hooks bring orders"
    vocabulary, tables = rules.terminology, rules.reading
    orders = draft_orders(chart.drafts, chart.record, vocabulary, tables, today, chart.patient_id)
    depressed = partial(may_be_depressed, chart, rules, today)
    found: dict[Topic, list[DraftOrder]] = {}
    for order in orders:
        about = topic(order, rules.orders, rules.drugs, rules.diagnoses, depressed)
        if about is not Topic.UNRELATED:
            found.setdefault(about, []).append(order)
    unclear = [order for order in orders if _unclear(order, rules)]
    if unclear or _lost(chart.drafts, orders):
        named = names_agent(written, rules)
        found[Topic.UNREADABLE_AGENT if named else Topic.UNREADABLE] = unclear
    return found


def may_be_depressed(chart: Chart, rules: Knowledge, today: date) -> bool:
    """Tell whether the problem list has an entry of depression or is incomplete."""
    if chart.record.lists.get("Condition", Completeness.COMPLETE) is not Completeness.COMPLETE:
        return True
    listed = problem_list(chart.record, rules.terminology, rules.reading, today, chart.patient_id)
    entries = depression(listed, rules.diagnoses)
    return bool(entries.active or entries.remitted)


def names_agent(written: bytes, rules: Knowledge) -> bool:
    """Tell whether ketamine or esketamine stands anywhere in the JSON, by name or by code."""
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
    """Tell whether the order is for an unidentified medicine that may be one of ours.

    A name of several medicines is unclear if it names an antidepressant.
    """
    if not order.fault or order.do_not_perform:
        return False
    if order.is_blank:  # nothing is chosen yet; a note or an instruction may name an agent all the same
        said = f"{order.text}; {order.how}"
        return rules.orders.agent.esketamine.in_text(said) or rules.orders.agent.ketamine.in_text(said)
    named = rules.terminology.allergens(order.asks_for)
    return not named or any(name in rules.drugs.drugs for name in named)


def _lost(drafts: Drafts, orders: Sequence[DraftOrder]) -> bool:
    """Tell whether a draft, or the resource that it orders, could not be read."""
    named = {order.reference for order in orders if order.name}
    return any(each.reference not in named for each in drafts.unreadable)

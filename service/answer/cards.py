"""From a call whose data are read to the cards about it: which kind of answer it gets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from cds_hooks.cards import Card, Indicator
from cds_hooks.outcome import Issue
from cds_hooks.request import HookRequest
from mappings.knowledge import Knowledge
from service.answer.read import ReadRecord
from service.assess import assess
from service.assess.order_check import order_check
from service.assess.orders import Topic
from service.clinical.assessment import Assessment
from service.clinical.orders import DraftOrder
from service.render.cards import (
    decision_cards,
    mismatch_card,
    not_assessed_card,
    order_check_cards,
    safety_cards,
)
from service.render.context import RenderContext
from service.render.kinds import NotAssessed

Orders = Mapping[Topic, Sequence[DraftOrder]]
"""Draft orders by what they are about."""

_AGENT = (Topic.AGENT, Topic.UNREADABLE_AGENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What calls are judged by: the tables, the definition of resistance, and where they are explained.

    `app_url` launches the evidence view; None where there is none.
    """

    knowledge: Knowledge
    profile: str
    source_url: str
    app_url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a call is told, and the assessment that it rests on; None where nobody was assessed."""

    cards: Sequence[Card]
    assessment: Assessment | None = None


def chart_told(request: HookRequest, read: ReadRecord, rules: Rules, today: date) -> Told:
    """What is told when a chart is opened."""
    context = _context(request, rules, received(read))
    if other_patient(read):
        return Told(cards=(not_assessed_card(context, NotAssessed.OTHER_PATIENT, "info"),))
    assessment = assess(read.facts, rules.knowledge, rules.profile, today)
    return Told(cards=decision_cards(assessment, context), assessment=assessment)


def orders_told(request: HookRequest, read: ReadRecord, orders: Orders, rules: Rules, today: date) -> Told:
    """What is told about draft orders, of which there are some."""
    about = max(orders)
    context = _context(request, rules, received(read))
    indicator: Indicator = "warning" if about in _AGENT else "info"
    if other_patient(read) or any(order.foreign for order in orders[about]):
        if about < Topic.UNREADABLE:
            return Told(cards=())
        return Told(cards=(not_assessed_card(context, NotAssessed.OTHER_PATIENT, indicator),))
    assessment = assess(read.facts, rules.knowledge, rules.profile, today)
    return Told(
        cards=_order_cards(about, orders[about], assessment, context, rules.knowledge), assessment=assessment
    )


def is_of_agent(orders: Orders | None) -> bool:
    """Whether ketamine or esketamine is ordered, as far as the drafts could be read."""
    return orders is not None and not orders.keys().isdisjoint(_AGENT)


def unread_told(request: HookRequest, rules: Rules) -> Told:
    """What an order for an agent is told when nothing of the patient's record came or could be read."""
    card = not_assessed_card(_context(request, rules, {}), NotAssessed.NOTHING, "warning")
    return Told(cards=(card,))


def stopped_told(request: HookRequest, orders: Orders | None, rules: Rules) -> Told:
    """What a call is told that was given up because it took too long; a warning on an agent's order."""
    indicator: Indicator = "warning" if is_of_agent(orders) else "info"
    return Told(cards=(not_assessed_card(_context(request, rules, {}), NotAssessed.TOO_LONG, indicator),))


def failure_told(request: HookRequest, orders: Orders | None, rules: Rules) -> Told:
    """What a call that failed on our side is told: nothing was assessed; a warning on an agent's order."""
    indicator: Indicator = "warning" if is_of_agent(orders) else "info"
    context = _context(request, rules, {})
    return Told(cards=(not_assessed_card(context, NotAssessed.FAILURE, indicator),))


def mismatch_told(issues: Sequence[Issue], rules: Rules) -> Told:
    """What a call that does not fit its service is told: what was expected where."""
    context = RenderContext(
        wording=rules.knowledge.wording,
        patient_id="",
        source_url=rules.source_url,
        new_uuid=lambda: str(uuid4()),
    )
    return Told(cards=(mismatch_card(context, issues),))


def _order_cards(
    about: Topic,
    orders: Sequence[DraftOrder],
    assessment: Assessment,
    context: RenderContext,
    knowledge: Knowledge,
) -> Sequence[Card]:
    match about:
        case Topic.UNREADABLE | Topic.UNREADABLE_AGENT:
            indicator: Indicator = "warning" if about in _AGENT else "info"
            unread = not_assessed_card(context, NotAssessed.UNREADABLE, indicator, assessment)
            return (*safety_cards(assessment, context), unread)
        case Topic.AGENT:
            return order_check_cards(assessment, order_check(orders, assessment, knowledge.orders), context)
        case Topic.DEPRESSION:
            return decision_cards(assessment, context)
        case Topic.ANTIDEPRESSANT:
            return safety_cards(assessment, context)
        case _:
            gravest = any(t.id == knowledge.orders.overdose.trigger for t in assessment.safety)
            return safety_cards(assessment, context) if gravest else ()


def other_patient(read: ReadRecord) -> bool:
    """Whether a Patient came who is not the one of the call, be it beside the right one."""
    person = read.facts.person
    return any(person is None or row.label != person.reference for row in read.record.patients)


def _context(request: HookRequest, rules: Rules, came: Mapping[str, int]) -> RenderContext:
    return RenderContext(
        wording=rules.knowledge.wording,
        patient_id=request.patient_id,
        source_url=rules.source_url,
        app_url=rules.app_url,
        new_uuid=lambda: str(uuid4()),
        encounter_id=request.encounter_id,
        requester=request.user_id,
        received=came,
    )


def received(read: ReadRecord) -> Mapping[str, int]:
    """How many resources of each type came, those that could not be read included."""
    rows = {row.label for row in read.record.found.values()}
    unread = {entry.reference for entry in read.record.set_aside}
    return Counter(label.split("/")[0].split(" ")[0] for label in rows | unread)

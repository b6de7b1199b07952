"""From a call whose data are read to the cards about it: which kind of answer it gets."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

from msgspec import structs

from cds_hooks.cards import Card, Indicator
from cds_hooks.crd import associated
from cds_hooks.grammar import REFERENCE
from cds_hooks.outcome import Issue
from cds_hooks.request import HookRequest
from mappings.knowledge import Knowledge
from service.access.sites import USUAL, Site
from service.answer.read import ReadRecord
from service.assess import assess
from service.assess.criteria import read_criteria
from service.assess.order_check import order_check
from service.assess.orders import Topic, refers_to_psychiatry
from service.clinical.assessment import Assessment, Conclusion
from service.clinical.orders import DraftOrder
from service.render.cards import (
    decision_cards,
    mismatch_card,
    not_assessed_card,
    order_check_cards,
    referral_cards,
    safety_cards,
)
from service.render.context import RenderContext
from service.render.kinds import NotAssessed
from service.render.nothing import nothing_said, nothing_supported
from service.render.policy_line import policy_words

Orders = Mapping[Topic, Sequence[DraftOrder]]
"""Draft orders by what they are about."""

_RELATIVE = re.compile(REFERENCE)
_AGENT = (Topic.AGENT, Topic.UNREADABLE_AGENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleSet:
    """The rules for judging calls: the tables, the definition of resistance, and the URL that explains them.

    `app_url` launches the evidence view; None where there is none.
    """

    knowledge: Knowledge
    profile: str
    source_url: str
    app_url: str | None = None

    @property
    def pages(self) -> Mapping[str, str]:
        """The address of each source that has one."""
        return {source.id: source.link for source in self.knowledge.sources.values() if source.link}


@dataclass(frozen=True, kw_only=True, slots=True)
class HookAnswer:
    """The cards that answer a call, and the assessment behind them; None if no patient was assessed.

    `nothing` says why there is no card, for testers.
    """

    cards: Sequence[Card]
    assessment: Assessment | None = None
    nothing: str = ""


def answer_chart(
    request: HookRequest, read: ReadRecord, rules: RuleSet, today: date, site: Site = USUAL
) -> HookAnswer:
    """Return the answer to a chart that is opened."""
    context = _context(request, rules, site, received(read))
    if other_patient(read):
        return HookAnswer(cards=(not_assessed_card(context, NotAssessed.OTHER_PATIENT, "info"),))
    assessment = assess(read.facts, rules.knowledge, rules.profile, today)
    context = _with_policies(context, read, assessment, rules)
    cards = decision_cards(assessment, context)
    return HookAnswer(
        cards=cards, assessment=assessment, nothing=nothing_supported(rules.knowledge.wording, assessment)
    )


def answer_orders(
    request: HookRequest, read: ReadRecord, orders: Orders, rules: RuleSet, today: date, site: Site = USUAL
) -> HookAnswer:
    """Return the answer about draft orders; `orders` is not empty. Where agreed, cards name those orders."""
    told = _answer_orders(request, read, orders, rules, today, site)
    if not site.crd:
        return told
    extension = associated(
        order.reference for order in orders[max(orders)] if _RELATIVE.fullmatch(order.reference)
    )
    return replace(told, cards=[replace(card, extension=extension) for card in told.cards])


def _answer_orders(
    request: HookRequest, read: ReadRecord, orders: Orders, rules: RuleSet, today: date, site: Site = USUAL
) -> HookAnswer:
    about = max(orders)
    context = _context(request, rules, site, received(read))
    indicator: Indicator = "warning" if about in _AGENT else "info"
    if other_patient(read) or any(order.foreign for order in orders[about]):
        if about < Topic.UNREADABLE:
            return HookAnswer(cards=(), nothing=nothing_said(rules.knowledge.wording, "other-patient"))
        return HookAnswer(cards=(not_assessed_card(context, NotAssessed.OTHER_PATIENT, indicator),))
    assessment = assess(read.facts, rules.knowledge, rules.profile, today)
    context = _with_policies(context, read, assessment, rules)
    return HookAnswer(
        cards=_order_cards(about, orders[about], assessment, context, rules.knowledge),
        assessment=assessment,
        nothing=_nothing(about, orders[about], assessment, rules.knowledge),
    )


def is_of_agent(orders: Orders | None) -> bool:
    """Tell whether ketamine or esketamine is ordered, as far as the drafts could be read."""
    return orders is not None and not orders.keys().isdisjoint(_AGENT)


def answer_unread(request: HookRequest, rules: RuleSet, site: Site = USUAL) -> HookAnswer:
    """Return the answer to an order for ketamine or esketamine when nothing of the record could be read."""
    card = not_assessed_card(_context(request, rules, site, {}), NotAssessed.NOTHING, "warning")
    return HookAnswer(cards=(card,))


def answer_stopped(
    request: HookRequest, orders: Orders | None, rules: RuleSet, site: Site = USUAL
) -> HookAnswer:
    """Return the answer to a call that took too long: a warning if ketamine or esketamine is ordered."""
    indicator: Indicator = "warning" if is_of_agent(orders) else "info"
    context = _context(request, rules, site, {})
    return HookAnswer(cards=(not_assessed_card(context, NotAssessed.TOO_LONG, indicator),))


def answer_failure(
    request: HookRequest, orders: Orders | None, rules: RuleSet, site: Site = USUAL
) -> HookAnswer:
    """Return the answer to a call that failed on our side: a warning if ketamine or esketamine is ordered."""
    indicator: Indicator = "warning" if is_of_agent(orders) else "info"
    context = _context(request, rules, site, {})
    return HookAnswer(cards=(not_assessed_card(context, NotAssessed.FAILURE, indicator),))


def answer_mismatch(issues: Sequence[Issue], rules: RuleSet) -> HookAnswer:
    """Return the answer to a call that does not fit its service, listing what was expected at each place."""
    context = RenderContext(
        wording=rules.knowledge.wording,
        patient_id="",
        source_url=rules.source_url,
        new_uuid=lambda: str(uuid4()),
    )
    return HookAnswer(cards=(mismatch_card(context, issues),))


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
        case Topic.DEPRESSION if _is_the_referral(orders, knowledge):
            return referral_cards(assessment, context)
        case Topic.DEPRESSION:
            ordered = {name for order in orders for name in order.ingredients}
            return decision_cards(assessment, context, ordered)
        case Topic.ANTIDEPRESSANT | Topic.EMPTY:
            return safety_cards(assessment, context)
        case _:
            gravest = any(t.id == knowledge.orders.overdose.trigger for t in assessment.safety)
            return safety_cards(assessment, context) if gravest else ()


def _is_the_referral(orders: Sequence[DraftOrder], knowledge: Knowledge) -> bool:
    return any(refers_to_psychiatry(order, knowledge.orders) for order in orders)


def _nothing(about: Topic, orders: Sequence[DraftOrder], assessment: Assessment, knowledge: Knowledge) -> str:
    """Return the reason why an order about this topic may have no card."""
    wording = knowledge.wording
    if about is Topic.EMPTY:
        return nothing_said(wording, "empty-order")
    if about < Topic.DEPRESSION:
        return nothing_said(wording, "no-trigger")
    if assessment.conclusion is Conclusion.NONE:
        return nothing_supported(wording, assessment)
    return nothing_said(wording, "referral-at-hand") if _is_the_referral(orders, knowledge) else ""


def other_patient(read: ReadRecord) -> bool:
    """Tell whether the record holds a Patient other than the patient of the call."""
    person = read.facts.person
    return any(person is None or row.label != person.reference for row in read.record.patients)


def _context(request: HookRequest, rules: RuleSet, site: Site, came: Mapping[str, int]) -> RenderContext:
    return RenderContext(
        wording=rules.knowledge.wording,
        patient_id=request.patient_id,
        source_url=rules.source_url,
        app_url=rules.app_url,
        new_uuid=lambda: str(uuid4()),
        encounter_id=request.encounter_id,
        requester=request.user_id,
        received=came,
        pages=rules.pages if site.links else None,
        tasks=site.tasks,
    )


def _with_policies(
    context: RenderContext, read: ReadRecord, assessment: Assessment, rules: RuleSet
) -> RenderContext:
    """Return the context with what its cards say of policies: nothing where nothing could be assessed."""
    table = rules.knowledge.policies
    asked = table.on_card if assessment.assessable else ()
    found = read_criteria(read.facts, assessment, rules.knowledge, asked) if asked else ()
    words = policy_words(found, rules.profile, assessment.assessed_on, table, context.wording)
    return structs.replace(context, policies=words)


def received(read: ReadRecord) -> Mapping[str, int]:
    """Count the resources received by type, including those that could not be read."""
    rows = {row.label for row in read.record.found.values()}
    unread = {entry.reference for entry in read.record.set_aside}
    return Counter(label.split("/")[0].split(" ")[0] for label in rows | unread)

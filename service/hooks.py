"""The services on offer, and how each answers a call."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from cds_hooks.cards import Card, Indicator
from cds_hooks.errors import MissingDataError
from cds_hooks.request import HookRequest
from cds_hooks.service import OfferedService, Service
from mappings.knowledge import Knowledge
from service.assess import assess
from service.assess.orders import Concern, order_check
from service.clinical.assessment import Assessment
from service.clinical.facts import ListState
from service.clinical.order_check import OrderCheck
from service.clinical.orders import DraftOrder
from service.evaluate import Call, read_call
from service.orders import answered_orders, names_agent
from service.prefetch import ASKED_FOR, ESSENTIAL, PREFETCH
from service.render.cards import (
    NotAssessed,
    decision_cards,
    not_assessed_card,
    order_check_cards,
    safety_cards,
)
from service.render.context import RenderContext
from service.render.orders import order_check_level

REQUIREMENTS = (
    "Works from the prefetched FHIR R4 data of one patient. Without a patient, a problem list and medication "
    "orders there is no assessment; without dispenses, scores and blood pressures it names what is missing."
)
# hook -> id, title, description
OFFERED = {
    "patient-view": (
        "ketamine-referral-patient-view",
        "Ketamine and esketamine referral: chart review",
        "Counts adequate antidepressant trials in the current depressive episode, lists contraindications "
        "and cautions for esketamine and IV ketamine, and says whether the record supports a referral for "
        "evaluation.",
    ),
    "order-select": (
        "ketamine-referral-order-select",
        "Ketamine and esketamine referral: order selection",
        "Checks a selected ketamine or esketamine order or referral against the record, and shows the trial "
        "count with orders for the depression.",
    ),
    "order-sign": (
        "ketamine-referral-order-sign",
        "Ketamine and esketamine referral: order signing",
        "Checks a ketamine or esketamine order or referral before it is signed, and shows the trial count "
        "with orders for the depression.",
    ),
}
_URGENCY: Mapping[Indicator, int] = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """What every call is answered with: the rules, the profile, and the day it is."""

    knowledge: Knowledge
    profile: str
    today: Callable[[], date]
    source_url: str


def offered_services(desk: Desk) -> tuple[OfferedService, ...]:
    """Return the services, each with the handler of its hook."""
    return tuple(
        OfferedService(
            service=Service(
                id=service_id,
                hook=hook,
                title=title,
                description=description,
                usage_requirements=REQUIREMENTS,
                prefetch=PREFETCH,
            ),
            handler=lambda request: answer(request, desk),
        )
        for hook, (service_id, title, description) in OFFERED.items()
    )


def answer(request: HookRequest, desk: Desk) -> Sequence[Card]:
    """Return the cards that answer a call; raise MissingDataError when nothing essential came."""
    today = desk.today()
    call = read_call(request, desk.knowledge, today)
    if call.drafts is None:
        _require_essentials(request, call)
        return _chart_cards(request, call, desk, today)
    assert request.draft_orders is not None, "only order hooks bring orders"
    orders = answered_orders(call, request.draft_orders, desk.knowledge, today, request.patient_id)
    if not orders:
        return ()
    _require_essentials(request, call)
    return _order_cards(request, call, orders, desk, today)


def failure_cards(request: HookRequest, desk: Desk) -> Sequence[Card]:
    """Return the card for a call that failed on our side: it says that nothing was assessed, and why."""
    ordered = request.draft_orders is not None and _agent_ordered(request, request.draft_orders, desk)
    context = _context(request, desk, {})
    return (not_assessed_card(context, NotAssessed.FAILURE, "warning" if ordered else "info"),)


def _agent_ordered(request: HookRequest, written: bytes, desk: Desk) -> bool:
    """Whether the call was about ketamine or esketamine; if that cannot be read, whether it names them."""
    try:
        call = read_call(request, desk.knowledge, desk.today())
        found = answered_orders(call, written, desk.knowledge, desk.today(), request.patient_id)
    except Exception:  # whatever failed the call may fail here again
        return names_agent(written, desk.knowledge)
    return not found.keys().isdisjoint((Concern.AGENT, Concern.UNREADABLE_AGENT))


def _require_essentials(request: HookRequest, call: Call) -> None:
    kinds = {ASKED_FOR[key] for key in ESSENTIAL}
    came = any(call.record.lists[kind] is not ListState.NOT_RETRIEVABLE for kind in kinds)
    if not came and not any(key in request.prefetch for key in ESSENTIAL):
        raise MissingDataError(
            f"expected prefetched data for at least one of {', '.join(ESSENTIAL)}", expression="prefetch"
        )


def _chart_cards(request: HookRequest, call: Call, desk: Desk, today: date) -> Sequence[Card]:
    context = _context(request, desk, _received(call))
    if _other_patient(call):
        return (not_assessed_card(context, NotAssessed.OTHER_PATIENT, "info"),)
    return decision_cards(assess(call.facts, desk.knowledge, desk.profile, today), context)


def _order_cards(
    request: HookRequest, call: Call, orders: dict[Concern, list[DraftOrder]], desk: Desk, today: date
) -> Sequence[Card]:
    about = max(orders)
    context = _context(request, desk, _received(call))
    indicator: Indicator = "warning" if about in (Concern.AGENT, Concern.UNREADABLE_AGENT) else "info"
    if _other_patient(call) or any(order.foreign for order in orders[about]):
        if about < Concern.UNREADABLE:
            return ()
        return (not_assessed_card(context, NotAssessed.OTHER_PATIENT, indicator),)
    assessment = assess(call.facts, desk.knowledge, desk.profile, today)
    match about:
        case Concern.UNREADABLE | Concern.UNREADABLE_AGENT:
            unread = not_assessed_card(context, NotAssessed.UNREADABLE, indicator, assessment)
            return (*safety_cards(assessment, context), unread)
        case Concern.AGENT:
            return order_check_cards(assessment, _most_severe(orders[about], assessment, desk), context)
        case Concern.DEPRESSION:
            return decision_cards(assessment, context)
        case Concern.ANTIDEPRESSANT:
            return safety_cards(assessment, context)
        case _:
            gravest = any(t.id == desk.knowledge.orders.overdose.trigger for t in assessment.safety)
            return safety_cards(assessment, context) if gravest else ()


def _most_severe(orders: Sequence[DraftOrder], assessment: Assessment, desk: Desk) -> OrderCheck:
    """The order with the gravest finding; the others of its kind are named on the same card."""
    table = desk.knowledge.orders
    checks = [order_check(order, [o for o in orders if o is not order], table) for order in orders]
    return max(checks, key=lambda check: _URGENCY[order_check_level(assessment, check)])


def _other_patient(call: Call) -> bool:
    """Whether a Patient came who is not the one of the call, be it beside the right one."""
    person = call.facts.person
    return any(person is None or row.label != person.reference for row in call.record.patients)


def _context(request: HookRequest, desk: Desk, received: Mapping[str, int]) -> RenderContext:
    return RenderContext(
        wording=desk.knowledge.wording,
        patient_id=request.patient_id,
        source_url=desk.source_url,
        new_uuid=lambda: str(uuid4()),
        encounter_id=request.encounter_id,
        requester=request.user_id,
        received=received,
    )


def _received(call: Call) -> Mapping[str, int]:
    """How many resources of each type came, those that could not be read included."""
    rows = {row.label for row in call.record.found.values()}
    unread = {entry.reference for entry in call.record.set_aside}
    return Counter(label.split("/")[0].split(" ")[0] for label in rows | unread)

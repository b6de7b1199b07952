"""The services on offer, and how each answers a call."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from time import perf_counter

from cds_hooks.cards import Card
from cds_hooks.contexts import has_member
from cds_hooks.crd import Switch, options
from cds_hooks.errors import MismatchError, MissingDataError
from cds_hooks.prefetch import referring
from cds_hooks.request import HookRequest
from cds_hooks.service import OfferedService, Reply, Service, StoppedError
from cds_hooks.trust import CdsClient
from mappings.knowledge import Knowledge
from mappings.wording import Wording
from service.access.sites import Site
from service.answer.bounds import Bounds, unbounded
from service.answer.cards import (
    HookAnswer,
    Orders,
    RuleSet,
    answer_chart,
    answer_failure,
    answer_mismatch,
    answer_orders,
    answer_stopped,
    answer_unread,
    is_of_agent,
)
from service.answer.read import Chart, brought, read_chart, read_record
from service.answer.relevant_orders import names_agent, relevant_orders
from service.answer.silence import shown_and_silent
from service.answer.suppression import SuppressionKeys, suppress, suppression_keys
from service.assess.orders import Topic
from service.fhir.prefetch import Asked, usual
from service.fhir.received import Fetched
from service.records.digests import patient_key, user_key
from service.records.record import CallTrace, Versions
from service.render.nothing import nothing_said

REQUIREMENTS = (
    "Works from the prefetched FHIR R4 data of one patient. Without a patient, a problem list and medication "
    "orders there is no assessment; without dispenses, scores and blood pressures it names what is missing."
)
SHARED_ID = "ketamine-referral"
"""By which every hook may be called, so that a client shows the cards of a later one instead."""

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


MOST_SEARCHED = 1024 * 1024
"""Bytes of draft orders in which names are looked for when a call was given up; more may name anything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallContext:
    """What every call is answered with: the rules, the day it is, and what users did with earlier cards.

    `asked` returns what a caller's EHR is asked for. `complete` adds to what a call brought what its FHIR
    server has; it returns the same value if that is nothing. `bounds` are how much processor time what reads
    and judges one call may take. `overridden` tells which of the suppression keys, made with `hash_key`, are
    of overridden cards. `site` tells what a caller's EHR wants of its cards.
    """

    rules: RuleSet
    versions: Versions
    today: Callable[[], date]
    asked: Callable[[CdsClient], Asked]
    bounds: Callable[[], Bounds] = lambda: unbounded
    complete: Callable[[HookRequest, CdsClient, Fetched], Fetched]
    hash_key: bytes = field(repr=False)
    overridden: Callable[[Collection[str]], Collection[str]]
    site: Callable[[CdsClient], Site]


def offered_services(
    context: CallContext, answering: Callable[[HookRequest, CdsClient, CallContext], Reply] | None = None
) -> tuple[OfferedService, ...]:
    """Return the services, each with the handler of its hook: `answer`, or `answering` in its place."""
    answered = answering or answer
    templates = usual(context.rules.knowledge.prefetch).templates
    return tuple(
        OfferedService(
            service=Service(
                id=service_id,
                hook=hook,
                title=title,
                description=description,
                usage_requirements=REQUIREMENTS,
                version=context.versions.software,
                prefetch=templates,
            ),
            described=lambda service, caller: _described(service, caller, context),
            shared_id=SHARED_ID,
            handler=lambda request, caller: answered(request, caller, context),
        )
        for hook, (service_id, title, description) in OFFERED.items()
    )


def _described(service: Service, caller: CdsClient, context: CallContext) -> Service:
    """Return the service as discovery describes it to the EHR of `caller`."""
    site = context.site(caller)
    return replace(
        service,
        id=SHARED_ID if site.shared_service else service.id,
        prefetch=_queries(context.asked(caller), service.hook),
        extension=options(switches(context.rules.knowledge.wording)) if site.crd else {},
        dated=site.dated,
    )


def _queries(asked: Asked, hook: str) -> Mapping[str, str]:
    """Return the prefetch templates of a hook, except those that start from data which it does not bring."""
    further = {
        key: template
        for key, template in asked.referring.items()
        if all(has_member(hook, place) for place in referring(template))
    }
    return {**asked.templates, **further}


def switches(wording: Wording) -> tuple[Switch, ...]:
    """Return the kinds of card that a client may turn off."""
    about = wording.sentence("configuration.description")
    return tuple(
        Switch(code=kind, name=name, description=about.format(topic=name))
        for kind, name in wording.words["topic"].items()
    )


def answer(request: HookRequest, caller: CdsClient, context: CallContext) -> Reply:
    """Return the cards that answer a call; raise MissingDataError if all essential data are missing.

    An order for ketamine or esketamine gets a warning even then. Nothing is read for draft orders that are
    about something else.
    """
    today, rules, within, site = context.today(), context.rules, context.bounds(), context.site(caller)
    asked = context.asked(caller).on(today)
    sent, (chart, orders) = within(lambda: _sent(request, asked, rules.knowledge, today))
    trace = CallTrace(evaluated_on=today, sent=sent.replies, completeness=sent.completeness)
    if orders is not None and not orders:
        return _no_business(chart, trace, context)
    began = perf_counter()
    complete = context.complete(request, caller, sent)
    if complete is not sent:
        trace = _fetched(trace, complete, perf_counter() - began)
        chart, orders = within(lambda: _opened(request, complete, rules.knowledge, today))
        if orders is not None and not orders:  # what was read tells that they are about something else
            return _no_business(chart, trace, context)
    if _lacks_essentials(request, chart, sent.asked):
        if not is_of_agent(orders):
            raise _refusal(trace, sent.asked)
        answered, keys = answer_unread(request, rules, site), dict[str, SuppressionKeys]()
    else:
        answered, keys = within(lambda: _answered(request, caller, chart, orders, today, context, site))
    trace = replace(_concerning(trace, orders), assessment=answered.assessment)
    return _fired(request, answered, keys, trace, context, site)


def _no_business(chart: Chart, trace: CallTrace, context: CallContext) -> Reply:
    """Return no card, because there are no draft orders or they are about something else."""
    reason = "other-order" if chart.drafts and chart.drafts.keys else "no-order"
    return Reply(cards=(), trace=trace, nothing=nothing_said(context.rules.knowledge.wording, reason))


def _sent(
    request: HookRequest, asked: Asked, knowledge: Knowledge, today: date
) -> tuple[Fetched, tuple[Chart, Orders | None]]:
    """Return the data that a call brought, as it came and opened."""
    sent = brought(request, asked)
    return sent, _opened(request, sent, knowledge, today)


def _opened(
    request: HookRequest, came: Fetched, knowledge: Knowledge, today: date
) -> tuple[Chart, Orders | None]:
    """Return the chart that came, and the draft orders that are answered."""
    chart = read_chart(request, came)
    return chart, _orders(request, chart, knowledge, today)


def _answered(
    request: HookRequest,
    caller: CdsClient,
    chart: Chart,
    orders: Orders | None,
    today: date,
    context: CallContext,
    site: Site,
) -> tuple[HookAnswer, dict[str, SuppressionKeys]]:
    """Return the answer, and the suppression keys of its cards."""
    rules = context.rules
    read = read_record(chart, rules.knowledge, today)
    if orders is None:
        answered = answer_chart(request, read, rules, today, site)
    else:
        answered = answer_orders(request, read, orders, rules, today, site)
    return answered, _keys(request, caller, answered, context)


def _concerning(trace: CallTrace, orders: Orders | None) -> CallTrace:
    return replace(trace, concern=max(orders).name.lower() if orders else None)


def _fetched(trace: CallTrace, complete: Fetched, seconds: float) -> CallTrace:
    timings = {**trace.timings_ms, "fetch": seconds * 1000}
    return replace(trace, completeness=complete.completeness, timings_ms=timings)


def failure_cards(
    request: HookRequest, caller: CdsClient, failure: Exception, context: CallContext
) -> tuple[Card, ...]:
    """Return the card for a call that failed or was given up: it says that nothing was assessed, and why."""
    site = context.site(caller)
    if isinstance(failure, StoppedError):
        answered = answer_stopped(request, _named_orders(request, context), context.rules, site)
    else:
        answered = answer_failure(request, _orders_if_readable(request, context), context.rules, site)
    return shown_and_silent(answered.cards, request.hook, site.silent, request.turned_off)[0]


def mismatch_cards(mismatch: MismatchError, context: CallContext) -> tuple[Card, ...]:
    """Return the card for a call that is of another hook than its service, or brought no orders."""
    return tuple(answer_mismatch(mismatch.issues, context.rules).cards)


def _fired(
    request: HookRequest,
    answered: HookAnswer,
    keys: Mapping[str, SuppressionKeys],
    trace: CallTrace,
    context: CallContext,
    site: Site,
) -> Reply:
    """Return the reply without cards that this user overrode on the same facts or that are only recorded."""
    hiding = [key for card_keys in keys.values() for key in card_keys.hiding]
    left, suppressed = suppress(answered.cards, keys, context.overridden(hiding) if hiding else ())
    shown, silent = shown_and_silent(left, request.hook, site.silent, request.turned_off)
    own = {uuid: card_keys.own for uuid, card_keys in keys.items()}
    hidden = "overridden" if suppressed else "silent" if silent else ""
    nothing = nothing_said(context.rules.knowledge.wording, hidden) if hidden else answered.nothing
    return Reply(
        cards=shown,
        trace=replace(trace, suppression_keys=own, suppressed=suppressed, silent=silent),
        nothing=nothing,
    )


def _keys(
    request: HookRequest, caller: CdsClient, answered: HookAnswer, context: CallContext
) -> dict[str, SuppressionKeys]:
    """Return the suppression keys of the cards; nothing if no patient was assessed."""
    if answered.assessment is None:
        return {}
    return suppression_keys(
        context.hash_key,
        answered.cards,
        context.rules.knowledge.suppression,
        answered.assessment,
        patient_key=patient_key(context.hash_key, caller, request),
        user_key=user_key(context.hash_key, caller, request),
        versions=context.versions,
    )


def _orders(request: HookRequest, chart: Chart, knowledge: Knowledge, today: date) -> Orders | None:
    """Return the draft orders to answer, by topic; None if the hook brings no orders."""
    if chart.drafts is None or request.draft_orders is None:
        return None
    return relevant_orders(chart, request.draft_orders, knowledge, today)


def _orders_if_readable(request: HookRequest, context: CallContext) -> Orders | None:
    """Return the draft orders; if they cannot be read, the topics that the names in them suggest."""
    today = context.today()
    try:
        sent = brought(request, usual(context.rules.knowledge.prefetch))
        return context.bounds()(lambda: _opened(request, sent, context.rules.knowledge, today))[1]
    except Exception:  # whatever failed the call may fail here again
        return _named_orders(request, context)


def _named_orders(request: HookRequest, context: CallContext) -> Orders | None:
    """Return the topics that the names in the draft orders suggest; too many orders are not searched."""
    if request.draft_orders is None:
        return None
    named = len(request.draft_orders) > MOST_SEARCHED or names_agent(
        request.draft_orders, context.rules.knowledge
    )
    return {Topic.UNREADABLE_AGENT: ()} if named else {}


def _lacks_essentials(request: HookRequest, chart: Chart, asked: Asked) -> bool:
    kinds = {asked.kinds[key] for key in asked.essential}
    came = any(chart.record.lists[kind].came for kind in kinds)
    return not came and not any(key in request.prefetch for key in asked.essential)


def _refusal(trace: CallTrace, asked: Asked) -> MissingDataError:
    refusal = MissingDataError(
        f"expected prefetched data for at least one of {', '.join(asked.essential)}, "
        "or a FHIR server to read",
        expression="prefetch",
        diagnostics="; ".join(f"{key}: {trace.completeness.get(key)}" for key in asked.essential),
    )
    refusal.trace = trace
    return refusal

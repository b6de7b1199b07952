"""The cards that answer a call: at most two, the safety card first, then one other."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

from msgspec import structs

from cds_hooks.cards import Action, Card, Coding, Indicator, Link, Source, Suggestion
from cds_hooks.outcome import Issue
from service.clinical.assessment import Assessment, Conclusion
from service.clinical.order_check import Agent, Concern, OrderCheck
from service.clinical.routes import no_route_left, to_weigh
from service.render.context import RenderContext, of_order
from service.render.details import (
    card_view,
    decision_detail,
    mismatch_detail,
    not_assessed_detail,
    order_detail,
    safety_detail,
)
from service.render.kinds import (
    Kind,
    NotAssessed,
    chart_kinds,
    highest_trigger,
    not_assessable_reason,
    safety_shown,
)
from service.render.referral import drafted_referral
from service.render.summaries import decision_summary, not_assessed_summary, order_summary, safety_summary
from service.render.task import drafted_task
from service.render.tried import failed_before
from service.render.view import View

_URGENCY: dict[Kind, Indicator] = {
    Kind.RECOMMEND: "info",
    Kind.CAUTION: "warning",
    Kind.INSUFFICIENT_DATA: "info",
}


def decision_cards(
    assessment: Assessment, context: RenderContext, ordered: Collection[str] = ()
) -> tuple[Card, ...]:
    """Return the cards about the patient, for a chart or an order that concerns the depression.

    If one of the `ordered` ingredients has failed before, the summary says so.
    """
    safety = safety_cards(assessment, context)
    context = structs.replace(context, openings=failed_before(context.wording, assessment.trials, ordered))
    match chart_kinds(assessment)[len(safety) :]:
        case (Kind.NOT_ASSESSED,):
            return (*safety, _not_assessable(assessment, context, "info"))
        case (kind,):
            return (*safety, _decision_card(assessment, context, kind))
        case _:
            return safety


def referral_cards(assessment: Assessment, context: RenderContext) -> tuple[Card, ...]:
    """Return the cards where the drafted order is the referral that the cards would suggest.

    No card recommends or drafts it again; the cards state what speaks against it and what is missing.
    """
    if assessment.assessable and _only_recommends(assessment):
        return safety_cards(assessment, context)
    cards = decision_cards(assessment, context)
    return tuple(replace(card, suggestions=(), selection_behavior=None) for card in cards)


def _only_recommends(assessment: Assessment) -> bool:
    """Tell whether a card would only recommend a referral, now or later."""
    if assessment.conclusion is Conclusion.CAUTION:
        return not (assessment.gate or to_weigh(assessment.flags))
    return assessment.conclusion is Conclusion.RECOMMEND


def order_check_cards(assessment: Assessment, order: OrderCheck, context: RenderContext) -> tuple[Card, ...]:
    """Return the cards about an order for ketamine or esketamine.

    They state a known contraindication even where the rest could not be assessed.
    """
    safety = safety_cards(assessment, context)
    forbidden = Concern.CONTRAINDICATION in order.concerns
    if assessment.assessable or forbidden:
        return (*safety, _order_card(assessment, order, context))
    return (*safety, _not_assessable(assessment, context, "warning"))


def safety_cards(assessment: Assessment, context: RenderContext) -> tuple[Card, ...]:
    """Return the safety card if a suicide-risk trigger fired, about the highest of them."""
    if not safety_shown(assessment):
        return ()
    trigger, text = highest_trigger(assessment.safety, context.wording)
    card = _card(
        context,
        Kind.SAFETY,
        "critical" if text.indicator == "critical" else "warning",
        safety_summary(context.wording, text, trigger.text),
        safety_detail(context.wording, assessment, text),
    )
    return (card,)


def not_assessed_card(
    context: RenderContext, reason: NotAssessed, indicator: Indicator, assessment: Assessment | None = None
) -> Card:
    """Return the card for a call that was not assessed; on a ketamine or esketamine order it is a warning.

    Given an `assessment` of the record, the card still states what is known.
    """
    return _card(
        context,
        Kind.NOT_ASSESSED,
        indicator,
        not_assessed_summary(context.wording, reason, context.openings),
        not_assessed_detail(context.wording, reason, assessment, context.received, context.policies),
    )


def mismatch_card(context: RenderContext, issues: Sequence[Issue]) -> Card:
    """Return the card for a call that does not fit its service, listing what was expected at each place."""
    return _card(
        context,
        Kind.NOT_ASSESSED,
        "info",
        not_assessed_summary(context.wording, NotAssessed.MISMATCH),
        mismatch_detail(context.wording, NotAssessed.MISMATCH, issues),
    )


def _not_assessable(assessment: Assessment, context: RenderContext, indicator: Indicator) -> Card:
    return not_assessed_card(context, not_assessable_reason(assessment), indicator, assessment)


def _decision_card(assessment: Assessment, context: RenderContext, kind: Kind) -> Card:
    shown = card_view(context.wording, assessment)
    return _card(
        context,
        kind,
        _URGENCY[kind],
        decision_summary(context.wording, assessment, context.openings),
        decision_detail(context.wording, assessment, shown, context.received, context.policies),
        (*_suggestions(assessment, shown, context), *_reminder(assessment, shown, context)),
    )


def _order_card(assessment: Assessment, order: OrderCheck, context: RenderContext) -> Card:
    wording = of_order(context.wording, order)
    return _card(
        context,
        Kind.ORDER_CHECK,
        order.urgency,
        order_summary(wording, assessment, order),
        order_detail(wording, assessment, order, context.received, context.policies),
        agent=order.agent,
    )


def _card(
    context: RenderContext,
    kind: Kind,
    indicator: Indicator,
    summary: str,
    detail: str,
    suggestions: tuple[Suggestion, ...] = (),
    agent: Agent = Agent.NONE,
) -> Card:
    wording = context.wording
    topic = _coding(wording.source.topic_system, kind, wording.words["topic"][kind])
    reasons = wording.overrides.of(kind)
    return Card(
        uuid=context.new_uuid(),
        summary=summary,
        indicator=indicator,
        source=Source(label=wording.source.label, url=f"{context.source_url}{kind}", topic=topic),
        detail=detail,
        suggestions=suggestions,
        selection_behavior="at-most-one" if suggestions else None,
        override_reasons=tuple(
            _coding(wording.overrides.system, reason.code, reason.display) for reason in reasons
        ),
        links=(*_view(context, kind), *_pages(context, kind, agent)),
    )


# What stands on card after card is made and checked once: a tenth of the time of a card (60 of 550 us).
@lru_cache(maxsize=256)
def _coding(system: str, code: str, display: str) -> Coding:
    return Coding(system=system, code=code, display=display)


@lru_cache(maxsize=256)
def _page(label: str, url: str) -> Link:
    return Link(label=label, url=url, type="absolute")


def _view(context: RenderContext, kind: Kind) -> tuple[Link, ...]:
    """Return the link to the evidence view, for cards that rest on an assessment."""
    if context.app_url is None or kind is Kind.NOT_ASSESSED:
        return ()
    label = context.wording.sentence("view.link")
    return (Link(label=label, url=context.app_url, type="smart", autolaunchable=False),)


def _pages(context: RenderContext, kind: Kind, agent: Agent) -> tuple[Link, ...]:
    """Return links to the rules behind the card and to the label of its medicine."""
    if context.pages is None:
        return ()
    rows = [row for row in context.wording.link if kind in row.cards and agent not in row.not_about]
    return tuple(
        _page(row.label, url)
        for row in rows
        if (url := context.pages.get(row.page) if row.page else f"{context.source_url}{kind}")
    )


def _suggestions(assessment: Assessment, shown: View, context: RenderContext) -> tuple[Suggestion, ...]:
    """Return the drafted referral; nothing if a gate is closed, data are missing or no route is left."""
    supported = assessment.conclusion in (Conclusion.RECOMMEND, Conclusion.CAUTION)
    if not supported or assessment.gate or no_route_left(assessment.flags):
        return ()
    wording = context.wording
    label = "label_after_safety" if assessment.safety else "label"
    action = Action(
        type="create",
        description=wording.sentence("suggestion.action"),
        resource=drafted_referral(context, assessment, shown),
    )
    label_text = wording.sentence(f"suggestion.{label}")
    recommended = assessment.conclusion is Conclusion.RECOMMEND
    return (
        Suggestion(uuid=context.new_uuid(), label=label_text, is_recommended=recommended, actions=(action,)),
    )


def _reminder(assessment: Assessment, shown: View, context: RenderContext) -> tuple[Suggestion, ...]:
    """Return a reminder Task if the client accepts one; nothing if a gate is closed."""
    if not context.tasks or assessment.gate:
        return ()
    wording = context.wording
    action = Action(
        type="create",
        description=wording.sentence("suggestion.later_action"),
        resource=drafted_task(context, assessment, shown),
    )
    label = wording.sentence("suggestion.later")
    return (Suggestion(uuid=context.new_uuid(), label=label, is_recommended=False, actions=(action,)),)

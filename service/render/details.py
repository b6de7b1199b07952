"""The body of each card: its template, filled with what belongs to this patient and cut to what is read."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from cds_hooks.outcome import Issue
from mappings.gaps import GapId
from mappings.wording import TriggerText, Wording
from service.clinical.assessment import Assessment, TrialStatus
from service.clinical.order_check import Agent, Concern, OrderCheck, Way
from service.clinical.routes import ROUTES, forbidding, held, no_route_left
from service.render.context import say_plain
from service.render.escape import Markdown, plain
from service.render.fitting import cut, joined
from service.render.policy_line import SILENT, PolicyWords
from service.render.summaries import failed_words, lacks_trials, order_name, possible_words
from service.render.templates import filled
from service.render.unread import unread_words
from service.render.view import View

Received = Mapping[str, int]


class OrderWords(Struct, frozen=True, kw_only=True, gc=False):
    """What a card says of the order that it is about."""

    name: str
    labels: str
    others: str
    invalid: str
    second_referral: bool
    few_trials: bool
    unstudied: bool
    injected: bool
    acute: bool
    esketamine: bool
    any_route: bool


def card_view(wording: Wording, assessment: Assessment, order: OrderCheck | None = None) -> View:
    """Return the view on a card, with texts as long as a card has room for."""
    return View(wording=wording, of=assessment, longest=wording.limits.text, order=order)


def safety_detail(wording: Wording, assessment: Assessment, trigger: TriggerText) -> str:
    """Return what the record shows about suicide risk and what is to be done today; no drug is offered."""
    shown = card_view(wording, assessment)
    said = " ".join(row.text for row in (*shown.safety, *shown.lowered))
    facts = [fact for fact in wording.fact if fact.on_safety_card and fact.only_beside in said]
    return filled(
        "safety",
        advice=Markdown(trigger.advice),
        triggers=cut(wording, shown.safety, wording.limits.flags),
        always=_always(wording, shown),
        lowered=shown.lowered,
        safety_facts=[Markdown(fact.text) for fact in facts],
        records=_records(wording, assessment),
    )


def decision_detail(
    wording: Wording, assessment: Assessment, shown: View, received: Received, policies: PolicyWords = SILENT
) -> str:
    """Return the body of the recommend, caution or insufficient-data card."""
    return filled(
        "decision",
        kind=shown.conclusion,
        after_safety=bool(assessment.safety),
        lacks_trials=lacks_trials(assessment),
        failed=failed_words(wording, assessment),
        possible=possible_words(wording, assessment),
        **_of_patient(wording, assessment, shown, received, policies),
    )


def order_detail(
    wording: Wording,
    assessment: Assessment,
    order: OrderCheck,
    received: Received,
    policies: PolicyWords = SILENT,
) -> str:
    """Return the body of the order-check card."""
    shown = card_view(wording, assessment, order)
    return filled(
        "order",
        order=_order(wording, order),
        triggers=cut(wording, shown.safety, wording.limits.others),
        pressure=_pressure(wording, assessment),
        sedatives=[flag for flag in shown.weighed if flag.id in wording.order_card.sedatives],
        procedures=[given for given in shown.augmentations if given.of.is_procedure],
        **_of_patient(wording, assessment, shown, received, policies),
    )


def not_assessed_detail(
    wording: Wording,
    reason: str,
    assessment: Assessment | None,
    received: Received,
    policies: PolicyWords = SILENT,
) -> str:
    """Return the reason why nothing was assessed, and what is known all the same."""
    words = wording.words["not_assessed"][reason]
    if assessment is None:
        return filled("not_assessed", reason=words, view=None, **_NOTHING_ABOVE)
    shown = card_view(wording, assessment)
    return filled("not_assessed", reason=words, **_of_patient(wording, assessment, shown, received, policies))


def mismatch_detail(wording: Wording, reason: str, issues: Sequence[Issue]) -> str:
    """Return what was expected at each place of a call that does not fit its service."""
    return filled("mismatch", reason=wording.words["not_assessed"][reason], issues=issues)


_NOTHING_ABOVE: dict[str, Any] = {"safety_unknown": (), "always": (), "lowered": ()}


def _of_patient(
    wording: Wording, assessment: Assessment, shown: View, received: Received, policies: PolicyWords
) -> dict[str, Any]:
    """Return the values that the templates of all cards about a patient share."""
    gate = assessment.gate
    return {
        "view": shown,
        "told_as": gate.told_as if gate else "",
        "counts": assessment.counts,
        "called_resistant": bool(assessment.resistant),
        "no_route_left": no_route_left(assessment.flags),
        "only_holds": _only_holds(assessment),
        "facts": {fact.id: Markdown(fact.text) for fact in wording.fact},
        "definition": plain(assessment.definition, wording.limits.definition).rstrip("."),
        "policies": policies.line,
        "definition_warning": policies.definition,
        "records": _records(wording, assessment),
        "unreadable": unread_words(wording, assessment.unreadable, received),
        **_above(wording, assessment, shown),
        **_flags(wording, shown),
        **_gaps(wording, shown),
        **_trials(wording, shown),
    }


def _above(wording: Wording, assessment: Assessment, shown: View) -> dict[str, Any]:
    return {
        "safety_unknown": [gap for gap in (*shown.needed, *shown.unknown) if gap.id == GapId.RISK],
        "always": _always(wording, shown),
        "lowered": () if assessment.safety else shown.lowered,
    }


def _always(wording: Wording, shown: View) -> list[Any]:
    return [flag for flag in shown.weighed if flag.id in wording.always_shown]


def _flags(wording: Wording, shown: View) -> dict[str, Any]:
    limits = wording.limits
    rest = [flag for flag in shown.weighed if flag.id not in wording.always_shown]
    budgets = {"flags": ("deciding", limits.flags), "planning": ("planning", limits.others)}
    budgets["info"] = ("info", limits.others)
    groups = {
        name: cut(wording, [flag for flag in rest if flag.group == group], budget)
        for name, (group, budget) in budgets.items()
    }
    return {**groups, "set_aside": cut(wording, shown.set_aside, limits.others)}


def _gaps(wording: Wording, shown: View) -> dict[str, Any]:
    needed = [gap for gap in shown.needed if gap.id != GapId.RISK]
    gaps = [gap for gap in shown.unknown if gap.id != GapId.RISK]
    return {
        "needed": cut(wording, needed, wording.limits.gaps),
        "unknown": cut(wording, [gap for gap in gaps if gap.name], wording.limits.gaps),
        "other_gaps": cut(wording, [gap for gap in gaps if not gap.name], wording.limits.others),
    }


def _trials(wording: Wording, shown: View) -> dict[str, Any]:
    limits = wording.limits
    out = TrialStatus.NOT_COUNTED.value
    return {
        "trials": cut(wording, [trial for trial in shown.ledger if trial.status != out], limits.trials),
        "not_counted": cut(wording, [trial for trial in shown.ledger if trial.status == out], limits.others),
        "treatments": cut(wording, shown.augmentations, limits.others),
    }


def _only_holds(assessment: Assessment) -> bool:
    return all(held(flag, *ROUTES) for flag in forbidding(assessment.flags))


def _order(wording: Wording, order: OrderCheck) -> OrderWords:
    return OrderWords(
        name=order_name(wording, order),
        labels=joined(wording, order.labels),
        others=joined(wording, order.others) if order.others else "",
        invalid=joined(wording, order.invalid) if order.invalid else "",
        second_referral=Concern.SECOND_REFERRAL in order.concerns,
        few_trials=Concern.FEW_TRIALS in order.concerns,
        unstudied=Way.UNSTUDIED in order.ways,
        injected=Way.INJECTED in order.ways,
        acute=order.acute_suicidality_reason,
        esketamine=order.agent is not Agent.KETAMINE,
        any_route=order.routes == ROUTES,
    )


def _pressure(wording: Wording, assessment: Assessment) -> str:
    last = assessment.last_pressure
    if last is None:
        return ""
    return say_plain(
        wording,
        "order.pressure",
        systolic=f"{last.systolic:g}",
        diastolic=f"{last.diastolic:g}",
        day=last.day,
    )


def _records(wording: Wording, assessment: Assessment) -> Markdown:
    start, end = assessment.data_from, assessment.data_to
    dates = {"start": start, "end": end} if start and end else {}
    key = "basis.dates" if dates else "basis.dates_unknown"
    return Markdown(
        wording.sentence(key).format(
            **dates,
            day=assessment.assessed_on,
            profile=assessment.profile,
            version=assessment.rule_set_version,
        )
    )

"""What the assessment says against an order for ketamine or esketamine (clinical rules 12, 13 and 14)."""

from collections.abc import Sequence

from msgspec.structs import replace

from mappings.orders import OrderTable
from service.assess.orders import agent_of, code_name, ways
from service.clinical.assessment import Assessment
from service.clinical.order_check import Agent, Concern, OrderCheck, Urgency
from service.clinical.orders import DraftOrder
from service.clinical.routes import cautions, contraindicated

_URGENCY: Sequence[Urgency] = ("info", "warning", "critical")


def order_check(orders: Sequence[DraftOrder], assessment: Assessment, table: OrderTable) -> OrderCheck:
    """Return the order with the gravest concern, for the order-check card.

    The others of its kind are named on the same card.
    """
    checks = [judged(_about(order, table), assessment) for order in orders]
    gravest = max(range(len(checks)), key=lambda place: _URGENCY.index(checks[place].urgency))
    others = tuple(check.labels[0] for place, check in enumerate(checks) if place != gravest)
    return replace(checks[gravest], others=others)


def judged(check: OrderCheck, assessment: Assessment) -> OrderCheck:
    """Return the order with every concern about it, the gravest first."""
    gate = assessment.gate
    judges_trials = not (gate and not gate.judges_trials) and not check.acute_suicidality_reason
    applies = {
        Concern.CONTRAINDICATION: any(contraindicated(assessment.flags, route) for route in check.routes),
        Concern.SAFETY: bool(assessment.safety) and not (gate and gate.hides_safety),
        Concern.WAY: bool(check.ways),
        Concern.GATE: gate is not None and gate.warns_on_order,
        Concern.SECOND_REFERRAL: check.is_referral and gate is not None and gate.told_as == "referred",
        Concern.CAUTION: bool(cautions(assessment.flags, check.routes)),
        Concern.MISSING: any(gap.blocking for gap in assessment.missing),
        Concern.FEW_TRIALS: judges_trials and not assessment.enough_trials,
    }
    concerns = tuple(concern for concern in Concern if applies[concern])
    return replace(check, concerns=concerns, judges_trials=judges_trials)


def _about(order: DraftOrder, table: OrderTable) -> OrderCheck:
    agent = agent_of(order, table)
    return OrderCheck(
        agent=agent,
        labels=(_label(order, table),),
        references=(order.reference,),
        ways=ways(order, table) if agent in (Agent.KETAMINE, Agent.BOTH) else (),
        is_referral=order.kind != "MedicationRequest" and not _for_session(order, table),
        # only the label of esketamine has this indication
        acute_suicidality_reason=agent is Agent.ESKETAMINE and _acutely_suicidal(order, table),
        invalid=order.invalid,
    )


def _label(order: DraftOrder, table: OrderTable) -> str:
    """Return the name of the order, else the meaning of its code."""
    return (order.asks_for and order.name) or code_name(order, table) or order.name or order.reference


def _for_session(order: DraftOrder, table: OrderTable) -> bool:
    """Tell whether a service order is for the treatment itself.

    Its code says so, or words that do not ask for an opinion.
    """
    asked_for, words = order.asks_for, table.agent
    return bool(code_name(order, table)) or (
        words.session.in_text(asked_for) and not words.opinion.in_text(asked_for)
    )


def _acutely_suicidal(order: DraftOrder, table: OrderTable) -> bool:
    """Tell whether the reason of the order is depression with acute suicidality."""
    rule = table.acute_suicidality
    text = " ".join(reason.text for reason in order.reasons)
    coded = any(rule.codes.name_of(code.code.replace(".", "")) for code in order.reason_codes)
    grouped = not order.reason_groups.isdisjoint(rule.groups)
    worded = rule.words.in_text(text) and not rule.not_words.in_text(text)
    return coded or grouped or worded

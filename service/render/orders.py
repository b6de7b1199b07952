"""What is to be said about an order for ketamine or esketamine (clinical rules 12, 13), apart from words."""

from enum import StrEnum

from cds_hooks.cards import Indicator
from service.clinical.assessment import Assessment, Level
from service.clinical.order_check import Agent, OrderCheck
from service.render.routes import ROUTES, Route, contraindicated, of_level

_GATES_THAT_WARN = ("GATE-AGE", "GATE-DX", "GATE-DECEASED")


class Concern(StrEnum):
    """Why an order-check card is more than information, the gravest first."""

    CONTRAINDICATION = "contraindication"
    SAFETY = "safety"
    GATE = "gate"
    SECOND_REFERRAL = "second-referral"
    CAUTION = "caution"
    MISSING = "missing"
    FEW_TRIALS = "few-trials"


def order_check_level(assessment: Assessment, order: OrderCheck) -> Indicator:
    """Return how urgent the order-check card is."""
    concerns = order_concerns(assessment, order)
    if Concern.CONTRAINDICATION in concerns:
        return "critical"
    return "warning" if concerns else "info"


def order_concerns(assessment: Assessment, order: OrderCheck) -> tuple[Concern, ...]:
    """Return every concern about the order, the gravest first."""
    routes = ordered_routes(order)
    gate = gate_id(assessment)
    applies = {
        Concern.CONTRAINDICATION: any(contraindicated(assessment.flags, route) for route in routes),
        Concern.SAFETY: bool(assessment.safety) and gate != "GATE-DECEASED",
        Concern.GATE: gate in _GATES_THAT_WARN,
        Concern.SECOND_REFERRAL: second_referral(assessment, order),
        Concern.CAUTION: any(of_level(assessment.flags, route, Level.CAUTION) for route in routes),
        Concern.MISSING: any(gap.blocking for gap in assessment.missing),
        Concern.FEW_TRIALS: trials_judged(assessment, order) and not assessment.enough_trials,
    }
    return tuple(concern for concern in Concern if applies[concern])


def ordered_routes(order: OrderCheck) -> tuple[Route, ...]:
    """Return the routes that are judged: both, unless the order is for one agent."""
    single = {Agent.ESKETAMINE: Route.ESKETAMINE, Agent.KETAMINE: Route.KETAMINE}.get(order.agent)
    return (single,) if single else ROUTES


def trials_judged(assessment: Assessment, order: OrderCheck) -> bool:
    """Say whether the number of trials matters: not in maintenance, not for acute suicidality."""
    return gate_id(assessment) != "GATE-TREATED" and not order.acute_suicidality_reason


def second_referral(assessment: Assessment, order: OrderCheck) -> bool:
    """Say whether the order refers a patient who has an open referral."""
    return order.is_referral and gate_id(assessment) == "GATE-REFERRAL"


def gate_id(assessment: Assessment) -> str:
    """Return the id of the closed gate, or an empty text."""
    return assessment.gate.id if assessment.gate else ""

"""A present order or referral for ketamine or esketamine, as the cards need it."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from service.clinical.routes import ROUTES, Route

Urgency = Literal["info", "warning", "critical"]


class Agent(StrEnum):
    """The ordered agent; NONE is a referral naming neither, judged by the stricter route."""

    ESKETAMINE = "esketamine"
    KETAMINE = "ketamine"
    BOTH = "both"
    NONE = "none"


class Way(StrEnum):
    """A way of giving racemic ketamine other than by infusion."""

    UNSTUDIED = "unstudied"
    INJECTED = "injected"


class Concern(StrEnum):
    """Why an order-check card is more than information, the gravest first."""

    CONTRAINDICATION = "contraindication"
    SAFETY = "safety"
    WAY = "way"
    GATE = "gate"
    SECOND_REFERRAL = "second-referral"
    CAUTION = "caution"
    MISSING = "missing"
    FEW_TRIALS = "few-trials"


class OrderCheck(Struct, frozen=True, kw_only=True, gc=False):
    """The order that one order-check card is about, and the rest of the same kind.

    `labels` and `others` are names of orders as the record writes them, `references` the relative
    references of the orders in `labels`. `acute_suicidality_reason` says that the order's reason is
    major depression with acute suicidal ideation or behaviour. `invalid` says what is wrong with the
    drafts as FHIR. `concerns` are what the assessment says against the order, the gravest first;
    `ways` are how ketamine would be given otherwise than by infusion. `judges_trials` says that the number
    of trials matters to it.
    """

    agent: Agent
    labels: tuple[str, ...]
    references: tuple[str, ...] = ()
    is_referral: bool = False
    acute_suicidality_reason: bool = False
    invalid: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    concerns: tuple[Concern, ...] = ()
    judges_trials: bool = True

    @property
    def routes(self) -> tuple[Route, ...]:
        """The judged routes: both, unless the order is for one agent."""
        single = {Agent.ESKETAMINE: Route.ESKETAMINE, Agent.KETAMINE: Route.KETAMINE}.get(self.agent)
        return (single,) if single else ROUTES

    @property
    def urgency(self) -> Urgency:
        """How urgent the order-check card is."""
        if Concern.CONTRAINDICATION in self.concerns:
            return "critical"
        return "warning" if self.concerns else "info"

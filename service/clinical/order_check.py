"""An order at hand for ketamine or esketamine, or a referral for one of them, as the cards need it."""

from dataclasses import dataclass
from enum import StrEnum


class Agent(StrEnum):
    """What is ordered; NONE is a referral that names neither, and is judged by the stricter route."""

    ESKETAMINE = "esketamine"
    KETAMINE = "ketamine"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderCheck:
    """The order that one order-check card is about, and the rest of the same kind.

    `labels` and `others` are names of orders as the record writes them, `references` the relative
    references of the orders in `labels`. `acute_suicidality_reason` says that the order's reason is
    major depression with acute suicidal ideation or behaviour. `invalid` says what is wrong with the
    drafts as FHIR.
    """

    agent: Agent
    labels: tuple[str, ...]
    references: tuple[str, ...] = ()
    is_referral: bool = False
    acute_suicidality_reason: bool = False
    invalid: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

"""Which draft orders are answered, and by what they are recognised: `orders.toml`."""

from dataclasses import dataclass

from mappings.matching import Codes, Words
from mappings.members import ConditionGroups, DrugGroups, Procedures, Trigger
from mappings.tables import Reviewed, Tables, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentWords:
    """Words that name an agent, and words that tell whether an order for it is about depression."""

    esketamine: Words
    ketamine: Words
    unrelated: Words
    unrelated_codes: Codes
    nasal: Words
    injected: Words
    depression: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class DepressionServices:
    """Treatments of depression that are not drugs, by concept and by name.

    `without_codes` are concepts of which no code is shipped; a licensed site adds its own.
    """

    concepts: Procedures
    without_codes: tuple[str, ...]
    names: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Overdose:
    """Drug groups dangerous in overdose, and the safety trigger that their orders show."""

    groups: DrugGroups
    trigger: Trigger


@dataclass(frozen=True, kw_only=True, slots=True)
class AcuteSuicidality:
    """How a reason says that the patient is acutely suicidal."""

    codes: Codes
    groups: ConditionGroups
    words: Words
    not_words: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin(Reviewed):
    """Where the rows come from and who stands for them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTable:
    """Everything by which a draft order is recognised."""

    version: str
    agent: AgentWords
    depression: DepressionServices
    overdose: Overdose
    acute_suicidality: AcuteSuicidality
    origin: Origin


def load_orders(tables: Tables | None = None) -> OrderTable:
    """Return the table of `orders.toml`."""
    return read_table("orders.toml", OrderTable, tables)

"""Which draft orders are answered, and by what they are recognised: `orders.toml`."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from mappings.matching import Codes, Words
from mappings.members import ConditionGroups, DrugGroups, Key, Procedures, Trigger
from mappings.tables import Reviewed, Tables, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentWords:
    """Words that name an agent, and words that tell whether an order for it is about depression."""

    esketamine: Words
    ketamine: Words
    esketamine_codes: tuple[str, ...]
    ketamine_codes: tuple[str, ...]
    unrelated: Words
    unrelated_codes: Codes
    nasal: Words
    injected: Words
    depression: Words
    session: Words
    opinion: Words


@dataclass(frozen=True, kw_only=True)
class WayWords:
    """Words and SNOMED CT codes for ways of giving ketamine; the table explains each."""

    excepted: Annotated[tuple[str, ...], Key("except")]
    denied: tuple[str, ...]
    denied_between: tuple[str, ...]
    denied_after: tuple[str, ...]
    unstudied: Words
    compounded: Words
    injected: Words
    intravenous: Words
    infusion: Words

    @cached_property
    def passed_over(self) -> re.Pattern[str]:
        """What is taken out of a text before it is searched: other phrases, and what is denied."""
        listed = (self.excepted, self.denied, self.denied_between, self.denied_after)
        phrases, denials, between, after = ("|".join(map(re.escape, some)) for some in listed)
        way = rf"(?:\s+(?:{between})\b){{0,3}}[\s-]{{1,3}}\w+(?:[\s-](?:{after})\b)?"
        denied = rf"(?:{denials}){way}"
        return re.compile(rf"(?<!\w)(?:{phrases}|{denied})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class DepressionServices:
    """Treatments of depression that are not drugs, by concept and by name.

    `without_codes` are concepts of which no code is shipped; a licensed site adds its own. `psychiatry` and
    `psychiatry_names` tell which of them are the referral that the cards suggest.
    """

    concepts: Procedures
    without_codes: tuple[str, ...]
    names: Words
    psychiatry: Procedures
    psychiatry_names: Words


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
    """Where the rows come from and who is responsible for them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTable:
    """Everything by which a draft order is recognised."""

    version: str
    agent: AgentWords
    way: WayWords
    depression: DepressionServices
    overdose: Overdose
    acute_suicidality: AcuteSuicidality
    origin: Origin


def load_orders(tables: Tables | None = None) -> OrderTable:
    """Return the table of `orders.toml`."""
    return read_table("orders.toml", OrderTable, tables)

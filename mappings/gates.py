"""The gates of the decision: age, current treatment, open referral."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from marshmallow import validate

from mappings.matching import Words
from mappings.members import INGREDIENT, PROCEDURE, Ingredients, Procedures, Refers
from mappings.schemas import Positive, expect
from mappings.tables import Reviewed, Tables, read_table


class GateId(StrEnum):
    """The gates that the service knows how to close."""

    DECEASED = "GATE-DECEASED"
    AGE = "GATE-AGE"
    DIAGNOSIS = "GATE-DX"
    TREATED = "GATE-TREATED"
    REFERRAL = "GATE-REFERRAL"


WAYS_OF_TELLING = ("gate", "treated", "probably_treated", "referred")
_Names = Annotated[tuple[str, ...], validate.Length(min=1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class GateRow:
    """The further effects of a closed gate; the table explains each member."""

    id: Annotated[str, validate.OneOf(tuple(GateId))]
    told_as: Annotated[str, validate.OneOf(WAYS_OF_TELLING)]
    open_to_danger: bool
    warns_on_order: bool
    judges_trials: bool
    hides_safety: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbableTreatment:
    """When what was given without a reason is probably treatment; the table explains each member."""

    ingredients: Ingredients
    administrations: Positive
    days_apart: Positive
    told_as: Annotated[str, validate.OneOf(WAYS_OF_TELLING)]
    anaesthetics: Words
    other_concepts: Procedures


@dataclass(frozen=True, kw_only=True, slots=True)
class GateTable(Reviewed):
    """`treatment_if_for_depression` are drugs that close the gate only with depression as the reason."""

    version: str
    adult_years: Positive
    treatment_ingredients: Annotated[_Names, Refers(INGREDIENT)]
    treatment_if_for_depression: Annotated[_Names, Refers(INGREDIENT)]
    treatment_concepts: Annotated[_Names, Refers(PROCEDURE)]
    treatment_names: Words
    treatment_except: Words
    session_words: Words
    not_session_words: Words
    referral_words: Words
    session_statuses: _Names
    probable: ProbableTreatment
    referral_names: _Names
    referral_statuses: _Names
    referral_intents: _Names
    gate: tuple[GateRow, ...]

    def __post_init__(self) -> None:
        expect((row.id for row in self.gate), GateId, "gate")

    def row(self, gate_id: GateId) -> GateRow:
        """Return the gate `gate_id`."""
        return next(row for row in self.gate if row.id == gate_id)


def load_gates(tables: Tables | None = None) -> GateTable:
    """Return the table of `gates.toml`."""
    return read_table("gates.toml", GateTable, tables)

"""What a member of a row says of itself, beside its type: its key in the file, and the rows that it names."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Key:
    """The name of a member in the file, where it is another one than in Python."""

    name: str


@dataclass(frozen=True, slots=True)
class Refers:
    """Beside a member that names rows of another table, and what these are."""

    what: str


CONDITION_GROUP = "a group in snomed_conditions.csv"
DRUG_GROUP = "a drug group in ingredients.csv"
INGREDIENT = "an ingredient in ingredients.csv or a combination in dosage.toml"
MEASUREMENT = "a concept in loinc.csv or measurements.toml"
PROCEDURE = "a concept in procedures.csv or in [depression] of orders.toml"
TRIGGER = "a row [[trigger]] in safety.toml"
FLAG = "a row [[flag]] in flags.toml"
DIAGNOSIS = "a row [[group]] in diagnoses.toml"

ConditionGroups = Annotated[tuple[str, ...], Refers(CONDITION_GROUP)]
DrugGroups = Annotated[tuple[str, ...], Refers(DRUG_GROUP)]
Ingredient = Annotated[str, Refers(INGREDIENT)]
Ingredients = Annotated[tuple[str, ...], Refers(INGREDIENT)]
Measurement = Annotated[str, Refers(MEASUREMENT)]
Measurements = Annotated[tuple[str, ...], Refers(MEASUREMENT)]
Procedures = Annotated[tuple[str, ...], Refers(PROCEDURE)]
Trigger = Annotated[str, Refers(TRIGGER)]
Flags = Annotated[tuple[str, ...], Refers(FLAG)]

ELSEWHERE = "elsewhere"
"""Beside the type of a member that does not stand in the file."""

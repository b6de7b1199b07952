"""The antidepressant table: classes, minimum doses, what lowers them, and what never counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.members import DRUG_GROUP, INGREDIENT, Key, Measurement, Refers
from mappings.schemas import Quantity
from mappings.tables import Reviewed, Tables, read_table


class LowersDose(StrEnum):
    """What about a patient can lower a minimum dose."""

    AGE = "age at least"
    EGFR = "eGFR below"
    INHIBITOR = "strong CYP2D6 inhibitor"
    POOR_METABOLISER = "CYP2D6 poor metaboliser"
    CHILD_PUGH = "Child-Pugh class"


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseRow:
    """Doses in mg/day of the products with one of `forms` and `salts`; empty fits every product."""

    minimum_mg: Quantity
    possible_mg: Quantity | None = None
    maximum_mg: Quantity | None = None
    forms: tuple[str, ...] = ()
    salts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.possible_mg is not None and self.possible_mg > self.minimum_mg:
            raise ValidationError("expected no more than minimum_mg", "possible_mg")
        if self.maximum_mg is not None and self.maximum_mg < self.minimum_mg:
            raise ValidationError("expected no less than minimum_mg", "maximum_mg")


@dataclass(frozen=True, kw_only=True, slots=True)
class Adjustment:
    """A fact about the patient that lowers a dose limit, and why.

    `at_least` is where a range ends that `value` bounds above.
    """

    when: Annotated[str, validate.OneOf(tuple(LowersDose))]
    because: str
    value: float | None = None
    at_least: float | None = None
    classes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    minimum_mg: Quantity | None = None
    possible_mg: Quantity | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Drug(Reviewed):
    """One antidepressant ingredient, as clinical rule 2 lists it.

    `non_depression_below_mg`: with a recorded reason other than depression, doses below it never count.
    `only_route`: products of another known route never count.
    """

    ingredient: Annotated[str, validate.Regexp(r"[a-z][a-z-]+\Z"), Refers(INGREDIENT)]
    drug_class: str
    dose: Annotated[tuple[DoseRow, ...], validate.Length(min=1)]
    adjustment: tuple[Adjustment, ...] = ()
    never_counts: str = ""
    only_route: str = ""
    needs_depression_reason: bool = False
    non_depression_below_mg: Quantity | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two ingredients so closely related that failing both is shown as one finding."""

    name: str
    ingredients: Annotated[tuple[str, str], validate.Length(equal=2), Refers(INGREDIENT)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseEvidence:
    """How a record states what lowers a minimum dose; `poor_metaboliser` are words in small letters."""

    egfr: Measurement
    child_pugh: Measurement
    inhibitors: Annotated[str, Refers(DRUG_GROUP)]
    poor_metaboliser: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrugTable:
    """All antidepressants by ingredient."""

    version: str
    evidence: DoseEvidence
    drugs: Annotated[Mapping[str, Drug], validate.Length(min=1), Key("drug")]
    pairs: Annotated[tuple[Pair, ...], Key("pair")]


def load_drugs(tables: Tables | None = None) -> DrugTable:
    """Return the antidepressant table of `drugs.toml`; raise TableError when a row does not fit."""
    return read_table("drugs.toml", DrugTable, tables)

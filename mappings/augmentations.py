"""Augmentation drugs and other treatments that are reported beside the trial count (clinical rule 2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.members import PROCEDURE, Ingredient, Key, Measurement, Refers
from mappings.schemas import Days, Positive
from mappings.tables import Reviewed, Tables, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class AugmentationDrug(Reviewed):
    """Doses in mg/day; `level` is the blood-level range (mmol/L) that `level_lab` has to show, if any."""

    ingredient: Ingredient
    lowest_mg: float
    highest_mg: float
    level: Annotated[tuple[float, ...], validate.Length(equal=2)] = ()
    level_lab: Measurement = ""

    def __post_init__(self) -> None:
        if bool(self.level) != bool(self.level_lab):
            raise ValidationError("expected together with the other of level and level_lab", "level_lab")


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherTreatment(Reviewed):
    """A procedure by its concept, adequate from so many treatments on."""

    concept: Annotated[str, Refers(PROCEDURE)]
    name: str
    treatments: Positive


@dataclass(frozen=True, kw_only=True, slots=True)
class AugmentationTable:
    """All rows, and how many days together with an antidepressant are needed."""

    version: str
    days: Days
    drugs: Annotated[Mapping[str, AugmentationDrug], Key("drug")]
    treatments: Annotated[tuple[OtherTreatment, ...], Key("procedure")]


def load_augmentations(tables: Tables | None = None) -> AugmentationTable:
    """Return the table of `augmentations.toml`."""
    return read_table("augmentations.toml", AugmentationTable, tables)

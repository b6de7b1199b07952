"""Augmentation drugs and other treatments that are reported beside the trial count (clinical rule 2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from marshmallow import ValidationError

from mappings.matching import Words
from mappings.members import PROCEDURE, Ingredient, Key, Measurement, Refers
from mappings.schemas import Days, Positive, Quantity
from mappings.tables import Reviewed, Tables, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class AugmentationDrug(Reviewed):
    """Doses in mg/day; a dose above `highest_mg`, or another form than `studied_form`, counts and says so.

    `level_from` is the blood level (mmol/L) that `level_lab` has to show at least, if any.
    """

    ingredient: Ingredient
    lowest_mg: float
    highest_mg: float
    level_from: Quantity | None = None
    level_lab: Measurement = ""
    studied_form: str = ""

    def __post_init__(self) -> None:
        if (self.level_from is None) is bool(self.level_lab):
            raise ValidationError("expected together with the other of level_from and level_lab", "level_lab")


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherTreatment(Reviewed):
    """A procedure by its concept or by words, adequate from so many treatments on."""

    concept: Annotated[str, Refers(PROCEDURE)]
    name: str
    treatments: Positive
    words: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class AugmentationTable:
    """All rows, and how many days together with an antidepressant are needed."""

    version: str
    days: Days
    drugs: Annotated[Mapping[str, AugmentationDrug], Key("drug")]
    not_words: Words
    treatments: Annotated[tuple[OtherTreatment, ...], Key("procedure")]


def load_augmentations(tables: Tables | None = None) -> AugmentationTable:
    """Return the table of `augmentations.toml`."""
    return read_table("augmentations.toml", AugmentationTable, tables)

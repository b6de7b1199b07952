"""Depression scales: how they are recognised and what their totals mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from marshmallow import validate

from mappings.members import Measurement
from mappings.tables import Reviewed, Tables, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale(Reviewed):
    """Bands of one scale by their lowest total; `referral` is severe enough for a referral card.

    A total is recognised by the LOINC `concept`, or by one of `names` together with "total" in the text.
    """

    id: str
    highest: float
    moderate: float
    referral: float
    remission_below: float
    concept: Measurement = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleTable:
    """`severity.toml`."""

    version: str
    scale: Annotated[Mapping[str, Scale], validate.Length(min=1)]


def load_scales(tables: Tables | None = None) -> Mapping[str, Scale]:
    """Return the scales of `severity.toml` by id."""
    return read_table("severity.toml", ScaleTable, tables).scale

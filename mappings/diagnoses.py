"""Groups of diagnoses: which entries of a problem list mean depression, and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from marshmallow import validate

from mappings.matching import Finding
from mappings.schemas import Text
from mappings.tables import Tables, read_table

GROUPS = (
    "major-depression",
    "depression-unspecified",
    "unspecified-single-episode",
    "depression-remission",
    "treatment-resistant",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagnosisGroup(Finding):
    """Codes, SNOMED CT groups and words of one kind of diagnosis; `before` limits it to earlier entries."""

    id: Annotated[str, validate.OneOf(GROUPS)]
    meaning: str
    sources: tuple[Text, ...]
    since: date
    checked_on: date
    checked_by: str
    review_by: date
    before: date | None = None
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagnosisTable:
    """`diagnoses.toml`."""

    version: str
    group: Annotated[Mapping[str, DiagnosisGroup], validate.Length(equal=len(GROUPS))]


def load_diagnoses(tables: Tables | None = None) -> Mapping[str, DiagnosisGroup]:
    """Return the groups of `diagnoses.toml` by id."""
    return read_table("diagnoses.toml", DiagnosisTable, tables).group

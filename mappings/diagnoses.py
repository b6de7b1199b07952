"""Groups of diagnoses: which entries of a problem list speak of depression, and how."""

from dataclasses import dataclass
from datetime import date

from marshmallow import fields, validate

from mappings.matching import Finding, FindingSchema
from mappings.tables import TABLES, Provenance, RowSchema, read_table

GROUPS = ("major-depression", "depression-unspecified", "unspecified-single-episode", "depression-remission")


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagnosisGroup(Finding):
    """Codes, SNOMED CT groups and words of one kind of diagnosis; `before` limits it to earlier entries."""

    id: str
    meaning: str
    sources: tuple[str, ...]
    since: date
    checked_on: date
    checked_by: str
    review_by: date
    before: date | None = None
    rule: str = ""


class _Group(FindingSchema, Provenance):
    row = DiagnosisGroup
    id = fields.String(required=True, validate=validate.OneOf(GROUPS))
    meaning = fields.String(required=True)
    before = fields.Date()


class _Table(RowSchema):
    row = dict
    version = fields.String(required=True)
    group = fields.List(fields.Nested(_Group), required=True, validate=validate.Length(equal=len(GROUPS)))


def load_diagnoses() -> dict[str, DiagnosisGroup]:
    """Return the groups of `diagnoses.toml` by id."""
    return {group.id: group for group in read_table(TABLES / "diagnoses.toml", _Table())["group"]}

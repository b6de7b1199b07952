"""What recorded reasons mean for the count of trials: `reasons.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from marshmallow import fields, validate

from mappings.tables import TABLES, Provenance, Reviewed, RowSchema, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class PurposeRow(Reviewed):
    """Codes, groups and words that say what a medicine is for; `id` is a Purpose of the service."""

    id: str
    icd10: tuple[str, ...]
    snomed: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusCode:
    """A code for the reason of a status, with the name it has there."""

    system: str
    code: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StopRow(Reviewed):
    """Codes and words that say why a medicine was ended; `kind` is a StopKind of the service."""

    kind: str
    codes: tuple[StatusCode, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Adherence(Reviewed):
    """How a record says that a medicine was not taken as ordered."""

    extension: str
    snomed: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReasonTable:
    """`reasons.toml`."""

    version: str
    purpose: tuple[PurposeRow, ...]
    stop: tuple[StopRow, ...]
    adherence: Adherence

    @cached_property
    def by_icd10(self) -> Mapping[str, str]:
        """Purpose by ICD-10 prefix."""
        return {entry.split()[0]: row.id for row in self.purpose for entry in row.icd10}

    @cached_property
    def by_group(self) -> Mapping[str, str]:
        """Purpose by SNOMED CT group."""
        return {group: row.id for row in self.purpose for group in row.snomed}

    @cached_property
    def by_status(self) -> Mapping[tuple[str, str], str]:
        """Kind of end by system and code of the status reason."""
        return {(c.system, c.code): row.kind for row in self.stop for c in row.codes}


_Words = fields.List(fields.String(validate=validate.Length(min=1)), required=True)


class _Purpose(Provenance):
    row = PurposeRow
    id = fields.String(
        required=True,
        validate=validate.OneOf(["depression", "smoking-cessation", "other", "unclear", "none"]),
    )
    icd10 = _Words
    snomed = _Words
    words = _Words


class _Status(RowSchema):
    row = StatusCode
    system = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)


class _Stop(Provenance):
    row = StopRow
    kind = fields.String(
        required=True, validate=validate.OneOf(["no-effect", "adverse-effect", "responded", "unrelated"])
    )
    codes = fields.List(fields.Nested(_Status), required=True)
    words = _Words


class _Adherence(Provenance):
    row = Adherence
    extension = fields.String(required=True)
    snomed = _Words
    words = _Words


class _Table(RowSchema):
    row = ReasonTable
    version = fields.String(required=True)
    purpose = fields.List(fields.Nested(_Purpose), required=True)
    stop = fields.List(fields.Nested(_Stop), required=True)
    adherence = fields.Nested(_Adherence, required=True)


def load_reasons() -> ReasonTable:
    """Return `reasons.toml`."""
    table: ReasonTable = read_table(TABLES / "reasons.toml", _Table())
    return table

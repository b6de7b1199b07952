"""The gates of the decision: age, current treatment, open referral."""

from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mappings.tables import TABLES, Provenance, Reviewed, RowSchema, read_table

GATES = ("GATE-DECEASED", "GATE-AGE", "GATE-DX", "GATE-TREATED", "GATE-REFERRAL")
WAYS_OF_TELLING = ("gate", "treated", "referred")


@dataclass(frozen=True, kw_only=True, slots=True)
class GateRow:
    """What one closed gate does beyond closing; the table explains each member."""

    id: str
    told_as: str
    open_to_danger: bool
    warns_on_order: bool
    judges_trials: bool
    hides_safety: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class GateTable(Reviewed):
    """`treatment_if_for_depression` are drugs that close the gate only with depression as the reason."""

    version: str
    adult_years: int
    treatment_ingredients: tuple[str, ...]
    treatment_if_for_depression: tuple[str, ...]
    treatment_concepts: tuple[str, ...]
    referral_names: tuple[str, ...]
    referral_statuses: tuple[str, ...]
    referral_intents: tuple[str, ...]
    gate: tuple[GateRow, ...]

    def row(self, gate_id: str) -> GateRow:
        """Return the gate `gate_id`."""
        return next(row for row in self.gate if row.id == gate_id)


def _names() -> fields.List[str]:
    return fields.List(fields.String(), required=True, validate=validate.Length(min=1))


class _Gate(RowSchema):
    row = GateRow
    id = fields.String(required=True, validate=validate.OneOf(GATES))
    told_as = fields.String(required=True, validate=validate.OneOf(WAYS_OF_TELLING))
    open_to_danger = fields.Boolean(required=True)
    warns_on_order = fields.Boolean(required=True)
    judges_trials = fields.Boolean(required=True)
    hides_safety = fields.Boolean(required=True)


class _Table(Provenance):
    row = GateTable
    version = fields.String(required=True)
    adult_years = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    treatment_ingredients = _names()
    treatment_if_for_depression = _names()
    treatment_concepts = _names()
    referral_names = _names()
    referral_statuses = _names()
    referral_intents = _names()
    gate = fields.List(fields.Nested(_Gate), required=True)

    @validates_schema
    def _every_gate_once(self, values: dict[str, Any], **_: object) -> None:
        if sorted(row.id for row in values["gate"]) != sorted(GATES):
            raise ValidationError(f"needs one row for each of {', '.join(GATES)}", "gate")


def load_gates() -> GateTable:
    """Return the table of `gates.toml`."""
    table: GateTable = read_table(TABLES / "gates.toml", _Table())
    return table

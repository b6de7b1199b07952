"""The gates of the decision: age, current treatment, open referral."""

from dataclasses import dataclass

from marshmallow import fields, validate

from mappings.tables import TABLES, Provenance, Reviewed, read_table


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


def _names() -> fields.List[str]:
    return fields.List(fields.String(), required=True, validate=validate.Length(min=1))


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


def load_gates() -> GateTable:
    """Return the table of `gates.toml`."""
    table: GateTable = read_table(TABLES / "gates.toml", _Table())
    return table

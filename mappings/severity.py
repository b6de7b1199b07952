"""Depression scales: how they are recognised and what their totals mean."""

from dataclasses import dataclass

from marshmallow import fields, validate

from mappings.tables import TABLES, Provenance, Reviewed, RowSchema, read_table


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
    concept: str = ""
    names: tuple[str, ...] = ()


class _Scale(Provenance):
    row = Scale
    id = fields.String(required=True)
    concept = fields.String()
    names = fields.List(fields.String())
    highest = fields.Float(required=True)
    moderate = fields.Float(required=True)
    referral = fields.Float(required=True)
    remission_below = fields.Float(required=True)


class _Table(RowSchema):
    row = dict
    version = fields.String(required=True)
    scale = fields.List(fields.Nested(_Scale), required=True, validate=validate.Length(min=1))


def load_scales() -> dict[str, Scale]:
    """Return the scales of `severity.toml` by id."""
    return {scale.id: scale for scale in read_table(TABLES / "severity.toml", _Table())["scale"]}

"""Augmentation drugs and other treatments that are reported beside the trial count (clinical rule 2.3)."""

from dataclasses import dataclass

from marshmallow import fields, validate

from mappings.tables import TABLES, Provenance, Reviewed, RowSchema, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class AugmentationDrug(Reviewed):
    """Doses in mg/day; `level` is the blood-level range (mmol/L) that has to be shown, if any."""

    ingredient: str
    lowest_mg: float
    highest_mg: float
    level: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherTreatment(Reviewed):
    """A procedure by its concept, adequate from so many treatments on."""

    concept: str
    name: str
    treatments: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AugmentationTable:
    """All rows, and how many days together with an antidepressant are needed."""

    days: int
    drugs: dict[str, AugmentationDrug]
    treatments: tuple[OtherTreatment, ...]


class _Drug(Provenance):
    row = AugmentationDrug
    ingredient = fields.String(required=True)
    lowest_mg = fields.Float(required=True)
    highest_mg = fields.Float(required=True)
    level = fields.List(fields.Float(), validate=validate.Length(equal=2))


class _Treatment(Provenance):
    row = OtherTreatment
    concept = fields.String(required=True)
    name = fields.String(required=True)
    treatments = fields.Integer(required=True, validate=validate.Range(min=1))


class _Table(RowSchema):
    row = dict
    version = fields.String(required=True)
    days = fields.Integer(required=True, validate=validate.Range(min=1))
    drug = fields.List(fields.Nested(_Drug), required=True)
    procedure = fields.List(fields.Nested(_Treatment), required=True)


def load_augmentations() -> AugmentationTable:
    """Return the table of `augmentations.toml`."""
    content = read_table(TABLES / "augmentations.toml", _Table())
    return AugmentationTable(
        days=content["days"],
        drugs={drug.ingredient: drug for drug in content["drug"]},
        treatments=content["procedure"],
    )

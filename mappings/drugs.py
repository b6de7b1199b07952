"""The antidepressant table: classes, minimum doses, what lowers them, and what never counts."""

from dataclasses import dataclass

from marshmallow import fields, validate

from mappings.tables import TABLES, Provenance, Reviewed, RowSchema, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseRow:
    """Doses in mg/day of the products with one of `forms` and `salts`; empty fits every product."""

    minimum_mg: float
    possible_mg: float | None = None
    maximum_mg: float | None = None
    forms: tuple[str, ...] = ()
    salts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Adjustment:
    """A fact about the patient that lowers a dose limit, and why.

    `at_least` is where a range ends that `value` bounds above.
    """

    when: str
    because: str
    value: float | None = None
    at_least: float | None = None
    classes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    minimum_mg: float | None = None
    possible_mg: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Drug(Reviewed):
    """One antidepressant ingredient, as clinical rule 2 lists it.

    `non_depression_below_mg`: with a recorded reason other than depression, doses below it never count.
    `only_route`: products of another known route never count.
    """

    ingredient: str
    drug_class: str
    dose: tuple[DoseRow, ...]
    adjustment: tuple[Adjustment, ...] = ()
    never_counts: str = ""
    only_route: str = ""
    needs_depression_reason: bool = False
    non_depression_below_mg: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two ingredients so closely related that failing both is shown as one finding."""

    name: str
    ingredients: tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrugTable:
    """All antidepressants by ingredient."""

    version: str
    drugs: dict[str, Drug]
    pairs: tuple[Pair, ...]


WHEN = (
    "age at least",
    "eGFR below",
    "strong CYP2D6 inhibitor",
    "CYP2D6 poor metaboliser",
    "Child-Pugh class",
)
_MG = validate.Range(min=0, min_inclusive=False)


class _DoseRow(RowSchema):
    row = DoseRow
    minimum_mg = fields.Float(required=True, validate=_MG)
    possible_mg = fields.Float(validate=_MG)
    maximum_mg = fields.Float(validate=_MG)
    forms = fields.List(fields.String())
    salts = fields.List(fields.String())


class _Adjustment(RowSchema):
    row = Adjustment
    when = fields.String(required=True, validate=validate.OneOf(WHEN))
    because = fields.String(required=True, validate=validate.Length(min=1))
    value = fields.Float()
    at_least = fields.Float()
    classes = fields.List(fields.String())
    forms = fields.List(fields.String())
    minimum_mg = fields.Float(validate=_MG)
    possible_mg = fields.Float(validate=_MG)


class _Drug(Provenance):
    row = Drug
    ingredient = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z-]+\Z"))
    drug_class = fields.String(required=True, validate=validate.Length(min=1))
    dose = fields.List(fields.Nested(_DoseRow), required=True, validate=validate.Length(min=1))
    adjustment = fields.List(fields.Nested(_Adjustment))
    never_counts = fields.String()
    only_route = fields.String()
    needs_depression_reason = fields.Boolean()
    non_depression_below_mg = fields.Float(validate=_MG)
    note = fields.String()


class _Pair(RowSchema):
    row = Pair
    name = fields.String(required=True)
    ingredients = fields.List(fields.String(), required=True, validate=validate.Length(equal=2))


class _Table(RowSchema):
    row = dict
    version = fields.String(required=True)
    pair = fields.List(fields.Nested(_Pair), required=True)
    drug = fields.List(fields.Nested(_Drug), required=True, validate=validate.Length(min=1))


def load_drugs() -> DrugTable:
    """Return the antidepressant table of `drugs.toml`; raise TableError when a row does not fit."""
    content = read_table(TABLES / "drugs.toml", _Table())
    return DrugTable(
        version=content["version"],
        drugs={drug.ingredient: drug for drug in content["drug"]},
        pairs=content["pair"],
    )

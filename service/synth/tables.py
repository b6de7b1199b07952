"""How often what happens in a synthetic population: the rows of `population.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.schemas import Fraction, Text
from mappings.sources import SourceRow, check_citations
from mappings.tables import parsed, read_table

FILE = "population.toml"

Range = Annotated[tuple[float, ...], validate.Length(equal=2)]
Amount = Annotated[tuple[float, ...], validate.Length(equal=2)]
"""A strength in mg, and how many units of it a day."""
Shares = tuple[float, ...]
Signed = Annotated[float, validate.Range(min=-1, max=1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Age, sex and place."""

    female: Fraction
    minor: Fraction
    minor_years: Range
    old: Fraction
    old_years: Range
    adult_years: Range
    deceased: Fraction
    states: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagnosisRow:
    """What the problem list says of depression; `opens`: an active unipolar depression."""

    id: str
    share: Fraction
    codes: tuple[str, ...]
    german: tuple[str, ...]
    opens: bool = False
    unspecified: bool = False
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Care:
    """How courses follow each other."""

    steps: Shares
    running: Fraction
    onset_recorded: Fraction
    earlier_course: Fraction
    switch_days: Range
    ended_days: Range
    onset_days: Range
    look_back_days: int
    fill_days: tuple[int, ...]
    late_days: Range
    begin_low: Fraction
    first_days: Range
    earlier_days: Range
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LengthRow:
    """How long a course is taken at its full dose."""

    id: str
    days: Range
    share: Fraction
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeRow:
    """What became of a course that was long enough; `share` of the first, second ... course."""

    id: str
    share: Shares
    improvement: Annotated[tuple[Signed, ...], validate.Length(equal=2)]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Charting:
    """How completely a chart tells how the patient was."""

    every_score: Fraction
    last_score: Fraction
    recent_score: Fraction
    recent_days: Range
    old_days: Range
    baseline: Range
    latest: Range
    lowest: int
    highest: int
    after_end_days: Range
    item_9: Fraction
    item_9_shares: Shares
    stop_reason: Fraction
    adverse_reason: Fraction
    cost: Fraction
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StopWords:
    """How an order says why it was ended."""

    no_effect: tuple[str, ...]
    adverse: tuple[str, ...]
    cost: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Aside:
    """An antidepressant in a dose for sleep or pain."""

    share: Fraction
    days: Range
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Augmenting:
    """How often, and after how many days at full dose, a drug is added."""

    share: Fraction
    after_days: Range
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Low:
    """How often dose or supply fall short."""

    possible: Fraction
    too_low: Fraction
    irregular: Fraction
    irregular_days: Range
    irregular_fills: Range
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrugRow:
    """A medicine: its products, how it is dosed and named, and the flag that it is meant to raise."""

    ingredient: str
    share: Fraction
    products: tuple[str, ...]
    strengths: tuple[float, ...]
    usual: tuple[Amount, ...]
    possible: tuple[Amount, ...] = ()
    too_low: tuple[Amount, ...] = ()
    first: tuple[float, ...] = ()
    aside: tuple[float, ...] = ()
    words: Text
    german: str = ""
    atc: str = ""
    flag: str = ""
    planning: bool = False
    clinical_with: tuple[str, ...] = ()
    sources: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse doses of a strength that has no product."""
        dosed = (*self.usual, *self.possible, *self.too_low, *(d for d in (self.first, self.aside) if d))
        if len(self.products) != len(self.strengths) or not {d[0] for d in dosed} <= set(self.strengths):
            raise ValidationError(f"{self.ingredient}: expected a product for each strength that is dosed")

    def product(self, mg: float) -> str:
        """Return code and name of the product of a strength."""
        return self.products[self.strengths.index(mg)]


@dataclass(frozen=True, kw_only=True, slots=True)
class IllnessRow:
    """A disease, with the flag that it is meant to raise, if any."""

    codes: tuple[str, ...]
    german: tuple[str, ...] = ()
    share: Fraction
    only: str = ""
    ages: tuple[int, ...] = (0, 200)
    since: tuple[int, ...] = (200, 2500)
    flag: str = ""
    esketamine: str = ""
    ketamine: str = ""
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PressureShare:
    """What all blood pressures of a patient are like, and the flag that they are meant to raise."""

    id: str
    share: Fraction
    systolic: Range
    diastolic: Range
    flag: str = ""
    esketamine: str = ""
    ketamine: str = ""
    planning: bool = False
    clinical_with: tuple[str, ...] = ()
    missing: str = ""
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PressureDays:
    """How long ago the last blood pressure was."""

    recent: Range
    old: Range
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Readings:
    """How many blood pressures there are, and the days between them."""

    number: Range
    apart: Range
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Allergies:
    """What the allergy list holds; it is empty for the others."""

    none_known: Fraction
    penicillin: Fraction
    ketamine: Fraction
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LaboratoryRow:
    """A measurement that no rule is about."""

    code: str
    unit: str
    values: Range


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartSize:
    """How fat a chart is: the share of charts and the number of their laboratory results."""

    days: int
    results: tuple[Amount, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Existing:
    """What closes the question: an open referral, or treatment that goes on."""

    referral: Fraction
    treatment: Fraction
    referral_days: Range
    treatments: Range
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DialectRow:
    """How a site writes FHIR."""

    id: str
    share: Fraction
    fills: bool
    scores: Annotated[str, validate.OneOf(("total", "total and item", "questionnaire"))]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeNames:
    """Codes of what is measured or given, each with its name."""

    total: str
    item_9: str
    panel: str
    pressure: str
    systolic: str
    diastolic: str
    no_known_allergy: str
    ketamine: str
    esketamine: str
    items: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TruthFigures:
    """The figures by which the truth tells a conclusion."""

    trials: int
    enough_days: int
    some_days: int
    failure_below: Fraction
    switch_days: int
    score_days: int
    moderate: int
    moderately_severe: int
    pressure_days: int
    risk_days: int
    screen_days: int
    adult_years: int
    old_years: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """`population.toml`."""

    version: str
    as_of: date
    source: Mapping[str, SourceRow]
    people: People
    diagnosis: tuple[DiagnosisRow, ...]
    care: Care
    length: tuple[LengthRow, ...]
    outcome: tuple[OutcomeRow, ...]
    charting: Charting
    stop_words: StopWords
    aside: Aside
    augmenting: Augmenting
    low: Low
    antidepressant: tuple[DrugRow, ...]
    augmentation: tuple[DrugRow, ...]
    problem: tuple[IllnessRow, ...]
    medicine: tuple[DrugRow, ...]
    pressure: tuple[PressureShare, ...]
    pressure_days: PressureDays
    reading: Readings
    allergies: Allergies
    laboratory: tuple[LaboratoryRow, ...]
    chart: ChartSize
    existing: Existing
    dialect: tuple[DialectRow, ...]
    codes: CodeNames
    meaning: TruthFigures


@cache
def load_population() -> Population:
    """Return the rows; raise TableError when one does not fit."""
    tables = {FILE: parsed(files("service.synth") / FILE)}
    population = read_table(FILE, Population, tables)
    check_citations(tables, population.source)
    return population

"""Thresholds, windows and words of the flags that are more than a list of codes: one type a section.

Days count back from the day of evaluation, that day included: 90 days reach to the 90th day before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from mappings.matching import Codes, Finding, Words
from mappings.members import (
    ConditionGroups,
    DrugGroups,
    Ingredients,
    Measurement,
    Measurements,
    Procedures,
)
from mappings.schemas import Days, is_pattern


@dataclass(frozen=True, kw_only=True, slots=True)
class MedicineRule:
    """`doubt_days`: how long use may go on when the record tells neither its end nor its length."""

    doubt_days: Days


@dataclass(frozen=True, kw_only=True, slots=True)
class PressureRule:
    """Blood pressure in mmHg: holds from, highs above (`latest_systolic`: from).

    A high pressure decides which card is shown from `clinical_systolic` or above `clinical_diastolic` on.
    """

    days: Days
    mean_of_days: Days
    hold_systolic: float
    hold_diastolic: float
    high_systolic: float
    high_diastolic: float
    latest_systolic: float
    latest_diastolic: float
    clinical_systolic: float
    clinical_diastolic: float
    ketamine_diastolic: float
    ketamine_level: str
    ketamine_remark: str
    older_years: int
    older_remark: str
    hold_title: str
    hold_mean_title: str
    today: str
    on_day: str
    mean: str
    latest: str
    reading: str
    part: str
    one_day: str
    several_days: str
    unknown: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AgeRule:
    """From which age, in completed years."""

    years: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Excipient:
    """A substance of one product only, with the level on each route."""

    ingredients: tuple[str, ...]
    esketamine: str
    ketamine: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AllergyRule:
    """Which substances, and which reactions speak for or against an immune mechanism."""

    drugs: Ingredients
    immune: Words
    anaphylaxis: Words
    not_immune: Words
    not_immune_qualifiers: Words
    excipient: tuple[Excipient, ...]
    finding: str
    no_reaction: str
    inactive: str
    filed_as_allergy: str
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PregnancyRule:
    """What says pregnant, not pregnant or ended; `days` is the longest a pregnancy lasts.

    Codes stand with their names: `pregnant_codes` say so whatever was asked, `positive_codes` and words as a
    result only. `yes_answers` and `no_answers` are whole results.
    """

    days: Days
    after_days: Days
    negative_days: Days
    from_age: int
    to_age: int
    status: Measurement
    test: Measurement
    test_positive_from: float
    test_negative_below: float
    pregnant_codes: Mapping[str, str]
    positive_codes: Mapping[str, str]
    negative_codes: Mapping[str, str]
    yes_answers: frozenset[str]
    no_answers: frozenset[str]
    positive_answers: Words
    negative_answers: Words
    status_text: str
    test_text: str
    past_level: str
    past_text: str
    pregnant: Finding
    ended: Finding
    not_pregnant: Finding
    pre_eclampsia: Finding
    pre_eclampsia_after: Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class LiverRule:
    """Liver enzymes against their upper limit, and the Child-Pugh class."""

    days: Days
    times: float
    upper_limit: float
    units: tuple[str, ...]
    labs: Measurements
    names: dict[str, str]
    class_days: Days
    class_labs: Measurements
    class_pattern: Annotated[str, is_pattern]
    class_stage: str
    class_answer: str
    severe_class: str
    moderate_class: str
    class_text: str
    lab_text: str
    no_limit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Substance(Finding):
    """One substance: its disorders, and which of the codes mean remission."""

    name: str
    remission: Codes


@dataclass(frozen=True, kw_only=True, slots=True)
class SubstanceUse:
    """Substance use disorders: `remission_days` separate early from sustained remission.

    Misuse of a substance that `lasting_words` or `lasting_snomed` name keeps `lasting_level` in remission.
    """

    remission_days: Days
    active_snomed: ConditionGroups
    remission_snomed: ConditionGroups
    remission_words: Words
    lasting_words: Words
    lasting_snomed: ConditionGroups
    lasting_level: str
    lasting_remark: str
    use_only: Codes
    use_only_remark: str
    since_unknown: str
    since_text: str
    substance: tuple[Substance, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScreenTotal:
    """A questionnaire about substance use: from which total a caution, from which information."""

    lab: Measurement
    name: str
    highest: float
    caution_from: float
    info_from: float
    info_from_women: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ScreenTest:
    """A urine test: what it finds, which medicines explain it, which may only cross-react with it."""

    name: str
    words: Words
    screens: Measurements
    confirmations: Measurements
    groups: DrugGroups
    ingredients: Ingredients
    cross_reactors: Ingredients


@dataclass(frozen=True, kw_only=True, slots=True)
class SubstanceScreen:
    """Positive screens for substance use (R14.29): totals of questionnaires and urine tests."""

    total_days: Days
    test_days: Days
    covered_days: Days
    panel: Measurement
    positive: Words
    negative: Words
    info_level: str
    total_text: str
    test_text: str
    undiagnosed: str
    diagnosed: str
    unconfirmed: str
    cross_reacting: str
    total: tuple[ScreenTotal, ...]
    test: tuple[ScreenTest, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PriorCourseRule:
    """An earlier course of the medicine itself: long enough to judge, or stopped for harm."""

    ingredients: Ingredients
    interventions: Procedures
    esketamine_words: Words
    ketamine_words: Words
    not_words: Words
    gap_days: Days
    minimum_days: Days
    minimum_doses: int
    no_effect: tuple[str, ...]
    harm: tuple[str, ...]
    no_effect_words: Words
    harm_words: Words
    finding: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Screening:
    """Which measurements settle a question; a name also covers names that extend it after a colon."""

    substance_labs: Measurements
    psychosis_labs: Measurements
    psychosis_interventions: Procedures
    liver_labs: Measurements
    substance_days: Days
    psychosis_days: Days
    liver_days: Days
    thyroid_lab: Measurement
    thyroid_days: Days


@dataclass(frozen=True, kw_only=True, slots=True)
class ListNotes:
    """What to add when the list of measurements is missing or incomplete."""

    not_retrievable: str
    first_page: str
    partly: str

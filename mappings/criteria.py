"""Criteria profiles: the definitions of treatment resistance a site can choose from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Annotated

from marshmallow import validate

from mappings.drugs import DrugTable
from mappings.profiles import profile_names
from mappings.schemas import Days, Fraction, Positive, Quantity
from mappings.tables import CRITERIA, Reviewed, TableError, Tables, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many failed adequate trials are needed, and in how many classes."""

    trials_needed: Positive
    classes_needed: Positive
    count_borderline_doses: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseRule:
    """How this profile departs from the minimum doses of `drugs.toml`.

    `age_rule`: older people may need less. `minimum_mg` are the minimum doses of its own, by ingredient;
    `multiplier` times these or those of the table.
    """

    age_rule: bool
    minimum_mg: Mapping[str, Quantity] = field(default_factory=dict)
    multiplier: Quantity = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Duration:
    """Days that make a course adequate, and what joins fills to one course."""

    qualifying_days: Days
    borderline_days: Days
    shown_dose_days: Days
    gap_days: Days
    carry_over_days: Days
    renewal_days: Days
    adherence: Fraction


@dataclass(frozen=True, kw_only=True, slots=True)
class Combination:
    """When two antidepressants count as one step."""

    start_days: Days
    overlap: Fraction
    partner_days: Days


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeRule:
    """Which scores are compared, and what a change of them means. Fractions of the baseline."""

    response: Fraction
    partial_response: Fraction
    failed_at_most: Fraction
    baseline_before_days: Days
    baseline_after_days: Days
    endpoint_from_day: Days
    endpoint_after_days: Days
    endpoint_after_switch_days: Days
    switch_from_day: Days
    switch_days: Days

    @property
    def measured_only(self) -> bool:
        """Whether failure has to be measured, with a response between failure and success."""
        return self.failed_at_most < self.response


@dataclass(frozen=True, kw_only=True, slots=True)
class EpisodeRule:
    """What separates episodes, and how far back to look when no onset is recorded."""

    remission_days: Days
    look_back_days: Days
    untreated_days: Days


@dataclass(frozen=True, kw_only=True, slots=True)
class Current:
    """How recent a finding must be to describe the present."""

    score_days: Days
    treatment_days: Days
    referral_days: Days
    egfr_days: Days
    running_gap_days: Days


@dataclass(frozen=True, kw_only=True, slots=True)
class Criteria(Reviewed):
    """One profile: a definition of treatment-resistant depression in numbers, with its sources."""

    id: str
    version: str
    title: str
    definition: Annotated[str, validate.Length(min=20)]
    count: Count
    dose: DoseRule
    duration: Duration
    combination: Combination
    outcome: OutcomeRule
    episode: EpisodeRule
    current: Current


def load_criteria(tables: Tables | None = None) -> dict[str, Criteria]:
    """Return every profile of the folder `criteria/` by id."""
    names = [f"{CRITERIA}{name}.toml" for name in profile_names()] if tables is None else tables
    files = [name for name in names if name.startswith(CRITERIA)]
    profiles = {file: read_table(file, Criteria, tables) for file in files}
    for file, profile in profiles.items():
        if file != f"{CRITERIA}{profile.id}.toml":
            raise TableError(f"{PurePath(file).name}: id: expected the name of the file, not {profile.id}")
    return {profile.id: profile for profile in profiles.values()}


def check_doses(profiles: Mapping[str, Criteria], drugs: DrugTable) -> None:
    """Raise TableError when a profile has a minimum dose for a drug that is not in the table."""
    for profile in profiles.values():
        for ingredient in profile.dose.minimum_mg:
            if ingredient not in drugs.drugs:
                raise TableError(f"{profile.id}.toml: dose.minimum_mg: {ingredient}: not in drugs.toml")

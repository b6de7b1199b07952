"""Criteria profiles: the definitions of treatment resistance a site can choose from."""

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from marshmallow import fields, validate

from mappings.tables import TABLES, Provenance, Reviewed, RowSchema, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many failed adequate trials are needed, and in how many classes."""

    trials_needed: int
    classes_needed: int
    count_borderline_doses: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Duration:
    """Days that make a course adequate, and what joins fills to one course."""

    qualifying_days: int
    borderline_days: int
    gap_days: int
    carry_over_days: int
    adherence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Combination:
    """When two antidepressants are one step."""

    start_days: int
    overlap: float


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeRule:
    """Which scores are compared, and what a change of them means. Fractions of the baseline."""

    response: float
    partial_response: float
    failed_at_most: float
    baseline_before_days: int
    baseline_after_days: int
    endpoint_from_day: int
    endpoint_after_days: int
    endpoint_after_switch_days: int
    switch_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EpisodeRule:
    """What separates episodes, and how far back to look when no onset is recorded."""

    remission_days: int
    look_back_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Current:
    """How recent a finding must be to describe the present."""

    score_days: int
    treatment_days: int
    referral_days: int
    egfr_days: int
    running_gap_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Criteria(Reviewed):
    """One profile: a definition of treatment-resistant depression in numbers, with its sources."""

    id: str
    version: str
    title: str
    definition: str
    count: Count
    duration: Duration
    combination: Combination
    outcome: OutcomeRule
    episode: EpisodeRule
    current: Current


_DAYS = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
_FRACTION = fields.Float(required=True, validate=validate.Range(min=0, max=1))


class _Count(RowSchema):
    row = Count
    trials_needed = _DAYS
    classes_needed = _DAYS
    count_borderline_doses = fields.Boolean(required=True)


class _Duration(RowSchema):
    row = Duration
    qualifying_days = _DAYS
    borderline_days = _DAYS
    gap_days = _DAYS
    carry_over_days = _DAYS
    adherence = _FRACTION


class _Combination(RowSchema):
    row = Combination
    start_days = _DAYS
    overlap = _FRACTION


class _Outcome(RowSchema):
    row = OutcomeRule
    response = _FRACTION
    partial_response = _FRACTION
    failed_at_most = _FRACTION
    baseline_before_days = _DAYS
    baseline_after_days = _DAYS
    endpoint_from_day = _DAYS
    endpoint_after_days = _DAYS
    endpoint_after_switch_days = _DAYS
    switch_days = _DAYS


class _Episode(RowSchema):
    row = EpisodeRule
    remission_days = _DAYS
    look_back_days = _DAYS


class _Current(RowSchema):
    row = Current
    score_days = _DAYS
    treatment_days = _DAYS
    referral_days = _DAYS
    egfr_days = _DAYS
    running_gap_days = _DAYS


class _Criteria(Provenance):
    row = Criteria
    id = fields.String(required=True)
    version = fields.String(required=True)
    title = fields.String(required=True)
    definition = fields.String(required=True, validate=validate.Length(min=20))
    count = fields.Nested(_Count, required=True)
    duration = fields.Nested(_Duration, required=True)
    combination = fields.Nested(_Combination, required=True)
    outcome = fields.Nested(_Outcome, required=True)
    episode = fields.Nested(_Episode, required=True)
    current = fields.Nested(_Current, required=True)


def profile_names() -> tuple[str, ...]:
    """Return the ids of the profiles, the default first."""
    names = sorted(source.name.removesuffix(".toml") for source in _sources())
    return tuple(sorted(names, key=lambda name: name != "default"))


def load_criteria() -> dict[str, Criteria]:
    """Return every profile of the folder `criteria/` by id."""
    return {profile.id: profile for profile in (read_table(s, _Criteria()) for s in _sources())}


def _sources() -> list[Traversable]:
    return [source for source in (TABLES / "criteria").iterdir() if source.name.endswith(".toml")]

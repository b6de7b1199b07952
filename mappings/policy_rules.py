"""The rules that judge criteria of policies: a block for each kind, with the figures of the policy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.criteria import Criteria
from mappings.members import FLAG, Ingredients, Procedures, Refers
from mappings.schemas import Days, Fraction, NoneOrOneLine, Positive, Quantity

_Names = Annotated[tuple[str, ...], validate.Length(min=1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagnosisRule:
    """An active diagnosis of depression; `major`: it has to be one of major depression."""

    major: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialRule:
    """In what the trials of a policy differ from its counting profile; what is left out is as there.

    `dose_multiplier` times the minimum dose; `documented_only`: an inferred failure is not enough;
    `intolerance_counts`: a trial stopped as not tolerated counts; `lifetime`: earlier episodes count too,
    else the current one; `within_years` of the evaluation day; `number_open`: the policy names no number.
    """

    trials: Positive | None = None
    classes: Positive | None = None
    days: Days | None = None
    failed_at_most: Fraction | None = None
    adherence: Fraction | None = None
    dose_multiplier: Quantity = 1.0
    documented_only: bool = False
    intolerance_counts: bool = False
    lifetime: bool = False
    within_years: Positive | None = None
    number_open: bool = False

    def counted_by(self, base: Criteria) -> Criteria:
        """Return the counting profile `base` with the figures of the policy."""
        count, duration, outcome = base.count, base.duration, base.outcome
        days = self.days or duration.qualifying_days
        return replace(
            base,
            count=replace(
                count,
                trials_needed=self.trials or count.trials_needed,
                classes_needed=self.classes or count.classes_needed,
            ),
            dose=replace(base.dose, multiplier=base.dose.multiplier * self.dose_multiplier),
            duration=replace(
                duration,
                qualifying_days=days,
                borderline_days=min(duration.borderline_days, days),
                adherence=duration.adherence if self.adherence is None else self.adherence,
            ),
            outcome=replace(
                outcome,
                failed_at_most=outcome.failed_at_most if self.failed_at_most is None else self.failed_at_most,
            ),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class SeverityRule:
    """The lowest total by scale, any of which shows the severity, in so many days before the evaluation."""

    at_least: Annotated[Mapping[str, float], validate.Length(min=1)]
    days: Days


@dataclass(frozen=True, kw_only=True, slots=True)
class AgeBounds:
    """Completed years of life, both ends included."""

    from_years: Positive
    to_years: Positive | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AntidepressantRule:
    """An antidepressant in use now, for at least `days`.

    `classes`: one of these; `not_failed`: none whose trial counts as failed; `not_drugs` are never meant,
    as a patch where an oral drug is asked for.
    """

    classes: tuple[str, ...] = ()
    days: Days | None = None
    not_failed: bool = False
    not_drugs: Ingredients = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ExclusionRule:
    """Flags that speak against, and `weighed` ones, with which the policy asks for more documentation."""

    flags: Annotated[tuple[str, ...], Refers(FLAG)] = ()
    weighed: Annotated[tuple[str, ...], Refers(FLAG)] = ()

    def __post_init__(self) -> None:
        if not (self.flags or self.weighed):
            raise ValidationError("expected the id of a flag, here or in weighed", "flags")


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierRule:
    """No earlier course of these drugs, unless the policy weighs how the patient responded to it."""

    drugs: Annotated[Ingredients, validate.Length(min=1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class TreatmentRule:
    """So many different `drugs`, each added to an antidepressant for `days`, or `procedures`.

    `failed`: it has to have failed, which no record shows by itself.
    """

    count: Positive = 1
    days: Days | None = None
    drugs: Ingredients = ()
    procedures: Procedures = ()
    failed: bool = False

    def __post_init__(self) -> None:
        if not (self.drugs or self.procedures):
            raise ValidationError("expected an ingredient, here or a procedure in procedures", "drugs")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingRule:
    """A blood pressure with both figures, not older than so many days."""

    days: Days


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedBy:
    """The rule that decides about a criterion: exactly one of these.

    `outside` is in no record, and says who has to document what; `closed` can never be met, and says why.
    """

    diagnosis: DiagnosisRule | None = None
    trials: TrialRule | None = None
    severity: SeverityRule | None = None
    age: AgeBounds | None = None
    antidepressant: AntidepressantRule | None = None
    exclusion: ExclusionRule | None = None
    earlier: EarlierRule | None = None
    treatment: TreatmentRule | None = None
    pressure: ReadingRule | None = None
    outside: NoneOrOneLine = ""
    closed: NoneOrOneLine = ""

    @property
    def kind(self) -> str:
        """The name of the rule that decides; "" if there is none or more than one."""
        there = [name for name in KINDS if getattr(self, name)]
        return there[0] if len(there) == 1 else ""


KINDS = (
    "diagnosis",
    "trials",
    "severity",
    "age",
    "antidepressant",
    "exclusion",
    "earlier",
    "treatment",
    "pressure",
    "outside",
    "closed",
)

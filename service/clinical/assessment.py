"""What the rules make of the facts: immutable, complete, and with the evidence of every statement."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from service.clinical.facts import SetAside, Unreadable
from service.clinical.partial_date import PartialDate


class Conclusion(StrEnum):
    """The kind of card that the record supports (clinical rule 7.3)."""

    RECOMMEND = "recommend"
    CAUTION = "caution"
    INSUFFICIENT_DATA = "insufficient-data"
    NONE = "none"


class TrialStatus(StrEnum):
    """Whether a course counts as an adequate, failed trial."""

    COUNTED = "counted"
    POSSIBLE = "possible"
    NOT_COUNTED = "not-counted"


class Shortfall(StrEnum):
    """Why a course is only possible or not counted (clinical rules 7.2 and 12)."""

    P_IND = "P-IND"
    P_EPI = "P-EPI"
    P_DOSE = "P-DOSE"
    P_DUR = "P-DUR"
    P_ADH = "P-ADH"
    P_OUT = "P-OUT"
    P_HX = "P-HX"
    TOO_SHORT = "too-short"
    SUBTHERAPEUTIC = "subtherapeutic"
    RESPONDED = "responded"
    ABOVE_CUT_OFF = "above-cut-off"
    INTOLERANCE = "intolerance"
    COMBINED_STEP = "combined-step"
    SAME_INGREDIENT = "same-ingredient"
    AS_NEEDED = "as-needed"
    NEVER_COUNTS = "never-counts"
    OUTSIDE_EPISODE = "outside-episode"
    IN_PROGRESS = "in-progress"


class Outcome(StrEnum):
    """How a course ended, and whether that is documented or inferred."""

    FAILED_DOCUMENTED = "failed-documented"
    FAILED_INFERRED = "failed-inferred"
    PARTIAL = "partial"
    RESPONDED = "responded"
    INTOLERANCE = "intolerance"
    UNKNOWN = "unknown"


class DoseStep(Struct, frozen=True, kw_only=True, gc=False):
    """Days `first` to `last` on one dose (mg/day, None unknown); from `minimum_mg` on a day qualifies."""

    first: date
    last: date
    daily_mg: float | None
    minimum_mg: float


class Trial(Struct, frozen=True, kw_only=True, gc=False):
    """One course of one antidepressant, judged.

    Days are calendar days; doses are mg/day. `basis` explains status and outcome in words;
    `shortfalls` are all reasons, of which `reason` is the first in rank. `steps` are the covered days in
    order; `qualifying` are the runs of days, first to last, that `qualifying_days` counts. `ever`: it would
    count in an episode of its own.
    """

    ingredient: str
    drug_class: str
    start: date | None
    end: date | None
    running: bool
    covered_days: int | None
    qualifying_days: int | None
    daily_mg: float | None
    minimum_mg: float
    status: TrialStatus
    reason: Shortfall | None
    shortfalls: tuple[Shortfall, ...]
    outcome: Outcome
    basis: str
    witnesses: tuple[str, ...]
    evidence: tuple[str, ...]
    notes: tuple[str, ...] = ()
    steps: tuple[DoseStep, ...] = ()
    qualifying: tuple[tuple[date, date], ...] = ()
    ever: bool = False


class Augmentation(Struct, frozen=True, kw_only=True, gc=False):
    """A drug added to an antidepressant, or another treatment, reported beside the count.

    `is_procedure`: it is not a drug but ECT, TMS, psychotherapy and the like.
    """

    name: str
    start: date | None
    end: date | None
    days: int | None
    adequate: bool
    text: str
    evidence: tuple[str, ...]
    steps: tuple[DoseStep, ...] = ()
    is_procedure: bool = False


class Level(StrEnum):
    """How much a flag weighs on one route."""

    CONTRAINDICATION = "contraindication"
    CAUTION = "caution"
    INFO = "info"


class Weight(StrEnum):
    """Whether a flag decides the card, or is only listed for the treating clinic (R14.28)."""

    CLINICAL = "clinical"
    PLANNING = "planning"


class Hold(Struct, frozen=True, kw_only=True, gc=False):
    """On which routes a contraindication rests on a project default, not on a label's own section.

    `within_label`: for ketamine the US label does not name the finding, but it lies within its
    contraindication (R14.34).
    """

    esketamine: bool = False
    ketamine: bool = False
    within_label: bool = False


class Flag(Struct, frozen=True, kw_only=True, gc=False):
    """A finding that speaks against a route or bears on it; a level of None: it does not.

    `findings` describe the evidence independently of resource ids. `danger`: a closed gate does not hide it;
    `warns_on_order`: a caution of it is a warning on an order for either agent, whatever its weight.
    """

    id: str
    title: str
    esketamine: Level | None
    ketamine: Level | None
    text: str
    evidence: tuple[str, ...]
    hold: Hold = Hold()
    weight: Weight = Weight.CLINICAL
    danger: bool = False
    warns_on_order: bool = False
    sources: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


class SafetyTrigger(Struct, frozen=True, kw_only=True, gc=False):
    """A suicide-risk trigger of clinical rule 6 that is not lowered to information.

    `screened`: the C-SSRS was answered, for or against the finding.
    """

    id: str
    text: str
    evidence: tuple[str, ...]
    screened: bool = False


class Gap(Struct, frozen=True, kw_only=True, gc=False):
    """Something the record leaves open: what, and where to look."""

    id: str
    blocking: bool
    text: str


class Gate(Struct, frozen=True, kw_only=True, gc=False):
    """The reason to show no decision card at all (clinical rule 7.3 step 1).

    `told_as` is how the cards word it. The others say what a closed gate does not, or does, beyond that:
    `open_to_danger`: a danger on record is still reported; `warns_on_order`: an order is warned about;
    `judges_trials`: an order is held against the number of trials; `hides_safety`: no safety card either.
    """

    id: str
    text: str
    evidence: tuple[str, ...] = ()
    told_as: str = "gate"
    open_to_danger: bool = False
    warns_on_order: bool = False
    judges_trials: bool = True
    hides_safety: bool = False


class Counts(Struct, frozen=True, kw_only=True, gc=False):
    """Trials of the current episode; `lifetime` counts distinct ingredients ever counted."""

    counted: int
    possible: int
    lifetime: int
    classes: int
    augmentations: int


class Episode(Struct, frozen=True, kw_only=True, gc=False):
    """The current depressive episode: where it starts, and whether that is recorded or inferred.

    `start` and `latest_start` are the first and the last day on which it may have begun. `illness_since` is
    an onset before an inferred start: a trial since then may belong to the episode.
    """

    start: date
    latest_start: date
    inferred: bool
    text: str
    illness_since: date | None = None


class CurrentScore(Struct, frozen=True, kw_only=True, gc=False):
    """The score that the severity rests on; `band_ends` is the highest total of its band."""

    scale: str
    total: float
    band: str
    band_ends: float


class LastPressure(Struct, frozen=True, kw_only=True, gc=False):
    """The latest complete blood pressure on record, in mmHg, however old."""

    systolic: float
    diastolic: float
    day: PartialDate


class Assessment(Struct, frozen=True, kw_only=True, gc=False):
    """The verdict on one patient on one day under one rule set.

    `enough_trials` says whether the counted trials meet the number and classes of the definition used.
    `diagnoses` are the references of the depression entries that the verdict rests on, `resistant` those of
    them that the problem list itself calls treatment-resistant.
    """

    assessed_on: date
    profile: str
    rule_set_version: str
    subject: str | None
    conclusion: Conclusion
    gate: Gate | None
    assessable: bool
    definition: str
    episode: Episode
    diagnoses: tuple[str, ...]
    resistant: tuple[str, ...] = ()
    severity: str
    current_score: CurrentScore | None = None
    last_pressure: LastPressure | None = None
    safety: tuple[SafetyTrigger, ...]
    lowered_safety: tuple[SafetyTrigger, ...]
    counts: Counts
    enough_trials: bool
    trials: tuple[Trial, ...]
    augmentations: tuple[Augmentation, ...]
    flags: tuple[Flag, ...]
    missing: tuple[Gap, ...]
    unreadable: tuple[Unreadable, ...]
    set_aside: tuple[SetAside, ...] = ()
    data_from: date | None
    data_to: date | None

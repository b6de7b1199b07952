"""What the picture shows, as plain rows: days, doses, figures and words, nothing of where it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.clinical.assessment import Trial, TrialStatus
from service.render.courses import TreatmentRow, TrialRow

Days = tuple[date, date]
"""A run of days, first and last included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One course: its `row` of the view, what stands beside it, and the evidence for who points at it.

    Without steps its days are unknown. `doses` is the text beside it: one dose, or several with days.
    """

    row: TrialRow
    doses: str
    remarks: tuple[str, ...]
    hover: str

    @property
    def trial(self) -> Trial:
        """The course as it was judged."""
        return self.row.of


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """All courses of one antidepressant in order of time."""

    name: str
    drug_class: str
    minimum: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """A drug or procedure that is never added to the count; `marks` are the days of a procedure."""

    row: TreatmentRow
    marks: tuple[Days, ...]
    hover: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One total of a scale; `used` by the verdict on a course, or as the severity now."""

    days: Days
    value: float
    hover: str
    used: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PressureReading:
    """One blood pressure; an unread component is None."""

    days: Days
    systolic: float | None
    diastolic: float | None
    hover: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """A line across a panel, with its words."""

    values: tuple[float, ...]
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """Figures over time above or below the courses.

    `notes` stand beside the name; `silent` are the days on which a figure was needed but none came.
    """

    name: str
    lowest: float
    highest: float
    figures: tuple[Point | PressureReading, ...]
    thresholds: tuple[Threshold, ...]
    notes: tuple[str, ...]
    silent: Days | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """The whole picture.

    `stretches` are the days of its axis, `unread` lists that are incomplete, `labels` fixed words by
    name. `findings` are flags, `asked` what would settle it, `missing` what the record does not say.
    """

    heading: str
    conclusion: tuple[str, ...]
    about: str
    description: str
    stretches: tuple[Days, ...]
    assessed: str
    episode: Days
    episode_text: str
    scores: tuple[Panel, ...]
    lanes: tuple[Lane, ...]
    more_lanes: str
    unread: tuple[str, ...]
    besides: tuple[Beside, ...]
    more_besides: str
    pressures: Panel
    findings: tuple[str, ...]
    asked: tuple[str, ...]
    missing: tuple[str, ...]
    labels: Mapping[str, str]
    statuses: Mapping[TrialStatus, str]

"""What happened to one made-up patient. The day of the assessment is 0, the day before it -1."""

from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from msgspec import Struct

from service.synth.tables import DiagnosisRow, DialectRow, DrugRow, IllnessRow, LaboratoryRow, PressureShare


class StopCause(StrEnum):
    """Why an order says that it was ended."""

    NO_EFFECT = "no_effect"
    ADVERSE = "adverse"
    COST = "cost"


class DoseLevel(StrEnum):
    """What the dose of a course was meant to be."""

    USUAL = "usual"
    POSSIBLE = "possible"
    TOO_LOW = "too_low"


class DoseStretch(Struct, frozen=True, gc=False):
    """Days at one dose: the strength in mg, units a day, and the day and length of each fill."""

    mg: float
    units: float
    fills: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        """The day of the first fill."""
        return self.fills[0][0]

    @property
    def end(self) -> int:
        """The last day that a fill covers."""
        day, days = self.fills[-1]
        return day + days - 1

    @property
    def days(self) -> int:
        """Days before the assessment that fills cover."""
        return sum(min(day + days, 0) - day for day, days in self.fills if day < 0)

    def day_number(self, number: int) -> int:
        """Return the day on which so many days are covered."""
        for day, days in self.fills:
            if number <= days:
                return day + number - 1
            number -= days
        return self.end


class MedicineTaken(Struct, frozen=True, gc=False):
    """A medicine that was taken: its stretches in order, whether it goes on, and why it was stopped."""

    drug: DrugRow
    stretches: tuple[DoseStretch, ...]
    running: bool
    stopped_for: str = ""

    @property
    def start(self) -> int:
        """The first day."""
        return self.stretches[0].start

    @property
    def end(self) -> int:
        """The last day with supply."""
        return self.stretches[-1].end


class DrawnCourse(Struct, frozen=True, gc=False):
    """Use of an antidepressant for the depression, as it was meant.

    `days` are those at the full dose, `level` what that dose is. `irregular`: filled too late to count.
    `improvement` is how far the score that follows falls; `added` is a drug on top of it.
    """

    use: MedicineTaken
    level: DoseLevel
    days: int
    irregular: bool = False
    improvement: float = 0.0
    stop: StopCause | None = None
    added: MedicineTaken | None = None
    earlier: bool = False


class DrawnScore(Struct, frozen=True, gc=False):
    """A PHQ-9; `item_9` is the answer to its last question where it stands beside the total."""

    day: int
    total: int
    item_9: int | None = None


class DrawnReading(Struct, frozen=True, gc=False):
    """A blood pressure."""

    day: int
    systolic: int
    diastolic: int


class Illness(Struct, frozen=True, gc=False):
    """A disease on the problem list since a day."""

    finding: IllnessRow
    since: int


class LaboratoryResult(Struct, frozen=True, gc=False):
    """A laboratory result."""

    day: int
    laboratory: LaboratoryRow
    value: float


class MadeUpPerson(Struct, frozen=True, gc=False):
    """Who the patient is; `age` in full years."""

    id: str
    age: int
    born: int
    female: bool
    deceased: bool
    state: str


class History(Struct, frozen=True, kw_only=True, gc=False):
    """Everything that happened to one patient."""

    person: MadeUpPerson
    dialect: DialectRow
    diagnosis: DiagnosisRow
    code: int
    onset: int | None
    courses: tuple[DrawnCourse, ...]
    others: tuple[MedicineTaken, ...]
    scores: tuple[DrawnScore, ...]
    pressure: PressureShare
    readings: tuple[DrawnReading, ...]
    illnesses: tuple[Illness, ...]
    results: tuple[LaboratoryResult, ...]
    allergy: str
    referred: int | None
    treated: tuple[int, ...]


@cache
def dated(as_of: date, day: int) -> str:
    """Return the date of a day."""
    return (as_of + timedelta(days=day)).isoformat()

"""What a made-up patient was meant to come to: each course, each finding, the conclusion.

Told from what was drawn, by the clinical rules as they are read here; nothing that judges patients is used.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from mappings.flags import FlagId
from mappings.gaps import GapId
from mappings.gates import GateId
from mappings.safety import TriggerId
from service.synth.history import DoseLevel, DrawnCourse, History, MedicineTaken, StopCause, dated
from service.synth.scores import ScorePair
from service.synth.tables import Population, TruthFigures

COUNTED, POSSIBLE, NOT_COUNTED = "counted", "possible", "not-counted"
RECOMMEND, CAUTION, INSUFFICIENT, NONE = "recommend", "caution", "insufficient-data", "none"
_CONTRA, _CAUTION, _INFO = "contraindication", "caution", "info"


class CourseTruth(Struct, frozen=True, gc=False, rename="camel"):
    """A course and what it comes to: `days` at the full dose, `mg` a day; one that goes on ends yesterday."""

    ingredient: str
    start: str
    end: str
    mg: float
    days: int
    status: str
    why: str


class FlagTruth(Struct, frozen=True, gc=False):
    """A flag with its level on each route; `planning`: it decides no card."""

    id: str
    esketamine: str
    ketamine: str
    planning: bool = False

    @property
    def decides(self) -> bool:
        """Tell whether it makes a card a caution."""
        levels = (self.esketamine, self.ketamine)
        return _CONTRA in levels or (_CAUTION in levels and not self.planning)


class Truth(Struct, frozen=True, kw_only=True, gc=False, rename="camel"):
    """What the rules should say of one patient."""

    patient: str
    as_of: str
    dialect: str
    conclusion: str
    why: str
    gate: str
    counted: int
    possible: int
    courses: tuple[CourseTruth, ...]
    flags: tuple[FlagTruth, ...]
    missing: tuple[str, ...]
    safety: str


def truth_of(history: History, measured: Sequence[ScorePair | None], rows: Population) -> Truth:
    """Return what was meant with one patient."""
    meaning = rows.meaning
    verdicts = tuple(
        _verdict(history, place, measured[place], rows) for place in range(len(history.courses))
    ) + tuple(_aside(history, rows))
    counted = sum(v.status == COUNTED for v in verdicts)
    possible = sum(v.status == POSSIBLE for v in verdicts)
    latest = _latest(history, meaning)
    flags = _flags(history, latest, meaning)
    missing = _missing(history, latest)
    safety = _safety(history, meaning)
    gate = _gate(history, meaning)
    conclusion, why = _conclusion(gate, counted, possible, latest, flags, missing, safety, meaning)
    return Truth(
        patient=history.person.id,
        as_of=rows.as_of.isoformat(),
        dialect=history.dialect.id,
        conclusion=conclusion,
        why=why,
        gate=gate,
        counted=counted,
        possible=possible,
        courses=verdicts,
        flags=flags,
        missing=missing,
        safety=safety,
    )


def _verdict(history: History, place: int, measured: ScorePair | None, rows: Population) -> CourseTruth:
    course = history.courses[place]
    last = course.use.stretches[-1]
    status, why = _status(history, place, measured, rows.meaning)
    return _told(course.use, last.mg * last.units, course.days, (status, why), rows)


def _told(
    use: MedicineTaken, mg: float, days: int, verdict: tuple[str, str], rows: Population
) -> CourseTruth:
    start, end = (dated(rows.as_of, day) for day in (use.start, min(use.end, -1)))
    status, why = verdict
    return CourseTruth(use.drug.ingredient, start, end, mg, days, status, why)


def _status(
    history: History, place: int, measured: ScorePair | None, meaning: TruthFigures
) -> tuple[str, str]:
    course = history.courses[place]
    if course.earlier:
        return NOT_COUNTED, "before this episode"
    if course.level is DoseLevel.TOO_LOW:
        return NOT_COUNTED, "dose too low"
    if course.days < meaning.some_days:
        return NOT_COUNTED, f"{course.days} days"
    if course.use.running and history.dialect.id == "statements":
        return POSSIBLE, "no end stated"
    outcome, known = _outcome(history, place, measured, meaning)
    if outcome == "responded":
        return NOT_COUNTED, known
    if course.irregular:
        return POSSIBLE, "days missing between fills"
    if course.level is DoseLevel.POSSIBLE:
        return POSSIBLE, "dose that only some sources call enough"
    if course.days < meaning.enough_days:
        return POSSIBLE, f"{course.days} days"
    return (COUNTED, known) if outcome == "failed" else (POSSIBLE, known)


def _outcome(
    history: History, place: int, measured: ScorePair | None, meaning: TruthFigures
) -> tuple[str, str]:
    """Return "failed", "responded" or "unknown", and how that is known."""
    course = history.courses[place]
    if measured is not None:
        told = f"PHQ-9 {measured.before} to {measured.after}"
        if measured.improvement < meaning.failure_below:
            return "failed", told
        return (
            ("unknown", f"{told}, stopped as ineffective")
            if course.stop is StopCause.NO_EFFECT
            else ("responded", told)
        )
    if course.stop is StopCause.NO_EFFECT:
        return "failed", "stopped as ineffective"
    if course.stop is StopCause.COST:
        return "unknown", "stopped for its cost"
    if course.added is not None or _switched(history, place, meaning):
        return "failed", "another drug followed"
    if _still_ill(history, course, meaning):
        return "failed", "goes on, still depressed"
    return "unknown", "outcome not recorded"


def _switched(history: History, place: int, meaning: TruthFigures) -> bool:
    end = history.courses[place].use.end
    later = history.courses[place + 1 :]
    return any(c.level is not DoseLevel.TOO_LOW and c.use.start - end <= meaning.switch_days for c in later)


def _still_ill(history: History, course: DrawnCourse, meaning: TruthFigures) -> bool:
    latest = _latest(history, meaning)
    if not course.use.running or course.days < meaning.enough_days or latest is None:
        return False
    day, total = latest
    return total >= meaning.moderate and day >= course.use.stretches[-1].day_number(meaning.some_days)


def _aside(history: History, rows: Population) -> Iterator[CourseTruth]:
    for use in history.others:
        if use.drug.aside:
            (stretch,) = use.stretches
            verdict = (NOT_COUNTED, "dose for sleep or pain")
            yield _told(use, stretch.mg * stretch.units, stretch.days, verdict, rows)


def _latest(history: History, meaning: TruthFigures) -> tuple[int, int] | None:
    """Return day and total of the latest score that is recent enough."""
    recent = [(score.day, score.total) for score in history.scores if score.day >= -meaning.score_days]
    return max(recent, default=None)


def _flags(history: History, latest: tuple[int, int] | None, meaning: TruthFigures) -> tuple[FlagTruth, ...]:
    medicines = [use.drug for use in history.others if use.drug.flag]
    pressure = history.pressure
    raised = {drug.flag for drug in medicines} | {pressure.flag}
    flags = [
        FlagTruth(illness.finding.flag, illness.finding.esketamine, illness.finding.ketamine)
        for illness in history.illnesses
        if illness.finding.flag
    ]
    flags += [
        FlagTruth(d.flag, _CAUTION, _CAUTION, d.planning and not raised & set(d.clinical_with))
        for d in medicines
    ]
    if pressure.flag:
        planning = pressure.planning and not raised & set(pressure.clinical_with)
        flags.append(FlagTruth(pressure.flag, pressure.esketamine, pressure.ketamine, planning))
    if history.allergy == "ketamine":
        flags.append(FlagTruth("CI-HYPER", _CONTRA, _CONTRA))
    if history.person.age >= meaning.old_years:
        flags.append(FlagTruth("AGE65", _INFO, _INFO))
    if latest is not None and meaning.moderate <= latest[1] < meaning.moderately_severe:
        flags.append(FlagTruth(FlagId.SEV_MOD, _CAUTION, _CAUTION))
    return tuple(sorted(flags, key=lambda flag: flag.id))


def _missing(history: History, latest: tuple[int, int] | None) -> tuple[str, ...]:
    return (
        *([history.pressure.missing] if history.pressure.missing else []),
        *([GapId.DIAGNOSIS] if history.diagnosis.unspecified else []),
        *([GapId.SEVERITY] if latest is None else []),
    )


def _safety(history: History, meaning: TruthFigures) -> str:
    """Return the highest trigger that answers to the ninth item raise."""
    answers = [(score.day, score.item_9) for score in history.scores if score.item_9 is not None]
    recent = [answer for day, answer in answers if day >= -meaning.risk_days]
    if any(answer > 1 for answer in recent):
        return TriggerId.NOW
    if any(answer == 1 for answer in recent):
        return TriggerId.TODAY
    for day, answer in answers:
        if answer and -meaning.screen_days <= day < -meaning.risk_days:
            settled = answer == 1 and any(later > day and not other for later, other in answers)
            if not settled:
                return TriggerId.RESCREEN
    return ""


def _gate(history: History, meaning: TruthFigures) -> str:
    if history.person.deceased:
        return GateId.DECEASED
    if history.person.age < meaning.adult_years:
        return GateId.AGE
    if not history.diagnosis.opens:
        return GateId.DIAGNOSIS
    if history.treated:
        return GateId.TREATED
    return GateId.REFERRAL if history.referred is not None else ""


def _conclusion(
    gate: str,
    counted: int,
    possible: int,
    latest: tuple[int, int] | None,
    flags: Sequence[FlagTruth],
    missing: Sequence[str],
    safety: str,
    meaning: TruthFigures,
) -> tuple[str, str]:
    """Return the kind of card and the step of the rules that decides it."""
    if gate:
        danger = any(f.id == FlagId.PREG or _CONTRA in (f.esketamine, f.ketamine) for f in flags)
        open_gate = gate in (GateId.TREATED, GateId.REFERRAL)
        return (CAUTION, f"{gate}, a danger on record") if danger and open_gate else (NONE, gate)
    if counted < meaning.trials:
        enough = counted + possible >= meaning.trials
        return (INSUFFICIENT if enough else NONE, f"{counted} counted, {possible} possible")
    if latest is not None and latest[1] < meaning.moderate:
        return NONE, f"PHQ-9 {latest[1]}"
    if deciding := [flag.id for flag in flags if flag.decides]:
        return CAUTION, ", ".join(deciding)
    if missing:
        return INSUFFICIENT, f"missing: {', '.join(missing)}"
    return (CAUTION, safety) if safety else (RECOMMEND, f"{counted} counted")

"""Draws one patient: who it is, what was the matter, and everything beside the courses."""

from random import Random

from service.synth.courses import courses, drugs_of, earlier_course
from service.synth.drawing import draw, draw_index, within
from service.synth.history import (
    DoseStretch,
    DrawnCourse,
    DrawnReading,
    History,
    Illness,
    LaboratoryResult,
    MadeUpPerson,
    MedicineTaken,
)
from service.synth.scores import ScorePair, scored
from service.synth.tables import DialectRow, DrugRow, IllnessRow, Population, PressureShare

_YEAR = 365.2425
_MONTH = 30


def history_of(seed: int, number: int, rows: Population) -> tuple[History, tuple[ScorePair | None, ...]]:
    """Return what happened to one patient, and what the scores say of each course.

    The same seed and number give the same patient, whoever else is made.
    """
    chance = Random(f"{seed}/{number}")  # noqa: S311  # people are drawn, not secrets
    person = _person(chance, f"synth-{seed}-{number}", rows)
    dialect = draw(chance, rows.dialect)
    diagnosis = draw(chance, rows.diagnosis)
    if dialect.id == "german" and diagnosis.codes and not diagnosis.german:
        diagnosis = rows.diagnosis[0]
    code = int(chance.random() * max(len(diagnosis.codes), 1))
    taken = courses(chance, rows, dialect) if diagnosis.opens else []
    told = scored(chance, rows.charting, dialect, taken)
    first = taken[0].use.start if taken else -_MONTH
    onset = first - within(chance, rows.care.onset_days) if diagnosis.codes else None
    if onset is not None and chance.random() >= rows.care.onset_recorded:
        onset = None
    measured = told.measured
    if onset is not None and diagnosis.opens and chance.random() < rows.care.earlier_course:
        names = {course.use.drug.ingredient for course in taken}
        taken, measured = [earlier_course(chance, rows, dialect, onset, names), *taken], (None, *measured)
    pressure = draw(chance, rows.pressure)
    treated, referred = _existing(chance, rows) if diagnosis.opens else ((), None)
    made = History(
        person=person,
        dialect=dialect,
        diagnosis=diagnosis,
        code=code,
        onset=onset,
        courses=tuple(taken),
        others=_others(chance, rows, dialect, taken),
        scores=told.scores,
        pressure=pressure,
        readings=_readings(chance, rows, pressure),
        illnesses=_illnesses(chance, rows, person, dialect),
        results=_results(chance, rows),
        allergy=_allergy(chance, rows),
        referred=referred,
        treated=treated,
    )
    return made, measured


def _person(chance: Random, id: str, rows: Population) -> MadeUpPerson:
    people = rows.people
    kind = draw_index(chance, (people.minor, people.old, 1 - people.minor - people.old))
    age = within(chance, (people.minor_years, people.old_years, people.adult_years)[kind])
    since = within(chance, (1, _YEAR - 2))  # days since the birthday: never today, never tomorrow
    return MadeUpPerson(
        id=id,
        age=age,
        born=-int(age * _YEAR + since),
        female=chance.random() < people.female,
        deceased=chance.random() < people.deceased,
        state=people.states[int(chance.random() * len(people.states))],
    )


def _existing(chance: Random, rows: Population) -> tuple[tuple[int, ...], int | None]:
    told = chance.random()
    existing = rows.existing
    if told < existing.treatment:
        last = -within(chance, (1, 6))
        return tuple(last - 7 * week for week in range(within(chance, existing.treatments))), None
    if told < existing.treatment + existing.referral:
        return (), -within(chance, existing.referral_days)
    return (), None


def _others(
    chance: Random, rows: Population, dialect: DialectRow, taken: list[DrawnCourse]
) -> tuple[MedicineTaken, ...]:
    """Return medicines for something else, an antidepressant in the dose of a sleeping aid among them."""
    made = []
    names = {course.use.drug.ingredient for course in taken}
    if chance.random() < rows.aside.share:
        drugs = drugs_of(rows.antidepressant, dialect)
        free = [drug for drug in drugs if drug.aside and drug.ingredient not in names]
        if free:
            drug = draw(chance, free)
            made.append(_beside(drug, drug.aside, within(chance, rows.aside.days)))
    for drug in drugs_of(rows.medicine, dialect):
        if chance.random() < drug.share:
            made.append(_beside(drug, drug.usual[0], within(chance, rows.aside.days)))
    return tuple(made)


def _beside(drug: DrugRow, amount: tuple[float, ...], days: int) -> MedicineTaken:
    """Return a medicine that has been filled monthly and goes on."""
    months = days // _MONTH + 1
    fills = tuple((-_MONTH * (months - month) + _MONTH // 2, _MONTH) for month in range(months))
    return MedicineTaken(drug, (DoseStretch(amount[0], amount[1], fills),), running=True)


def _readings(chance: Random, rows: Population, pressure: PressureShare) -> tuple[DrawnReading, ...]:
    days = rows.pressure_days
    day = -within(chance, days.old if pressure.missing else days.recent)
    made = []
    for _ in range(within(chance, rows.reading.number)):
        made.append(DrawnReading(day, within(chance, pressure.systolic), within(chance, pressure.diastolic)))
        day -= within(chance, rows.reading.apart)
    return tuple(made)


def _illnesses(
    chance: Random, rows: Population, person: MadeUpPerson, dialect: DialectRow
) -> tuple[Illness, ...]:
    return tuple(
        Illness(finding, -within(chance, finding.since))
        for finding in rows.problem
        if chance.random() < finding.share and _befalls(finding, person, dialect)
    )


def _befalls(finding: IllnessRow, person: MadeUpPerson, dialect: DialectRow) -> bool:
    youngest, oldest = finding.ages
    return (
        youngest <= person.age <= oldest
        and (not finding.only or (finding.only == "female") is person.female)
        and (bool(finding.german) or dialect.id != "german")
    )


def _results(chance: Random, rows: Population) -> tuple[LaboratoryResult, ...]:
    shares = [share for share, _ in rows.chart.results]
    number = rows.chart.results[draw_index(chance, shares)][1]
    made = []
    for _ in range(int(number)):
        laboratory = rows.laboratory[int(chance.random() * len(rows.laboratory))]
        low, high = laboratory.values
        value = round(low + chance.random() * (high - low), 1)
        made.append(LaboratoryResult(-within(chance, (1, rows.chart.days)), laboratory, value))
    return tuple(made)


def _allergy(chance: Random, rows: Population) -> str:
    allergies = rows.allergies
    shares = {
        "none known": allergies.none_known,
        "penicillin": allergies.penicillin,
        "ketamine": allergies.ketamine,
    }
    told = draw_index(chance, (*shares.values(), 1 - sum(shares.values())))
    return (*shares, "")[told]

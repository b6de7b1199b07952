"""One patient of an export: the record as it stood on a day, its assessments, and the rows they make."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mappings.knowledge import Knowledge
from service.answer.read import Chart, read_record
from service.assess import assess
from service.clinical.assessment import Assessment, Flag, Level, Trial, Weight
from service.clinical.facts import Completeness, PatientFacts, Unreadable
from service.clinical.partial_date import age_on
from service.clinical.routes import Route, of_level
from service.fhir.bundles import BundleContents, kind_of
from service.fhir.completeness import LISTS, merged
from service.fhir.record import record_of
from service.fhir.resources import Record
from service.normalise.context import Context
from service.population.columns import PATIENTS, named
from service.population.recorded import Dated, dated
from service.population.rows import NarrowRow, decoded
from service.population.spill import SpilledRow
from service.population.unknown_names import unknown_medicines
from service.render.kinds import chart_kinds

Cells = dict[str, Any]

_JUDGED = [column for column in PATIENTS if column.judged]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of every patient: rules, definitions, days; `kinds` are the types the export holds."""

    knowledge: Knowledge
    profiles: tuple[str, ...]
    days: tuple[date, ...]
    kinds: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PatientRows:
    """The rows of one patient for each of the files that are written."""

    patients: list[Cells] = field(default_factory=list)
    trials: list[Cells] = field(default_factory=list)
    unreadable: list[Cells] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chart:
    """All that an export holds about one patient."""

    owner: str
    resources: Sequence[Dated]
    set_aside: tuple[Unreadable, ...]
    lists: Mapping[str, Completeness]
    places: Mapping[str, SpilledRow]


def screen_patient(owner: str, rows: Sequence[SpilledRow], question: Question) -> PatientRows:
    """Return the rows of a patient, whose narrow rows are all there, those of all patients included."""
    chart = _chart(owner, rows, question)
    answered = PatientRows()
    for day in question.days:
        _screen_on(day, chart, question, answered)
    return answered


def not_assessed(owner: str, resources: int, reason: str, question: Question) -> PatientRows:
    """Return the rows of a patient about whom nothing can be said, and why."""
    rows = [
        {
            "patient": owner,
            "as_of": day,
            "rule_set": question.knowledge.rule_set,
            "not_assessed": reason,
            "resources": resources,
        }
        for day in question.days
    ]
    return PatientRows(patients=rows)


def _chart(owner: str, rows: Sequence[SpilledRow], question: Question) -> _Chart:
    narrow = [(row, decoded(row.row)) for row in rows]
    received = [sent for _, each in narrow if (sent := each.received)]
    set_aside = tuple(broken for _, each in narrow for broken in each.set_aside)
    places = {
        **{f"{kind_of(each.resource)}/{each.resource.id}": row for row, each in narrow if each.resource},
        **{broken.reference: row for row, each in narrow for broken in each.set_aside},
    }
    return _Chart(
        owner=owner,
        resources=dated(received),
        set_aside=set_aside,
        lists=_lists([each for _, each in narrow], question.kinds),
        places=places,
    )


def _lists(rows: Sequence[NarrowRow], kinds: frozenset[str]) -> Mapping[str, Completeness]:
    """Return how complete each list is: as its Bundle says, and of an export by the types that it holds."""
    states = [state for row in rows if row.lists for state in row.lists.items()]
    if any(row.lists is None for row in rows):
        states += [
            (kind, Completeness.COMPLETE if kind in kinds else Completeness.NOT_RETRIEVABLE) for kind in LISTS
        ]
    return merged(states)


def _read_on(day: date, chart: _Chart, question: Question) -> tuple[Record, PatientFacts]:
    sent = tuple(each.sent for each in chart.resources if not _later(each, day))
    contents = BundleContents(listed=True, sent=sent, set_aside=chart.set_aside)
    record = record_of([contents], chart.lists)
    whose = None if len(record.patients) == 1 else chart.owner.partition("/")[2]
    return record, read_record(Chart(record=record, patient_id=whose), question.knowledge, day).facts


def _later(each: Dated, day: date) -> bool:
    return each.day is not None and each.day.first > day


def _screen_on(day: date, chart: _Chart, question: Question, answered: PatientRows) -> None:
    record, facts = _read_on(day, chart, question)
    knowledge = question.knowledge
    assessments = {name: assess(facts, knowledge, name, day) for name in question.profiles}
    unreadable = next(iter(assessments.values())).unreadable
    context = Context(record=record, vocabulary=knowledge.terminology, tables=knowledge.reading, as_of=day)
    row: Cells = {"patient": chart.owner, "as_of": day}
    answered.patients.append(
        row
        | _seen(chart, facts, day)
        | {"rule_set": knowledge.rule_set, "not_assessed": "", "unreadable": len(unreadable)}
        | {"unknown_medicines": unknown_medicines(context)}
        | _judged(assessments)
    )
    answered.trials.extend(
        row | {"profile": name} | _trial(trial)
        for name, assessment in assessments.items()
        for trial in assessment.trials
    )
    known = {(cells["reference"], cells["reason"]) for cells in answered.unreadable}
    answered.unreadable.extend(
        _unreadable(broken, chart) for broken in unreadable if (broken.reference, broken.reason) not in known
    )


def _seen(chart: _Chart, facts: PatientFacts, day: date) -> Cells:
    """Return who the patient is, and how much of the record was looked at."""
    later = sum(_later(each, day) for each in chart.resources)
    born = facts.person.born if facts.person else None
    return {
        "sex": facts.person.gender if facts.person else "",
        "age": age_on(born.last, day) if born else None,
        "resources": len(chart.resources) - later,
        "recorded_later": later,
        "undated": sum(each.undated for each in chart.resources),
        "lists_not_complete": sorted(k for k, s in chart.lists.items() if s is not Completeness.COMPLETE),
    }


def _judged(assessments: Mapping[str, Assessment]) -> Cells:
    profiles = tuple(assessments)
    cells: Cells = {}
    for profile, assessment in assessments.items():
        verdict = _verdict(assessment)
        cells |= {named(column, profile, profiles): verdict[column.name] for column in _JUDGED}
        cells |= {"data_from": assessment.data_from, "data_to": assessment.data_to}
    return cells


def _verdict(assessment: Assessment) -> Cells:
    score, counts, flags = assessment.current_score, assessment.counts, assessment.flags
    return {
        "conclusion": str(assessment.conclusion),
        "assessable": assessment.assessable,
        "gate": assessment.gate.id if assessment.gate else "",
        "counted": counts.counted,
        "possible": counts.possible,
        "lifetime": counts.lifetime,
        "classes": counts.classes,
        "augmentations": counts.augmentations,
        "enough_trials": assessment.enough_trials,
        "cards": [str(kind) for kind in chart_kinds(assessment)],
        "gaps": [gap.id for gap in assessment.missing],
        "blocking_gaps": [gap.id for gap in assessment.missing if gap.blocking],
        "esketamine_contraindications": _flags(flags, Route.ESKETAMINE, Level.CONTRAINDICATION),
        "esketamine_cautions": _flags(flags, Route.ESKETAMINE, Level.CAUTION),
        "ketamine_contraindications": _flags(flags, Route.KETAMINE, Level.CONTRAINDICATION),
        "ketamine_cautions": _flags(flags, Route.KETAMINE, Level.CAUTION),
        "planning_flags": [flag.id for flag in flags if flag.weight is Weight.PLANNING],
        "safety": [trigger.id for trigger in assessment.safety],
        "severity_scale": score.scale if score else "",
        "severity_score": score.total if score else None,
        "severity_band": str(score.band) if score else "",
    }


def _flags(flags: Sequence[Flag], route: Route, level: Level) -> list[str]:
    return [flag.id for flag in of_level(flags, route, level)]


def _trial(trial: Trial) -> Cells:
    return {
        "ingredient": trial.ingredient,
        "drug_class": trial.drug_class,
        "start": trial.start,
        "end": trial.end,
        "running": trial.running,
        "covered_days": trial.covered_days,
        "qualifying_days": trial.qualifying_days,
        "daily_mg": trial.daily_mg,
        "minimum_mg": trial.minimum_mg,
        "status": str(trial.status),
        "reason": str(trial.reason or ""),
        "shortfalls": [str(each) for each in trial.shortfalls],
        "outcome": str(trial.outcome),
        "evidence": list(trial.evidence),
    }


def _unreadable(broken: Unreadable, chart: _Chart) -> Cells:
    place = chart.places.get(broken.reference)
    return {
        "patient": chart.owner,
        "reference": broken.reference,
        "reason": broken.reason,
        "file": place.file if place else "",
        "byte": place.byte if place else None,
    }


def listed_rows(rows: Sequence[SpilledRow]) -> Iterator[Cells]:
    """Yield the rows about lines that belong to no patient."""
    for row in rows:
        for broken in decoded(row.row).set_aside:
            yield {
                "patient": "",
                "reference": broken.reference,
                "reason": broken.reason,
                "file": row.file,
                "byte": row.byte,
            }

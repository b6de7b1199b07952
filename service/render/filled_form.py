"""The QuestionnaireResponse of a policy: what the record tells, each answer marked as made by the service.

What no record tells, and the clinician's own statements, stay open.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from mappings.knowledge import Knowledge
from mappings.policies import FORM
from service.clinical.assessment import Assessment, Augmentation, Flag, Level, SafetyTrigger, Trial
from service.clinical.criteria import EarlierCourse, ReadCriterion, ReadPolicy
from service.clinical.facts import Allergy, PatientFacts, Problem, Score
from service.clinical.partial_date import PartialDate, age_on
from service.render.course_entries import CourseEntries, beside_trials, taken_now
from service.render.escape import plain
from service.render.form import CRITERIA, Json, form_url, options

_LONGEST = 1000  # characters of one answer
_MOST_SCORES = 60
_ICD = ("icd10", "icd11")
_MADE_BY_THE_SERVICE = {
    "url": "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/information-origin",
    "extension": [{"url": "source", "valueCode": "auto"}],
}
_VALUE = {
    "string": "valueString",
    "text": "valueString",
    "date": "valueDate",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "boolean": "valueBoolean",
    "quantity": "valueQuantity",
    "choice": "valueCoding",
}
Answers = Mapping[str, Any]
"""What is answered by the name of the item; None, an empty text and an empty list answer nothing."""


def filled_form(
    read: ReadPolicy, facts: PatientFacts, assessment: Assessment, knowledge: Knowledge, base: str
) -> Json:
    """Return the response as FHIR R4 JSON, checked by the model."""
    filler = _Filler(knowledge, base)
    trials, entries = read.trials or assessment.trials, CourseEntries(facts)
    history = [
        *filler.groups("patient", _patient(facts, assessment.assessed_on)),
        *filler.groups("diagnosis", (_diagnosis(problem) for problem in _named(facts, assessment))),
        *filler.groups("present", [_present(read, facts, assessment, knowledge)]),
        *filler.groups("trial", (_trial(trial, entries, assessment, knowledge) for trial in trials)),
        *filler.groups("treatment", map(_treatment, beside_trials(assessment.augmentations, trials))),
        *filler.groups("earlier", map(_earlier, read.earlier)),
        *filler.groups("score", (_score(score) for score in _scores(facts, assessment.assessed_on))),
        *filler.groups("pressure", _pressure(facts, assessment)),
        *filler.groups("risk", (_risk(sign) for sign in assessment.safety)),
        *filler.groups("flag", (_flag(flag) for flag in assessment.flags if _weighs(flag))),
        *filler.groups("allergy", map(_allergy, facts.allergies)),
    ]
    criteria = [
        item
        for criterion in read.criteria
        for item in filler.items("criterion", _criterion(criterion), criterion.id)
    ]
    made: Json = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{form_url(base, read.policy)}|{read.policy.version}",
        "status": "in-progress",
        "authored": assessment.assessed_on.isoformat(),
        "item": [*history, {"linkId": CRITERIA, "item": criteria}],
    }
    if assessment.subject:
        made["subject"] = {"reference": plain(assessment.subject, _LONGEST)}
    QuestionnaireResponse.model_validate(made)
    return made


class _Filler:
    """Turns answers into items of a QuestionnaireResponse."""

    def __init__(self, knowledge: Knowledge, base: str) -> None:
        self._table, self._wording, self._base = knowledge.policies, knowledge.wording, base

    def groups(self, name: str, rows: Iterable[Answers]) -> Iterator[Json]:
        """Yield the group `name` once for each row that answers anything."""
        for row in rows:
            if answered := list(self._answered(name, name, row)):
                yield {"linkId": name, "item": answered}

    def items(self, group: str, row: Answers, row_id: str) -> Iterator[Json]:
        """Yield the group of one criterion."""
        link = f"{CRITERIA}.{row_id}"
        yield {"linkId": link, "item": list(self._answered(group, link, row))}

    def _answered(self, group: str, link: str, row: Answers) -> Iterator[Json]:
        for name, kind in FORM[group].items():
            value = row.get(name)
            values = value if isinstance(value, tuple) else (value,)
            answers = [self._answer(name, kind, answer) for answer in values if answer not in (None, "")]
            if answers:
                yield {"linkId": f"{link}.{name}", "answer": answers}

    def _answer(self, name: str, kind: str, value: Any) -> Json:
        if kind == "choice":
            value = options(name, self._table, self._wording, self._base)[value]
        elif kind in ("string", "text"):
            value = plain(value, _LONGEST)
        return {"extension": [_MADE_BY_THE_SERVICE], _VALUE[kind]: value}


def _named(facts: PatientFacts, assessment: Assessment) -> list[Problem]:
    return [problem for problem in facts.problems if problem.reference in assessment.diagnoses]


def _patient(facts: PatientFacts, as_of: date) -> Iterator[Answers]:
    person = facts.person
    if person:
        ages = (
            {age_on(born, as_of) for born in (person.born.first, person.born.last)} if person.born else set()
        )
        yield {
            "born": _day(person.born),
            "written": _written(person.born),
            "years": ages.pop() if len(ages) == 1 else None,
            "gender": person.gender,
            "evidence": (person.reference,),
        }


def _present(read: ReadPolicy, facts: PatientFacts, assessment: Assessment, knowledge: Knowledge) -> Answers:
    episode, taken = assessment.episode, read.taken.evidence if read.taken else ()
    known = not episode.inferred and episode.start == episode.latest_start
    return {
        "start": _iso(episode.start) if known else None,
        "about": episode.text,
        "severity": assessment.severity,
        "taken": taken_now(read, knowledge.policies),
        "evidence": (*assessment.diagnoses, *_current(facts, assessment), *taken),
    }


def _current(facts: PatientFacts, assessment: Assessment) -> Sequence[str]:
    """Return the entry of the score that the severity rests on."""
    current = assessment.current_score
    if current is None:
        return []
    rests = (current.scale, current.total)
    same = [score for score in _scores(facts, assessment.assessed_on) if (score.scale, score.total) == rests]
    return [score.reference for score in same[-1:]]


def _diagnosis(problem: Problem) -> Answers:
    codes = " ".join(code.code for code in problem.codes)
    return {
        "name": f"{codes} {problem.text}".strip(),
        "code": tuple(code.code for code in problem.codes if code.system in _ICD),
        "start": _day(problem.onset),
        "written": _written(problem.onset),
        "evidence": (problem.reference,),
    }


def _trial(trial: Trial, entries: CourseEntries, assessment: Assessment, knowledge: Knowledge) -> Answers:
    ended = trial.end is not None and trial.end < assessment.assessed_on
    shortfalls = knowledge.wording.words["shortfall"]
    return {
        "drug": trial.ingredient,
        "class": trial.drug_class,
        "dose": _dose(trial.daily_mg),
        "minimum": _dose(trial.minimum_mg),
        "start": _day(entries.start(trial)),
        "end": None if trial.running else _day(entries.end(trial)),
        "written": _written(entries.start(trial), None if trial.running else entries.end(trial)),
        "running": True if trial.running else False if ended else None,
        "days": trial.qualifying_days,
        "status": trial.status.value,
        "outcome": trial.outcome.value,
        "about": trial.basis,
        "stopped": entries.stopped(trial),
        "reasons": tuple(shortfalls[shortfall] for shortfall in trial.shortfalls),
        "evidence": trial.evidence,
    }


def _treatment(given: Augmentation) -> Answers:
    return {
        "drug": given.name,
        "start": _iso(given.start),
        "end": _iso(given.end),
        "days": given.days,
        "adequate": given.adequate,
        "about": given.text,
        "evidence": given.evidence,
    }


def _earlier(course: EarlierCourse) -> Answers:
    return {
        "drug": course.drug,
        "start": _iso(course.start),
        "end": None if course.ordered else _iso(course.end),
        "doses": course.doses or None,
        "ordered": course.ordered or None,
        "stopped": (course.reason,) if course.reason else (),
        "evidence": course.evidence,
    }


def _risk(sign: SafetyTrigger) -> Answers:
    return {"about": sign.text, "evidence": sign.evidence}


def _allergy(allergy: Allergy) -> Answers:
    told = (allergy.kind, allergy.criticality, allergy.verification, *allergy.reactions)
    return {
        "name": allergy.text,
        "about": ", ".join(filter(None, told)),
        "evidence": (allergy.reference,),
    }


def _scores(facts: PatientFacts, as_of: date) -> Sequence[Score]:
    """Return the latest scores in chronological order."""
    known = [score for score in facts.scores if score.when.last <= as_of]
    return sorted(known, key=lambda score: score.when.last)[-_MOST_SCORES:]


def _score(score: Score) -> Answers:
    return {
        "scale": score.scale,
        "total": score.total,
        "start": _day(score.when),
        "written": _written(score.when),
        "evidence": (score.reference,),
    }


def _pressure(facts: PatientFacts, assessment: Assessment) -> Iterator[Answers]:
    last = assessment.last_pressure
    if last:
        same = (
            reading.reference
            for reading in facts.pressures
            if (reading.when, reading.systolic, reading.diastolic)
            == (last.day, last.systolic, last.diastolic)
        )
        yield {
            "systolic": last.systolic,
            "diastolic": last.diastolic,
            "start": _day(last.day),
            "evidence": tuple(dict.fromkeys(same)),
        }


def _weighs(flag: Flag) -> bool:
    return flag.esketamine in (Level.CONTRAINDICATION, Level.CAUTION)


def _flag(flag: Flag) -> Answers:
    return {"name": flag.title, "about": flag.text, "evidence": flag.evidence}


def _criterion(criterion: ReadCriterion) -> Answers:
    shown = criterion.shown
    return {
        "standing": shown.standing.value,
        "found": shown.found,
        "lacking": shown.lacking,
        "evidence": shown.evidence,
    }


def _dose(mg: float | None) -> Json | None:
    if mg is None:
        return None
    return {"value": mg, "unit": "mg/day", "system": "http://unitsofmeasure.org", "code": "mg/d"}


def _day(when: PartialDate | None) -> str | None:
    """Return the date if it is known to the day, else None: form fillers make a day of a month."""
    return when.first.isoformat() if when and when.exact else None


def _written(*stated: PartialDate | None) -> str:
    """Return the dates as far as they are known where one of them is not known to the day, else ""."""
    if all(when is None or when.exact for when in stated):
        return ""
    return " – ".join((when.written or str(when)) if when else "?" for when in stated)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""The QuestionnaireResponse of a policy: what the record tells, each answer marked as made by the service.

What no record tells, and the clinician's own statements, stay open.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from mappings.knowledge import Knowledge
from mappings.policies import FORM
from service.clinical.assessment import Assessment, Augmentation, Flag, Level, Trial
from service.clinical.criteria import ReadCriterion, ReadPolicy
from service.clinical.facts import PatientFacts, Problem, Score
from service.clinical.partial_date import PartialDate
from service.render.escape import plain
from service.render.form import CRITERIA, Json, form_url, options

_LONGEST = 1000  # characters of one answer
_MOST_SCORES = 60
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
    trials = read.trials or assessment.trials
    history = [
        *filler.groups("diagnosis", (_diagnosis(problem) for problem in _named(facts, assessment))),
        *filler.groups("trial", (_trial(trial, knowledge) for trial in trials)),
        *filler.groups("treatment", map(_treatment, assessment.augmentations)),
        *filler.groups("score", (_score(score) for score in _scores(facts, assessment.assessed_on))),
        *filler.groups("pressure", _pressure(assessment)),
        *filler.groups("flag", (_flag(flag) for flag in assessment.flags if _weighs(flag))),
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
        """Yield the group `name` once for each row."""
        for row in rows:
            yield {"linkId": name, "item": list(self._answered(name, name, row))}

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


def _diagnosis(problem: Problem) -> Answers:
    codes = " ".join(code.code for code in problem.codes)
    return {
        "name": f"{codes} {problem.text}".strip(),
        "start": _day(problem.onset),
        "evidence": (problem.reference,),
    }


def _trial(trial: Trial, knowledge: Knowledge) -> Answers:
    shortfalls = knowledge.wording.words["shortfall"]
    return {
        "drug": trial.ingredient,
        "class": trial.drug_class,
        "dose": _dose(trial.daily_mg),
        "minimum": _dose(trial.minimum_mg),
        "start": _iso(trial.start),
        "end": _iso(trial.end),
        "running": trial.running,
        "days": trial.qualifying_days,
        "status": trial.status.value,
        "outcome": trial.outcome.value,
        "about": trial.basis,
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


def _scores(facts: PatientFacts, as_of: date) -> Sequence[Score]:
    """Return the latest scores in chronological order."""
    known = [score for score in facts.scores if score.when.last <= as_of]
    return sorted(known, key=lambda score: score.when.last)[-_MOST_SCORES:]


def _score(score: Score) -> Answers:
    return {
        "scale": score.scale,
        "total": score.total,
        "start": _day(score.when),
        "evidence": (score.reference,),
    }


def _pressure(assessment: Assessment) -> Iterator[Answers]:
    last = assessment.last_pressure
    if last:
        yield {"systolic": last.systolic, "diastolic": last.diastolic, "start": _day(last.day)}


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
    """Return the date if it is known to the day, else None."""
    return when.first.isoformat() if when and when.exact else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

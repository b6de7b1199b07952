"""Observations and questionnaires to readings, scores, answers and laboratory values."""

from collections.abc import Iterator

from mappings.remarks import Remark
from service.clinical.facts import Ignored, Score, Unreadable
from service.clinical.partial_date import PartialDate
from service.fhir.resources import Observation, QuestionnaireResponse, Row
from service.normalise.codes import texts, words
from service.normalise.context import Context
from service.normalise.dates import earliest, latest, when
from service.normalise.forms import FormAnswer, asked
from service.normalise.labs import lab
from service.normalise.meanings import Meaning, ValuePart, meaning, parts_of
from service.normalise.observed_risks import observed_risk
from service.normalise.outcomes import LostScore, ObservedRisk, Outcome, later, of_status, unreadable
from service.normalise.pressures import is_pressure, pressures
from service.normalise.risk_answers import AnswerOrigin, known_answer, likely_answer, unplaced_answer
from service.normalise.totals import is_item, scale_of, total, total_of_items
from service.normalise.values import interpreted, is_empty, is_unexplained, number

_VALID = frozenset({"final", "amended", "corrected", "preliminary"})
_INVALID = frozenset({"cancelled", "unknown", "registered"})
_FILLED = frozenset({"completed", "amended"})


def measured(context: Context) -> Iterator[Outcome]:
    """Return everything that was measured, scored or answered up to the day of evaluation."""
    for row in context.record.observations:
        resource = row.resource
        meant = meaning(resource.code, context)
        if meant.passed_over and not (resource.component or resource.value_codeable_concept):
            yield Ignored(reference=row.label, remark=Remark.NO_RULE)
        else:
            yield from _observation(row, meant, context)
    for response in context.record.questionnaires:
        yield from _questionnaire(response, context)


# ------------------------------------------------------------------ observations


def _observation(row: Row[Observation], meant: Meaning, context: Context) -> Iterator[Outcome]:
    observation, status = row.resource, row.resource.status.strip().lower()
    day = _effective(observation)
    if status == "entered-in-error":
        yield of_status(row.label, status)
        return
    if context.later(day):
        yield later(row.label, context.as_of)
        return
    parts = parts_of(observation, meant, context)
    risk = None if any(part.meaning.concepts for part in parts) else observed_risk(row, day, context)
    if risk is not None:
        yield ObservedRisk(risk)
        return
    origin = AnswerOrigin(label=row.label, day=day, sound=status in _VALID)
    yield from _risk_answers(origin, parts, context)
    if status in _INVALID:
        yield of_status(row.label, status)
    elif not any(part.meaning.concepts for part in parts):
        yield _unknown(row.label, observation, meant)
    elif day is None or not origin.sound:
        yield unreadable(row.label, Remark.NO_DATE if origin.sound else Remark.MAY_BE_VOID)
        if any(scale_of(concept, context.tables) for concept in meant.concepts):
            yield LostScore(day)
    elif is_pressure(parts):
        yield from pressures(row.label, day, parts, context.tables.measurements)
    else:
        yield from _values(row.label, day, parts, context)


def _risk_answers(origin: AnswerOrigin, parts: tuple[ValuePart, ...], context: Context) -> Iterator[Outcome]:
    """Yield answers about suicide risk, whatever the status of the resource."""
    for part in parts:
        meant, valued = part.meaning, part.valued
        if not meant.speaks_of_risk:
            continue
        if meant.asks_risk:
            if not is_empty(valued) or is_unexplained(valued):
                yield from known_answer(origin, meant.concept, valued, context)
        elif not is_empty(valued):
            yield from unplaced_answer(origin, _name(part), valued, context)


def _name(part: ValuePart) -> str:
    """Return the name of a value: its own words, else its form."""
    names = texts(part.valued.code)
    return names[0] if names else part.meaning.form.id if part.meaning.form else ""


def _unknown(label: str, observation: Observation, meant: Meaning) -> Ignored | Unreadable:
    """Return an unknown value as unreadable if it has no name or may be a total, else as ignored."""
    if not meant.named and (not is_empty(observation) or observation.component):
        return unreadable(label, Remark.NO_CODE)
    if meant.names_scale and number(observation) is not None:
        return unreadable(label, Remark.SCALE_NOT_TOTAL, name=words(observation.code))
    return Ignored(reference=label, remark=Remark.NO_RULE)


def _values(
    label: str, day: PartialDate, parts: tuple[ValuePart, ...], context: Context
) -> Iterator[Outcome]:
    found = [outcome for part in parts for outcome in _value(label, day, part, context)]
    yield from found
    if len(parts) > 1 and not any(isinstance(outcome, Score) for outcome in found):
        items = ((part.meaning.concept, part.valued) for part in parts)
        yield from total_of_items(label, day, items, context)


def _value(label: str, day: PartialDate, part: ValuePart, context: Context) -> Iterator[Outcome]:
    """Yield one value under the concept of its code; an interpretation alone is a result too."""
    meant, valued = part.meaning, part.valued
    if not meant.concept or meant.asks_risk:
        return
    is_panel = meant.concept.endswith("_panel")
    interpreted_only = meant.scale is None and not is_panel and bool(interpreted(valued))
    if is_empty(valued) and not interpreted_only:
        if is_unexplained(valued) and not is_panel:
            yield unreadable(label, Remark.NO_VALUE)
            if meant.scale is not None:
                yield LostScore(day)
        else:
            yield Ignored(reference=label, remark=Remark.VALUE_ABSENT, values={"concept": meant.concept})
    elif meant.scale is not None:
        yield from total(label, day, meant.scale, valued)
    elif not is_panel and not is_item(meant.concept):
        yield lab(label, day, part, context)


def _effective(observation: Observation) -> PartialDate | None:
    period = observation.effective_period
    written = when(observation.effective_date_time) or when(observation.effective_instant)
    return written or latest(period) or earliest(period)


# ------------------------------------------------------------------ questionnaires


def _questionnaire(row: Row[QuestionnaireResponse], context: Context) -> Iterator[Outcome]:
    response, status = row.resource, row.resource.status.strip().lower()
    day = when(response.authored)
    if status == "entered-in-error":
        yield of_status(row.label, status)
        return
    if context.later(day):
        yield later(row.label, context.as_of)
        return
    origin = AnswerOrigin(label=row.label, day=day, sound=status in _FILLED)
    answers = asked(response, context)
    for answer in answers:
        yield from _asked(origin, answer, context)
    if not origin.sound:
        yield of_status(row.label, status)
    elif not any(answer.question for answer in answers):
        yield Ignored(reference=row.label, remark=Remark.NO_RULE)
    elif day is None:
        yield unreadable(row.label, Remark.NO_DATE)
    else:
        yield from _totals(row.label, day, answers, context)


def _totals(
    label: str, day: PartialDate, answers: tuple[FormAnswer, ...], context: Context
) -> Iterator[Outcome]:
    scales = [(scale_of(answer.question, context.tables), answer.answer) for answer in answers]
    found = [
        outcome for scale, given in scales if scale is not None for outcome in total(label, day, scale, given)
    ]
    yield from found
    if not any(isinstance(outcome, Score) for outcome in found):
        yield from total_of_items(
            label, day, ((answer.question, answer.answer) for answer in answers), context
        )


def _asked(origin: AnswerOrigin, form_answer: FormAnswer, context: Context) -> Iterator[Outcome]:
    """Yield an answer about suicide risk, whatever the status of the form."""
    table = context.tables.questionnaires
    if is_empty(form_answer.answer):
        return
    if form_answer.question in table.named:
        yield from known_answer(origin, form_answer.question, form_answer.answer, context)
    elif form_answer.likely:
        yield from likely_answer(origin, form_answer.likely, form_answer.answer, context)
    elif not form_answer.question and table.about_risk(form_answer.text, form_answer.link):
        yield from unplaced_answer(origin, form_answer.text or form_answer.link, form_answer.answer, context)

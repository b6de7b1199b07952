"""Observations and questionnaires to readings, scores, answers and laboratory values."""

from dataclasses import dataclass, field

from mappings.remarks import Remark, say
from service.clinical.facts import Answer, Lab, LostAnswer, Problem, Score, Unreadable
from service.clinical.when import When
from service.fhir.resources import (
    Observation,
    QuestionnaireResponse,
    Row,
)
from service.normalise.codes import code_of, texts
from service.normalise.context import Context, unreadable
from service.normalise.dates import earliest, latest, when
from service.normalise.forms import Asked, asked
from service.normalise.labs import lab
from service.normalise.meanings import Meaning, Meanings, Part
from service.normalise.observed_risks import observed_risk
from service.normalise.pressures import Pressures
from service.normalise.risk_answers import Origin, RiskAnswers, take_answer, take_likely, take_unplaced
from service.normalise.totals import is_item, scale_of, take_total, total_of_items
from service.normalise.values import is_empty, is_unexplained, number

_VALID = frozenset({"final", "amended", "corrected", "preliminary"})
_INVALID = frozenset({"cancelled", "unknown", "registered"})
_FILLED = frozenset({"completed", "amended"})


@dataclass(slots=True)
class Measured:
    """What has been read so far."""

    pressures: Pressures
    scores: list[Score] = field(default_factory=list)
    unread_scores: list[When | None] = field(default_factory=list)
    risk: RiskAnswers = field(default_factory=RiskAnswers)
    labs: list[Lab] = field(default_factory=list)
    observed: list[Problem] = field(default_factory=list)

    @property
    def answers(self) -> list[Answer]:
        """The answers about suicide risk."""
        return self.risk.read

    @property
    def lost(self) -> list[LostAnswer]:
        """The answers about suicide risk that could not be used."""
        return self.risk.lost


def measured(context: Context, unread: list[Unreadable]) -> Measured:
    """Return everything that was measured, scored or answered up to the day of evaluation."""
    found = Measured(pressures=Pressures(context.tables.measurements))
    meanings = Meanings(context)
    for row in context.record.observations:
        _observation(row, meanings, found, unread)
    for response in context.record.questionnaires:
        _questionnaire(response, context, found, unread)
    return found


# ------------------------------------------------------------------ observations


def _observation(
    row: Row[Observation], meanings: Meanings, found: Measured, unread: list[Unreadable]
) -> None:
    context, observation, status = meanings.context, row.resource, row.resource.status.strip().lower()
    day = _effective(observation)
    if status == "entered-in-error" or context.later(day):
        return
    parts = meanings.parts(observation)
    risk = None if any(part.concepts for part in parts) else observed_risk(row, day, context)
    if risk is not None:
        found.observed.append(risk)
        return
    origin = Origin(label=row.label, day=day, sound=status in _VALID)
    _risk_answers(origin, parts, context, found, unread)
    if status in _INVALID:
        return
    if not any(part.concepts for part in parts):
        _unknown(origin, observation, parts[0].meaning, unread)
    elif day is None or not origin.sound:
        fault = say(Remark.NO_DATE) if origin.sound else say(Remark.MAY_BE_VOID)
        unread.append(unreadable(row.label, fault))
        if any(scale_of(concept, context) for concept in parts[0].concepts):
            found.unread_scores.append(day)
    else:
        _values(row.label, day, parts, context, found, unread)


def _risk_answers(
    origin: Origin, parts: tuple[Part, ...], context: Context, found: Measured, unread: list[Unreadable]
) -> None:
    """Answers about suicide risk, whatever the status of the resource."""
    table = context.tables.questionnaires
    for part in parts:
        empty = is_empty(part.valued)
        if empty and not (part.concept in table.named and is_unexplained(part.valued)):
            continue
        if part.concept in table.named:
            take_answer(origin, part.concept, part.valued, context, found.risk, unread)
        elif part.meaning.of_a_form or (part.meaning.about_risk and not part.concepts):
            take_unplaced(origin, _name(part), part.valued, context, found.risk, unread)


def _name(part: Part) -> str:
    """What a value is called: its own words, else the form that it is of."""
    said = texts(part.valued.code)
    return said[0] if said else part.meaning.form.id if part.meaning.form else ""


def _unknown(origin: Origin, observation: Observation, meaning: Meaning, unread: list[Unreadable]) -> None:
    """What no table knows is passed over, but not a value without a name, nor the total of a scale."""
    if _nameless(observation):
        unread.append(unreadable(origin.label, say(Remark.NO_CODE)))
    elif meaning.names_scale and number(observation) is not None:
        unread.append(unreadable(origin.label, say(Remark.SCALE_NOT_TOTAL)))


def _values(
    label: str,
    day: When,
    parts: tuple[Part, ...],
    context: Context,
    found: Measured,
    unread: list[Unreadable],
) -> None:
    if found.pressures.read(label, day, parts, unread):
        return
    for part in parts:
        _value(label, day, part, context, found, unread)
    total_of_items(label, day, ((part.concept, part.valued) for part in parts), context, found.scores)


def _value(
    label: str, day: When, part: Part, context: Context, found: Measured, unread: list[Unreadable]
) -> None:
    """One value under the concept its code stands for."""
    scale, valued = scale_of(part.concept, context), part.valued
    if not part.concept or part.concept in context.tables.questionnaires.named:
        return
    if is_empty(valued):
        if is_unexplained(valued) and not part.concept.endswith("_panel"):
            unread.append(unreadable(label, say(Remark.NO_VALUE)))
            found.unread_scores += [day] if scale is not None else []
    elif scale is not None:
        take_total(label, day, scale, valued, found.scores, found.unread_scores, unread)
    elif not part.concept.endswith("_panel") and not is_item(part.concept):
        found.labs.append(lab(label, day, part.concept, valued))


def _nameless(observation: Observation) -> bool:
    """A value that nothing says the meaning of."""
    code = observation.code
    unnamed = code is None or not (texts(code) or any(c.system and c.code for c in map(code_of, code.coding)))
    return unnamed and (not is_empty(observation) or bool(observation.component))


def _effective(observation: Observation) -> When | None:
    period = observation.effective_period
    written = (observation.effective_date_time, observation.effective_instant)
    return next((w for text in written if (w := when(text))), None) or latest(period) or earliest(period)


# ------------------------------------------------------------------ questionnaires


def _questionnaire(
    row: Row[QuestionnaireResponse], context: Context, found: Measured, unread: list[Unreadable]
) -> None:
    response, status = row.resource, row.resource.status.strip().lower()
    day = when(response.authored)
    if status == "entered-in-error" or context.later(day):
        return
    origin = Origin(label=row.label, day=day, sound=status in _FILLED)
    answers = asked(response, context)
    for one in answers:
        _asked(origin, one, context, found, unread)
    if not origin.sound or not any(one.question for one in answers):
        return
    if day is None:
        unread.append(unreadable(row.label, say(Remark.NO_DATE)))
        return
    for one in answers:
        scale = scale_of(one.question, context)
        if scale is not None:
            take_total(row.label, day, scale, one.answer, found.scores, found.unread_scores, unread)
    total_of_items(row.label, day, ((one.question, one.answer) for one in answers), context, found.scores)


def _asked(origin: Origin, one: Asked, context: Context, found: Measured, unread: list[Unreadable]) -> None:
    """An answer about suicide risk, whatever the status of the form."""
    table = context.tables.questionnaires
    if one.question in table.named and not is_empty(one.answer):
        take_answer(origin, one.question, one.answer, context, found.risk, unread)
    elif one.likely and not is_empty(one.answer):
        take_likely(origin, one.likely, one.answer, context, found.risk)
    elif not one.question and not is_empty(one.answer) and table.about_risk(one.text, one.link):
        take_unplaced(origin, one.text or one.link, one.answer, context, found.risk, unread)

"""Observations and questionnaires to readings, scores, answers and laboratory values."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mappings.questionnaires import FormRow
from service.clinical.facts import Answer, Lab, LostAnswer, Score, Unreadable
from service.clinical.when import When
from service.fhir.resources import (
    CodeableConcept,
    Observation,
    QuestionnaireResponse,
    Row,
)
from service.normalise.codes import code_of, texts
from service.normalise.context import Context, unreadable
from service.normalise.dates import earliest, latest, when
from service.normalise.forms import Asked, asked
from service.normalise.labs import lab
from service.normalise.pressures import Pressures
from service.normalise.risk_answers import Origin, RiskAnswers, take_answer, take_likely, take_unplaced
from service.normalise.totals import is_item, scale_of, scaled, take_total, total_of_items
from service.normalise.values import Part, is_empty, is_unexplained

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
    for row in context.record.observations:
        _observation(row, context, found, unread)
    for response in context.record.questionnaires:
        _questionnaire(response, context, found, unread)
    return found


# ------------------------------------------------------------------ observations


def _observation(row: Row[Observation], context: Context, found: Measured, unread: list[Unreadable]) -> None:
    observation, status = row.resource, row.resource.status.strip().lower()
    day = _effective(observation)
    if status == "entered-in-error" or context.later(day):
        return
    parts = _parts(observation, context)
    origin = Origin(label=row.label, day=day, sound=status in _VALID)
    _risk_answers(origin, parts, context, found, unread)
    if status in _INVALID:
        return
    if not any(part.concepts for part in parts):
        _unknown(origin, observation, context, unread)
    elif day is None or not origin.sound:
        fault = "has no date" if origin.sound else "status is missing or unknown: it may be void"
        unread.append(unreadable(row.label, fault))
        if any(scale_of(concept, context) for concept in parts[0].concepts):
            found.unread_scores.append(day)
    else:
        _values(row.label, day, parts, context, found, unread)


def _parts(observation: Observation, context: Context) -> tuple[Part, ...]:
    form = context.tables.questionnaires.form_of(*_names(observation.code))
    return (
        Part(concepts=_concepts(observation.code, None, context), valued=observation),
        *(Part(concepts=_concepts(c.code, form, context), valued=c) for c in observation.component),
    )


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
        elif not part.concepts and table.about_risk(*texts(part.valued.code)):
            take_unplaced(origin, texts(part.valued.code)[0], part.valued, context, found.risk, unread)


def _unknown(origin: Origin, observation: Observation, context: Context, unread: list[Unreadable]) -> None:
    """What no table knows is passed over, but not a value without a name, nor the total of a scale."""
    if _nameless(observation):
        unread.append(unreadable(origin.label, "no usable code or text"))
    elif scaled(texts(observation.code), observation, context):
        unread.append(unreadable(origin.label, "names a depression scale, but is not read as its total"))


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
            unread.append(unreadable(label, "has no value, and no reason is given"))
            found.unread_scores += [day] if scale is not None else []
    elif scale is not None:
        take_total(label, day, scale, valued, found.scores, found.unread_scores, unread)
    elif not part.concept.endswith("_panel") and not is_item(part.concept):
        found.labs.append(lab(label, day, part.concept, valued))


def _concepts(code: CodeableConcept | None, form: FormRow | None, context: Context) -> tuple[str, ...]:
    """The measurements that all codings stand for; by text only where no coding is known."""
    if code is None:
        return ()
    codes = [code_of(coding) for coding in code.coding]
    known = dict.fromkeys(concept for one in codes if (concept := _coded(one.system, one.code, context)))
    return tuple(known) or tuple(dict.fromkeys(_by_text(code, form, context)))


def _coded(system: str, code: str, context: Context) -> str | None:
    if system == "loinc":
        return context.vocabulary.concept(code)
    scales = context.tables.scales.values()
    coded = (scale.id for scale in scales if system == "snomed" and code in scale.snomed_codes)
    return next((f"scale:{scale}" for scale in coded), None)


def _names(code: CodeableConcept | None) -> tuple[str, ...]:
    """All that a code is called, its codes included: a local one may be a name ("PHQ9Q9")."""
    return (*texts(code), *(coding.code for coding in code.coding)) if code else ()


def _by_text(code: CodeableConcept, form: FormRow | None, context: Context) -> Iterator[str]:
    table, said = context.tables.questionnaires, texts(code)
    asked_for = [table.question_of(text) for text in said]
    asked_for += [table.numbered(text) for text in _names(code)]
    asked_for += [table.numbered(f"{form.names[0]} {text}") for text in _names(code)] if form else []
    yield from (question for question in asked_for if question)
    for text in said:
        scale = context.tables.scale_names.total_of(text)
        if scale is not None:
            yield f"scale:{scale}"
        concept = context.tables.measurements.concept(text) or context.vocabulary.concept_named(text)
        if concept is not None:
            yield concept


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
        unread.append(unreadable(row.label, "has no date"))
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
    elif not one.question and not is_empty(one.answer) and table.about_risk(one.text):
        take_unplaced(origin, one.text, one.answer, context, found.risk, unread)

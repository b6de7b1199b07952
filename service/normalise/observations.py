"""Observations and questionnaires to readings, scores, answers and laboratory values."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mappings.severity import Scale
from service.clinical.facts import Answer, Lab, Score, Unreadable
from service.clinical.when import When
from service.fhir.resources import Answer as Answered
from service.fhir.resources import (
    CodeableConcept,
    Component,
    Item,
    Observation,
    QuestionnaireResponse,
    Row,
)
from service.normalise.codes import code_of, texts
from service.normalise.context import Context, unreadable
from service.normalise.dates import earliest, latest, when
from service.normalise.pressures import Pressures
from service.normalise.values import (
    Valued,
    answer,
    in_words,
    interpreted,
    is_empty,
    is_unexplained,
    number,
    unit_of,
    upper_limit,
)

_VALID = frozenset({"final", "amended", "corrected", "preliminary"})
_INVALID = frozenset({"entered-in-error", "cancelled", "unknown", "registered"})
_FILLED = frozenset({"completed", "amended"})
_ITEM_9 = "phq9-item9"
_PHQ9_ITEMS = frozenset({*(f"phq9_item{n}" for n in range(1, 9)), _ITEM_9})
_LINK = re.compile(r"(\d{1,6}-\d)\b")
_CLASS = re.compile(r"\b([abc])\b")


@dataclass(slots=True)
class Measured:
    """What has been read so far."""

    pressures: Pressures
    scores: list[Score] = field(default_factory=list)
    unread_scores: list[When | None] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    labs: list[Lab] = field(default_factory=list)


def measured(context: Context, unread: list[Unreadable]) -> Measured:
    """Everything that was measured, scored or answered up to the day of evaluation."""
    found = Measured(pressures=Pressures(context.tables.measurements))
    for row in context.record.observations:
        _observation(row, context, found, unread)
    for response in context.record.questionnaires:
        _questionnaire(response, context, found, unread)
    return found


def _observation(row: Row[Observation], context: Context, found: Measured, unread: list[Unreadable]) -> None:
    observation = row.resource
    status = observation.status.strip().lower()
    if status in _INVALID:
        return
    concepts = _concepts(observation.code, context)
    parts = [(_concepts(c.code, context), c) for c in observation.component]
    if not concepts and not any(named for named, _ in parts):
        if _nameless(observation):
            unread.append(unreadable(row.label, "no usable code or text"))
        elif _about_suicide_risk(observation, context):
            unread.append(unreadable(row.label, "names suicide risk, by no code that is known"))
        return
    day = _effective(observation)
    if status not in _VALID or day is None:
        fault = "has no date" if status in _VALID else "status is missing or unknown: it may be void"
        unread.append(unreadable(row.label, fault))
        if any(_scale_of(concept, context) for concept in concepts):
            found.unread_scores.append(day)
    elif not context.later(day):
        _values(row.label, day, observation, concepts, parts, context, found, unread)


def _values(
    label: str,
    day: When,
    observation: Observation,
    concepts: tuple[str, ...],
    parts: list[tuple[tuple[str, ...], Component]],
    context: Context,
    found: Measured,
    unread: list[Unreadable],
) -> None:
    if found.pressures.read(label, day, observation, concepts, parts, unread):
        return
    items: dict[str, int] = {}
    whole: tuple[tuple[str, ...], Observation | Component] = (concepts, observation)
    for named, valued in (whole, *parts):
        for concept in named[:1]:
            _value(label, day, concept, valued, context, found, items, unread)
    _total_of_items(label, day, items, found)


def _value(
    label: str,
    day: When,
    concept: str,
    valued: Valued,
    context: Context,
    found: Measured,
    items: dict[str, int],
    unread: list[Unreadable],
) -> None:
    """One value under the concept its code stands for; answers to PHQ-9 items also go to `items`."""
    if concept.endswith("_panel"):
        return
    table, scale = context.tables.measurements, _scale_of(concept, context)
    if is_empty(valued):
        if is_unexplained(valued):
            unread.append(unreadable(label, "has no value, and no reason is given"))
            found.unread_scores += [day] if scale is not None else []
    elif scale is not None:
        _scored(label, day, scale, valued, found, unread)
    elif concept in _PHQ9_ITEMS:
        value = answer(valued, "phq9", table)
        items |= {concept: value} if value is not None else {}
        if concept == _ITEM_9:
            _answered(label, day, concept, value, found, unread)
    elif concept.startswith("cssrs-"):
        kind = concept if concept == "cssrs-risk" else "cssrs"
        _answered(label, day, concept, answer(valued, kind, table), found, unread)
    elif not isinstance(valued, Answered):
        found.labs.append(_lab(label, day, concept, valued))


def _scored(
    label: str, day: When, scale: Scale, valued: Valued, found: Measured, unread: list[Unreadable]
) -> None:
    total = number(valued)
    if total is None or not 0 <= total <= scale.highest:
        unread.append(unreadable(label, f"is no {scale.id} total"))
        found.unread_scores.append(day)
    else:
        found.scores.append(Score(reference=label, when=day, scale=scale.id, total=total))


def _answered(
    label: str, day: When, question: str, value: int | None, found: Measured, unread: list[Unreadable]
) -> None:
    if value is None:
        unread.append(unreadable(label, "its answer is not understood"))
    else:
        found.answers.append(Answer(reference=label, when=day, question=question, value=value))


def _lab(label: str, day: When, concept: str, valued: Observation | Component) -> Lab:
    quantity = valued.value_quantity
    codings = valued.value_codeable_concept.coding if valued.value_codeable_concept else ()
    said = in_words(valued) or (quantity.comparator if quantity else "") or interpreted(valued)
    return Lab(
        reference=label,
        when=day,
        concept=concept,
        value=quantity.value if quantity else number(valued),
        unit=unit_of(quantity),
        upper_limit=upper_limit(valued),
        answer=_class_of(said) if concept == "child_pugh" else said,
        code=next((coding.code for coding in codings if coding.code), ""),
    )


def _class_of(said: str) -> str:
    match = _CLASS.search(said.replace("child", "").replace("class", ""))
    return match[1] if match else said


def _total_of_items(label: str, day: When, items: Mapping[str, int], found: Measured) -> None:
    """The PHQ-9 total of all nine items, where no total is stated; never of fewer."""
    if set(items) != _PHQ9_ITEMS:
        return
    if not any(score.reference == label for score in found.scores):
        total = float(sum(items.values()))
        found.scores.append(Score(reference=label, when=day, scale="PHQ-9", total=total))


def _concepts(code: CodeableConcept | None, context: Context) -> tuple[str, ...]:
    """The measurements that all codings stand for; by text only where no coding is known."""
    if code is None:
        return ()
    loinc = (c.code for c in map(code_of, code.coding) if c.system == "loinc")
    known = tuple(dict.fromkeys(c for one in loinc if (c := context.vocabulary.concept(one))))
    return known or tuple(dict.fromkeys(_by_text(texts(code), context)))


def _by_text(said: Iterable[str], context: Context) -> Iterator[str]:
    for text in said:
        plain = text.lower()
        for scale in context.tables.scales.values():
            if "total" in plain and any(name.lower() in plain for name in scale.names):
                yield f"scale:{scale.id}"
        concept = context.tables.measurements.concept(text) or context.vocabulary.concept_named(text)
        if concept is not None:
            yield concept


def _scale_of(concept: str, context: Context) -> Scale | None:
    if concept.startswith("scale:"):
        return context.tables.scales[concept.removeprefix("scale:")]
    return next((s for s in context.tables.scales.values() if s.concept == concept), None)


def _about_suicide_risk(observation: Observation, context: Context) -> bool:
    """A value whose name speaks of suicide: which question it answers cannot be told."""
    said = " ".join(texts(observation.code)).lower()
    return any(word in said for word in context.tables.measurements.risk.named_by) and not is_empty(
        observation
    )


def _nameless(observation: Observation) -> bool:
    """A value that nothing says the meaning of."""
    code = observation.code
    unnamed = code is None or not (texts(code) or any(c.system and c.code for c in map(code_of, code.coding)))
    return unnamed and (not is_empty(observation) or bool(observation.component))


def _effective(observation: Observation) -> When | None:
    period = observation.effective_period
    written = (observation.effective_date_time, observation.effective_instant)
    return next((w for text in written if (w := when(text))), None) or latest(period) or earliest(period)


def _questionnaire(
    row: Row[QuestionnaireResponse], context: Context, found: Measured, unread: list[Unreadable]
) -> None:
    response = row.resource
    answered = [(c, a) for item in _items(response) for c in _linked(item, context) for a in item.answer[:1]]
    if not answered or response.status.strip().lower() not in _FILLED:
        return
    day = when(response.authored)
    if day is None:
        unread.append(unreadable(row.label, "has no date"))
    elif not context.later(day):
        items: dict[str, int] = {}
        for concept, given in answered:
            _value(row.label, day, concept, given, context, found, items, unread)
        _total_of_items(row.label, day, items, found)


def _items(response: QuestionnaireResponse) -> Iterator[Item]:
    """All items, however deep."""
    waiting = list(response.item)
    while waiting:
        item = waiting.pop()
        yield item
        waiting += item.item


def _linked(item: Item, context: Context) -> Iterator[str]:
    for loinc in _LINK.findall(item.link_id)[-1:]:
        concept = context.vocabulary.concept(loinc)
        if concept is not None:
            yield concept

"""Questionnaire responses to questions and answers, however the form is built.

An item is known by its LOINC code, by its words, or by its number in a form whose name is known. Link ids are
the form's own affair: a number that ends one is used only where the numbers of the whole form make sense.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from mappings.questionnaires import FormRow, QuestionnaireTable, number_in
from service.fhir.resources import Answer, Item, QuestionnaireResponse
from service.normalise.context import Context
from service.normalise.values import answer

_LOINC = re.compile(r"(?<!\d)(\d{1,6}-\d)(?!\d)")
_MOST_SPARE = 3  # numbered items behind the last question: the total, the difficulty, a signature


class Leaf(Struct, frozen=True, kw_only=True, gc=False):
    """An answered item: `question` is what it asks ("" unknown), `part` the form that holds it."""

    item: Item
    part: int
    form: FormRow | None
    question: str


class _Waiting(Struct, frozen=True, gc=False):
    """An item still to be read, with its form and the question above it."""

    item: Item
    part: int
    form: FormRow | None
    above: str


class FormAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """One answer and its question, "" unknown; `likely` is the question it may answer."""

    question: str
    text: str
    link: str
    answer: Answer
    likely: str = ""


def asked(response: QuestionnaireResponse, context: Context) -> tuple[FormAnswer, ...]:
    """Return every answer of the form with its question, in the order of the form."""
    leaves = tuple(_leaves(response, context))
    parts: dict[int, list[Leaf]] = defaultdict(list)
    for leaf in leaves:
        parts[leaf.part].append(leaf)
    placed: dict[int, str] = {}
    likely: dict[int, str] = {}
    for part in parts.values():
        placed |= _placed(part, context)
        likely |= {id(leaf): question for leaf, question in _likely(part, placed, context)}
    return tuple(
        FormAnswer(
            question=leaf.question or placed.get(id(leaf), ""),
            text=leaf.item.text,
            link=leaf.item.link_id,
            answer=given,
            likely=likely.get(id(leaf), ""),
        )
        for leaf in leaves
        for given in leaf.item.answer
    )


def _leaves(response: QuestionnaireResponse, context: Context) -> Iterator[Leaf]:
    """Yield the answered items in the order of the form, below groups and below answers."""
    table = context.tables.questionnaires
    parts, before = 0, ""
    whole = table.form_of(response.questionnaire)
    waiting = [_Waiting(item, 0, whole, "") for item in reversed(response.item)]
    while waiting:
        at = waiting.pop()
        below = (*at.item.item, *(inner for given in at.item.answer for inner in given.item))
        form = table.form_of(at.item.text, at.item.link_id) if below else None
        part, form = at.part, form or at.form
        if form is not at.form:
            parts += 1
            part = parts
        question = _question(at.item, form, (at.above, before), context)
        if at.item.answer:
            before = question
            yield Leaf(item=at.item, part=part, form=form, question=question)
        waiting += [_Waiting(inner, part, form, question or at.above) for inner in reversed(below)]


def _total(text: str, form: FormRow | None, context: Context) -> str:
    """Return the scale whose total a text names, by its name or as a total in its own form."""
    names = context.tables.scale_names
    scale = names.total_of(text)
    if scale is not None:
        return f"scale:{scale}"
    own = form is not None and form.id in context.tables.scales and names.is_total(text)
    return f"scale:{form.id}" if form is not None and own else ""


def _question(item: Item, form: FormRow | None, before: Sequence[str], context: Context) -> str:
    """Return what an item asks: by code, words, the items above or before it, or name and number."""
    table = context.tables.questionnaires
    coded = (
        context.vocabulary.concept(loinc)
        for place in (item.link_id, item.definition)
        for loinc in _LOINC.findall(place)[-1:]
    )
    followed = (table.followed(earlier, item.text) for earlier in before)
    return (
        next((concept for concept in coded if concept), "")
        or table.question_of(item.text)
        or next((question for question in followed if question), "")
        or table.numbered(item.text)
        or _total(item.text, form, context)
    )


# ------------------------------------------------------------------ by number and by place


def _placed(part: Sequence[Leaf], context: Context) -> Mapping[int, str]:
    """Return the questions of items known only by their place in the form, by item identity."""
    form = _form(part, context.tables.questionnaires)
    if form is None or all(leaf.question for leaf in part):
        return {}
    found = _by_number(part, form) or _by_place(part, form, context)
    return {id(leaf): question for leaf, question in found if not leaf.question}


def _form(part: Sequence[Leaf], table: QuestionnaireTable) -> FormRow | None:
    """Return the form that the address, a group or the link ids name."""
    if part[0].form is not None:
        return part[0].form
    return table.form_of(*(leaf.item.link_id for leaf in part))


def _by_number(part: Sequence[Leaf], form: FormRow) -> list[tuple[Leaf, str]]:
    """Return the items by the number that ends the link id, if all the numbers fit the form."""
    numbers = [number_in(leaf.item.link_id, form) for leaf in part]
    known = [number for number in numbers if number is not None]
    first = 0 if 0 in known else 1
    if not known or len(set(known)) < len(known) or max(known) > len(form.questions) + _MOST_SPARE:
        return []
    found = [
        (leaf, form.questions[number - first])
        for leaf, number in zip(part, numbers, strict=True)
        if number is not None and first <= number < len(form.questions) + first
    ]
    return found if all(leaf.question in ("", question) for leaf, question in found) else []


def _by_place(part: Sequence[Leaf], form: FormRow, context: Context) -> list[tuple[Leaf, str]]:
    """Return the items by place, if the form is complete: all its first answers fit."""
    found = list(zip(part, form.questions, strict=False))
    whole = len(found) == len(form.questions) and _all_answer(part[: len(found)], form, context)
    return found if whole and all(leaf.question in ("", question) for leaf, question in found) else []


def _likely(part: Sequence[Leaf], placed: Mapping[int, str], context: Context) -> list[tuple[Leaf, str]]:
    """Return items that may ask about suicide risk, of an incomplete known form or an unnamed one."""
    form = _form(part, context.tables.questionnaires)
    if form is None:
        return _unnamed(part, context)
    unknown = [leaf for leaf in part if not (leaf.question or placed.get(id(leaf)) or leaf.item.text)]
    known = {leaf.question or placed.get(id(leaf)) for leaf in part}
    asked_for = [q for q in form.questions if q in context.tables.questionnaires.named and q not in known]
    return [(leaf, asked_for[-1]) for leaf in unknown] if asked_for else []


def _unnamed(part: Sequence[Leaf], context: Context) -> list[tuple[Leaf, str]]:
    """Return the last item of an unnamed form whose answers look like those of a known form."""
    if any(leaf.question or leaf.item.text for leaf in part):
        return []
    for form in context.tables.questionnaires.form:
        last = len(form.questions) - 1
        if form.looks_so and last < len(part) and _all_answer(part[: last + 1], form, context):
            return [(part[last], form.questions[last])]
    return []


def _all_answer(leaves: Sequence[Leaf], form: FormRow, context: Context) -> bool:
    table = context.tables.measurements
    return all(answer(leaf.item.answer[0], form.answers, table) is not None for leaf in leaves)

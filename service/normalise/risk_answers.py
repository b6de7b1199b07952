"""Answers about suicide risk: read, or reported as lost. None is passed over."""

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from mappings.remarks import Remark
from service.clinical.facts import LostAnswer, RiskAnswer, Unreadable
from service.clinical.partial_date import PartialDate
from service.normalise.context import Context
from service.normalise.outcomes import unreadable
from service.normalise.values import Valued, answer, in_words, number


class AnswerOrigin(Struct, frozen=True, kw_only=True, gc=False):
    """The resource of a value: its date, and whether its status lets the value settle anything."""

    label: str
    day: PartialDate | None
    sound: bool


Risk: TypeAlias = RiskAnswer | LostAnswer | Unreadable


def known_answer(origin: AnswerOrigin, question: str, valued: Valued, context: Context) -> Iterator[Risk]:
    """Yield the answer to a known question.

    A positive answer counts whatever the status of its resource; a negative one needs a sound status and
    a date.
    """
    named = context.tables.questionnaires.named[question]
    value = answer(valued, named.answers, context.tables.measurements)
    if value is None:
        yield unreadable(origin.label, Remark.ANSWER_UNCLEAR)
        yield _lost(origin, question, named.name)
    elif origin.day is None:
        yield unreadable(origin.label, Remark.NO_DATE)
        if value:
            yield _lost(origin, question, named.name, value)
    elif value or origin.sound:
        yield RiskAnswer(reference=origin.label, when=origin.day, question=question, value=value)


def unplaced_answer(origin: AnswerOrigin, text: str, valued: Valued, context: Context) -> Iterator[Risk]:
    """Yield an answer to an unknown question about suicide as lost; a denial is only listed."""
    yield unreadable(origin.label, Remark.RISK_UNKNOWN_CODE)
    if not _denies(valued, context):
        yield _lost(origin, "", text)


def likely_answer(origin: AnswerOrigin, question: str, valued: Valued, context: Context) -> Iterator[Risk]:
    """Yield an answer that may be about suicide risk, by its form, as lost unless it would be a no."""
    named = context.tables.questionnaires.named[question]
    if answer(valued, named.answers, context.tables.measurements) != 0:
        yield _lost(origin, question, named.name)


def _lost(origin: AnswerOrigin, question: str, name: str, value: int | None = None) -> LostAnswer:
    return LostAnswer(reference=origin.label, question=question, name=name, when=origin.day, value=value)


def _denies(valued: Valued, context: Context) -> bool:
    text = in_words(valued).strip(" .")
    return number(valued) == 0 or text in context.tables.questionnaires.risk.denied_by

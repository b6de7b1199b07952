"""Answers about suicide risk: read, or named as lost. None is passed over in silence."""

from dataclasses import dataclass, field

from mappings.remarks import Remark, say
from service.clinical.facts import Answer, LostAnswer, Unreadable
from service.clinical.when import When
from service.normalise.context import Context, unreadable
from service.normalise.values import Valued, answer, in_words, number


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """The resource that a value stands in: when it was, and whether its status lets it settle anything."""

    label: str
    day: When | None
    sound: bool


@dataclass(slots=True)
class RiskAnswers:
    """What has been read so far."""

    read: list[Answer] = field(default_factory=list)
    lost: list[LostAnswer] = field(default_factory=list)


def take_answer(
    origin: Origin,
    question: str,
    valued: Valued,
    context: Context,
    found: RiskAnswers,
    unread: list[Unreadable],
) -> None:
    """Take up the answer to a known question.

    A positive answer counts whatever the status of its resource; one that says no needs a sound status and
    a date.
    """
    named = context.tables.questionnaires.named[question]
    value = answer(valued, named.answers, context.tables.measurements)
    if value is None:
        unread.append(unreadable(origin.label, say(Remark.ANSWER_UNCLEAR)))
        found.lost.append(_lost(origin, question, named.name))
    elif origin.day is None:
        unread.append(unreadable(origin.label, say(Remark.NO_DATE)))
        found.lost += [_lost(origin, question, named.name, value)] if value else []
    elif value or origin.sound:
        found.read.append(Answer(reference=origin.label, when=origin.day, question=question, value=value))


def take_unplaced(
    origin: Origin, text: str, valued: Valued, context: Context, found: RiskAnswers, unread: list[Unreadable]
) -> None:
    """Name an answer to an unknown question that speaks of suicide; one that denies it is only listed."""
    unread.append(unreadable(origin.label, say(Remark.RISK_UNKNOWN_CODE)))
    if not _denies(valued, context):
        found.lost.append(_lost(origin, "", text))


def take_likely(origin: Origin, question: str, valued: Valued, context: Context, found: RiskAnswers) -> None:
    """Name an answer that may be one about suicide risk, by the look of its form, unless it would be a no."""
    named = context.tables.questionnaires.named[question]
    if answer(valued, named.answers, context.tables.measurements) != 0:
        found.lost.append(_lost(origin, question, named.name))


def _lost(origin: Origin, question: str, name: str, value: int | None = None) -> LostAnswer:
    return LostAnswer(reference=origin.label, question=question, name=name, when=origin.day, value=value)


def _denies(valued: Valued, context: Context) -> bool:
    said = in_words(valued).strip(" .")
    return number(valued) == 0 or said in context.tables.questionnaires.risk.denied_by

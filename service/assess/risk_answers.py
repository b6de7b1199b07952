"""Answers about suicide risk as signs: which trigger each one raises, and what lowers it."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import islice

from mappings.safety import SafetyTable, TriggerId
from service.assess.moments import Moments, moments
from service.assess.recency import may_be_within, same_day_or_after, surely_after, surely_within
from service.assess.signs import Sign
from service.clinical.facts import RiskAnswer
from service.clinical.partial_date import PartialDate

_ZONES = timedelta(days=1)  # as far as the hour of a day may lie from it elsewhere
_SECOND_DAY = date.min + _ZONES


@dataclass(frozen=True, kw_only=True)
class RiskAnswers:
    """The answers on record, the negative screens among them, and the rules."""

    answers: Sequence[RiskAnswer]
    screens: Sequence[PartialDate]
    table: SafetyTable
    as_of: date

    @cached_property
    def positive(self) -> Mapping[PartialDate, AbstractSet[str]]:
        """The questions that were answered yes, by date."""
        found: dict[PartialDate, set[str]] = defaultdict(set)
        for answer in self.answers:
            if answer.value:
                found[answer.when].add(answer.question)
        return found

    @cached_property
    def recent_asked_on(self) -> AbstractSet[tuple[date, date]]:
        """The days on which behaviour of the past three months was asked about."""
        question = self.table.cssrs.behaviour_recent
        return {
            (answer.when.first, answer.when.last) for answer in self.answers if answer.question == question
        }

    @cached_property
    def zeros(self) -> Moments:
        """The dates on which item 9 was 0."""
        question = self.table.item9.question
        return moments(
            answer.when for answer in self.answers if answer.question == question and not answer.value
        )

    @cached_property
    def latest_zero(self) -> RiskAnswer | None:
        """The latest item 9 of 0, if it is recent."""
        question, days = self.table.item9.question, self.table.days.known
        zeros = (answer for answer in self.answers if answer.question == question and not answer.value)
        recent = (zero for zero in zeros if surely_within(zero.when, days, self.as_of))
        return max(recent, key=lambda answer: answer.when.first, default=None)

    def lately(self, days: int) -> list[RiskAnswer]:
        """Return the answers that may lie within `days`."""
        return [answer for answer in self.answers if may_be_within(answer.when, days, self.as_of)]

    def screened(self, follows: Callable[[PartialDate, PartialDate], bool], after: PartialDate) -> str:
        """Return the first negative screen that follows `after`, in words; "" for none."""
        # Screens are of one day each and in order. A zone may put an hour into the day before.
        earliest = max(after.first, _SECOND_DAY) - _ZONES if after.exact else after.last
        later = islice(
            self.screens, bisect_left(self.screens, earliest, key=lambda screen: screen.first), None
        )
        fitting = (screen for screen in later if follows(screen, after))
        return next((self.table.text.screen.format(day=screen.with_time()) for screen in fitting), "")


def answer_signs(asked: RiskAnswers) -> Iterable[Sign]:
    """Return the signs that the answers raise, the most urgent first."""
    yield from _high(asked)
    yield from _some(asked)
    yield from _older(asked)


def past_behaviour(asked: RiskAnswers) -> Iterable[RiskAnswer]:
    """Return the answers about suicidal behaviour at any time."""
    cssrs = asked.table.cssrs
    behaviour = (cssrs.behaviour_ever, cssrs.behaviour_recent)
    return (answer for answer in asked.answers if answer.question in behaviour and answer.value)


def _high(asked: RiskAnswers) -> Iterable[Sign]:
    """Yield SAFE-1 signs: high item 9, intent, behaviour of the past three months, high risk level."""
    days, cssrs, text = asked.table.days, asked.table.cssrs, asked.table.text
    for answer in asked.lately(days.answer):
        if answer.question == asked.table.item9.question and answer.value >= asked.table.item9.high:
            yield _item9(TriggerId.NOW, answer, asked)
        if answer.question in cssrs.intent and answer.value:
            yield _sign(TriggerId.NOW, _yes(answer, asked), answer, asked)
        if answer.question == cssrs.risk and answer.value >= cssrs.risk_high:
            yield _sign(TriggerId.NOW, text.risk_high.format(day=answer.when), answer, asked)
    for answer in asked.lately(days.behaviour):
        if answer.question == cssrs.behaviour_recent and answer.value:
            yield _sign(TriggerId.NOW, text.behaviour_recent.format(day=answer.when), answer, asked)


def _some(asked: RiskAnswers) -> Iterable[Sign]:
    """Yield SAFE-2 signs: item 9 of 1, other ideation, moderate risk, behaviour not placed in time."""
    days, cssrs, text = asked.table.days, asked.table.cssrs, asked.table.text
    for answer in asked.lately(days.answer):
        screened = asked.screened(surely_after, answer.when)
        if answer.question == asked.table.item9.question and answer.value == asked.table.item9.some:
            yield _item9(TriggerId.TODAY, answer, asked)
        if answer.question in cssrs.ideation and answer.value:
            yield _sign(TriggerId.TODAY, _yes(answer, asked), answer, asked, screened)
        if answer.question == cssrs.risk and answer.value == cssrs.risk_moderate:
            yield _sign(TriggerId.TODAY, text.risk_moderate.format(day=answer.when), answer, asked, screened)
    for answer in asked.lately(days.lifetime):
        if answer.question == cssrs.behaviour_ever and answer.value and not _placed_in_time(answer, asked):
            finding = text.behaviour_ever.format(day=answer.when)
            yield _sign(TriggerId.TODAY, finding, answer, asked, asked.screened(surely_after, answer.when))


def _older(asked: RiskAnswers) -> Iterable[Sign]:
    """Yield SAFE-3 signs: positive answers too old for the others, with no negative screen since."""
    table = asked.table
    for answer in asked.lately(table.days.rescreen):
        if may_be_within(answer.when, table.days.answer, asked.as_of):
            continue
        if answer.question == table.item9.question and answer.value and not _zero_since(answer, asked):
            older = _item9(TriggerId.RESCREEN, answer, asked)
        elif answer.question in table.cssrs.intent and answer.value:
            older = _sign(
                TriggerId.RESCREEN,
                _yes(answer, asked),
                answer,
                asked,
                asked.screened(surely_after, answer.when),
            )
        else:
            continue
        yield older if older.lowered_by else older.not_followed(table)


def _sign(trigger: str, text: str, answer: RiskAnswer, asked: RiskAnswers, lowered_by: str = "") -> Sign:
    screened = answer.question != asked.table.item9.question
    return Sign(
        trigger=trigger, text=text, reference=answer.reference, lowered_by=lowered_by, screened=screened
    )


def _item9(trigger: str, answer: RiskAnswer, asked: RiskAnswers) -> Sign:
    text = asked.table.text.item9.format(value=answer.value, day=answer.when)
    return _sign(trigger, text, answer, asked, asked.screened(same_day_or_after, answer.when))


def _yes(answer: RiskAnswer, asked: RiskAnswers) -> str:
    """Return the items of its kind answered yes in the same screen, as one phrase."""
    cssrs = asked.table.cssrs
    kind = cssrs.intent if answer.question in cssrs.intent else cssrs.ideation
    same = asked.positive.get(answer.when, frozenset())
    items = [question.rpartition("-")[2] for question in kind if question in same]
    text = asked.table.text.yes_several if len(items) > 1 else asked.table.text.yes
    return text.format(items=", ".join(items), day=answer.when)


def _placed_in_time(ever: RiskAnswer, asked: RiskAnswers) -> bool:
    """Tell whether the same screen answers the past three months too.

    A yes there is SAFE-1; a no leaves old behaviour, which is reported as history.
    """
    return (ever.when.first, ever.when.last) in asked.recent_asked_on


def _zero_since(positive: RiskAnswer, asked: RiskAnswers) -> bool:
    """Tell whether item 9 was 0 later, which counts only after the lowest positive value."""
    if positive.value > asked.table.item9.some:
        return False
    return asked.zeros.any_surely_after(positive.when)

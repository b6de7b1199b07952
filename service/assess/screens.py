"""Negative suicide-risk screens: days with a complete C-SSRS screener answered no."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from mappings.safety import Cssrs, SafetyTable
from service.clinical.facts import LostAnswer, RiskAnswer
from service.clinical.partial_date import PartialDate


def negative_screens(
    answers: Sequence[RiskAnswer], lost: Sequence[LostAnswer], table: SafetyTable
) -> tuple[PartialDate, ...]:
    """Return when the screener was negative: items 1, 2 and 6 no, items 3 to 5 no or not asked.

    The form goes from item 2 to item 6 where item 2 is no. The answers of one day are one screen, at the hour
    of its first answer. Any yes of that day, a raised risk level included, leaves it not negative, and so
    does an answer that could not be read.
    """
    cssrs = table.cssrs
    asked = frozenset(
        (*cssrs.ideation, *cssrs.intent, cssrs.behaviour_ever, cssrs.behaviour_recent, cssrs.risk)
    )
    days: dict[date, list[RiskAnswer]] = defaultdict(list)
    for answer in answers:
        if answer.when.exact and answer.question in asked:
            days[answer.when.first].append(answer)
    spoilt = {answer.when.first for answer in lost if answer.when and answer.question in asked}
    negative = [given for day, given in days.items() if day not in spoilt and _negative(given, cssrs)]
    return tuple(sorted(map(_time, negative), key=lambda when: when.first))


def _negative(given: list[RiskAnswer], cssrs: Cssrs) -> bool:
    """Tell whether the needed items are answered and all answers are no."""
    asked = {answer.question for answer in given}
    return asked.issuperset((*cssrs.always_asked, cssrs.behaviour_ever)) and not any(
        answer.value for answer in given
    )


def _time(given: list[RiskAnswer]) -> PartialDate:
    first = min(given, key=lambda answer: (answer.when.instant is None, answer.when.instant or 0.0)).when
    known = all(answer.when.instant is not None for answer in given)
    return PartialDate(
        first.first, first.first, first.instant if known else None, first.time if known else ""
    )

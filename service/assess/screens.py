"""Negative suicide-risk screens: days on which all items of the C-SSRS were answered no."""

from collections import defaultdict
from datetime import date

from mappings.safety import Cssrs, SafetyTable
from service.clinical.facts import Answer
from service.clinical.when import When


def negative_screens(answers: tuple[Answer, ...], table: SafetyTable) -> tuple[When, ...]:
    """Return when the C-SSRS was negative: items 1 to 5 and behaviour all answered, and all no.

    The answers of one day are one screen, at the hour of its first answer; an unanswered item or any yes
    of that day, a raised risk level included, leaves it not negative.
    """
    days: dict[date, list[Answer]] = defaultdict(list)
    for one in answers:
        if one.when.exact and one.question in _questions(table.cssrs):
            days[one.when.first].append(one)
    return tuple(_time(given) for given in days.values() if _negative(given, table.cssrs))


def _questions(cssrs: Cssrs) -> frozenset[str]:
    return frozenset(
        (*cssrs.ideation, *cssrs.intent, cssrs.behaviour_ever, cssrs.behaviour_recent, cssrs.risk)
    )


def _negative(given: list[Answer], cssrs: Cssrs) -> bool:
    asked = {one.question for one in given}
    items = asked.issuperset((*cssrs.ideation, *cssrs.intent))
    behaviour = not asked.isdisjoint((cssrs.behaviour_ever, cssrs.behaviour_recent))
    return items and behaviour and not any(one.value for one in given)


def _time(given: list[Answer]) -> When:
    day = given[0].when.first
    hours = [one.when.instant for one in given]
    known = [hour for hour in hours if hour is not None]
    return When(day, day, min(known) if len(known) == len(hours) else None)

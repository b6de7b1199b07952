"""Diagnoses of suicide risk as signs: attempts, ideation and risk on the problem list and at visits."""

import re
from collections.abc import Iterable
from datetime import timedelta

from mappings.safety import SafetyTable, TriggerId
from service.assess.entries import Recognised, icd_codes, recognised, told
from service.assess.recency import may_be_within, surely_after, surely_within
from service.assess.risk_answers import Asked
from service.assess.signs import Sign
from service.clinical.facts import PatientFacts, Problem
from service.clinical.statement import Stance
from service.clinical.when import When, on


def entry_signs(facts: PatientFacts, asked: Asked) -> Iterable[Sign]:
    """Return what the diagnoses raise."""
    table = asked.table
    for one in facts.problems:
        if is_attempt(one, table):
            yield from _attempt_signs(one, asked)
        elif _stands(recognised(one, table.ideation.finding)):
            yield from _thought_signs(one, TriggerId.NOW, table.days.ideation, asked)
        elif _stands(recognised(one, table.at_risk.finding)):
            yield from _thought_signs(one, TriggerId.TODAY, table.days.at_risk, asked)


def _stands(found: Recognised | None) -> bool:
    """No wording sets suicide risk aside but a denial, the past or somebody else's (R14.3)."""
    return found is not None and found.stance in (Stance.AFFIRMED, Stance.SUSPECTED, Stance.FEARED)


def is_attempt(problem: Problem, table: SafetyTable) -> bool:
    """Tell whether the entry is an attempt or intentional self-harm, and not the sequela of one."""
    codes, rule = icd_codes(problem), table.attempt
    if codes and all(re.fullmatch(rule.sequela, code) for code in codes):
        return False
    intentional = any(
        re.fullmatch(pattern, code) and not re.fullmatch(rule.sequela, code)
        for code in codes
        for pattern in rule.patterns
    )
    return intentional or _stands(recognised(problem, rule.finding))


def is_history(problem: Problem, table: SafetyTable) -> bool:
    """Tell whether the entry tells of an attempt or of self-harm, whenever it was; a sequela does too."""
    coded = any(re.match(one, code) for code in icd_codes(problem) for one in table.attempt.patterns)
    told_of = (recognised(problem, one) for one in (table.attempt.finding, table.history.finding))
    return coded or is_attempt(problem, table) or any(found is not None and found.had for found in told_of)


def not_placed(facts: PatientFacts, table: SafetyTable) -> tuple[str, ...]:
    """Return, in words, the undated entries that are over or of a visit."""
    return tuple(
        table.text.undated_past.format(finding=told(one, table.attempt.finding, table.words))
        for one in facts.problems
        if _concerns(one, table) and not (one.dated or one.abatement) and not _listed(one)
    )


def _concerns(problem: Problem, table: SafetyTable) -> bool:
    findings = (table.ideation.finding, table.at_risk.finding)
    return is_attempt(problem, table) or any(_stands(recognised(problem, finding)) for finding in findings)


def _attempt_signs(one: Problem, asked: Asked) -> Iterable[Sign]:
    """An attempt within the window, or an active entry that cannot be placed in time."""
    dated = one.dated or one.abatement
    recent = may_be_within(dated, asked.table.days.attempt, asked.as_of) if dated else _listed(one)
    if recent:
        yield _sign(one, _doubted(one, TriggerId.NOW, asked), asked)


def _thought_signs(one: Problem, trigger: str, days: int, asked: Asked) -> Iterable[Sign]:
    """A recent entry whatever its status; an older one asks for a new screen while it stands on the list."""
    dated = _latest_date(one)
    if dated is not None and may_be_within(dated, days, asked.as_of):
        recent = _sign(one, _doubted(one, trigger, asked), asked)
        may_lower = trigger == TriggerId.TODAY
        screen = asked.screened(surely_after, dated) if may_lower else ""
        yield Sign(trigger=recent.trigger, text=recent.text, reference=recent.reference, lowered_by=screen)
    elif _listed(one) or _of_a_visit_with_risk(one, dated, trigger, asked):
        older = _sign(one, TriggerId.RESCREEN, asked, _lowered_by(dated, asked))
        yield older if older.lowered_by else older.not_followed(asked.table)


def _listed(one: Problem) -> bool:
    """An entry of the problem list that has not ended."""
    return one.active and not one.at_visit


def _of_a_visit_with_risk(one: Problem, dated: When | None, trigger: str, asked: Asked) -> bool:
    """A risk noted at a visit asks for a new screen as long as an answer does."""
    if trigger != TriggerId.TODAY or not one.at_visit or dated is None:
        return False
    return may_be_within(dated, asked.table.days.rescreen, asked.as_of)


def _latest_date(one: Problem) -> When | None:
    """The later of its beginning and of the day it was written down."""
    return max((day for day in (one.onset, one.recorded) if day), key=lambda day: day.last, default=None)


def _lowered_by(dated: When | None, asked: Asked) -> str:
    """A negative screen after the entry, or, where it is old, a recent item 9 of nought.

    An entry without a date is taken as just too old for the recent ones.
    """
    days, as_of = asked.table.days, asked.as_of
    since = dated or on(as_of - timedelta(days=days.ideation + 1))
    screened = asked.screened(surely_after, since)
    if screened or may_be_within(since, days.rescreen, as_of):
        return screened
    zeros = (
        one
        for one in asked.answers
        if one.question == asked.table.item9.question
        and not one.value
        and surely_within(one.when, days.known, as_of)
    )
    latest = max(zeros, key=lambda one: one.when.first, default=None)
    return asked.table.text.item9.format(value=latest.value, day=latest.when) if latest else ""


def _doubted(one: Problem, trigger: str, asked: Asked) -> str:
    """A suspicion or a text that denies its code is one step less urgent, and never less than SAFE-2."""
    table = asked.table
    findings = (table.attempt.finding, table.ideation.finding, table.at_risk.finding)
    named = [found for finding in findings if (found := recognised(one, finding))]
    doubtful = named and (min(found.stance for found in named) > Stance.PAST or named[0].disagrees)
    return TriggerId.TODAY if one.unconfirmed or doubtful else trigger


def _sign(one: Problem, trigger: str, asked: Asked, lowered_by: str = "") -> Sign:
    table = asked.table
    findings = (table.attempt.finding, table.ideation.finding, table.at_risk.finding)
    named = next((finding for finding in findings if recognised(one, finding)), table.attempt.finding)
    text = told(one, named, table.words)
    return Sign(trigger=trigger, text=text, reference=one.reference, lowered_by=lowered_by)

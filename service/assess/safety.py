"""Suicide risk on record: what asks for a safety assessment, what lowers it, and whether it was asked at all.

SAFE-1 and SAFE-2 rest on recent answers and diagnoses, SAFE-3 on older answers that no negative screen
followed. A C-SSRS with all items no, on the same day or later, lowers what it can (SAFE-DOWN): SAFE-2 and
SAFE-3 become information, SAFE-1 that rests on PHQ-9 item 9 alone becomes SAFE-2. A later item 9 of 0
lowers neither SAFE-1 nor SAFE-2.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from mappings.safety import SafetyTable, TriggerId
from service.assess.entries import icd_codes, matches, told
from service.assess.recency import may_be_within, same_day_or_after, surely_after, surely_within
from service.assess.screens import negative_screens
from service.clinical.assessment import Gap, SafetyTrigger
from service.clinical.facts import Answer, ListState, PatientFacts, Problem
from service.clinical.when import When


@dataclass(frozen=True, kw_only=True, slots=True)
class Safety:
    """Triggers that stand, the most urgent first; what is lowered to information; what is unknown."""

    triggers: tuple[SafetyTrigger, ...]
    lowered: tuple[SafetyTrigger, ...]
    gap: Gap | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """One answer or diagnosis under a trigger; `screen` is the negative screen that lowers it."""

    trigger: str
    text: str
    reference: str
    screen: When | None = None


def safety(facts: PatientFacts, table: SafetyTable, as_of: date) -> Safety:
    """Return the triggers that the facts raise on `as_of`, and what lowers them."""
    screens = negative_screens(facts.answers, table)
    signs = _settled(
        (
            *_answers_high(facts, table, as_of, screens),
            *_diagnoses(facts, table, as_of),
            *_answers_some(facts, table, as_of, screens),
            *_answers_older(facts, table, as_of, screens),
        ),
        table,
    )
    standing = [one for one in signs if one.screen is None]
    return Safety(
        triggers=_triggers(standing, table),
        lowered=(
            *_triggers([_told_lowered(one, table) for one in signs if one.screen], table),
            *_undated_past(facts, table),
        ),
        gap=_gap(facts, table, as_of),
    )


def _settled(signs: tuple[Sign, ...], table: SafetyTable) -> tuple[Sign, ...]:
    """SAFE-1 stands while one of its signs does; if all are lowered, they are SAFE-2: answers disagree."""
    urgent = [one for one in signs if one.trigger == TriggerId.NOW]
    stands = any(one.screen is None for one in urgent)
    return tuple(
        one
        if one.trigger != TriggerId.NOW or one.screen is None
        else Sign(
            trigger=TriggerId.NOW if stands else TriggerId.TODAY,
            text=table.text.disagree.format(finding=one.text, screen=one.screen),
            reference=one.reference,
        )
        for one in signs
    )


def _triggers(signs: list[Sign], table: SafetyTable) -> tuple[SafetyTrigger, ...]:
    return tuple(
        SafetyTrigger(
            id=row.id,
            text="; ".join(dict.fromkeys(one.text for one in own)),
            evidence=tuple(dict.fromkeys(one.reference for one in own)),
        )
        for row in table.trigger
        if (own := [one for one in signs if one.trigger == row.id])
    )


def _told_lowered(one: Sign, table: SafetyTable) -> Sign:
    text = table.text.lowered.format(finding=one.text, screen=one.screen)
    return Sign(trigger=one.trigger, text=text, reference=one.reference)


# ------------------------------------------------------------------ answers


def _answers_high(
    facts: PatientFacts, table: SafetyTable, as_of: date, screens: tuple[When, ...]
) -> Iterable[Sign]:
    """Answers for SAFE-1: item 9 high, intent, behaviour of the past three months, risk level high."""
    days, cssrs, text = table.days, table.cssrs, table.text
    for one in _lately(facts, days.answer, as_of):
        if one.question == table.item9.question and one.value >= table.item9.high:
            yield _item9(TriggerId.NOW, one, table, screens)
        if one.question in cssrs.intent and one.value:
            yield _sign(TriggerId.NOW, _yes(one, table), one)
        if one.question == cssrs.risk and one.value >= cssrs.risk_high:
            yield _sign(TriggerId.NOW, text.risk_high.format(day=one.when), one)
    for one in _lately(facts, days.behaviour, as_of):
        if one.question == cssrs.behaviour_recent and one.value:
            yield _sign(TriggerId.NOW, text.behaviour_recent.format(day=one.when), one)


def _answers_some(
    facts: PatientFacts, table: SafetyTable, as_of: date, screens: tuple[When, ...]
) -> Iterable[Sign]:
    """Answers for SAFE-2: item 9 of 1, other ideation, risk level moderate, behaviour ever."""
    days, cssrs, text = table.days, table.cssrs, table.text
    for one in _lately(facts, days.answer, as_of):
        if one.question == table.item9.question and table.item9.some <= one.value < table.item9.high:
            yield _item9(TriggerId.TODAY, one, table, screens)
        if one.question in cssrs.ideation and one.value:
            yield _sign(TriggerId.TODAY, _yes(one, table), one, _first(surely_after, screens, one))
        if one.question == cssrs.risk and one.value == cssrs.risk_moderate:
            moderate = text.risk_moderate.format(day=one.when)
            yield _sign(TriggerId.TODAY, moderate, one, _first(surely_after, screens, one))
    for one in _lately(facts, days.lifetime, as_of):
        if one.question == cssrs.behaviour_ever and one.value and not _recent_too(one, facts, table):
            yield _sign(TriggerId.TODAY, text.behaviour_ever.format(day=one.when), one)


def _answers_older(
    facts: PatientFacts, table: SafetyTable, as_of: date, screens: tuple[When, ...]
) -> Iterable[Sign]:
    """Answers for SAFE-3: positive, too old for the others, and not followed by a negative screen."""
    for one in _lately(facts, table.days.rescreen, as_of):
        if may_be_within(one.when, table.days.answer, as_of):
            continue
        if one.question == table.item9.question and one.value and not _zero_since(one, facts, table):
            older = _item9(TriggerId.RESCREEN, one, table, screens)
        elif one.question in table.cssrs.intent and one.value:
            older = _sign(TriggerId.RESCREEN, _yes(one, table), one, _first(surely_after, screens, one))
        else:
            continue
        yield older if older.screen else _not_followed(older, table)


def _lately(facts: PatientFacts, days: int, as_of: date) -> list[Answer]:
    return [one for one in facts.answers if may_be_within(one.when, days, as_of)]


def _sign(trigger: str, text: str, one: Answer, screen: When | None = None) -> Sign:
    return Sign(trigger=trigger, text=text, reference=one.reference, screen=screen)


def _item9(trigger: str, one: Answer, table: SafetyTable, screens: tuple[When, ...]) -> Sign:
    text = table.text.item9.format(value=one.value, day=one.when)
    return _sign(trigger, text, one, _first(same_day_or_after, screens, one))


def _yes(one: Answer, table: SafetyTable) -> str:
    return table.text.yes.format(item=one.question.rpartition("-")[2], day=one.when)


def _first(follows: Callable[[When, When], bool], screens: tuple[When, ...], one: Answer) -> When | None:
    """The first negative screen that follows the answer, on the same day only where `follows` allows it."""
    fitting = [screen for screen in screens if follows(screen, one.when)]
    return min(fitting, key=lambda screen: screen.first, default=None)


def _recent_too(ever: Answer, facts: PatientFacts, table: SafetyTable) -> bool:
    """Whether the same screen also says yes for the past three months, which is SAFE-1."""
    recent = (one for one in facts.answers if one.question == table.cssrs.behaviour_recent and one.value)
    return any(one.when.first == ever.when.first for one in recent)


def _zero_since(positive: Answer, facts: PatientFacts, table: SafetyTable) -> bool:
    """A later item 9 of 0 is a negative screen only after the lowest positive value."""
    if positive.value > table.item9.some:
        return False
    zeros = (one for one in facts.answers if one.question == positive.question and not one.value)
    return any(surely_after(one.when, positive.when) for one in zeros)


def _not_followed(one: Sign, table: SafetyTable) -> Sign:
    text = table.text.not_followed.format(finding=one.text)
    return Sign(trigger=one.trigger, text=text, reference=one.reference)


# ------------------------------------------------------------------ diagnoses


def _diagnoses(facts: PatientFacts, table: SafetyTable, as_of: date) -> Iterable[Sign]:
    """Diagnoses for SAFE-1: a recent attempt or self-harm, and suicidal ideation active or recent."""
    for one in facts.problems:
        if _attempt(one, table) and _recent_attempt(one, table, as_of):
            text = told(one, table.attempt.finding, table.words)
        elif _ideation(one, table, as_of):
            text = told(one, table.ideation.finding, table.words)
        else:
            continue
        yield Sign(trigger=TriggerId.NOW, text=text, reference=one.reference)


def _attempt(problem: Problem, table: SafetyTable) -> bool:
    codes = icd_codes(problem)
    rule = table.attempt
    if codes and all(re.fullmatch(rule.sequela, code) for code in codes):
        return False
    intentional = any(
        re.fullmatch(pattern, code) and not re.fullmatch(rule.sequela, code)
        for code in codes
        for pattern in rule.patterns
    )
    return intentional or matches(problem, rule.finding)


def _recent_attempt(problem: Problem, table: SafetyTable, as_of: date) -> bool:
    """An active entry without any date is taken as recent."""
    dated = problem.dated or problem.abatement
    return may_be_within(dated, table.days.attempt, as_of) if dated else problem.active


def _ideation(problem: Problem, table: SafetyTable, as_of: date) -> bool:
    if not matches(problem, table.ideation.finding):
        return False
    dated = problem.dated
    return problem.active or (dated is not None and may_be_within(dated, table.days.ideation, as_of))


def _attempt_or_ideation(problem: Problem, table: SafetyTable) -> bool:
    return _attempt(problem, table) or matches(problem, table.ideation.finding)


def _undated_past(facts: PatientFacts, table: SafetyTable) -> tuple[SafetyTrigger, ...]:
    """Attempts and ideation that are over and cannot be placed in time: told, not taken as recent."""
    return tuple(
        SafetyTrigger(
            id=TriggerId.NOW,
            text=table.text.undated_past.format(finding=told(one, table.attempt.finding, table.words)),
            evidence=(one.reference,),
        )
        for one in facts.problems
        if _attempt_or_ideation(one, table) and not one.active and not (one.dated or one.abatement)
    )


# ------------------------------------------------------------------ unknown


def _gap(facts: PatientFacts, table: SafetyTable, as_of: date) -> Gap | None:
    undated = _undated_past(facts, table)
    if undated:
        text = " ".join(f"{one.text}." for one in undated)
        return Gap(id="SAFE-UNK", blocking=False, text=f"{table.text.undated_unknown} {text}")
    if any(surely_within(one.when, table.days.known, as_of) for one in facts.answers):
        return None
    notes = {
        ListState.NOT_RETRIEVABLE: f" {table.text.not_retrievable}",
        ListState.FIRST_PAGE: f" {table.text.first_page}",
        ListState.PARTLY: f" {table.text.partly}",
    }
    note = notes.get(facts.list_state("Observation"), "")
    return Gap(id="SAFE-UNK", blocking=False, text=f"{table.text.unknown}{note}")

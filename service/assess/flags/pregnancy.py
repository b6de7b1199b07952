"""Pregnancy, breastfeeding and pre-eclampsia: what the record says now, never by the recorded sex.

A statement of pregnancy holds for at most the length of a pregnancy and until a later delivery, loss or
negative test. An entry that ended says nothing about now, only that the pregnancy is over.
"""

from dataclasses import dataclass
from datetime import date

from mappings.entries import EntryWords
from mappings.flag_figures import PregnancyRule
from mappings.flags import FlagRow, FlagTable
from mappings.matching import Finding
from service.assess.entries import matches, recognised, told
from service.assess.flags.conditions import believed
from service.assess.flags.hits import Hit, hit
from service.assess.recency import may_be_within, same_day_or_after, surely_after, surely_within
from service.clinical.facts import Lab, PatientFacts, Problem
from service.clinical.statement import Stance
from service.clinical.when import When


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """One statement about pregnancy; `when` None: the day is unknown."""

    when: When | None
    text: str
    reference: str
    problem: Problem | None = None


def pregnancy_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return a hit for each statement of pregnancy that still holds."""
    rule = table.pregnancy
    signs = [*_pregnant_entries(facts, rule, table.words), *_pregnant_answers(facts, rule)]
    found = (_hit(row, one, table) for one in signs if _holds(one, facts, rule, as_of))
    return tuple(one for one in found if one)


def pregnancy_known(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    """Tell whether the record says recently enough that the patient is not pregnant."""
    rule = table.pregnancy
    stated = [*_negatives(facts, rule), *_ends(facts, rule)]
    return any(surely_within(when, rule.negative_days, as_of) for when in stated)


def pre_eclampsia_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return a hit for each entry: in full until six weeks after the pregnancy, then for information."""
    entries = (one for one in facts.problems if _says(one, table.pregnancy.pre_eclampsia))
    found = (_pre_eclampsia_hit(row, one, facts, table, as_of) for one in entries)
    return tuple(one for one in found if one)


def _pre_eclampsia_hit(
    row: FlagRow, problem: Problem, facts: PatientFacts, table: FlagTable, as_of: date
) -> Hit | None:
    rule, words = table.pregnancy, table.words
    if _over(problem, facts, rule, as_of):
        text = told(problem, rule.pre_eclampsia, words, rule.past_text)
        found = hit(row, text, problem.reference, esketamine=rule.past_level, ketamine=rule.past_level)
    else:
        found = hit(row, told(problem, rule.pre_eclampsia, words), problem.reference)
    return _believed(row, found, problem, rule.pre_eclampsia, table)


def _over(problem: Problem, facts: PatientFacts, rule: PregnancyRule, as_of: date) -> bool:
    """Whether six weeks have surely passed since the pregnancy of the entry ended."""
    began = problem.dated
    if matches(problem, rule.pre_eclampsia_after):
        return began is not None and not may_be_within(began, rule.after_days, as_of)
    ends = [one for one in _ends(facts, rule) if began and same_day_or_after(one, began)]
    if problem.abatement:
        ends.append(problem.abatement)
    if ends:
        return not may_be_within(min(ends, key=lambda one: one.last), rule.after_days, as_of)
    if began is None:
        return not problem.active
    return not may_be_within(began, rule.days + rule.after_days, as_of)


def _pregnant_entries(facts: PatientFacts, rule: PregnancyRule, words: EntryWords) -> list[Sign]:
    return [
        Sign(
            when=one.dated,
            text=told(one, rule.pregnant, words),
            reference=one.reference,
            problem=one,
        )
        for one in facts.problems
        if one.active and _says(one, rule.pregnant) and not matches(one, rule.ended)
    ]


def _says(problem: Problem, finding: Finding) -> bool:
    """Whether the entry says, or suspects, that it is so now."""
    found = recognised(problem, finding)
    return found is not None and found.stance in (Stance.AFFIRMED, Stance.SUSPECTED)


def _pregnant_answers(facts: PatientFacts, rule: PregnancyRule) -> list[Sign]:
    texts = {rule.status: rule.status_text, rule.test: rule.test_text}
    return [
        Sign(when=one.when, text=texts[one.concept].format(day=one.when), reference=one.reference)
        for one in facts.labs
        if one.concept in texts and _says_pregnant(one, rule)
    ]


def _holds(sign: Sign, facts: PatientFacts, rule: PregnancyRule, as_of: date) -> bool:
    if sign.when is None:
        return True
    if not may_be_within(sign.when, rule.days, as_of):
        return False
    ended = any(same_day_or_after(one, sign.when) for one in _ends(facts, rule))
    return not ended and not any(surely_after(one, sign.when) for one in _negatives(facts, rule))


def _ends(facts: PatientFacts, rule: PregnancyRule) -> list[When]:
    """Days on which a pregnancy was delivered, lost or recorded as over."""
    entries = [one for one in facts.problems if not one.unconfirmed]
    delivered = [one.dated for one in entries if matches(one, rule.ended)]
    closed = [one.abatement for one in entries if matches(one, rule.pregnant)]
    return [one for one in (*delivered, *closed) if one]


def _negatives(facts: PatientFacts, rule: PregnancyRule) -> list[When]:
    answers = [
        one.when
        for one in facts.labs
        if one.concept in (rule.status, rule.test) and _says_not_pregnant(one, rule)
    ]
    entries = [one.dated for one in facts.problems if _says_so(one, rule) and not one.unconfirmed]
    return answers + [one for one in entries if one]


def _says_so(problem: Problem, rule: PregnancyRule) -> bool:
    """The words of the finding deny by themselves: "pregnancy test negative"."""
    found = recognised(problem, rule.not_pregnant)
    return found is not None and found.stance in (Stance.AFFIRMED, Stance.DENIED)


def _says_pregnant(lab: Lab, rule: PregnancyRule) -> bool:
    said = f"{lab.answer} {lab.code}"
    if rule.negative_answers.in_text(said):
        return False
    if lab.concept == rule.test and lab.value is not None:
        return lab.value >= (lab.upper_limit or rule.test_positive_from)
    return rule.positive_answers.in_text(said)


def _says_not_pregnant(lab: Lab, rule: PregnancyRule) -> bool:
    if rule.negative_answers.in_text(f"{lab.answer} {lab.code}"):
        return True
    return lab.concept == rule.test and lab.value is not None and lab.value < rule.test_negative_below


def _hit(row: FlagRow, sign: Sign, table: FlagTable) -> Hit | None:
    found = hit(row, sign.text, sign.reference)
    return _believed(row, found, sign.problem, table.pregnancy.pregnant, table) if sign.problem else found


def _believed(row: FlagRow, found: Hit, problem: Problem, finding: Finding, table: FlagTable) -> Hit | None:
    named = recognised(problem, finding)
    return believed(row, found, problem, named, (finding.text,), table.words) if named else found

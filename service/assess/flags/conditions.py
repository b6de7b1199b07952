"""Flags that conditions and procedures of the record raise."""

from datetime import date

from mappings.entries import EntryWords
from mappings.flags import ConditionRule, FlagRow, FlagTable, ProcedureRule
from service.assess.entries import matches, told
from service.assess.flags.circumstances import hold_for
from service.assess.flags.hits import Hit, hit, lowered
from service.assess.recency import may_be_within
from service.clinical.facts import Intervention, PatientFacts, Problem
from service.clinical.when import When


def condition_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return a hit for every entry that a rule of `row` fits; the first rule that fits an entry is used."""
    holding = [rule for rule in row.condition if hold_for(rule.given, rule.unless, facts, table, as_of)]
    found = (_first_hit(row, holding, problem, table.words, as_of) for problem in facts.problems)
    return tuple(one for one in found if one)


def _first_hit(
    row: FlagRow, rules: list[ConditionRule], problem: Problem, words: EntryWords, as_of: date
) -> Hit | None:
    for rule in rules:
        if matches(problem, rule) and in_time(problem, rule.when, rule.days, as_of):
            found = hit(
                row,
                told(problem, rule, words, rule.remark),
                problem.reference,
                esketamine=rule.esketamine,
                ketamine=rule.ketamine,
                basis=rule.basis,
                ketamine_basis=rule.ketamine_basis,
                weight=rule.weight,
                marks=rule.marks,
            )
            return lowered(found) if problem.unconfirmed else found
    return None


def in_time(problem: Problem, when: str, days: int, as_of: date) -> bool:
    """Tell whether the entry lies in the time that a rule asks for; an unknown day is never long ago."""
    match when:
        case "any-time":
            return True
        case "active":
            return problem.active and (not days or _recent(problem, days, as_of))
        case "recent":
            return _recent(problem, days, as_of)
        case "older":
            return not _recent(problem, days, as_of)
        case "active-or-ended":
            return problem.active or _since(problem.abatement, days, as_of)
        case "ended-before":
            return not problem.active and not _since(problem.abatement, days, as_of)
        case "remission-within":
            return _since(remission_start(problem), days, as_of)
        case _:
            return not _since(remission_start(problem), days, as_of)


def remission_start(problem: Problem) -> When | None:
    """Return when the remission that an entry states began (clinical rule 12); None when unknown."""
    return problem.abatement or problem.onset or problem.recorded


def _recent(problem: Problem, days: int, as_of: date) -> bool:
    """An entry without any date is taken as recent while it is active."""
    dated = problem.dated or problem.abatement
    return may_be_within(dated, days, as_of) if dated else problem.active


def _since(when: When | None, days: int, as_of: date) -> bool:
    return when is None or may_be_within(when, days, as_of)


def procedure_hits(row: FlagRow, facts: PatientFacts) -> tuple[Hit, ...]:
    """Return a hit for every procedure that a rule of `row` names."""
    return tuple(
        hit(row, _done(one), one.reference)
        for one in facts.interventions
        if any(_names(rule, one) for rule in row.procedure)
    )


def _names(rule: ProcedureRule, one: Intervention) -> bool:
    return not rule.interventions.isdisjoint(one.concepts) or rule.text.in_text(one.text)


def _done(one: Intervention) -> str:
    return f"{one.text or one.reference} ({one.when})" if one.when else one.text or one.reference

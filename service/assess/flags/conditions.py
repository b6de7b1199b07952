"""Flags that conditions and procedures raise."""

from datetime import date

from msgspec.structs import replace

from mappings.entries import EntryWords
from mappings.flags import ConditionRule, FlagRow, FlagTable, ProcedureRule
from mappings.matching import Finding, Words
from service.assess.entries import Recognised, denies, described, worded, wordings
from service.assess.flags.circumstances import hold_for
from service.assess.flags.hits import (
    Hit,
    at_least_level,
    at_level,
    at_most,
    believed_as,
    contraindicates,
    hit,
    lowered,
)
from service.assess.problem_list import Named, naming
from service.assess.recency import may_be_within
from service.clinical.assessment import Level
from service.clinical.facts import Intervention, Manner, PatientFacts, Problem
from service.clinical.partial_date import PartialDate
from service.clinical.statement import Stance

# Times of a rule that an entry lies in when its text calls it past.
_SEES_THE_PAST = frozenset({"any-time", "older", "ended-before", "remission-within", "remission-before"})


def condition_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return a hit for every entry that a rule of `row` fits; the first rule that fits an entry is used."""
    first: dict[int, tuple[ConditionRule, Named]] = {}
    for rule in row.condition:
        named = naming(facts.problems, rule)
        fitting = [entry for entry in named if _fits(entry, rule, as_of)] if named else ()
        if fitting and hold_for(rule.given, rule.unless, facts, table, as_of):
            for entry in fitting:
                first.setdefault(entry.place, (rule, entry))
    found = (_hit(row, *first[place], table.words) for place in sorted(first))
    return tuple(filter(None, found))


def _fits(named: Named, rule: ConditionRule, as_of: date) -> bool:
    return named.found.stance <= Stance.SUSPECTED and _applies(named.problem, named.found, rule, as_of)


def _hit(row: FlagRow, rule: ConditionRule, named: Named, words: EntryWords) -> Hit | None:
    problem, found = named.problem, named.found
    full = hit(
        row,
        described(problem, rule, words, rule.remark, found),
        problem.reference,
        esketamine=rule.esketamine,
        ketamine=rule.ketamine,
        basis=rule.basis,
        ketamine_basis=rule.ketamine_basis,
        weight=rule.weight,
        marks=rule.marks,
    )
    own = tuple(each for condition in row.condition for each in (condition.text, condition.short))
    return believed(row, full, problem, found, own, words)


def _applies(problem: Problem, found: Recognised, rule: ConditionRule, as_of: date) -> bool:
    """Tell whether the rule applies; what a text calls past is past, whatever the dates say."""
    if found.stance is Stance.PAST:
        return rule.when in _SEES_THE_PAST
    return in_time(problem, rule.when, rule.days, as_of)


def believed(
    row: FlagRow,
    full: Hit,
    problem: Problem,
    found: Recognised,
    own_words: tuple[Words, ...],
    words: EntryWords,
) -> Hit | None:
    """Return the hit at the level at which its entry is believed (clinical rules R14.1, R14.3, R14.5).

    A code counts in full, and one step less where the entry is only suspected or its text denies the very
    thing; words alone are a caution at most. None when words only suspect what is no contraindication.
    """
    floor = Level(row.suspected) if row.suspected else None
    if found.stance is Stance.SUSPECTED:
        return _suspected(full, floor)
    if found.manner is Manner.WORDS:
        return (
            _suspected(full, floor) or lowered(full) if problem.unconfirmed else at_most(full, Level.CAUTION)
        )
    if problem.unconfirmed:
        return at_least_level(lowered(full), floor)
    if found.disagrees:
        return lowered(full)
    if found.manner is Manner.CODE and denies(wordings(problem), own_words):
        return replace(lowered(full), text=f"{full.text}: {words.disagrees}")
    return full


def _suspected(full: Hit, floor: Level | None) -> Hit | None:
    if floor is not None:
        return at_level(full, floor)
    return at_level(full, Level.INFO) if contraindicates(full) else None


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
            return problem.active or _since(_end(problem), days, as_of)
        case "ended-before":
            return not problem.active and not _since(_end(problem), days, as_of)
        case "remission-within":
            return _since(remission_start(problem), days, as_of)
        case _:
            return not _since(remission_start(problem), days, as_of)


def _end(problem: Problem) -> PartialDate | None:
    """Return when the entry ended; for a lapsed visit diagnosis, the day of the visit."""
    return problem.abatement or (problem.dated if problem.lapsed else None)


def remission_start(problem: Problem) -> PartialDate | None:
    """Return when the remission that an entry states began (clinical rule 12); None when unknown."""
    return problem.abatement or problem.onset or problem.recorded


def _recent(problem: Problem, days: int, as_of: date) -> bool:
    """Tell whether an entry is recent; one without any date is while it is active."""
    dated = problem.dated or problem.abatement
    return may_be_within(dated, days, as_of) if dated else problem.active


def _since(when: PartialDate | None, days: int, as_of: date) -> bool:
    return when is None or may_be_within(when, days, as_of)


def procedure_hits(row: FlagRow, facts: PatientFacts, words: EntryWords) -> tuple[Hit, ...]:
    """Return a hit for every procedure that a rule of `row` names; words alone make a caution."""
    found = (_procedure_hit(row, intervention, words) for intervention in facts.interventions)
    return tuple(filter(None, found))


def _procedure_hit(row: FlagRow, intervention: Intervention, words: EntryWords) -> Hit | None:
    for rule in row.procedure:
        if not rule.interventions.isdisjoint(intervention.concepts):
            return _coded(hit(row, _done(intervention), intervention.reference), intervention, rule, words)
        found = worded(intervention.wordings, Finding(text=rule.text))
        if found is None or not found.had:
            continue
        return believed_as(hit(row, _done(intervention), intervention.reference), found.manner, words)
    return None


def _coded(full: Hit, intervention: Intervention, rule: ProcedureRule, words: EntryWords) -> Hit:
    """Return the hit of a coded procedure, one step lower where its own text denies it."""
    if not denies(intervention.wordings, (rule.text,)):
        return full
    return replace(lowered(full), text=f"{full.text}: {words.disagrees}")


def _done(intervention: Intervention) -> str:
    return (
        f"{intervention.text or intervention.reference} ({intervention.when})"
        if intervention.when
        else intervention.text or intervention.reference
    )

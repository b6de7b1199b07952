"""Diagnoses of suicide risk as signs: attempts, ideation and risk on the problem list and at visits."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import Enum, auto
from typing import NamedTuple

from mappings.matching import Finding
from mappings.remembering import remembered
from mappings.safety import SafetyTable, TriggerId
from service.assess.entries import Recognised, described, icd_codes
from service.assess.problem_list import naming
from service.assess.recency import may_be_within, surely_after
from service.assess.risk_answers import RiskAnswers
from service.assess.signs import Sign
from service.clinical.facts import PatientFacts, Problem
from service.clinical.partial_date import PartialDate, on
from service.clinical.statement import Stance


def entry_signs(facts: PatientFacts, asked: RiskAnswers) -> Iterable[Sign]:
    """Return the signs that the diagnoses raise."""
    table, problems = asked.table, facts.problems
    kinds = dict.fromkeys(_standing(problems, table.at_risk.finding), _Kind.AT_RISK)
    kinds |= dict.fromkeys(_standing(problems, table.ideation.finding), _Kind.IDEATION)
    kinds |= dict.fromkeys(_attempts(problems, table), _Kind.ATTEMPT)
    means = _meanings(problems, table)
    for place, kind in sorted(kinds.items()):
        entry = _Entry(problems[place], means.get(place, ()))
        match kind:
            case _Kind.ATTEMPT:
                yield from _attempt_signs(entry, asked)
            case _Kind.IDEATION:
                yield from _thought_signs(entry, TriggerId.NOW, table.days.ideation, asked)
            case _Kind.AT_RISK:
                yield from _thought_signs(entry, TriggerId.TODAY, table.days.at_risk, asked)


class _Entry(NamedTuple):
    """An entry of suicide risk with the findings that it names, the gravest first, and how."""

    problem: Problem
    means: Sequence[tuple[Finding, Recognised]]


def _meanings(
    problems: Sequence[Problem], table: SafetyTable
) -> Mapping[int, Sequence[tuple[Finding, Recognised]]]:
    found: dict[int, list[tuple[Finding, Recognised]]] = defaultdict(list)
    for finding in (table.attempt.finding, table.ideation.finding, table.at_risk.finding):
        for named in naming(problems, finding):
            found[named.place].append((finding, named.found))
    return found


class _Kind(Enum):
    """The kinds of entry, the gravest first; an entry is of the gravest kind that fits."""

    ATTEMPT = auto()
    IDEATION = auto()
    AT_RISK = auto()


def _standing(problems: Sequence[Problem], finding: Finding) -> frozenset[int]:
    """Return the places of the entries that name suicide risk and do not exclude it.

    Only a denial, the past or another person excludes it (R14.3).
    """
    stances = (Stance.AFFIRMED, Stance.SUSPECTED, Stance.FEARED)
    return frozenset(entry.place for entry in naming(problems, finding) if entry.found.stance in stances)


class _Harm(NamedTuple):
    """What an ICD-10 code says of self-harm: `named` where it begins as a code of self-harm does."""

    intentional: bool
    sequela: bool
    named: bool


@remembered
def _harm(code: str, table: SafetyTable) -> _Harm:
    """Return what an ICD-10 code, upper case without the dot, says of self-harm."""
    rule = table.attempt
    sequela = re.fullmatch(rule.sequela, code) is not None
    return _Harm(
        intentional=not sequela and any(re.fullmatch(pattern, code) for pattern in rule.patterns),
        sequela=sequela,
        named=any(re.match(pattern, code) for pattern in rule.patterns),
    )


def _coded(problems: Sequence[Problem], table: SafetyTable) -> Mapping[int, Sequence[_Harm]]:
    """Return what the ICD-10 codes of the entries say of self-harm, by the place of the entry."""
    harms = (
        (place, [_harm(code, table) for code in icd_codes(problem)]) for place, problem in enumerate(problems)
    )
    return {place: found for place, found in harms if any(map(any, found))}


def _attempts(problems: Sequence[Problem], table: SafetyTable) -> frozenset[int]:
    """Return the places of attempts and intentional self-harm, without sequelae."""
    coded = _coded(problems, table)
    intentional = (place for place, harms in coded.items() if any(harm.intentional for harm in harms))
    sequelae = (place for place, harms in coded.items() if all(harm.sequela for harm in harms))
    return frozenset((*intentional, *_standing(problems, table.attempt.finding))).difference(sequelae)


def history_entries(
    problems: Sequence[Problem], table: SafetyTable
) -> Sequence[tuple[Problem, Recognised | None]]:
    """Return the entries about an attempt, self-harm or its sequelae, at any time.

    With each comes how it names an attempt, if it does.
    """
    attempts = {entry.place: entry.found for entry in naming(problems, table.attempt.finding)}
    places = set(_attempts(problems, table))
    for finding in (table.attempt.finding, table.history.finding):
        places.update(entry.place for entry in naming(problems, finding) if entry.found.had)
    places.update(place for place, harms in _coded(problems, table).items() if any(h.named for h in harms))
    return [(problems[place], attempts.get(place)) for place in sorted(places)]


def not_placed(facts: PatientFacts, table: SafetyTable) -> tuple[str, ...]:
    """Return in words the undated entries that have ended or belong to a visit."""
    concerned = _attempts(facts.problems, table).union(
        _standing(facts.problems, table.ideation.finding), _standing(facts.problems, table.at_risk.finding)
    )
    entries = (facts.problems[place] for place in sorted(concerned))
    return tuple(
        table.text.undated_past.format(finding=described(entry, table.attempt.finding, table.words))
        for entry in entries
        if not (entry.dated or entry.abatement) and not _listed(entry)
    )


def _attempt_signs(entry: _Entry, asked: RiskAnswers) -> Iterable[Sign]:
    """Yield a sign for an attempt within the window, or an active entry without a date."""
    problem = entry.problem
    dated = problem.dated or problem.abatement
    recent = may_be_within(dated, asked.table.days.attempt, asked.as_of) if dated else _listed(problem)
    if recent:
        yield _sign(entry, _doubted(entry, TriggerId.NOW), asked)


def _thought_signs(entry: _Entry, trigger: str, days: int, asked: RiskAnswers) -> Iterable[Sign]:
    """Yield a sign for a recent entry, or for an older one still listed, which needs a new screen."""
    problem = entry.problem
    dated = _latest_date(problem)
    if dated is not None and may_be_within(dated, days, asked.as_of):
        recent = _sign(entry, _doubted(entry, trigger), asked)
        may_lower = trigger == TriggerId.TODAY
        screen = asked.screened(surely_after, dated) if may_lower else ""
        yield Sign(trigger=recent.trigger, text=recent.text, reference=recent.reference, lowered_by=screen)
    elif _listed(problem) or _of_a_visit_with_risk(problem, dated, trigger, asked):
        older = _sign(entry, TriggerId.RESCREEN, asked, _lowered_by(dated, asked))
        yield older if older.lowered_by else older.not_followed(asked.table)


def _listed(problem: Problem) -> bool:
    """Tell whether an entry is on the problem list and has not ended."""
    return problem.active and not problem.at_visit


def _of_a_visit_with_risk(
    problem: Problem, dated: PartialDate | None, trigger: str, asked: RiskAnswers
) -> bool:
    """Tell whether a risk noted at a visit is recent enough to need a new screen."""
    if trigger != TriggerId.TODAY or not problem.at_visit or dated is None:
        return False
    return may_be_within(dated, asked.table.days.rescreen, asked.as_of)


def _latest_date(problem: Problem) -> PartialDate | None:
    """Return the later of the onset and the day of recording."""
    return max(
        (day for day in (problem.onset, problem.recorded) if day), key=lambda day: day.last, default=None
    )


def _lowered_by(dated: PartialDate | None, asked: RiskAnswers) -> str:
    """Return a negative screen after the entry or, for an old entry, a recent item 9 of 0.

    An entry without a date is taken as just too old for the recent ones.
    """
    days, as_of = asked.table.days, asked.as_of
    since = dated or on(as_of - timedelta(days=days.ideation + 1))
    screened = asked.screened(surely_after, since)
    if screened or may_be_within(since, days.rescreen, as_of):
        return screened
    latest = asked.latest_zero
    return asked.table.text.item9.format(value=latest.value, day=latest.when) if latest else ""


def _doubted(entry: _Entry, trigger: str) -> str:
    """Return the trigger of an entry, SAFE-2 where it is suspected or its text denies its code."""
    named = [found for _, found in entry.means]
    doubtful = named and (min(found.stance for found in named) > Stance.PAST or named[0].disagrees)
    return TriggerId.TODAY if entry.problem.unconfirmed or doubtful else trigger


def _sign(entry: _Entry, trigger: str, asked: RiskAnswers, lowered_by: str = "") -> Sign:
    table, problem = asked.table, entry.problem
    finding, found = next(iter(entry.means), (table.attempt.finding, None))
    text = described(problem, finding, table.words, found=found)
    return Sign(trigger=trigger, text=text, reference=problem.reference, lowered_by=lowered_by)

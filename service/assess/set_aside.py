"""Entries that were recognised but raise nothing: denied, feared, past, another's or not done."""

from collections.abc import Iterator, Mapping, Sequence

from mappings.entries import EntryWords
from mappings.flags import FlagTable, ProcedureRule
from mappings.knowledge import Knowledge
from mappings.matching import Finding
from service.assess.entries import by_words_only, worded, wordings
from service.assess.problem_list import naming, problem_list
from service.clinical.facts import Intervention, PatientFacts, Problem, SetAside
from service.clinical.statement import Stance


def set_aside(facts: PatientFacts, raised: frozenset[str], knowledge: Knowledge) -> tuple[SetAside, ...]:
    """Return the entries that name a finding but raise nothing; `raised` are evidence already."""
    return (*_problems(facts, raised, knowledge), *_procedures(facts, raised, knowledge.flags))


def _problems(facts: PatientFacts, raised: frozenset[str], knowledge: Knowledge) -> tuple[SetAside, ...]:
    doubtful = [
        problem
        for problem in facts.problems
        if by_words_only(problem) and problem.reference not in raised and not _plain(problem)
    ]
    if not doubtful:
        return ()
    findings, reasons = tuple(_findings(knowledge)), _reasons(knowledge.flags.words)
    listed = problem_list(doubtful, knowledge.lookup)
    nearest: dict[int, Stance] = {}
    for entry in (named for finding in findings for named in naming(listed, finding)):
        nearest[entry.place] = min(nearest.get(entry.place, entry.found.stance), entry.found.stance)
    found = ((listed[place], nearest[place]) for place in sorted(nearest))
    return tuple(
        SetAside(reference=problem.reference, reason=reasons[stance].format(text=problem.text))
        for problem, stance in found
        if stance is not Stance.AFFIRMED
    )


def _procedures(facts: PatientFacts, raised: frozenset[str], table: FlagTable) -> Iterator[SetAside]:
    rules = tuple(rule for row in table.flag for rule in row.procedure)
    reasons = _reasons(table.words)
    for done in facts.interventions:
        stance = _stance(done, rules) if done.reference not in raised else None
        if stance is not None and stance is not Stance.AFFIRMED:
            yield SetAside(reference=done.reference, reason=reasons[stance].format(text=done.text))
    for undone in facts.not_done:
        coded = any(not rule.interventions.isdisjoint(undone.concepts) for rule in rules)
        if coded or _stance(undone, rules) is not None:
            reason = table.words.aside_not_done.format(text=undone.text or undone.reference)
            yield SetAside(reference=undone.reference, reason=reason)


def _stance(done: Intervention, rules: Sequence[ProcedureRule]) -> Stance | None:
    """Return the nearest stance of a procedure to what a rule names; None when it names nothing."""
    found = (worded(done.wordings, Finding(text=rule.text)) for rule in rules)
    return min((match.stance for match in found if match), default=None)


def _plain(problem: Problem) -> bool:
    """Tell whether the entry affirms all that it names, as most do."""
    return all(stance is Stance.AFFIRMED for wording in wordings(problem) for stance in wording.says.named)


def _findings(knowledge: Knowledge) -> Iterator[Finding]:
    table = knowledge.flags
    yield from (rule for row in table.flag for rule in row.condition)
    yield from (table.pregnancy.pregnant, table.pregnancy.pre_eclampsia)
    yield from table.substance_use.substance
    yield from knowledge.diagnoses.values()
    safety = knowledge.safety
    yield from (rule.finding for rule in (safety.attempt, safety.ideation, safety.at_risk, safety.history))


def _reasons(words: EntryWords) -> Mapping[Stance, str]:
    return {
        Stance.PAST: words.aside_past,
        Stance.SUSPECTED: words.aside_suspected,
        Stance.FEARED: words.aside_feared,
        Stance.DENIED: words.aside_denied,
        Stance.ANOTHER: words.aside_another,
    }

"""Past suicide attempts and self-harm that raise no trigger: information on every card."""

from collections.abc import Iterable

from mappings.flags import FlagKind, FlagTable
from mappings.safety import SafetyTable
from service.assess.entries import described
from service.assess.flags.hits import Hit, flag, hit
from service.assess.risk_entries import history_entries
from service.assess.safety import Safety
from service.clinical.assessment import Flag
from service.clinical.facts import PatientFacts


def history_flags(
    facts: PatientFacts, risk: Safety, rules: SafetyTable, table: FlagTable
) -> tuple[Flag, ...]:
    """Return SUI-HX for an attempt or self-harm on record that raises no trigger."""
    row = next(row for row in table.flag if row.kind == FlagKind.SUICIDE_HISTORY)
    texts = (*_entries(facts, risk, rules), *_answers(facts, risk, rules))
    hits: tuple[Hit, ...] = tuple(hit(row, text, reference) for text, reference in texts)
    return (flag(row, hits, table.words),) if hits else ()


def _entries(facts: PatientFacts, risk: Safety, rules: SafetyTable) -> Iterable[tuple[str, str]]:
    triggered = risk.evidence
    for problem, found in history_entries(facts.problems, rules):
        if problem.reference not in triggered:
            yield described(problem, rules.attempt.finding, rules.words, found=found), problem.reference


def _answers(facts: PatientFacts, risk: Safety, rules: SafetyTable) -> Iterable[tuple[str, str]]:
    """Yield answers about suicidal behaviour ever; recent behaviour raises a trigger instead."""
    cssrs, triggered = rules.cssrs, risk.evidence
    recent = [
        answer for answer in facts.answers if answer.question == cssrs.behaviour_recent and answer.value
    ]
    triggered_on = {answer.when.first for answer in recent if answer.reference in triggered}
    ever = [answer for answer in facts.answers if answer.question == cssrs.behaviour_ever and answer.value]
    for answer in (*ever, *recent):
        if answer.reference not in triggered and answer.when.first not in triggered_on:
            yield rules.text.history.format(day=answer.when), answer.reference

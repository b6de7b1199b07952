"""Diagnoses of visits that say nothing of their status: active for a while, then past."""

from dataclasses import replace
from datetime import date

from mappings.flag_figures import PregnancyRule
from mappings.visits import VisitTable
from service.assess.entries import recognised
from service.assess.recency import may_be_within
from service.clinical.facts import PatientFacts, Problem


def with_visits(
    facts: PatientFacts, table: VisitTable, pregnancy: PregnancyRule, as_of: date
) -> PatientFacts:
    """Return the facts with the diagnoses of visits that are too old to be taken as active marked so."""
    return replace(facts, problems=tuple(_judged(one, table, pregnancy, as_of) for one in facts.problems))


def _judged(problem: Problem, table: VisitTable, pregnancy: PregnancyRule, as_of: date) -> Problem:
    if not problem.of_unstated_visit:
        return problem
    dated = problem.recorded or problem.onset
    lasting = dated is not None and may_be_within(dated, _days(problem, table, pregnancy), as_of)
    return problem if lasting else replace(problem, lapsed=True)


def _days(problem: Problem, table: VisitTable, pregnancy: PregnancyRule) -> int:
    if recognised(problem, pregnancy.pregnant):
        return pregnancy.days
    return table.acute.days if recognised(problem, table.acute.finding) else table.days

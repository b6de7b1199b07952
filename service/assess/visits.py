"""Visit diagnoses without a status: active for a while, then past."""

from datetime import date

from msgspec.structs import replace

from mappings.flag_figures import PregnancyRule
from mappings.visits import VisitTable
from service.assess.problem_list import naming, replaced
from service.assess.recency import may_be_within
from service.clinical.facts import PatientFacts, Problem


def with_visits(
    facts: PatientFacts, table: VisitTable, pregnancy: PregnancyRule, as_of: date
) -> PatientFacts:
    """Return the facts, marking visit diagnoses that are too old to be taken as active."""
    if not any(problem.of_unstated_visit for problem in facts.problems):
        return facts
    days = dict.fromkeys(
        (entry.place for entry in naming(facts.problems, table.acute.finding)), table.acute.days
    )
    days |= dict.fromkeys(
        (entry.place for entry in naming(facts.problems, pregnancy.pregnant)), pregnancy.days
    )
    judged = (
        _judged(problem, days.get(place, table.days), as_of) for place, problem in enumerate(facts.problems)
    )
    return replace(facts, problems=replaced(facts.problems, judged))


def _judged(problem: Problem, days: int, as_of: date) -> Problem:
    if not problem.of_unstated_visit:
        return problem
    dated = problem.recorded or problem.onset
    lasting = dated is not None and may_be_within(dated, days, as_of)
    return problem if lasting else replace(problem, lapsed=True)

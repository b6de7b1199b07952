"""Names of entries as a clinician reads them: their words and dates."""

from collections.abc import Iterable, Iterator

from service.clinical.facts import PatientFacts, Problem
from service.clinical.partial_date import PartialDate

_SHOWN, _LONGEST = 3, 80


def called(references: Iterable[str], facts: PatientFacts) -> str:
    """Return the latest few of the entries in words, each once."""
    wanted = frozenset(references)
    named = [
        (_day(when), _name(text, when)) for reference, text, when in _entries(facts) if reference in wanted
    ]
    names = tuple(dict.fromkeys(name for _, name in sorted(named, reverse=True)))
    return ", ".join(reversed(names[:_SHOWN]))


def problem_name(problem: Problem) -> str:
    """Return the entry's own words, else its code."""
    return problem.text or next((code.code for code in problem.codes if code.code), problem.reference)


def _entries(facts: PatientFacts) -> Iterator[tuple[str, str, PartialDate | None]]:
    yield from ((exposure.reference, exposure.ingredient, exposure.start) for exposure in facts.exposures)
    yield from (
        (intervention.reference, intervention.text, intervention.when) for intervention in facts.interventions
    )
    yield from ((order.reference, order.text, order.authored) for order in facts.service_orders)
    yield from ((problem.reference, problem_name(problem), problem.dated) for problem in facts.problems)


def _day(when: PartialDate | None) -> str:
    return when.last.isoformat() if when else ""


def _name(text: str, when: PartialDate | None) -> str:
    return " ".join(str(part) for part in (text[:_LONGEST], when) if part)

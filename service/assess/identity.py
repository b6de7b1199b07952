"""What raises a flag, independent of resource ids, which an EHR may change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeAlias

from msgspec.structs import replace

from service.clinical.assessment import Flag
from service.clinical.facts import Allergy, Exposure, Intervention, Lab, PatientFacts, Problem, ServiceOrder
from service.clinical.partial_date import PartialDate

Row: TypeAlias = Exposure | Problem | Lab | Allergy | Intervention | ServiceOrder


def with_findings(flags: Sequence[Flag], facts: PatientFacts) -> tuple[Flag, ...]:
    """Return the flags with their evidence by meaning: drugs, diagnoses, results with their days."""
    known = _known(frozenset(reference for flag in flags for reference in flag.evidence), facts)
    return tuple(replace(flag, findings=_findings(flag, known)) for flag in flags)


def _findings(flag: Flag, known: dict[str, set[str]]) -> tuple[str, ...]:
    found = (known.get(reference, {reference}) for reference in flag.evidence)
    return tuple(sorted(frozenset(chain.from_iterable(found))))


def _known(wanted: frozenset[str], facts: PatientFacts) -> dict[str, set[str]]:
    known: dict[str, set[str]] = defaultdict(set)
    for reference, parts in _entries(wanted, facts):
        known[reference].add(" ".join(part for part in parts if part))
    return known


def _entries(wanted: frozenset[str], facts: PatientFacts) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the meaning of each entry, such as the drug of an order, which a renewal keeps."""
    rows: tuple[Row, ...] = (
        *facts.exposures,
        *facts.problems,
        *facts.labs,
        *facts.allergies,
        *facts.interventions,
        *facts.service_orders,
    )
    yield from ((row.reference, _parts(row)) for row in rows if row.reference in wanted)
    yield from (
        (reason.reference, _meaning(reason)) for reason in facts.order_reasons if reason.reference in wanted
    )


def _parts(row: Row) -> Iterable[str]:
    match row:
        case Exposure():
            return (row.ingredient,)
        case Problem():
            return (*_meaning(row), _day(row.dated))
        case Lab():
            return (row.concept, "" if row.value is None else f"{row.value:g}", row.answer, _day(row.when))
        case Allergy():
            return (*sorted(row.ingredients), row.text, *sorted(row.reactions), row.criticality)
        case Intervention():
            return (*sorted(row.concepts), row.text, _day(row.when))
        case ServiceOrder():
            return (*sorted(row.concepts), row.text, _day(row.authored))


def _meaning(problem: Problem) -> tuple[str, ...]:
    codes = sorted(f"{code.system}|{code.code}" for code in problem.codes if code.system)
    return tuple(codes) or (problem.text.lower(),)


def _day(when: PartialDate | None) -> str:
    return f"{when.first}/{when.last}" if when else ""

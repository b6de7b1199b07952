"""Entries other than medicines: conditions, observations, allergies, procedures, referrals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mappings.finding_lookup import FindingLookup
from mappings.links import RowLink, rules_naming, rules_of_findings
from mappings.remarks import Remark, say
from service.assess.problem_list import meaning
from service.clinical.facts import (
    Allergy,
    BloodPressure,
    Intervention,
    Lab,
    Problem,
    RiskAnswer,
    Score,
    ServiceOrder,
)
from service.clinical.statement import Stance
from service.explain.entries import Understood
from service.fhir.resources import Resource, Row
from service.normalise.codes import codes_of, known, words


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The rows of the rule tables, and what finds those that name an entry of the problem list."""

    rows: tuple[RowLink, ...]
    lookup: FindingLookup


Fact = Problem | BloodPressure | Score | RiskAnswer | Lab | Allergy | Intervention | ServiceOrder


def understood(row: Row[Resource], facts: Sequence[Fact], rules: Rules) -> Understood:
    """Return how an entry was read; `facts` are those it became."""
    found: Understood = {"text": _text(row.resource), "codes": _codes(row.resource)}
    for fact in facts:
        for key, value in _fact(fact, rules).items():
            found[key] = [*found[key], *value] if key == "values" and key in found else value
    return found


def _fact(fact: Fact, rules: Rules) -> Understood:
    match fact:
        case Problem():
            return _problem(fact, rules)
        case BloodPressure():
            value = f"blood pressure {_number(fact.systolic)}/{_number(fact.diastolic)} mmHg"
            return {"values": [value], "on": str(fact.when)}
        case Score():
            return {"values": [f"{fact.scale} {fact.total:g}"], "on": str(fact.when)}
        case RiskAnswer():
            return {"values": [f"{fact.question}: {fact.value}"], "on": str(fact.when)}
        case Lab():
            return {"values": [_lab(fact)], "on": str(fact.when)}
        case Allergy():
            return _allergy(fact)
        case Intervention():
            return {
                "treatments": sorted(fact.concepts),
                "status": fact.status,
                "on": str(fact.when or "unknown"),
                "rules": [*rules_naming(fact.concepts, rules.rows)],
            }
        case ServiceOrder():
            return {
                "treatments": sorted(fact.concepts),
                "status": fact.status,
                "intent": fact.intent,
                "on": str(fact.authored or "unknown"),
                "rules": [*rules_naming(fact.concepts, rules.rows)],
            }


def _problem(problem: Problem, rules: Rules) -> Understood:
    looking = problem_rules(problem, rules)
    return {
        "groups": sorted(problem.groups),
        "status": problem.status or "not stated",
        "verification": problem.verification,
        "state": "active" if problem.active else "not active",
        "onset": str(problem.onset or ""),
        "recorded": str(problem.recorded or ""),
        "ended": str(problem.abatement or "") or ("day unknown" if problem.abated else ""),
        "rules": [*looking] or [say(Remark.NO_RULE)],
    }


def problem_rules(problem: Problem, rules: Rules) -> tuple[str, ...]:
    """Return the rules whose finding the assessment takes the entry to name, in fact or as a suspicion.

    Whether they apply also hangs on its dates.
    """
    named = meaning(problem, rules.lookup)
    said = (rules.lookup.findings[place] for place, found in named if found.stance <= Stance.SUSPECTED)
    return rules_of_findings(said, rules.rows)


def _lab(lab: Lab) -> str:
    value = f"{lab.value:g} {lab.unit}".strip() if lab.value is not None else lab.answer or lab.code
    limit = f" (upper limit {lab.upper_limit:g})" if lab.upper_limit is not None else ""
    return f"{lab.concept}: {value or 'no value'}{limit}"


def _allergy(allergy: Allergy) -> Understood:
    return {
        "allergyTo": [*allergy.ingredients],
        "means": "no known allergy" if allergy.no_known else "",
        "kind": allergy.kind,
        "status": allergy.status,
        "verification": allergy.verification,
        "criticality": allergy.criticality,
        "reactions": [*allergy.reactions],
    }


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"


def _text(resource: Any) -> str:
    return words(getattr(resource, "code", None))


def _codes(resource: Any) -> list[str]:
    return [f"{code.system}|{code.code}" for code in known(codes_of(getattr(resource, "code", None)))]

"""Entries other than medicines: the patient, conditions, observations, allergies, procedures, referrals."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.finding_lookup import FindingLookup
from mappings.links import RowLink, rules_naming, rules_of_findings
from mappings.remarks import Remark, say
from service.assess.problem_list import meaning
from service.clinical.facts import (
    Allergy,
    BloodPressure,
    Intervention,
    Lab,
    Person,
    Problem,
    RiskAnswer,
    Score,
    ServiceOrder,
)
from service.clinical.statement import Stance
from service.explain.medicines import Understood, Words
from service.fhir.resources import Resource, Row
from service.normalise import codes

Fact = Person | Problem | BloodPressure | Score | RiskAnswer | Lab | Allergy | Intervention | ServiceOrder


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The rows of the rule tables, and what finds those that name an entry of the problem list."""

    rows: tuple[RowLink, ...]
    lookup: FindingLookup


def understood(row: Row[Resource], facts: Sequence[Fact], rules: Rules, words: Words) -> Understood:
    """Return the reading of an entry; `facts` are those made from it."""
    code = getattr(row.resource, "code", None)
    coded = [f"{known.system}|{known.code}" for known in codes.known(codes.codes_of(code))]
    found: Understood = {"text": codes.words(code), "codes": coded}
    for fact in facts:
        for key, value in _fact(fact, rules, words).items():
            found[key] = [*found[key], *value] if key == "values" and key in found else value
    return found


def _fact(fact: Fact, rules: Rules, words: Words) -> Understood:
    match fact:
        case Problem():
            return _problem(fact, rules, words)
        case BloodPressure() | Score() | RiskAnswer() | Lab():
            return {"values": [_value(fact, words)], "on": str(fact.when)}
        case Allergy():
            return _allergy(fact, words)
        case Intervention():
            on = str(fact.when or words["unknown"])
            return _treatment(fact) | {"on": on, "rules": [*rules_naming(fact.concepts, rules.rows)]}
        case ServiceOrder():
            own = {"intent": fact.intent, "on": str(fact.authored or words["unknown"])}
            return _treatment(fact) | own | {"rules": [*rules_naming(fact.concepts, rules.rows)]}
        case Person():
            known = {"born": str(fact.born or words["unknown"]), "gender": fact.gender or words["unknown"]}
            return known | ({"deceased": words["yes"]} if fact.deceased else {})


def _treatment(fact: Intervention | ServiceOrder) -> Understood:
    return {"treatments": sorted(fact.concepts), "status": fact.status}


def _problem(problem: Problem, rules: Rules, words: Words) -> Understood:
    return {
        "groups": sorted(problem.groups),
        "status": problem.status or words["not_stated"],
        "verification": problem.verification,
        "state": words["active" if problem.active else "not_active"],
        "onset": str(problem.onset or ""),
        "recorded": str(problem.recorded or ""),
        "ended": str(problem.abatement or (words["day_unknown"] if problem.abated else "")),
        "rules": [*problem_rules(problem, rules)] or [say(Remark.NO_RULE)],
    }


def problem_rules(problem: Problem, rules: Rules) -> tuple[str, ...]:
    """Return the rules whose finding the assessment takes the entry to name, in fact or as a suspicion.

    Whether they apply also hangs on its dates.
    """
    named = meaning(problem, rules.lookup)
    said = (rules.lookup.findings[place] for place, found in named if found.stance <= Stance.SUSPECTED)
    return rules_of_findings(said, rules.rows)


def _value(fact: BloodPressure | Score | RiskAnswer | Lab, words: Words) -> str:
    match fact:
        case BloodPressure():
            high, low = ("?" if part is None else f"{part:g}" for part in (fact.systolic, fact.diastolic))
            return words["pressure"].format(systolic=high, diastolic=low)
        case Score():
            return f"{fact.scale} {fact.total:g}"
        case RiskAnswer():
            return f"{fact.question}: {fact.value}"
        case Lab():
            measured = f"{fact.value:g} {fact.unit}".strip() if fact.value is not None else ""
            value = f"{fact.concept}: {measured or fact.answer or fact.code or words['no_value']}"
            limit = fact.upper_limit
            return value if limit is None else words["upper_limit"].format(value=value, limit=f"{limit:g}")


def _allergy(allergy: Allergy, words: Words) -> Understood:
    return {
        "allergyTo": [*allergy.ingredients],
        "means": words["no_known_allergy"] if allergy.no_known else "",
        "kind": allergy.kind,
        "status": allergy.status,
        "verification": allergy.verification,
        "criticality": allergy.criticality,
        "reactions": [*allergy.reactions],
    }

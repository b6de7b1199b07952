"""Entries other than medicines: conditions, observations, allergies, procedures, referrals."""

from collections.abc import Iterable, Sequence
from typing import Any

from mappings.links import Link, rules_naming, rules_of_icd, rules_of_text
from service.clinical.facts import (
    Allergy,
    Answer,
    BloodPressure,
    Intervention,
    Lab,
    Problem,
    Score,
    ServiceOrder,
)
from service.explain.entries import Explained, Understood, judged
from service.fhir.resources import AllergyIntolerance, Condition, Observation, Resource, Row
from service.normalise.codes import codes_of, known, texts, words
from service.normalise.context import Context

Fact = Problem | BloodPressure | Score | Answer | Lab | Allergy | Intervention | ServiceOrder
_NO_RULE = "no rule looks at it"


def checked(
    row: Row[Resource],
    facts: Sequence[Fact],
    context: Context,
    rules: Sequence[Link],
    unread: tuple[str, ...],
) -> Explained:
    """How an entry was read; `facts` are those it became."""
    understood: Understood = {"text": _text(row.resource), "codes": _codes(row.resource)}
    for fact in facts:
        for key, value in _fact(fact, rules).items():
            understood[key] = [*understood[key], *value] if key == "values" and key in understood else value
    return judged(row.label, understood, bool(facts), "" if facts else _ignored(row, context), unread)


def _fact(fact: Fact, rules: Sequence[Link]) -> Understood:
    match fact:
        case Problem():
            return _problem(fact, rules)
        case BloodPressure():
            value = f"blood pressure {_number(fact.systolic)}/{_number(fact.diastolic)} mmHg"
            return {"values": [value], "on": str(fact.when)}
        case Score():
            return {"values": [f"{fact.scale} {fact.total:g}"], "on": str(fact.when)}
        case Answer():
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
                "rules": [*rules_naming(fact.concepts, rules)],
            }
        case ServiceOrder():
            return {
                "treatments": sorted(fact.concepts),
                "status": fact.status,
                "intent": fact.intent,
                "on": str(fact.authored or "unknown"),
                "rules": [*rules_naming(fact.concepts, rules)],
            }


def _problem(problem: Problem, rules: Sequence[Link]) -> Understood:
    looking = problem_rules(problem, rules)
    return {
        "groups": sorted(problem.groups),
        "status": problem.status or "not stated",
        "verification": problem.verification,
        "state": "active" if problem.active else "not active",
        "onset": str(problem.onset or ""),
        "recorded": str(problem.recorded or ""),
        "ended": str(problem.abatement or "") or ("day unknown" if problem.abated else ""),
        "rules": [*looking] or [_NO_RULE],
    }


def problem_rules(problem: Problem, rules: Sequence[Link]) -> tuple[str, ...]:
    """The rules that may look at an entry; whether they apply also hangs on its dates and wording."""
    coded = [code.code for code in problem.codes if code.system == "icd10"]
    by_code = [rule for code in coded for rule in rules_of_icd(code, rules)]
    by_text = rules_of_text(problem.text, rules) if not coded and not problem.groups else ()
    return tuple(dict.fromkeys((*by_code, *rules_naming(problem.groups, rules), *by_text)))


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


def _ignored(row: Row[Resource], context: Context) -> str:
    """Why a readable entry became no fact."""
    resource: Any = row.resource
    verification = words_of_status(getattr(resource, "verification_status", None))
    if verification & {"refuted", "entered-in-error"}:
        return f"verificationStatus {min(verification & {'refuted', 'entered-in-error'})}"
    if isinstance(resource, Condition):
        return f"its text denies it, or it is dated after {context.as_of}"
    if isinstance(resource, AllergyIntolerance):
        return f"says nothing of an allergy, or is dated after {context.as_of}"
    status = resource.status.strip().lower() if isinstance(getattr(resource, "status", None), str) else ""
    if isinstance(resource, Observation) and status in ("final", "amended", "corrected", "preliminary"):
        return _unused_observation(resource, context)
    if status in ("completed", "amended", "active", "in-progress", "stopped", "on-hold"):
        return f"{_NO_RULE}, or it is dated after {context.as_of}"
    return f"status {status or 'missing'}"


def _unused_observation(observation: Observation, context: Context) -> str:
    parts = (observation.code, *(component.code for component in observation.component))
    concepts = [*_concepts(codes_of(*parts), context)]
    concepts += [c for text in texts(observation.code) if (c := context.tables.measurements.concept(text))]
    if not concepts:
        return _NO_RULE
    paired = any(concept.startswith("bp_") for concept in concepts)
    elsewhere = ", or it was read together with another of the same time" if paired else ""
    return f"{concepts[0]}: no value of its own{elsewhere}, or it is dated after {context.as_of}"


def _concepts(codes: Iterable[Any], context: Context) -> Iterable[str]:
    found = (context.vocabulary.concept(code.code) for code in codes if code.system == "loinc")
    return (concept for concept in found if concept)


def words_of_status(concept: Any) -> set[str]:
    """The status codes and words of a status concept."""
    said = (coding.code.strip().lower() for coding in concept.coding) if concept else ()
    return {*said, *(text.lower().replace(" ", "-") for text in texts(concept))}

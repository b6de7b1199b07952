"""When no decision card is shown at all (clinical rules 7.3 step 1, 12 and 13)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from mappings.criteria import Current
from mappings.findings import Findings
from mappings.gates import GateId, GateRow, GateTable
from service.assess.diagnosis import Depression, unread_problems
from service.assess.in_use import running
from service.clinical.assessment import Gate
from service.clinical.facts import Exposure, ListState, PatientFacts, Person, Purpose, ServiceOrder
from service.clinical.when import age_on

_ENDED = frozenset({"not-done", "entered-in-error", "preparation"})


def gate(
    facts: PatientFacts,
    depression: Depression,
    rule: Current,
    table: GateTable,
    findings: Findings,
    as_of: date,
) -> Gate | None:
    """Return the first gate that data on record close."""
    if facts.person and facts.person.deceased:
        return _closed(table.row(GateId.DECEASED), findings, (facts.person.reference,))
    if facts.person and _under_age(facts.person, table.adult_years, as_of):
        return _too_young(facts.person, table, findings, as_of)
    listed = facts.list_state("Condition") is ListState.COMPLETE and not unread_problems(facts)
    if not depression.active and listed:
        return _closed(table.row(GateId.DIAGNOSIS), findings)
    treatment = current_treatment(facts, rule.treatment_days, table, as_of)
    if treatment:
        return _closed(table.row(GateId.TREATED), findings, treatment, days=rule.treatment_days)
    referrals = open_referrals(facts.service_orders, rule.referral_days, table, as_of)
    return _closed(table.row(GateId.REFERRAL), findings, referrals) if referrals else None


def _closed(row: GateRow, findings: Findings, evidence: tuple[str, ...] = (), **values: object) -> Gate:
    return Gate(
        id=row.id,
        text=findings.say(f"gate.{row.id}", evidence=", ".join(evidence), **values),
        evidence=evidence,
        told_as=row.told_as,
        open_to_danger=row.open_to_danger,
        warns_on_order=row.warns_on_order,
        judges_trials=row.judges_trials,
        hides_safety=row.hides_safety,
    )


def _too_young(person: Person, table: GateTable, findings: Findings, as_of: date) -> Gate:
    """The closed gate in the patient's own terms: the age, both ages of an inexact birth date, or neither."""
    days = (person.born.last, person.born.first) if person.born else ()
    ages = " or ".join(dict.fromkeys(str(age_on(day, as_of)) for day in days))
    closed = _closed(table.row(GateId.AGE), findings, (person.reference,), age=ages, adult=table.adult_years)
    return closed if ages else replace(closed, text=findings.say("gate.GATE-AGE-unknown"))


def _under_age(person: Person, adult_years: int, as_of: date) -> bool:
    """An unknown age is no proof of age; of an inexact birth date the youngest age counts."""
    return person.born is None or age_on(person.born.last, as_of) < adult_years


def current_treatment(facts: PatientFacts, days: int, table: GateTable, as_of: date) -> tuple[str, ...]:
    """Return the evidence of esketamine, or ketamine for depression, within the last `days` days."""
    medicines = [e.reference for e in facts.exposures if _treats(e, table) and running(e, as_of, days)]
    sessions = [
        one.reference
        for one in facts.interventions
        if not one.concepts.isdisjoint(table.treatment_concepts)
        and one.status not in _ENDED
        and (one.when is None or (as_of - one.when.last).days <= days)
    ]
    return tuple(dict.fromkeys((*medicines, *sessions)))


def _treats(exposure: Exposure, table: GateTable) -> bool:
    if exposure.ingredient in table.treatment_ingredients:
        return True
    for_depression = any(reason.purpose is Purpose.DEPRESSION for reason in exposure.reasons)
    return exposure.ingredient in table.treatment_if_for_depression and for_depression


def open_referrals(
    orders: Sequence[ServiceOrder], days: int, table: GateTable, as_of: date
) -> tuple[str, ...]:
    """Return the open referrals for ketamine or esketamine; one without a date is taken as open."""
    named = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, table.referral_names)) + r")", re.IGNORECASE)
    return tuple(
        order.reference
        for order in orders
        if order.status in table.referral_statuses
        and order.intent in table.referral_intents
        and (order.authored is None or (as_of - order.authored.last).days <= days)
        and named.search(order.text)
    )

"""Reasons to show no decision card at all (clinical rules 7.3 step 1, 12 and 13)."""

from datetime import date

from msgspec.structs import replace

from mappings.criteria import Current
from mappings.findings import Findings
from mappings.gates import GateId, GateRow, GateTable
from service.assess.diagnosis import Depression, problems_not_read
from service.assess.naming import called
from service.assess.treatment import current_treatment, open_referrals, probable_treatment
from service.clinical.assessment import Gate
from service.clinical.facts import Completeness, PatientFacts, Person
from service.clinical.partial_date import age_on


def gate(
    facts: PatientFacts,
    depression: Depression,
    rule: Current,
    table: GateTable,
    findings: Findings,
    as_of: date,
) -> Gate | None:
    """Return the first gate that the record closes, if any."""
    if facts.person and facts.person.deceased:
        return _closed(table.row(GateId.DECEASED), findings, (facts.person.reference,))
    if facts.person and _under_age(facts.person, table.adult_years, as_of):
        return _too_young(facts.person, table, findings, as_of)
    listed = facts.list_state("Condition") is Completeness.COMPLETE and not problems_not_read(facts)
    if not depression.active and listed:
        return _closed(table.row(GateId.DIAGNOSIS), findings)
    days = rule.treatment_days
    if treatment := current_treatment(facts, days, table, as_of):
        names = called(treatment, facts)
        return _closed(table.row(GateId.TREATED), findings, treatment, evidence=names, days=days)
    if given := probable_treatment(facts, days, table, as_of):
        return _probably_treated(table, findings, given, evidence=called(given, facts), days=days)
    referrals = open_referrals(facts.service_orders, rule.referral_days, table, as_of)
    if not referrals:
        return None
    return _closed(table.row(GateId.REFERRAL), findings, referrals, evidence=called(referrals, facts))


def _closed(row: GateRow, findings: Findings, found: tuple[str, ...] = (), **values: object) -> Gate:
    """Return the closed gate with its evidence; `values` fill its sentence."""
    return Gate(
        id=row.id,
        text=findings.say(f"gate.{row.id}", **values),
        evidence=found,
        told_as=row.told_as,
        open_to_danger=row.open_to_danger,
        warns_on_order=row.warns_on_order,
        judges_trials=row.judges_trials,
        hides_safety=row.hides_safety,
    )


def _probably_treated(table: GateTable, findings: Findings, given: tuple[str, ...], **values: object) -> Gate:
    """Return the gate for probable treatment, which still lets an order be judged by its trials."""
    return replace(
        _closed(table.row(GateId.TREATED), findings, given, **values),
        told_as=table.probable.told_as,
        judges_trials=True,
        text=findings.say(f"gate.{GateId.TREATED}-probable", **values),
    )


def _too_young(person: Person, table: GateTable, findings: Findings, as_of: date) -> Gate:
    """Return the closed gate with the age, both possible ages of an inexact birth date, or none."""
    days = (person.born.last, person.born.first) if person.born else ()
    ages = sorted({age_on(day, as_of) for day in days})
    age: object = ages[0] if ages else ""
    if len(ages) > 1:
        age = findings.say(f"gate.{GateId.AGE}-between", youngest=ages[0], oldest=ages[-1])
    closed = _closed(table.row(GateId.AGE), findings, (person.reference,), age=age, adult=table.adult_years)
    return closed if ages else replace(closed, text=findings.say(f"gate.{GateId.AGE}-unknown"))


def _under_age(person: Person, adult_years: int, as_of: date) -> bool:
    """Tell whether the patient may be a minor, by the youngest possible age."""
    return person.born is None or age_on(person.born.last, as_of) < adult_years

"""Vignettes times policies: what the record shows of each criterion, and what it never shows."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mappings.knowledge import Knowledge, load_knowledge
from mappings.policies import Policy, PolicyRow
from mappings.policy_rules import TrialRule
from service.answer.read import read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.clinical.criteria import ReadPolicy, Standing
from service.render.criteria import criteria_document
from tests.vignettes.build import bundle
from tests.vignettes.cases import Case, read_cases
from tests.vignettes.fhir import Dialect

DAY = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
POLICIES = tuple(KNOWLEDGE.policies.policies)
CASES = read_cases(Path(__file__).parent / "cases.toml")
TWO_TRIALS = next(case for case in CASES if case.trials == ("S", "V"))


def read(
    case: Case, dialect: Dialect = Dialect.PLAIN, knowledge: Knowledge = KNOWLEDGE
) -> tuple[ReadPolicy, ...]:
    """Return what the record of a case shows of every policy."""
    record = json.dumps(bundle(case, DAY, dialect)).encode()
    facts = read_document(record, knowledge, DAY).facts
    return read_criteria(
        facts, assess(facts, knowledge, "default", DAY), knowledge, list(knowledge.policies.policies)
    )


def statuses(found: tuple[ReadPolicy, ...]) -> dict[str, dict[str, str]]:
    """Return the status of each criterion by policy."""
    return {one.policy.id: {each.id: each.shown.standing.value for each in one.criteria} for one in found}


def by_rule(case: Case, rule: TrialRule) -> str:
    """Return the status of the trials of one policy that is made for a test."""
    shipped = KNOWLEDGE.policies.policies["default"]
    trials = PolicyRow(id="trials", text="trials", trials=rule)
    own = replace(KNOWLEDGE.policies, policies={"own": replace(shipped, id="own", criterion=(trials,))})
    return statuses(read(case, knowledge=replace(KNOWLEDGE, policies=own)))["own"]["trials"]


@pytest.mark.parametrize("dialect", [Dialect.PLAIN, Dialect.AWKWARD])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_criteria_agree(case: Case, dialect: Dialect) -> None:
    """Each criterion that a case names stands as expected, however the record is written."""
    found = statuses(read(case, dialect))
    expected = {
        (policy, name): status
        for policy, rows in case.expected.criteria.items()
        for name, status in rows.items()
    }
    assert {place: found[place[0]][place[1]] for place in expected} == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_nothing_is_met_without_evidence(case: Case) -> None:
    """A criterion that is met names entries of the record; one that is not says what would settle it."""
    for policy in criteria_document(read(case)):
        for row in policy["criteria"]:
            assert (row["status"] == "met") == (row["settledBy"] is None), (policy["profile"], row)
            assert row["evidence"] or row["status"] != "met", (policy["profile"], row)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_what_no_record_holds_is_always_to_be_documented(case: Case) -> None:
    """Prescriber, monitoring programme, REMS and the like are never judged from a record."""
    for one in read(case):
        outside = {row.id for row in one.policy.criterion if row.outside}
        told = {row.id for row in one.criteria if row.shown.standing is Standing.TO_DOCUMENT}
        assert told == outside


def test_the_policies_are_dated_and_say_how_they_were_read() -> None:
    """At least twelve policies; second-hand ones are not taken for those read in their own words."""
    policies = KNOWLEDGE.policies.policies
    assert len(policies) >= 12
    assert {"label-us", "indication-eu", *KNOWLEDGE.criteria} <= set(policies)
    assert policies["strict-payer"].composite
    assert not policies["cigna"].own_words
    assert policies["qualchoice"].own_words


def test_the_quotations_are_short() -> None:
    """A policy's own words are quoted in brief."""
    quotes = [row.quote for one in KNOWLEDGE.policies.policies.values() for row in one.criterion]
    assert any(quotes)
    assert max(map(len, quotes)) <= 200


@pytest.mark.parametrize(
    ("dated", "day", "stale"),
    [
        ("2025-11-02", DAY, False),
        ("2025-11-01", DAY, True),
        ("2025-11", date(2026, 11, 1), False),
        ("2025-11", date(2026, 11, 2), True),
        ("", DAY, True),
    ],
)
def test_a_policy_older_than_a_year_is_stale(dated: str, day: date, stale: bool) -> None:
    """365 days after its latest known date a policy is not stale, a day later it is; without a date it is."""
    policy: Policy = replace(KNOWLEDGE.policies.policies["cigna"], dated=dated, effective_from="")
    assert policy.older_than(KNOWLEDGE.policies.stale.days, day) is stale


@pytest.mark.parametrize(("days", "status"), [(-1, "partial"), (0, "met")])
def test_trials_of_the_last_years_only(days: int, status: str) -> None:
    """A trial that ended on the day years ago counts, one that ended the day before does not."""
    ends = DAY.toordinal() - date(DAY.year - 1, DAY.month, DAY.day).toordinal() - days
    row = {
        "drug": "mirtazapine",
        "mg/day": "30",
        "from": f"D-{ends + 83}",
        "to": f"D-{ends}",
        "PHQ-9": "19 to 18",
    }
    case = replace(TWO_TRIALS, trials=("V",), history=(row,))
    assert by_rule(case, TrialRule(trials=2, within_years=1)) == status


@pytest.mark.parametrize(("dose", "status"), [("30", "partial"), ("45", "met")])
def test_a_multiple_of_the_minimum_dose(dose: str, status: str) -> None:
    """A policy may ask for a multiple of the minimum dose: half as much again as 30 mg is 45 mg."""
    row = {"drug": "mirtazapine", "mg/day": dose, "from": "D-190", "to": "D-107", "PHQ-9": "19 to 18"}
    case = replace(TWO_TRIALS, trials=("V",), history=(row,))
    assert by_rule(case, TrialRule(trials=2, dose_multiplier=1.5)) == status


def test_a_policy_without_a_number_is_never_met() -> None:
    """Where a policy names no number, three trials are still a matter of judgement."""
    row = {"drug": "mirtazapine", "mg/day": "30", "from": "D-190", "to": "D-107", "PHQ-9": "19 to 18"}
    case = replace(TWO_TRIALS, history=(row,))
    assert by_rule(case, TrialRule(trials=2)) == "met"
    assert by_rule(case, TrialRule(number_open=True)) == "partial"


def test_an_unreadable_order_is_not_taken_for_none() -> None:
    """Where an order could not be read, no trial on record is unknown, not missing."""
    record: dict[str, Any] = bundle(replace(TWO_TRIALS, trials=()), DAY)
    record["entry"].append({"resource": {"resourceType": "MedicationRequest", "id": "lost", "status": 7}})
    facts = read_document(json.dumps(record).encode(), KNOWLEDGE, DAY).facts
    found = read_criteria(facts, assess(facts, KNOWLEDGE, "default", DAY), KNOWLEDGE, ["default"])
    assert statuses(found)["default"]["trials"] == "unknown"

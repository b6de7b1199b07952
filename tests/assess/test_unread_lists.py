"""Lists that the service asked the EHR for in vain: what they leave unknown."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from service.assess import assess
from service.clinical.assessment import Assessment, Conclusion
from service.clinical.facts import Completeness, FetchFailure, Unreadable
from service.fhir.completeness import MAY_BE_MISSING
from tests.assess.course_facts import D0, KNOWLEDGE
from tests.assess.flag_facts import grouped, person, record

NAMES = KNOWLEDGE.wording.words["list"]
DEPRESSED = record(person=person(46), problems=(grouped("mdd"),))


def assessed(unread: Mapping[str, FetchFailure]) -> Assessment:
    """The assessment of a patient without trials, of whom these lists could not be read."""
    states = dict.fromkeys(unread, Completeness.NOT_RETRIEVABLE)
    return assess(replace(DEPRESSED, lists=states, lists_not_read=unread), KNOWLEDGE, "default", D0)


def gaps(unread: Mapping[str, FetchFailure]) -> dict[str, str]:
    """The text of each gap, by its id."""
    return {gap.id: gap.text for gap in assessed(unread).missing}


@pytest.mark.parametrize("kind", ["MedicationDispense", "MedicationStatement", "MedicationAdministration"])
def test_a_server_that_broke_off_may_hide_trials(kind: str) -> None:
    """Then too few trials are not known to be too few, and a card says which list did not come."""
    found = assessed({kind: FetchFailure.INTERRUPTED})
    assert found.conclusion is Conclusion.INSUFFICIENT_DATA
    assert [
        gap.blocking for gap in found.missing if gap.id == "LIST-MEDICATION" and NAMES[kind] in gap.text
    ] == [True]


@pytest.mark.parametrize("kind", ["MedicationStatement", "MedicationAdministration", "Procedure"])
def test_a_list_that_a_server_does_not_have_is_named_and_blocks_nothing(kind: str) -> None:
    """Many servers have no statements or administrations."""
    found = assessed({kind: FetchFailure.NOT_OFFERED})
    assert found.conclusion is Conclusion.NONE
    assert f"{NAMES[kind]} (not offered" in gaps({kind: FetchFailure.NOT_OFFERED})["LIST-OTHER"]


def test_dispenses_are_named_though_orders_failed_too() -> None:
    """No list that was asked for goes without a word."""
    unread = {"MedicationRequest": FetchFailure.INTERRUPTED, "MedicationDispense": FetchFailure.NOT_OFFERED}
    texts = [gap.text for gap in assessed(unread).missing if gap.id == "LIST-MEDICATION"]
    assert any("medication orders" in text for text in texts)
    assert any("Dispenses" in text for text in texts)


@pytest.mark.parametrize(
    "kind", ["QuestionnaireResponse", "Procedure", "ServiceRequest", "MedicationStatement"]
)
def test_a_list_that_was_not_sent_is_named(kind: str) -> None:
    """An error in its place, or nothing at all, is not the same as an empty list."""
    lists = {kind: Completeness.NOT_RETRIEVABLE}
    found = assess(replace(DEPRESSED, lists=lists), KNOWLEDGE, "default", D0)
    assert [gap for gap in found.missing if gap.id == "LIST-OTHER" and f"{NAMES[kind]} (could" in gap.text]


@pytest.mark.parametrize("kind", ["Observation", "QuestionnaireResponse", "Procedure"])
def test_a_list_of_which_only_a_page_came_is_named(kind: str) -> None:
    """What stands on the other pages is unknown."""
    lists = {kind: Completeness.FIRST_PAGE}
    found = assess(replace(DEPRESSED, lists=lists), KNOWLEDGE, "default", D0)
    assert [gap for gap in found.missing if gap.id == "LIST-OTHER" and f"{NAMES[kind]} (first" in gap.text]


@pytest.mark.parametrize(
    "state", [Completeness.NOT_RETRIEVABLE, Completeness.FIRST_PAGE, Completeness.PARTLY]
)
@pytest.mark.parametrize("kind", NAMES)
def test_no_list_is_named_by_its_type(kind: str, state: Completeness) -> None:
    """A clinician reads names of lists, not of resources."""
    found = assess(replace(DEPRESSED, lists={kind: state}), KNOWLEDGE, "default", D0)
    said = " ".join(gap.text for gap in found.missing)
    assert not any(name in said for name in NAMES if name not in ("Patient", "Procedure", "Condition"))


@pytest.mark.parametrize("kind", sorted(MAY_BE_MISSING))
def test_a_list_that_an_ehr_is_known_not_to_have_is_not_told_on_a_card(kind: str) -> None:
    """It is told where the EHR is registered, once; the verdict is that of an empty list."""
    lists = {kind: Completeness.NOT_OFFERED}
    found = assess(replace(DEPRESSED, lists=lists), KNOWLEDGE, "default", D0)
    assert found.missing == assess(DEPRESSED, KNOWLEDGE, "default", D0).missing
    assert found.conclusion is Conclusion.NONE


def test_of_the_medicines_at_least_one_list_has_to_come() -> None:
    """An EHR without orders is judged by its other lists, and if none of them came, not at all."""
    others = ("MedicationDispense", "MedicationStatement", "MedicationAdministration")
    orders = {"MedicationRequest": Completeness.NOT_OFFERED}
    one_came = orders | dict.fromkeys(others[1:], Completeness.NOT_OFFERED)
    none_came = one_came | {"MedicationDispense": Completeness.NOT_RETRIEVABLE}
    found = [
        assess(replace(DEPRESSED, lists=lists), KNOWLEDGE, "default", D0) for lists in (one_came, none_came)
    ]
    assert [one.assessable for one in found] == [True, False]
    assert [gap.id for gap in found[1].missing if gap.blocking and gap.id == "LIST-MEDICATION"]


@pytest.mark.parametrize(("foreign", "gate"), [(True, "GATE-DX"), (False, None)])
def test_an_entry_about_another_person_keeps_no_gate_open(foreign: bool, gate: str | None) -> None:
    """An entry of the patient that could not be read may be the depression; one of somebody else is not."""
    lost = Unreadable(reference="Condition/7", reason="set aside", foreign=foreign)
    facts = replace(DEPRESSED, problems=(), unreadable=(lost,))
    found = assess(facts, KNOWLEDGE, "default", D0)
    assert (found.gate.id if found.gate else None) == gate
    told = [gap.text for gap in found.missing if gap.id == "LIST-CONDITION"]
    said = KNOWLEDGE.findings.say("gap.LIST-CONDITION-unread", count=1)
    assert told == ([] if foreign else [said])

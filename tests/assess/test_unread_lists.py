"""Lists that the service asked the EHR for in vain: what they leave unknown."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from service.assess import assess
from service.clinical.assessment import Assessment, Conclusion
from service.clinical.facts import ListState, Unread
from tests.assess.course_facts import D0, KNOWLEDGE
from tests.assess.flag_facts import grouped, person, record

DEPRESSED = record(person=person(46), problems=(grouped("mdd"),))


def assessed(unread: Mapping[str, Unread]) -> Assessment:
    """The assessment of a patient without trials, of whom these lists could not be read."""
    states = dict.fromkeys(unread, ListState.NOT_RETRIEVABLE)
    return assess(replace(DEPRESSED, lists=states, unread_lists=unread), KNOWLEDGE, "default", D0)


def gaps(unread: Mapping[str, Unread]) -> dict[str, str]:
    """The text of each gap, by its id."""
    return {gap.id: gap.text for gap in assessed(unread).missing}


@pytest.mark.parametrize("kind", ["MedicationDispense", "MedicationStatement", "MedicationAdministration"])
def test_a_server_that_broke_off_may_hide_trials(kind: str) -> None:
    """Then too few trials are not known to be too few, and a card says which list did not come."""
    found = assessed({kind: Unread.INTERRUPTED})
    assert found.conclusion is Conclusion.INSUFFICIENT_DATA
    assert [gap.blocking for gap in found.missing if gap.id == "LIST-MEDICATION" and kind in gap.text] == [
        True
    ]


@pytest.mark.parametrize("kind", ["MedicationStatement", "MedicationAdministration", "Procedure"])
def test_a_list_that_a_server_does_not_have_is_named_and_blocks_nothing(kind: str) -> None:
    """Many servers have no statements or administrations."""
    found = assessed({kind: Unread.NOT_OFFERED})
    assert found.conclusion is Conclusion.NONE
    assert f"{kind} (not offered)" in gaps({kind: Unread.NOT_OFFERED})["LIST-OTHER"]


def test_dispenses_are_named_though_orders_failed_too() -> None:
    """No list that was asked for goes without a word."""
    unread = {"MedicationRequest": Unread.INTERRUPTED, "MedicationDispense": Unread.NOT_OFFERED}
    texts = [gap.text for gap in assessed(unread).missing if gap.id == "LIST-MEDICATION"]
    assert any("MedicationRequest" in text for text in texts)
    assert any("Dispenses" in text for text in texts)


@pytest.mark.parametrize(
    "kind", ["QuestionnaireResponse", "Procedure", "ServiceRequest", "MedicationStatement"]
)
def test_a_list_that_was_not_sent_is_named(kind: str) -> None:
    """An error in its place, or nothing at all, is not the same as an empty list."""
    lists = {kind: ListState.NOT_RETRIEVABLE}
    found = assess(replace(DEPRESSED, lists=lists), KNOWLEDGE, "default", D0)
    assert [gap.text for gap in found.missing if gap.id == "LIST-OTHER" and f"{kind} (not ret" in gap.text]


@pytest.mark.parametrize("kind", ["Observation", "QuestionnaireResponse", "Procedure"])
def test_a_list_of_which_only_a_page_came_is_named(kind: str) -> None:
    """What stands on the other pages is unknown."""
    lists = {kind: ListState.FIRST_PAGE}
    found = assess(replace(DEPRESSED, lists=lists), KNOWLEDGE, "default", D0)
    assert [gap.text for gap in found.missing if gap.id == "LIST-OTHER" and f"{kind} (first page" in gap.text]

"""The pages about policies: what each asks for, how old it is, and how it was read."""

from datetime import date

import pytest

from mappings.knowledge import load_knowledge
from service.web.basis.policies import policy_index, policy_page

KNOWLEDGE = load_knowledge()
OLD = "The latest known date of this policy is more than a year ago: look for a newer edition."


@pytest.mark.parametrize("policy", KNOWLEDGE.policies.policies)
def test_a_page_tells_every_row(policy: str) -> None:
    """Each criterion stands on the page of its policy, with the words that were quoted and what judges it."""
    page = policy_page(KNOWLEDGE, "default", policy, date(2026, 12, 1))
    rows = KNOWLEDGE.policies.policies[policy].criterion
    assert [(one.id, one.text, one.quote) for one in page.criteria] == [
        (row.id, row.text, row.quote) for row in rows
    ]
    assert all(one.title and one.judged_from for one in page.criteria)


@pytest.mark.parametrize(("today", "old"), [(date(2027, 3, 13), False), (date(2027, 3, 14), True)])
def test_a_policy_older_than_a_year_is_warned_about(today: date, old: bool) -> None:
    """The page of the US label of 13 March 2026 warns from 14 March 2027 on, and so does the list."""
    page = policy_page(KNOWLEDGE, "default", "label-us", today)
    listed = next(one for one in policy_index(KNOWLEDGE, "default", today).policies if one.id == "label-us")
    assert (OLD in page.warnings, OLD in listed.warnings) == (old, old)


def test_what_nobody_read_in_its_own_words_says_so() -> None:
    """A policy known from a reproduction says so; one that was read itself does not."""
    words = KNOWLEDGE.policies.texts["page.not-own-words"]
    today = date(2026, 12, 1)
    assert words in policy_page(KNOWLEDGE, "default", "bcbs-05-001-042", today).warnings
    assert words not in policy_page(KNOWLEDGE, "default", "nice-ta854", today).warnings

"""The pages about policies: what each asks for, how old it is, and how it was read."""

import re
from datetime import date
from pathlib import Path

import pytest

from mappings.knowledge import load_knowledge
from mappings.tables import TableError
from service.operations.rules import read_rules
from service.settings import read_settings
from service.web.basis.policies import PolicyPage, policy_index, policy_page
from tests.served import REPOSITORY

KNOWLEDGE = load_knowledge()
PAYER = REPOSITORY / "docs" / "examples" / "policies" / "payer.toml"
OLD = "The latest known date of this policy is more than 12 months ago: look for a newer edition."


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
    assert words in policy_page(KNOWLEDGE, "default", "cigna", today).warnings
    assert words not in policy_page(KNOWLEDGE, "default", "nice-ta854", today).warnings


def test_what_changed_from_the_edition_before() -> None:
    """A criterion that is gone or new stands on one side alone; those that are the same are not listed."""
    before = policy_page(KNOWLEDGE, "default", "label-us", date(2026, 12, 1)).before
    assert before is not None
    assert before.id == "label-us-2022"
    changes = {one.id: one for one in before.criteria}
    partner = changes["concurrent-antidepressant"]
    assert partner.now is None
    assert partner.before is not None
    assert partner.before.quote == "in conjunction with an oral antidepressant"
    assert "rems" not in changes


def test_an_earlier_edition_is_kept_but_not_offered() -> None:
    """`all` leaves it out; by its id it can be asked for, and it says that a later one is listed."""
    table = KNOWLEDGE.policies
    assert "label-us-2022" not in table.chosen("all")
    assert table.chosen("label-us,label-us-2022") == ("label-us", "label-us-2022")
    page = policy_page(KNOWLEDGE, "default", "label-us-2022", date(2026, 12, 1))
    assert table.texts["page.superseded"] in page.warnings
    assert page.before is None


def site_page(tmp_path: Path, *edits: tuple[str, str], today: date = date(2026, 12, 1)) -> PolicyPage:
    """Return the page of the later of two editions in a file of a site; it differs by `edits`."""
    text = PAYER.read_text(encoding="utf-8")
    later = text.partition("[[policy]]")[2]
    named = ('id = "example-payer"', 'id = "example-payer-2"\nedition_before = "example-payer"')
    for written, instead in (named, *edits):
        assert written in later
        later = later.replace(written, instead, 1)
    (tmp_path / "payer.toml").write_text(f"{text}\n[[policy]]{later}", encoding="utf-8")
    own = read_rules(read_settings({"KETAMINE_CDS_POLICIES_DIR": str(tmp_path)}))
    return policy_page(own, "default", "example-payer-2", today)


def test_two_editions_of_a_site_are_compared_by_their_figures(tmp_path: Path) -> None:
    """With data alone: the figure that changed is named on both sides, hostile words stay words."""
    before = site_page(
        tmp_path,
        ("days = 42", "days = 56"),
        ("Nobody drives home alone", "<script>alert(1)</script>"),
    ).before
    assert before is not None
    changes = {one.id: (one.before, one.now) for one in before.criteria}
    assert changes.keys() == {"trials", "home-visit"}
    assert [side and side.figures for side in changes["trials"]] == [("trials.days 42",), ("trials.days 56",)]
    assert [side and side.text for side in changes["home-visit"]] == [
        "Nobody drives home alone",
        "<script>alert(1)</script>",
    ]


@pytest.mark.parametrize(
    ("member", "today", "warning"),
    [
        ('effective_from = "2026-12"', date(2026, 11, 30), "not-yet"),
        ('effective_from = "2026-12"', date(2026, 12, 1), ""),
        ('effective_to = "2026-11"', date(2026, 11, 30), ""),
        ('effective_to = "2026-11"', date(2026, 12, 1), "ended"),
    ],
)
def test_a_policy_that_is_not_in_force_says_so(
    tmp_path: Path, member: str, today: date, warning: str
) -> None:
    """Before its first day and after its last one; a month lasts up to its end."""
    page = site_page(tmp_path, ('dated = "2026-05"', f'dated = "2026-05"\n{member}'), today=today)
    expected = [KNOWLEDGE.policies.texts[f"page.{warning}"]] if warning else []
    assert list(page.warnings) == expected


@pytest.mark.parametrize(
    ("before", "fault"),
    [
        ("nobody", "policy example-payer-2: edition_before: nobody: expected the id of a policy"),
        ("label-us-2022", "edition_before: label-us-2022: label-us has it too"),
        ("example-payer-2", "policy example-payer-2: edition_before: comes before itself"),
    ],
)
def test_an_edition_before_that_cannot_be_is_refused(tmp_path: Path, before: str, fault: str) -> None:
    """It is a policy here, another one, and the edition before one policy alone."""
    with pytest.raises(TableError, match=re.escape(fault)):
        site_page(tmp_path, ('edition_before = "example-payer"', f'edition_before = "{before}"'))


def test_a_definition_of_the_project_is_never_called_old() -> None:
    """It has no publisher who might have replaced it; the composite of payers' policies has."""
    old = {
        name: OLD in policy_page(KNOWLEDGE, "default", name, date(2028, 1, 1)).warnings
        for name in ("default", "lenient-4wk", "strict-payer", "cigna", "label-us")
    }
    assert old == {
        "default": False,
        "lenient-4wk": False,
        "strict-payer": True,
        "cigna": False,
        "label-us": True,
    }  # the date of cigna's is not known, which is told instead

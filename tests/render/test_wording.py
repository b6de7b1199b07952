"""The wording table: complete for the rules, and refused when a sentence cannot be filled."""

from enum import StrEnum

import pytest

from mappings.tables import TableError
from mappings.wording import load_wording
from service.clinical.assessment import Level, Outcome, Shortfall, TrialStatus
from service.clinical.facts import SourceKind
from service.clinical.order_check import Agent
from service.clinical.routes import Route
from service.render.kinds import Kind, NotAssessed
from tests.render.made import WORDING
from tests.tables import edited


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("topic", Kind),
        ("status", TrialStatus),
        ("shortfall", Shortfall),
        ("outcome", Outcome),
        ("level", Level),
        ("route", Route),
        ("witness", SourceKind),
        ("order", Agent),
        ("referral_order", Agent),
        ("not_assessed", NotAssessed),
    ],
)
def test_every_name_of_the_rules_has_a_word(table: str, names: type[StrEnum]) -> None:
    """A status, reason, outcome, level or witness that the rules give can be said on a card."""
    assert {str(name) for name in names} <= set(WORDING.words[table])


def test_every_kind_of_card_can_be_overridden_with_up_to_six_reasons() -> None:
    """Each kind of card offers reasons, never more than six."""
    assert all(1 <= len(WORDING.overrides.of(kind)) <= 6 for kind in Kind)


@pytest.mark.parametrize("reason", NotAssessed)
def test_reasons_for_not_assessing_fit_a_summary(reason: NotAssessed) -> None:
    """The reason is never cut."""
    assert len(WORDING.words["not_assessed"][reason]) <= 80


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "{failed}: {drugs}",
            "{failed}: {drug}",
            "sentences > summary > recommend: unknown placeholder 'drug'",
        ),
        (
            "{failed}: {drugs}",
            "{failed}: {drugs.x}",
            "recommend: {drugs.x}: expected a figure of a table",
        ),
        ("{failed}: {drugs}", "{failed}: {drugs!r}", "without ':' or '!'"),
        ("{failed}: {drugs}", "{failed}: {drugs", "sentences > summary > recommend"),
        ("Consider referral for", "Consider very carefully and at length a referral for", "leave room"),
        ('in-progress = "still', 'in-progres = "still', "words > shortfall > in-progres"),
        ("name = 80", 'name = "long"', "limits > name"),
        ('indicator = "critical"', 'indicator = "hard-stop"', "row 1 (SAFE-1) > indicator"),
        ('id = "approval"', 'id = "aproval"', "fact > row 3 (aproval) > id"),
    ],
)
def test_a_table_that_cannot_be_used_stops_the_start(old: str, new: str, complaint: str) -> None:
    """The error names the place in the table and what is wrong with it."""
    with pytest.raises(TableError) as error:
        load_wording(edited("wording.toml", old, new))
    assert "wording.toml" in str(error.value)
    assert complaint in str(error.value)


def test_more_than_six_override_reasons_are_refused() -> None:
    """A card offers at most six reasons."""
    row = '\n[[overrides.reason]]\ncode = "{}"\ndisplay = "d"\ncards = ["caution"]\n'
    rows = row.format("one") + row.format("two")
    with pytest.raises(TableError, match="more than 6 reasons for caution"):
        load_wording(edited("wording.toml", "\n# --- words ---", rows + "\n# --- words ---"))

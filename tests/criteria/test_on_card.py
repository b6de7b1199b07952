"""The line of a card about policies, where a site asks for it, and what warns of the card's definition."""

from dataclasses import replace
from datetime import date

import pytest

from cds_hooks.request import HookRequest
from mappings.knowledge import Knowledge, load_knowledge
from mappings.policies import with_policies
from mappings.tables import TableError, rule_tables
from service.answer.cards import RuleSet, answer_chart
from service.answer.read import read_document
from tests.served import REPOSITORY

DAY = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
RECORD = (REPOSITORY / "docs" / "examples" / "two-failed-trials.json").read_bytes()
CALL = HookRequest(
    hook="patient-view", hook_instance="i", user_id="Practitioner/p", patient_id="p", prefetch={}
)
BEGIN = "Policies, as far as the record tells"


def details(
    *on_card: str, knowledge: Knowledge = KNOWLEDGE, profile: str = "default", day: date = DAY
) -> str:
    """Return the bodies of the cards about the example record, where a site has cards name policies."""
    own = replace(knowledge, policies=replace(knowledge.policies, on_card=on_card))
    rules = RuleSet(knowledge=own, profile=profile, source_url="https://cds.example.org/basis/")
    answer = answer_chart(CALL, read_document(RECORD, own, day), rules, day)
    return "\n".join(card.detail or "" for card in answer.cards)


def line(detail: str) -> str:
    """Return the line about policies."""
    (found,) = [one for one in detail.splitlines() if one.startswith(BEGIN)]
    return found


def test_without_being_asked_a_card_names_no_policy() -> None:
    """The line is all that is added."""
    plain, asked = details(), details("label-us")
    assert BEGIN not in plain
    assert asked.replace(f"{line(asked)}\n\n", "") == plain


def test_one_line_tells_what_is_met_and_what_is_lacking_first() -> None:
    """What is open is counted; a policy that is met in part says what it lacks, as the criterion does."""
    told = line(details("label-us", "qualchoice", "nice-ta854"))
    met, _, lacking = told.partition("; not shown: ")
    assert "also met: Spravato: US prescribing information" in met
    assert "3 of 7 to be documented or not known" in met
    assert "Augmentation: A record of such a treatment" in lacking
    assert "Recommended by the body: Nothing in the record" in lacking


def test_it_stays_short() -> None:
    """Whatever policies are named, three make no more than a short paragraph."""
    names = sorted(KNOWLEDGE.policies.policies, key=lambda name: -len(line(details(name))))[:3]
    assert len(line(details(*names))) <= 800


def test_an_old_policy_says_so_beside_its_name() -> None:
    """The US label of 13 March 2026 a year later, and not on its last day."""
    assert "older than 12 months" not in details("label-us", day=date(2027, 3, 13))
    assert "older than 12 months" in line(details("label-us", day=date(2027, 3, 14)))


@pytest.mark.parametrize(
    ("profile", "day", "warned"),
    [
        ("strict-payer", date(2027, 11, 2), False),
        ("strict-payer", date(2027, 11, 3), True),
        ("default", date(2027, 11, 3), False),
    ],
)
def test_a_card_by_an_old_composite_says_so(profile: str, day: date, warned: bool) -> None:
    """Nobody else might have replaced a definition of the project; the payers of a composite might."""
    definition = [one for one in details(profile=profile, day=day).splitlines() if "Definition used" in one]
    assert [one.endswith("(older than 12 months).") for one in definition] == [warned]


def test_hostile_words_of_a_site_stay_words() -> None:
    """A title makes neither markup nor another line."""
    table = KNOWLEDGE.policies
    hostile = replace(table.policies["cigna"], title="# [x](http://x.example)\n<b>**")
    own = replace(KNOWLEDGE, policies=replace(table, policies={**table.policies, "cigna": hostile}))
    told = line(details("cigna", knowledge=own))
    assert "<b>" not in told
    assert "**" not in told.replace("\\*\\*", "")
    assert "\\[x\\]" in told


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('on_card = ["label-us"]', ""),
        ('on_card = ["nobody"]', "on_card: nobody: expected the id of a policy"),
        ('on_card = ["label-us", "cigna", "qualchoice", "carefirst"]', "on_card"),
        ("on_card = []", "expected a policy, or ids in on_card"),
    ],
)
def test_a_site_asks_for_it_by_a_file(
    tmp_path_factory: pytest.TempPathFactory, content: str, fault: str
) -> None:
    """A file of policies lists them; what cannot be stops the start."""
    folder = tmp_path_factory.mktemp("policies")
    (folder / "card.toml").write_text(f'version = "1"\n{content}\n', encoding="utf-8")
    tables = with_policies(rule_tables(), folder)
    if fault:
        with pytest.raises(TableError, match=fault):
            load_knowledge(tables=tables)
    else:
        assert load_knowledge(tables=tables).policies.on_card == ("label-us",)

"""What is looked up of an entry is what trying every finding on it gives, asked once or twice."""

from collections.abc import Iterator
from random import Random

import pytest
from msgspec.structs import replace

from mappings.finding_lookup import finding_lookup
from mappings.knowledge import load_knowledge
from mappings.matching import NO_WORDS, Finding, Part, Words
from service.assess.entries import icd_codes, recognised
from service.assess.problem_list import meaning, naming, problem_list
from service.clinical.facts import Code, Problem
from tests.assess.flag_facts import grouped, problem, worded

LOOKUP = load_knowledge().lookup
ONCE = ("no history of", "rule out", "h/o", "at risk for", "mother with", "denies", "s/p", "")


def written() -> Iterator[Problem]:
    """Entries by every kind of sign that the findings name: codes, groups, and words in all stances."""
    chance = Random(11)
    for finding in LOOKUP.findings:
        codes = [*finding.codes.prefixes, *finding.exceptions.prefixes]
        texts = [" ".join(part.words for part in phrase) for phrase in finding.text.phrases]
        texts += [" ".join(part.words for part in phrase) for phrase in finding.short.phrases]
        for code in chance.sample(codes, min(2, len(codes))):
            yield problem(code, text=chance.choice(texts or [""]), stage="A")
            yield problem(f"{code[:3]}.{code[3:]}X", chance.choice(codes).lower(), unlisted=True)
        for group in sorted(finding.snomed)[:1]:
            yield grouped(group, text=chance.choice(texts or [""]))
        for text in chance.sample(texts, min(2, len(texts))):
            yield worded(f"{chance.choice(ONCE)} {text}".strip().upper(), unlisted=True)
            yield worded(f"{text}; {chance.choice(ONCE)} {chance.choice(texts)}")
    yield problem(text="")


def test_looked_up_is_tried_out() -> None:
    """An entry names what it names when each finding is tried on it; the second time, too."""
    entries = list(written())
    assert len(entries) > 500  # of all the findings
    for entry in (*entries, *entries[:50]):
        tried = ((place, recognised(entry, finding)) for place, finding in enumerate(LOOKUP.findings))
        assert list(meaning(entry, LOOKUP)) == [(place, found) for place, found in tried if found]


@pytest.mark.parametrize("finding", LOOKUP.findings[::9])
def test_a_list_names_what_its_entries_name(finding: Finding) -> None:
    """The entries that name a finding are the same, in the same places, with and without the look-up."""
    entries = tuple(written())[::20]
    assert list(naming(problem_list(entries, LOOKUP), finding)) == naming(entries, finding)


def test_a_code_of_another_system_is_no_icd_code() -> None:
    """However much it looks like one."""
    codes = (Code(system="icd10", code="f33.2"), Code(system="", code="F33.1"), Code(system="icd10", code=""))
    assert icd_codes(replace(problem(), codes=codes)) == ("F332",)


def test_a_phrase_without_a_word_is_always_looked_up() -> None:
    """No word of the entry could lead to it."""
    entry, finding = worded("depression (+)"), Finding(text=Words(((Part("(+)"),),)))
    assert recognised(entry, finding)
    assert [place for place, _ in meaning(entry, finding_lookup((finding,)))] == [0]


def test_a_finding_from_elsewhere_is_tried() -> None:
    """A finding that is not of the tables is never taken for one that names nothing."""
    entries = (problem("Z99"), problem("I10"))
    found = naming(problem_list(entries, LOOKUP), Finding(codes=LOOKUP.findings[0].codes, named=NO_WORDS))
    assert found == naming(entries, Finding(codes=LOOKUP.findings[0].codes))


def test_dates_and_status_are_no_part_of_what_it_means() -> None:
    """Two entries of one wording mean the same, whatever else differs."""
    one = worded("suicide attempt", unlisted=True)
    other = worded("suicide attempt", unlisted=True, status="resolved", reference="Condition/other")
    assert meaning(one, LOOKUP) is meaning(other, LOOKUP)
    coded = Problem(
        reference="", codes=(Code(system="icd10", code="I10"),), groups=frozenset(), text="suicide attempt"
    )
    assert meaning(coded, LOOKUP) != meaning(one, LOOKUP)

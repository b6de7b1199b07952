"""The meaning of problem-list entries, worked out once for each record and distinct entry.

Records repeat themselves, and every rule asks every entry whether it names its finding: without the look-ups
of this module that is most of the time of an assessment. What an entry names depends on its codes and words
alone, so it is remembered for the next record (10 of 12 microseconds an entry), and the rules ask for the
entries that name a finding instead of trying each (24 of 30 ms at 500 resources). `recognised` says what
"names" means; the look-ups give the same answers, and a law holds them to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mappings.finding_lookup import FindingLookup
from mappings.matching import Finding
from mappings.remembering import remembered
from service.assess.entries import Recognised, by_words_only, icd_codes, recognised, wordings
from service.clinical.facts import Code, EntryText, Problem


class Named(NamedTuple):
    """An entry, its place in the problem list, and how it names a finding."""

    place: int
    problem: Problem
    found: Recognised


class ProblemList(tuple[Problem, ...]):
    """The entries of a record, with those that name a finding at hand."""

    named: Mapping[int, Sequence[Named]]
    lookup: FindingLookup


def problem_list(entries: Iterable[Problem], lookup: FindingLookup) -> ProblemList:
    """Return the entries with their meanings looked up."""
    listed, named = ProblemList(entries), defaultdict[int, list[Named]](list)
    for place, problem in enumerate(listed):
        for finding, found in meaning(problem, lookup):
            named[finding].append(Named(place, problem, found))
    listed.named, listed.lookup = named, lookup
    return listed


def replaced(old: Sequence[Problem], entries: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return `entries` in place of the `old` ones, with meanings looked up if the old ones had them."""
    return problem_list(entries, old.lookup) if isinstance(old, ProblemList) else tuple(entries)


def naming(entries: Sequence[Problem], finding: Finding) -> Sequence[Named]:
    """Return the entries that name `finding`, affirmed or not, in order."""
    if isinstance(entries, ProblemList) and (key := entries.lookup.places.get(id(finding))) is not None:
        return entries.named.get(key, ())
    found = ((place, problem, recognised(problem, finding)) for place, problem in enumerate(entries))
    return [Named(place, problem, how) for place, problem, how in found if how]


class _Concept(NamedTuple):
    """The parts of an entry that decide its meaning: neither its dates nor its status."""

    codes: tuple[Code, ...]
    groups: frozenset[str]
    wordings: tuple[EntryText, ...]
    text: str
    stage: str
    unlisted: bool


def meaning(problem: Problem, lookup: FindingLookup) -> Sequence[tuple[int, Recognised]]:
    """Return the findings that an entry names, by place in the look-up, and how it names each."""
    concept = _Concept(
        problem.codes, problem.groups, problem.wordings, problem.text, problem.stage, problem.unlisted
    )
    return _meaning(concept, lookup)


@remembered
def _meaning(concept: _Concept, lookup: FindingLookup) -> Sequence[tuple[int, Recognised]]:
    entry = Problem(reference="", **concept._asdict())
    possible = lookup.coded(icd_codes(entry), entry.groups)
    if by_words_only(entry):
        possible |= lookup.worded(wording.says.text for wording in wordings(entry))
    found = ((place, recognised(entry, lookup.findings[place])) for place in sorted(possible))
    return tuple((place, how) for place, how in found if how)

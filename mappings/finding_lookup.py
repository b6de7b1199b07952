"""Which findings an entry may name, looked up by its codes, groups and words instead of tried one by one.

A record has ten to fifty problems and the tables some 250 findings. To try every finding on every entry took
60 microseconds a finding-rich entry and most of an assessment (24 of 30 ms at 500 resources); the look-up
takes one step for each code and word of the entry and leaves a handful of findings to try.

It may offer a finding that an entry does not name, and never keeps one back that it does.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from mappings.matching import Finding, Part

_CATEGORY = 3  # characters of an ICD-10 code; no table names less
_WORD = re.compile(r"\w+")
_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class FindingLookup:
    """The findings by the ICD-10 categories and the SNOMED CT groups that they list, and by their words.

    Each is known by its place in `findings`; `wordless` are those with a phrase that has no word.
    """

    findings: tuple[Finding, ...]
    by_category: Mapping[str, frozenset[int]]
    by_group: Mapping[str, frozenset[int]]
    by_word: Mapping[str, frozenset[int]]
    wordless: frozenset[int]
    places: Mapping[int, int]

    def __reduce__(self) -> tuple[object, ...]:
        """Return how a copy is made: its places are those of its own findings."""
        return finding_lookup, (self.findings,)

    def knows(self, finding: Finding) -> bool:
        """Tell whether this very object, not just an equal one, is among the findings."""
        return id(finding) in self.places

    def coded(self, icd_codes: Iterable[str], groups: Iterable[str]) -> frozenset[int]:
        """Return the findings that may be named by ICD-10 codes, upper case without the dot, or by groups."""
        found = [self.by_category.get(code[:_CATEGORY], _NONE) for code in icd_codes]
        return _NONE.union(*found, *(self.by_group.get(group, _NONE) for group in groups))

    def worded(self, texts: Iterable[str]) -> frozenset[int]:
        """Return the findings that may be named by texts in small letters."""
        words = {word for text in texts for word in _WORD.findall(text)}
        return self.wordless.union(*(self.by_word[word] for word in words & self.by_word.keys()))


def finding_lookup(*tables: object) -> FindingLookup:
    """Return the look-up of every finding in `tables`, each taken once."""
    listed = tuple({id(finding): finding for table in tables for finding in _findings(table)}.values())
    return FindingLookup(
        findings=listed,
        by_category=_by(listed, lambda finding: (code[:_CATEGORY] for code in finding.codes.prefixes)),
        by_group=_by(listed, lambda finding: finding.snomed),
        by_word=_by(listed, lambda finding: filter(None, _words(finding))),
        wordless=frozenset(place for place, finding in enumerate(listed) if "" in _words(finding)),
        places={id(finding): place for place, finding in enumerate(listed)},
    )


def _findings(value: object) -> Iterator[Finding]:
    """Yield the findings of a table, at any depth."""
    if isinstance(value, Finding):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for member in fields(value):
            yield from _findings(getattr(value, member.name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _findings(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _findings(inner)


def _by(
    listed: tuple[Finding, ...], names: Callable[[Finding], Iterable[str]]
) -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for place, finding in enumerate(listed):
        for name in names(finding):
            found[name].add(place)
    return {name: frozenset(places) for name, places in found.items()}


def _words(finding: Finding) -> frozenset[str]:
    """Return the longest word of each phrase, which a matching text must contain; "" if it has no word."""
    return frozenset(_longest(phrase) for phrase in (*finding.text.phrases, *finding.short.phrases))


def _longest(phrase: tuple[Part, ...]) -> str:
    return max((word for part in phrase for word in _WORD.findall(part.words)), key=len, default="")

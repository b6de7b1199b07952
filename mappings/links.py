"""Which rules a code, a group or a drug feeds: read off the rule tables themselves."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from mappings.knowledge import Knowledge
from mappings.matching import NO_CODES, NO_WORDS, Codes, Finding, Words

# The tables that hold rules, and what a row of each is called.
TABLES_OF_RULES = {
    "drugs": "antidepressant",
    "augmentations": "augmentation",
    "diagnoses": "diagnosis",
    "scales": "scale",
    "flags": "flags",
    "safety": "safety",
    "gates": "gates",
    "orders": "orders",
    "reading": "reading",
}
# Members that are no condition of a rule: the sum of all others, and names for people.
NOT_READ = frozenset({"watched", "name", "title", "text", "meaning", "sources", "rule", "pairs", "scales"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RowLink:
    """One row of the rule tables, and what an entry of a record must be for the row to look at it.

    `names` are the drug groups, ingredients, condition groups and concepts that the row names, `finding` is
    the row itself where it names what an entry of the problem list means.
    """

    rule: str
    names: frozenset[str]
    codes: Codes = NO_CODES
    exceptions: Codes = NO_CODES
    words: Words = NO_WORDS
    words_except: Words = NO_WORDS
    finding: Finding | None = None

    def has_code(self, code: str) -> bool:
        """Tell whether an ICD-10 code (upper case, no dot) is one of the row's."""
        return code.startswith(self.codes.prefixes) and not code.startswith(self.exceptions.prefixes)

    def has_text(self, text: str) -> bool:
        """Tell whether a text without a code says one of the row's phrases."""
        return self.words.in_text(text) and not self.words_except.in_text(text)


def links(knowledge: Knowledge) -> tuple[RowLink, ...]:
    """Return every row of the rule tables that looks at something."""
    rules = (_links(getattr(knowledge, table), said) for table, said in TABLES_OF_RULES.items())
    return tuple(link for table in rules for link in table)


def rules_naming(names: Iterable[str], found: Iterable[RowLink]) -> tuple[str, ...]:
    """Return the rules that name one of these groups, ingredients or concepts."""
    wanted = frozenset(names)
    return _distinct(link.rule for link in found if not wanted.isdisjoint(link.names))


def rules_of_icd(code: str, found: Iterable[RowLink]) -> tuple[str, ...]:
    """Return the rules that an ICD-10 code fits."""
    plain = code.replace(".", "").upper()
    return _distinct(link.rule for link in found if link.has_code(plain))


def rules_of_text(text: str, found: Iterable[RowLink]) -> tuple[str, ...]:
    """Return the rules that look at an entry with this text and no code."""
    return _distinct(link.rule for link in found if link.has_text(text))


def rules_of_findings(named: Iterable[Finding], found: Iterable[RowLink]) -> tuple[str, ...]:
    """Return the rules whose own rows these are."""
    wanted = frozenset(map(id, named))
    return _distinct(link.rule for link in found if id(link.finding) in wanted)


def _distinct(rules: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rules))


def _links(value: Any, rule: str) -> Iterator[RowLink]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for row in value:
            if is_dataclass(row):
                yield from _links(row, _called(row, rule))
    elif is_dataclass(value):
        yield _link(value, rule)
        for field in fields(value):
            inner = getattr(value, field.name)
            if field.name not in NOT_READ and not isinstance(value, Codes | Words):
                yield from _links(inner, _part(rule, field.name))


def _part(rule: str, member: str) -> str:
    """Return the name of a part of a whole table; parts of a row have the name of the row."""
    return f"{rule} {member.replace('_', ' ')}" if rule in TABLES_OF_RULES else rule


def _called(row: Any, rule: str) -> str:
    """Return the name of a row: that of the rule around it, with the row's id if it has one."""
    own = getattr(row, "id", "") or getattr(row, "ingredient", "") or getattr(row, "concept", "")
    return f"{rule.removeprefix('flags ')} {own}" if own else rule


def _link(row: Any, rule: str) -> RowLink:
    return RowLink(
        rule=rule,
        names=frozenset(_names(row)),
        codes=_member(row, "codes", NO_CODES),
        exceptions=_member(row, "exceptions", NO_CODES),
        words=_member(row, "text", NO_WORDS),
        words_except=_member(row, "text_except", NO_WORDS),
        finding=row if isinstance(row, Finding) else None,
    )


def _member(row: Any, name: str, default: Any) -> Any:
    value = getattr(row, name, default)
    return value if isinstance(value, type(default)) else default


def _names(row: Any) -> Iterator[str]:
    for field in fields(row):
        value = getattr(row, field.name)
        if field.name in NOT_READ:
            continue
        members = value if isinstance(value, tuple | frozenset) else (value,)
        yield from (member for member in members if isinstance(member, str))

"""The words that say whether a text affirms, suspects, fears or denies what it names: `clauses.toml`."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Annotated, Any

from marshmallow import ValidationError, validate

from mappings.tables import Reviewed, Tables, read_table

# A word with its inner hyphens and apostrophes, a number, or a sign that stands for a word ("r/o", "?AVM").
TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[?/#&+]")
SAYS = ("affirmed", "past", "suspected", "feared", "denied", "another")
SCOPES = ("after", "before", "around", "clause", "none")


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseWords(Reviewed):
    """Words that divide a text, that end a denial, and that say nothing by themselves."""

    divides: tuple[str, ...]
    lists: tuple[str, ...]
    ends_denial: tuple[str, ...]
    bound: tuple[str, ...]
    aspects: tuple[str, ...]
    treated_by: frozenset[str]
    beside: tuple[str, ...]
    beside_passes: tuple[str, ...]
    tells: tuple[str, ...]
    fillers: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AllergyWords(Reviewed):
    """What is read otherwise in the allergy list: more fillers, and phrases that deny."""

    fillers: tuple[str, ...]
    denies_after: tuple[str, ...]
    denies_before: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CueRow(Reviewed):
    """Phrases that say one thing about the words in their scope."""

    says: Annotated[str, validate.OneOf(SAYS)]
    scope: Annotated[str, validate.OneOf(SCOPES)]
    words: Annotated[tuple[str, ...], validate.Length(min=1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """One phrase, in tokens, with what it says and of which words."""

    tokens: tuple[str, ...]
    says: str
    scope: str


@dataclass(slots=True)
class Branch:
    """A place in the tree of cues: the cue that ends here, and the tokens with which a longer one goes on."""

    cue: Cue | None = None
    following: dict[str, "Branch"] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class ClauseTable:
    """`clauses.toml`."""

    version: str
    allergies: AllergyWords
    words: ClauseWords
    cue: tuple[CueRow, ...]

    def __post_init__(self) -> None:
        phrases = [phrase for row in self.cue for phrase in row.words]
        bad = [phrase for phrase in phrases if not TOKEN.search(phrase) or phrase != phrase.lower()]
        times = Counter(tuple(TOKEN.findall(phrase)) for phrase in phrases)
        twice = [" ".join(tokens) for tokens, count in times.items() if count > 1]
        if bad or twice:
            raise ValidationError(f"empty or in capitals: {bad}; listed twice: {sorted(twice)}", "cue")

    @cached_property
    def cues(self) -> Mapping[str, "Branch"]:
        """The phrases as a tree of tokens."""
        root = Branch()
        for row in self.cue:
            for phrase in row.words:
                tokens, branch = tuple(TOKEN.findall(phrase)), root
                for token in tokens:
                    branch = branch.following.setdefault(token, Branch())
                branch.cue = Cue(tokens=tokens, says=row.says, scope=row.scope)
        return root.following

    @cached_property
    def measures(self) -> frozenset[str]:
        """What was looked with, and how a finding is measured."""
        return frozenset(self.words.measures)

    @cached_property
    def of_allergies(self) -> "ClauseTable":
        """The table for entries of the allergy list."""
        own, known = self.allergies, {phrase for row in self.cue for phrase in row.words}
        both = set(own.denies_after) & set(own.denies_before)
        after = tuple(phrase for phrase in own.denies_after if phrase not in known | both)
        before = tuple(phrase for phrase in own.denies_before if phrase not in known)
        rows = (
            CueRow(**_provenance(own), says="denied", scope="after", words=after),
            CueRow(**_provenance(own), says="denied", scope="before", words=before),
        )
        words = replace(self.words, fillers=(*self.words.fillers, *own.fillers))
        return ClauseTable(version=self.version, allergies=own, words=words, cue=(*self.cue, *rows))

    @cached_property
    def silent(self) -> frozenset[str]:
        """Words that name nothing that a patient has."""
        return frozenset((*self.words.fillers, *self.words.measures))


def _provenance(row: Reviewed) -> dict[str, Any]:
    return {member.name: getattr(row, member.name) for member in fields(Reviewed)}


def load_clauses(tables: Tables | None = None) -> ClauseTable:
    """Return `clauses.toml`; raise TableError when a row does not fit."""
    return read_table("clauses.toml", ClauseTable, tables)

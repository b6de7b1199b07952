"""How a table names a finding: by codes with their names, by groups of codes, by words as a last resort."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Annotated, Any

from marshmallow import ValidationError, fields

from mappings.members import CONDITION_GROUP, Key, Refers

ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?\Z")


@dataclass(frozen=True, slots=True)
class Codes:
    """ICD-10 codes that match by prefix, without the dot, and the name of each."""

    prefixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def name_of(self, code: str) -> str | None:
        """Return the name beside the longest prefix of `code` (upper case, no dot); None when none fits."""
        fitting = [pair for pair in zip(self.prefixes, self.names, strict=True) if code.startswith(pair[0])]
        return max(fitting, key=lambda pair: len(pair[0]))[1] if fitting else None


@dataclass(frozen=True)
class Part:
    """Words in small letters, and the pattern that finds them as whole words.

    The pattern is compiled when a text first holds the words: of some four thousand few ever do, and to
    compile them all takes a fifth of reading the tables.
    """

    words: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds the words as whole ones."""
        return re.compile(rf"(?<!\w){re.escape(self.words)}(?!\w)")

    def in_text(self, text: str) -> bool:
        """Tell whether `text`, in small letters, says these words."""
        # The plain search first: a record may hold megabytes of text, which patterns read 100 times slower.
        return self.words in text and self.pattern.search(text) is not None


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases of which one must stand in a text as whole words; a phrase may have several parts."""

    phrases: tuple[tuple[Part, ...], ...] = ()

    def places(self, text: str, others: "Words") -> Iterator[tuple[int, int]]:
        """Yield where `text`, in small letters, says a phrase (its first part) that is none of `others`.

        A phrase of `others` that contains one of these phrases names something else ("heat stroke").
        """
        if not any(all(part.in_text(text) for part in phrase) for phrase in self.phrases):
            return
        plain = text
        for phrase in others.phrases:
            if self._within(phrase):
                plain = phrase[0].pattern.sub(_blank, plain)
        for phrase in self.phrases:
            if all(part.in_text(plain) for part in phrase):
                yield from (found.span() for found in phrase[0].pattern.finditer(plain))

    def without(self, text: str) -> str:
        """Return `text`, in small letters, with each of the phrases left blank."""
        for phrase in self.phrases:
            for part in phrase:
                text = part.pattern.sub(_blank, text) if part.words in text else text
        return text

    def outside(self, others: "Words") -> "Words":
        """Return the phrases of `others` that contain none of these phrases."""
        return Words(tuple(phrase for phrase in others.phrases if not self._within(phrase)))

    def _within(self, phrase: tuple[Part, ...]) -> bool:
        return len(phrase) == 1 and self.in_text(phrase[0].words)

    def in_text(self, text: str) -> bool:
        """Tell whether `text` says one of the phrases, in any case of letters."""
        lowered = text.lower()
        return any(all(part.in_text(lowered) for part in phrase) for phrase in self.phrases)


NO_CODES = Codes()
NO_WORDS = Words()


class CodesField(fields.Field[Codes]):
    """A list of `CODE name`: the name stands beside the code for the reader."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Codes:
        pairs = [str(row).partition(" ") for row in value] if isinstance(value, list) else []
        bad = [code for code, _, name in pairs if not ICD10.match(code) or not name]
        if bad or not isinstance(value, list):
            raise ValidationError(f"not a list of ICD-10 codes, each followed by its name: {bad or value}")
        prefixes = tuple(code.replace(".", "") for code, _, _ in pairs)
        return Codes(prefixes, tuple(name for _, _, name in pairs))


class WordsField(fields.Field[Words]):
    """A list of phrases; ` + ` joins parts that must all be said, in any order; `<a|b>` is either."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Words:
        if not isinstance(value, list) or not all(isinstance(row, str) and row.strip() for row in value):
            raise ValidationError("not a list of phrases")
        phrases = (phrase for row in value for phrase in _spelled_out(row))
        return Words(tuple(tuple(_whole_words(part) for part in phrase.split(" + ")) for phrase in phrases))


class GroupsField(fields.Field[frozenset[str]]):
    """A list of names that becomes a set."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> frozenset[str]:
        if not isinstance(value, list) or not all(isinstance(row, str) and row for row in value):
            raise ValidationError("not a list of names")
        return frozenset(value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Which entries of a problem list mean one thing.

    An entry fits by an ICD-10 code or a SNOMED CT group. Only an entry of whose codes no table names one is
    recognised by `text`, or by `short`: abbreviations that count where they stand alone or next to one of the
    words `beside`. `named` and `not_named` narrow what fits by the entry's wording.
    """

    codes: Codes = NO_CODES
    exceptions: Annotated[Codes, Key("except")] = NO_CODES
    snomed: Annotated[frozenset[str], Refers(CONDITION_GROUP)] = frozenset()
    text: Words = NO_WORDS
    text_except: Words = NO_WORDS
    short: Words = NO_WORDS
    beside: Words = NO_WORDS
    named: Words = NO_WORDS
    not_named: Words = NO_WORDS


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _spelled_out(row: str) -> Iterator[str]:
    """Yield the row once for each combination of its alternatives: `<a|b> c` is "a c" and "b c"."""
    pieces = re.split(r"<([^<>]*)>", row)
    for chosen in product(*(piece.split("|") for piece in pieces)):
        yield "".join(chosen)


def _whole_words(phrase: str) -> Part:
    return Part(phrase.strip().lower())

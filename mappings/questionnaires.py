"""How the questions about suicide risk, and the items of the PHQ-9, are recognised: `questionnaires.toml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mappings.members import Measurement
from mappings.plain import plain
from mappings.tables import Reviewed, TableError, Tables, read_table

# What may stand between the name of a form and the number of its item: "PHQ-9 item 9", "phq9-q09".
_NUMBER = re.compile(r"(?:.*\D)?0{0,2}(\d{1,2})")


@dataclass(frozen=True, kw_only=True, slots=True)
class FormRow(Reviewed):
    """One questionnaire: the names that its address, group or link ids carry, and its questions in order.

    A value under the code of its `panel` says something of suicide risk, where it is a scale of that.
    """

    id: str
    names: tuple[str, ...]
    answers: str
    questions: tuple[str, ...]
    looks_so: bool = False
    panel: Measurement = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionRow(Reviewed):
    """One question in one language: phrases of which one must stand in its text; ` + ` joins parts."""

    question: str
    language: str
    words: tuple[str, ...]
    not_words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowRow(Reviewed):
    """A question that is clear only below or behind another one."""

    after: str
    question: str
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NameRow(Reviewed):
    """What a question is called on a card, and the kind of its answers."""

    question: str
    name: str
    answers: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskRow(Reviewed):
    """Words that put a question among those about suicide risk or exclude it, and answers to it."""

    named_by: tuple[str, ...]
    not_named_by: tuple[str, ...]
    denied_by: tuple[str, ...]
    affirmed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Parts that a text must hold, words that it must not, and the question it then asks."""

    parts: tuple[str, ...]
    refused: tuple[str, ...]
    question: str
    place: int


@dataclass(frozen=True, kw_only=True)
class QuestionnaireTable:
    """`questionnaires.toml`."""

    version: str
    item_words: tuple[str, ...]
    form: tuple[FormRow, ...]
    asks: tuple[NameRow, ...]
    question: tuple[QuestionRow, ...]
    follow: tuple[FollowRow, ...]
    risk: RiskRow

    @cached_property
    def named(self) -> dict[str, NameRow]:
        """The questions about suicide risk, by id."""
        return {row.question: row for row in self.asks}

    def form_of(self, *said: str) -> FormRow | None:
        """Return the form that one of these addresses, texts or codes names."""
        return next(
            (row for text in map(plain, said) if text for row in self.form if _named(row, text)), None
        )

    def question_of(self, text: str) -> str | None:
        """Return the question that `text` asks, by its words; of several the first in the table."""
        words = plain(text)
        begun = [phrase for word in set(words.split()) for phrase in self._phrases.get(word, ())]
        fitting = (phrase for phrase in begun if _says(words, phrase))
        first = min(fitting, key=lambda phrase: phrase.place, default=None)
        return first.question if first else None

    def numbered(self, text: str) -> str | None:
        """Return the question that only a form's name and a number identify: "PHQ-9 item 9"."""
        words = plain(text)
        for row in self.form:
            for name in row.names:
                match = self._only_number.fullmatch(words.rpartition(name)[2]) if name in words else None
                if match and 1 <= int(match[1]) <= len(row.questions):
                    return row.questions[int(match[1]) - 1]
        return None

    def followed(self, after: str, text: str) -> str | None:
        """Return the question that `text` asks where `after` was asked before it."""
        rows = [row for row in self.follow if row.after == after]
        words = plain(text) if rows else ""
        return next((row.question for row in rows if any(word in words for word in row.words)), None)

    def about_risk(self, *said: str) -> bool:
        """Tell whether one of these texts is about the suicide risk of the patient."""
        texts = [plain(text) for text in said]
        named = any(word in text for text in texts for word in self.risk.named_by)
        return named and not any(word in text for text in texts for word in self.risk.not_named_by)

    @cached_property
    def _only_number(self) -> re.Pattern[str]:
        """A pattern for what follows the name of a form if only the number of an item is given."""
        return re.compile(rf" ?(?:{'|'.join(self.item_words)})? ?0{{0,2}}(\d{{1,2}})")

    @cached_property
    def _phrases(self) -> Mapping[str, tuple[_Phrase, ...]]:
        """The phrases by the word that each begins with, so that few are looked for in a text."""
        rows = ((row, phrase.split(" + ")) for row in self.question for phrase in row.words)
        found: dict[str, tuple[_Phrase, ...]] = {}
        for place, (row, parts) in enumerate(rows):
            phrase = _Phrase(tuple(map(plain, parts)), row.not_words, row.question, place)
            begins = phrase.parts[0].partition(" ")[0]
            found[begins] = (*found.get(begins, ()), phrase)
        return found


def number_in(link_id: str, form: FormRow) -> int | None:
    """Return the number of the item that ends a link id, apart from digits of the form's own name."""
    words = plain(link_id)
    name = next((name for name in form.names if name in words), "")
    rest = words.rpartition(name)[2] if name else words
    match = _NUMBER.fullmatch(rest)
    return int(match[1]) if match else None


def _named(row: FormRow, words: str) -> bool:
    return any(name in words for name in row.names)


def _says(words: str, phrase: _Phrase) -> bool:
    if not all(part in words for part in phrase.parts):
        return False
    return not any(f" {word} " in f" {words} " for word in phrase.refused)


def load_questionnaires(tables: Tables | None = None) -> QuestionnaireTable:
    """Return `questionnaires.toml`; raise TableError where words stand that could never be found."""
    table = read_table("questionnaires.toml", QuestionnaireTable, tables)
    for word in _compared(table):
        if word != plain(word):
            raise TableError(
                f"questionnaires.toml: {word!r}: written so it is never found; write {plain(word)!r}"
            )
    return table


def _compared(table: QuestionnaireTable) -> list[str]:
    """Return every word that is searched for exactly as written."""
    rows = [table.item_words, *(row.names for row in table.form)]
    rows += [row.words for row in table.follow] + [row.not_words for row in table.question]
    return [word for row in (*rows, table.risk.named_by, table.risk.not_named_by) for word in row]

"""The words in which an entry of the record is told, shared by flags and safety triggers."""

from dataclasses import dataclass

from mappings.sections import schema_of
from mappings.tables import TABLES, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryWords:
    """How an entry of the record is told: when it was, and how sure; `shown` of them in one flag."""

    version: str
    since: str
    recorded: str
    ended: str
    ended_unknown: str
    undated: str
    inexact: str
    unconfirmed: str
    by_text: str
    ordered: str
    ordered_until: str
    supplied: str
    supplied_until: str
    given_on: str
    reported: str
    doubtful: str
    shown: int
    more: str


def load_entry_words() -> EntryWords:
    """Return the words of `entries.toml`; raise TableError when they do not fit."""
    words: EntryWords = read_table(TABLES / "entries.toml", schema_of(EntryWords)())
    return words

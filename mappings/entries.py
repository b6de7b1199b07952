"""The words that describe an entry of the record, shared by flags and safety triggers."""

from dataclasses import dataclass

from mappings.tables import Tables, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryWords:
    """Words for an entry of the record: when it was, and how certain; one flag shows `shown` entries."""

    version: str
    since: str
    recorded: str
    ended: str
    ended_unknown: str
    undated: str
    inexact: str
    unconfirmed: str
    by_text: str
    by_display: str
    suspected: str
    disagrees: str
    visited: str
    aside_past: str
    aside_suspected: str
    aside_feared: str
    aside_denied: str
    aside_another: str
    aside_not_done: str
    ordered: str
    ordered_until: str
    supplied: str
    supplied_until: str
    given_on: str
    reported: str
    doubtful: str
    shown: int
    more: str


def load_entry_words(tables: Tables | None = None) -> EntryWords:
    """Return the words of `entries.toml`; raise TableError when they do not fit."""
    return read_table("entries.toml", EntryWords, tables)

"""Entries that could not be read, counted by their kind: unknown, not absent."""

from collections.abc import Mapping, Sequence

from mappings.wording import Wording
from service.clinical.facts import Unreadable
from service.render.context import say_plain
from service.render.fitting import joined


def unread_words(wording: Wording, unreadable: Sequence[Unreadable], received: Mapping[str, int]) -> str:
    """Return how many entries of each kind could not be read, of how many, and why; "" if there are none."""
    kinds: dict[str, list[Unreadable]] = {}
    for entry in unreadable:
        kinds.setdefault(_kind(wording, entry.reference), []).append(entry)
    return joined(wording, [_unread(wording, kind, entries, received) for kind, entries in kinds.items()])


def _kind(wording: Wording, reference: str) -> str:
    kinds = wording.words["entry"]
    return kinds.get(reference.partition("/")[0], kinds["other"])


def _reasons(entries: Sequence[Unreadable]) -> Sequence[str]:
    """Return each reason once; the JSON names the entries, a card does not."""
    return tuple(dict.fromkeys(entry.reason for entry in entries))


def _unread(wording: Wording, kind: str, entries: Sequence[Unreadable], received: Mapping[str, int]) -> str:
    total = sum(count for name, count in received.items() if _kind(wording, name) == kind)
    reasons = joined(
        wording, [say_plain(wording, "gaps.entry", reason=reason) for reason in _reasons(entries)]
    )
    count = len({entry.reference for entry in entries})
    if total < count:
        return say_plain(wording, "gaps.entries", count=count, kind=kind, reasons=reasons)
    return say_plain(wording, "gaps.entries_of", count=count, total=total, kind=kind, reasons=reasons)

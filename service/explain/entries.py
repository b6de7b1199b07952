"""One entry of a record: whether it was used, what was understood of it, and why it was not used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Understood = dict[str, Any]

USED, IGNORED, UNREADABLE, HELPS = "used", "ignored", "unreadable", "looked up"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedEntry:
    """An entry. `status` is "used", "ignored", "unreadable" or "looked up" (it only helps to read others).

    `reasons` say why it is not used, or what of it could not be read; `understood` is what it was read as.
    """

    reference: str
    status: str
    reasons: tuple[str, ...] = ()
    understood: Mapping[str, Any] = field(default_factory=dict)


def said(understood: Understood) -> Understood:
    """Return what is said: members that are empty are left out."""
    return {key: value for key, value in understood.items() if value not in (None, "", [], ())}


def judged(
    reference: str, understood: Understood, used: bool, ignored: tuple[str, ...], unread: tuple[str, ...]
) -> CheckedEntry:
    """Return the entry with its status: read and used, else not readable and why, else ignored and why."""
    if used:
        return CheckedEntry(reference=reference, status=USED, reasons=unread, understood=said(understood))
    if unread:
        return CheckedEntry(
            reference=reference, status=UNREADABLE, reasons=unread, understood=said(understood)
        )
    return CheckedEntry(reference=reference, status=IGNORED, reasons=ignored, understood=said(understood))

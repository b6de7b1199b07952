"""Answers of the command line as aligned text; nothing of a record in it can steer a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mappings.wording import Wording
from service.explain.codes import LookedUp
from service.render.escape import plain

_LONGEST = 300  # characters of one value; longer texts of a record are cut
_INDENT = "  "


def codes_text(answers: Sequence[LookedUp], wording: Wording) -> str:
    """Return the text about each code or name that was looked up."""
    blocks = []
    for answer in answers:
        known = [line for match in answer.found for line in (*_members(match), "")]
        blocks.append(
            "\n".join(
                [_safe(answer.asked), *(known[:-1] or [f"{_INDENT}{wording.sentence('codes.unknown')}"])]
            )
        )
    return "\n\n".join(blocks)


def check_text(answer: Mapping[str, Any], wording: Wording) -> str:
    """Return what was understood of a record, entry by entry."""
    words = wording.sentences["check"]
    counts = ", ".join(f"{count} {status}" for status, count in answer["counts"].items())
    head = words["read"].format(day=answer["asOf"], counts=counts or words["no_entries"])
    lines = [head, "", "lists"]
    lines += _members(answer["lists"])
    for entry in answer["entries"]:
        lines += ["", f"{_safe(entry['reference'])}: {entry['status']}"]
        lines += [f"{_INDENT}- {_safe(reason)}" for reason in entry["reasons"]]
        lines += _members(entry["understood"])
    for order in answer["draftOrders"]:
        said = words["draft_order"].format(order=_safe(order["reference"]), about=order["about"])
        lines += ["", said]
        lines += _members({key: order[key] for key in order if key not in ("reference", "about")})
    lines += _loose(answer, words)
    return "\n".join(lines)


def _loose(answer: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    if answer["unreadable"]:
        yield from ("", words["loose"])
        yield from (
            f"{_INDENT}{_safe(entry['reference'])}: {entry['reason']}" for entry in answer["unreadable"]
        )
    if answer["notRead"]:
        yield from ("", words["other_types"])
        yield from _members({kind: str(count) for kind, count in answer["notRead"].items()})


def _members(members: Mapping[str, Any]) -> list[str]:
    """Return one line for each member, with the values aligned."""
    width = max(map(len, members), default=0)
    return [f"{_INDENT}{_safe(key).ljust(width)}{_INDENT}{_value(value)}" for key, value in members.items()]


def _value(value: Any) -> str:
    return "; ".join(map(_safe, value)) if isinstance(value, list) else _safe(str(value))


def _safe(text: str) -> str:
    return plain(text, _LONGEST)

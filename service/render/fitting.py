"""Making a summary and a detail fit: what matters most is kept, the rest is counted."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from mappings.placeholders import SUMMARY_LENGTH
from mappings.wording import Wording
from service.render.escape import plain, shortened, visible, without_tags

_BETWEEN = "; "
_LEFT_OUT = re.compile(r"(?:and )?(\d+) (?:more|others?)")
_NAME_LENGTHS = (120, 80, 60, 45, 30, 24, 18, 12)  # names are cut further and further until the summary fits

_READABLE = tuple(length for length in _NAME_LENGTHS if length >= 45)  # names that still say what they are


def fitted(wording: Wording, template: str, names: Mapping[str, Sequence[str]], **words: object) -> str:
    """Return the filled template, shorter than 140 characters.

    Of each list in `names` as many are shown as fit, the rest as a number: the lists named later give
    way first. The first name of a list is never dropped, only cut.
    """
    line = ""
    for line in _lines(wording, template, names, words):
        if len(line) <= SUMMARY_LENGTH:
            break
    return shortened(line, SUMMARY_LENGTH)


def opened(
    wording: Wording,
    openings: Sequence[str],
    template: str,
    names: Mapping[str, Sequence[str]],
    **words: object,
) -> str:
    """Return the summary `template` filled; behind the first of the `openings` that leaves room, in brief."""
    for opening in openings:
        for line in _lines(wording, wording.sentence(f"brief.{template}"), names, words, _READABLE):
            whole = without_tags(f"{opening[:1].upper()}{opening[1:]}. {line}")
            if len(whole) <= SUMMARY_LENGTH:
                return whole
    return fitted(wording, wording.sentence(f"summary.{template}"), names, **words)


def _lines(
    wording: Wording,
    template: str,
    names: Mapping[str, Sequence[str]],
    words: Mapping[str, object],
    lengths: Sequence[int] = _NAME_LENGTHS,
) -> Iterator[str]:
    """Yield the filled template in ever shorter versions."""
    values = {key: plain(str(value), wording.limits.text) for key, value in words.items()}
    for shown, longest in _choices(names, wording.limits.findings, lengths):
        lists = {key: _row(wording, found, shown[key], longest) for key, found in names.items()}
        line = without_tags(template.format(**values, **lists))
        yield line[:1].upper() + line[1:]


def _choices(
    names: Mapping[str, Sequence[str]], most: int, lengths: Sequence[int]
) -> Iterator[tuple[dict[str, int], int]]:
    shown = {key: min(len(found), most) if key == "findings" else len(found) for key, found in names.items()}
    yield dict(shown), lengths[0]
    for key in reversed(list(names)):
        while shown[key] > 1:
            shown[key] -= 1
            yield dict(shown), lengths[0]
    for longest in lengths[1:]:
        yield dict(shown), longest


def _row(wording: Wording, names: Sequence[str], shown: int, longest: int) -> str:
    if not names:
        return wording.sentence("list.none")
    row = ", ".join(plain(name, longest) for name in names[:shown])
    rest = len(names) - shown
    return wording.sentence("list.more").format(names=row, count=rest) if rest else row


class Measured(Protocol):
    """A row that knows how many characters of a card it takes, and what it is called."""

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""

    @property
    def called(self) -> str:
        """What it is called where it is only named."""


class Cut(Struct, frozen=True, kw_only=True, gc=False):
    """The rows of a list that fit, the number of those that do not, and their names."""

    shown: Sequence[Measured] = ()
    rest: int = 0
    names: str = ""


def cut(wording: Wording, rows: Sequence[Measured], characters: int) -> Cut:
    """Return as many rows as `characters` hold, the first in any case; a row is never cut in two."""
    shown, room = 0, characters
    for row in rows:
        room -= row.length
        if shown and room < 0:
            break
        shown += 1
    left = rows[shown:]
    names = joined(wording, [row.called for row in left]) if left else ""
    return Cut(shown=tuple(rows[:shown]), rest=len(left), names=names)


def listed(wording: Wording, text: str, longest: int) -> str:
    """Return the text of a finding, cut between two of its entries, with the number of those left out.

    Entries are separated by semicolons; the last may be the number of others that are left out already.
    """
    whole = visible(text)
    if len(whole) <= longest or _BETWEEN not in whole[:longest]:
        return shortened(whole, longest)
    entries = whole.split(_BETWEEN)
    left = _LEFT_OUT.fullmatch(entries[-1])
    total = len(entries) - 1 + int(left[1]) if left else len(entries)
    for shown in range(len(entries) - 1, 0, -1):
        names = _BETWEEN.join(entries[:shown])
        line = wording.sentence("list.more").format(names=names, count=total - shown)
        if len(line) <= longest:
            return line
    return shortened(whole, longest)


def joined(wording: Wording, names: Sequence[str]) -> str:
    """Return names in a row, as many as fit a line, the rest as a number."""
    limits = wording.limits
    shown, room = 0, limits.others
    for name in names:
        room -= min(len(name), limits.text)
        if shown and room < 0:
            break
        shown += 1
    row, rest = ", ".join(plain(name, limits.text) for name in names[:shown]), len(names) - shown
    return wording.sentence("list.more").format(names=row, count=rest) if rest else row

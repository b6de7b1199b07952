"""Making a summary and a detail fit: what matters most is kept, the rest is counted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mappings.sentences import SUMMARY_LENGTH
from mappings.wording import Wording
from service.render.escape import plain, shortened, without_tags

_NAME_LENGTHS = (120, 80, 60, 45, 30, 24, 18, 12)  # names are cut further and further until the summary fits


def fitted(wording: Wording, template: str, names: Mapping[str, Sequence[str]], **words: object) -> str:
    """Return the filled template, shorter than 140 characters.

    Of each list in `names` as many are shown as fit, the rest as a number: the lists named later give
    way first. The first name of a list is never dropped, only cut.
    """
    values = {key: plain(str(value), wording.limits.text) for key, value in words.items()}
    for shown, longest in _choices(names, wording.limits.findings):
        lists = {key: _row(wording, found, shown[key], longest) for key, found in names.items()}
        line = without_tags(template.format(**values, **lists))
        line = line[:1].upper() + line[1:]
        if len(line) <= SUMMARY_LENGTH:
            break
    return shortened(line, SUMMARY_LENGTH)


def _choices(names: Mapping[str, Sequence[str]], most: int) -> Iterator[tuple[dict[str, int], int]]:
    shown = {key: min(len(found), most) if key == "findings" else len(found) for key, found in names.items()}
    yield dict(shown), _NAME_LENGTHS[0]
    for key in reversed(list(names)):
        while shown[key] > 1:
            shown[key] -= 1
            yield dict(shown), _NAME_LENGTHS[0]
    for longest in _NAME_LENGTHS[1:]:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
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

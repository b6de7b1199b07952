"""Making a summary and a detail fit: what matters most is kept, the rest is counted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from mappings.sentences import SUMMARY_LENGTH
from mappings.wording import Wording
from service.render.escape import Markdown, plain, shortened, without_tags

_NAME_LENGTHS = (120, 80, 60, 45, 30, 24, 18, 12)  # names are cut further and further until the summary fits
# How far lists and texts of a detail are cut, step by step: (lines of a list, characters of a text).
_STEPS = ((12, 240), (8, 240), (5, 200), (3, 140), (2, 90), (1, 60))


def fitted(wording: Wording, template: str, names: Mapping[str, Sequence[str]], **words: object) -> str:
    """Return the filled template, shorter than 140 characters.

    Of each list in `names` as many are shown as fit, the rest as a number: the lists named later give
    way first. The first name of a list is never dropped, only cut.
    """
    values = {key: plain(str(value), wording.limits.text) for key, value in words.items()}
    for shown, longest in _choices(names):
        lists = {key: _row(wording, found, shown[key], longest) for key, found in names.items()}
        line = without_tags(template.format(**values, **lists))
        if len(line) <= SUMMARY_LENGTH:
            break
    return shortened(line, SUMMARY_LENGTH)


def _choices(names: Mapping[str, Sequence[str]]) -> Iterator[tuple[dict[str, int], int]]:
    shown = {key: len(found) for key, found in names.items()}
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


def fitting_detail(wording: Wording, build: Callable[[Wording], list[Markdown]]) -> str:
    """Return the lines that `build` makes, with lists and texts cut only as far as the detail needs."""
    limits = wording.limits
    for lines, characters in _STEPS:
        tighter = replace(limits, list=min(lines, limits.list), text=min(characters, limits.text))
        detail = laid_out(build(replace(wording, limits=tighter)))
        if len(detail.encode()) <= limits.detail:
            break
    return detail


def laid_out(lines: list[Markdown]) -> str:
    """Return paragraphs and lists as CommonMark: a blank line between all but the items of a list."""
    text = str(lines[0])
    for before, line in pairwise(lines):
        text += ("\n" if _is_item(before) and _is_item(line) else "\n\n") + line
    return text


def _is_item(line: str) -> bool:
    return line.lstrip().startswith("- ")

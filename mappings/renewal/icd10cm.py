"""The ICD-10-CM order file, against which the codes of the rules are checked.

Fixed columns: order number (1-5), code without dot (7-13), 1 for a billable code (15), short title (17-76),
long title (78-).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mappings.tables import TableError, rule_tables

_LINE = re.compile(r"\d{5} ([A-Z][0-9A-Z]{2,6}) {1,5}[01] .{60} (.+)")
_RULE = re.compile(r"([A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?) (\S.*)")


def read_titles(path: Path) -> dict[str, str]:
    """Return the long title of every code, headers included.

    Raise TableError when a line is not of this format.
    """
    titles = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise TableError(f"{path.name}: not UTF-8 text") from error
    for number, line in enumerate(lines, start=1):
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            raise TableError(f"{path.name}: line {number}: not a line of an ICD-10-CM order file")
        titles[found[1]] = found[2].strip()
    if not titles:
        raise TableError(f"{path.name}: holds no codes")
    return titles


def complaints(titles: Mapping[str, str]) -> Iterator[str]:
    """Yield what the rules name that the release does not hold, or holds under another title."""
    codes = sorted(titles)
    for place, code, name in rule_codes(rule_tables(), ""):
        plain = code.replace(".", "")
        next_code = codes[min(bisect_left(codes, plain), len(codes) - 1)]
        if not next_code.startswith(plain):
            yield f"{place}: {code} {name}: no code of the release starts with it"
        elif plain in titles and _plain(titles[plain]) != _plain(name):
            yield f"{place}: {code} {name}: its title in the release is {titles[plain]}"


def rule_codes(value: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield every ICD-10 code that a rule table names, with the place and the name beside it."""
    if isinstance(value, Mapping):
        inner = f"{place} {value['id']}" if isinstance(value.get("id"), str) else place
        for key, member in value.items():
            yield from rule_codes(member, inner or str(key))
    elif isinstance(value, list):
        for one in value:
            found = _RULE.fullmatch(one) if isinstance(one, str) else None
            if found:
                yield place, found[1], found[2]
            else:
                yield from rule_codes(one, place)


def _plain(title: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", title.lower()))

"""The words of a dosage text, each with its meaning, or "unknown".

Every number, word and sign is consumed by the longest phrase of `dosage.toml` that fits. The cost is linear:
a phrase is short, and each place of the text is read once.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from mappings.dosage import DosageTable
from mappings.dosage_phrases import CLOCK, DATE, LENGTH, NUMBER, UNIT, Node, PhraseMeaning
from mappings.dosage_text import tokens

_DATE = re.compile(r"\d{4}-\d\d?-\d\d?|\d\d?[/.]\d\d?[/.]\d{2,4}")
_AMERICAN = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})")
_COLON_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d")
_BARE_TIME = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_HOUR = re.compile(r"1[0-2]|0?[1-9]")
_DIGITS = re.compile(r"[\d,]*\.?\d+")
_HYPHEN = "-"
_TIMES_OF_SCHEME = (3, 4)
_SENTENCE_ENDS = frozenset(".;)")


class SigItem(Struct, frozen=True, kw_only=True, gc=False):
    """A piece of a text: its kind, its number (from `low` to `high`), its names."""

    kind: str
    low: float = 0.0
    high: float = 0.0
    names: tuple[str, ...] = ()


class _Fit(Struct, frozen=True, gc=False):
    """A phrase that fits: where it ends, what it means, the number and the length that it holds."""

    end: int
    meaning: PhraseMeaning
    number: tuple[float, float] | None = None
    length: float = 1.0
    first: int = 0
    date: str = ""


UNKNOWN = "unknown"


def items(text: str, names: frozenset[str], table: DosageTable) -> tuple[SigItem, ...]:
    """Return the items of a text in order, UNKNOWN for a word that is not understood.

    `names` are words that name the medicine itself, in small letters.

    >>> from mappings.dosage import load_dosage
    >>> [item.kind for item in items("take 2 tabs qhs for sleep", frozenset(), load_dosage())]
    ['number', 'unit', 'time']
    """
    return _Reader(tokens(text), names, table).items()


class _Reader:
    """One text being read."""

    def __init__(self, tokens: Sequence[str], names: frozenset[str], table: DosageTable) -> None:
        """Read `tokens` by the phrases of `table`."""
        self._tokens, self._names, self._table = tokens, names, table
        self._numbers: dict[int, tuple[float, float, int]] = {}
        for place in reversed(range(len(tokens))):
            self._number(place)

    def items(self) -> tuple[SigItem, ...]:
        """Return the items of the whole text."""
        found: list[SigItem] = []
        place = 0
        while place < len(self._tokens):
            scheme = self._scheme(place, found)
            if scheme is not None:
                place, spelled = scheme
                found += spelled
                continue
            place, item = self._next(place, found) or (place + 1, SigItem(kind=UNKNOWN))
            if item is not None and item.kind != "harmless":
                found.append(item)
        return tuple(item for item in found if item.kind != "purpose")

    def _scheme(self, place: int, found: Sequence[SigItem]) -> tuple[int, tuple[SigItem, ...]] | None:
        """Return the place after "1-0-1" and its items: units in the morning, at noon, in the evening.

        After a weight ("50 mg 1-0-1") it says how often that is taken. Of three unlike numbers one is 0:
        "1-2-3" may be anything.
        """
        amounts, end = self._joined(place)
        taken = [amount for amount in amounts if amount]
        if len(amounts) not in _TIMES_OF_SCHEME or not taken or max(taken) > self._table.most_units_at_once:
            return None
        if found and found[-1].kind == "unit":
            kind, _ = self._table.amounts.get(found[-1].names[0], ("", 0.0))
            return (end, (SigItem(kind="frequency", low=sum(taken)),)) if kind == "mg" else None
        alike = len(set(taken)) == 1
        if not alike and 0 not in amounts:
            return None
        number, often = (taken[0], float(len(taken))) if alike else (sum(taken), 1.0)
        unit = self._unit(end)
        names = (SigItem(kind="unit", names=(self._tokens[end],)),) if unit is not None else ()
        scheme = (
            SigItem(kind="number", low=number, high=number),
            *names,
            SigItem(kind="frequency", low=often),
        )
        return unit or end, scheme

    def _joined(self, place: int) -> tuple[list[float], int]:
        """Return the numbers from `place` on that hyphens join, and where they end."""
        amounts: list[float] = []
        while len(amounts) <= max(_TIMES_OF_SCHEME) and (number := self._plain_number(place)) is not None:
            amounts.append(number[0])
            place = number[1]
            if self._at(place) != _HYPHEN:
                break
            place += 1
        return amounts, place

    def _next(self, place: int, found: Sequence[SigItem]) -> tuple[int, SigItem | None] | None:
        """Return the place after the words at `place`, and their item; None when unknown."""
        fit, number = self._phrase(place), self._numbers.get(place)
        clock = self._clock(place, -1) if _last_time_is_clock(found) else None
        if clock is not None:
            return clock, self._clock_item(clock)
        if number is not None and (fit is None or number[2] > fit.end):
            return number[2], SigItem(kind="number", low=number[0], high=number[1])
        if fit is None:
            return (place + 1, None) if self._tokens[place] in self._names else None
        if fit.meaning.kind == "slash" and found and found[-1].kind == "purpose":
            return fit.end, None
        if fit.meaning.kind == "purpose-opening":
            end = self._purpose(fit.end)
            return (end, SigItem(kind="purpose")) if end is not None else None
        item = self._item(fit, found)
        return (fit.end, item) if item is not None else None

    def _phrase(self, place: int) -> _Fit | None:
        """Return the longest phrase that begins here."""
        return self._walk(self._table.phrases, place, _Fit(place, PhraseMeaning(kind=""), first=place))

    def _walk(self, node: Node, place: int, so_far: _Fit) -> _Fit | None:
        best: _Fit | None = None
        if node.meaning is not None:
            best = _Fit(place, node.meaning, so_far.number, so_far.length, so_far.first, so_far.date)
        if place >= len(self._tokens):
            return best
        for following, end, seen in self._ways(node, place, so_far):
            fit = self._walk(following, end, seen)
            if fit is not None and (best is None or fit.end > best.end):
                best = fit
        if self._tokens[place] == _HYPHEN != self._at(place + 1) and place > so_far.first:
            fit = self._walk(node, place + 1, so_far) if place + 1 < len(self._tokens) else None
            if fit is not None and fit.end > place + 1 and (best is None or fit.end > best.end):
                best = fit
        return best

    def _ways(self, node: Node, place: int, so_far: _Fit) -> list[tuple[Node, int, _Fit]]:
        """Return where the token at `place` may lead: as itself, a number, length, date, unit or time."""
        token, number = self._tokens[place], self._numbers.get(place)
        ways = []
        if token in node.following:
            ways.append((node.following[token], place + 1, so_far))
        if number is not None and NUMBER in node.following:
            seen = _Fit(0, so_far.meaning, number[:2], so_far.length, so_far.first)
            ways.append((node.following[NUMBER], number[2], seen))
        if token in self._table.durations and LENGTH in node.following:
            seen = _Fit(0, so_far.meaning, so_far.number, self._table.durations[token], so_far.first)
            ways.append((node.following[LENGTH], place + 1, seen))
        if DATE in node.following and (end := self._date(place)) is not None:
            seen = _Fit(0, so_far.meaning, first=so_far.first, date=self._tokens[end - 1])
            ways.append((node.following[DATE], end, seen))
        if UNIT in node.following and (unit := self._unit(place)) is not None:
            ways.append((node.following[UNIT], unit, so_far))
        if CLOCK in node.following and (clock := self._clock(place, so_far.first)) is not None:
            ways.append((node.following[CLOCK], clock, so_far))
        return ways

    def _item(self, fit: _Fit, found: Sequence[SigItem]) -> SigItem | None:
        """Return the item that a phrase makes; None for one that its number does not allow."""
        meaning, (low, high) = fit.meaning, fit.number or (1.0, 1.0)
        kind = meaning.kind
        if kind == "times-in":
            return SigItem(kind="frequency", low=low / meaning.number)
        if kind == "every":
            return SigItem(kind="frequency", low=1 / (high * meaning.number)) if high else None
        if kind in ("lasting", "lasting-one", "after"):
            days = int(low * fit.length + 1e-9)
            return SigItem(kind="after" if kind == "after" else "lasting", low=days) if days else None
        if kind == "until":
            return SigItem(kind="until", names=(_as_written(fit.date),))
        if kind == "clock":
            return self._clock_item(fit.end)
        if kind == "time" and found and found[-1].kind == "number" and self._halves(fit):
            return None  # "1 am": one tablet in the morning, or one o'clock
        if kind in ("unit", "equals") and fit.end == fit.first + 1:
            return SigItem(kind=kind, names=(self._tokens[fit.first],))
        return SigItem(kind=kind, low=meaning.number, high=meaning.number, names=meaning.names)

    def _clock_item(self, end: int) -> SigItem:
        return SigItem(kind="clock", names=(" ".join(self._tokens[end - 2 : end]),))

    def _halves(self, fit: _Fit) -> bool:
        return fit.end == fit.first + 1 and self._tokens[fit.first] in self._table.clock_halves

    def _purpose(self, place: int) -> int | None:
        """Return the end of a purpose that begins here: a known one, or words that end the sentence."""
        fit = self._phrase(place)
        if fit is not None and fit.meaning.kind == "purpose":
            return fit.end
        end = place
        while end < len(self._tokens) and self._tokens[end] not in _SENTENCE_ENDS:
            bears = self._tokens[end] in self._table.bearing or end in self._numbers
            if bears or end - place >= self._table.most_purpose_words or not self._tokens[end].isalpha():
                return None
            end += 1
        return end if end > place else None

    def _number(self, place: int) -> None:
        number = self._plain_number(place)
        if number is None:
            return
        value, end = number
        end = self._again(end, value, value)
        low = high = value
        upper = self._plain_number(end + 1) if self._at(end) in self._table.range_words else None
        if upper is not None and upper[0] > low:
            high = upper[0]
            end = self._again(upper[1], low, high)
        self._numbers[place] = (low, high, end)

    def _again(self, place: int, low: float, high: float) -> int:
        """Return the place after "(two)" that follows "2"."""
        inner = self._numbers.get(place + 1) if self._at(place) == "(" else None
        if inner is not None and inner[:2] == (low, high) and self._at(inner[2]) == ")":
            return inner[2] + 1
        return place

    def _plain_number(self, place: int) -> tuple[float, int] | None:
        """Return a number in words, as a fraction, or in digits."""
        fit = self._walk(self._table.numbers, place, _Fit(place, PhraseMeaning(kind=""), first=place))
        digits = _DIGITS.fullmatch(self._at(place))
        if digits is None or (fit is not None and fit.end > place + 1):
            return (fit.meaning.number, fit.end) if fit is not None else None
        value = float(digits[0].replace(",", ""))
        part = self._walk(
            self._table.numbers, place + 1, _Fit(place, PhraseMeaning(kind=""), first=place + 1)
        )
        if part is not None and part.meaning.number < 1 and self._at(place + 1).isdecimal():
            return value + part.meaning.number, part.end
        return value, place + 1

    def _date(self, place: int) -> int | None:
        """Return the place after a date in digits, with or without a weekday."""
        if _DATE.fullmatch(self._at(place)):
            return place + 1
        weekday = self._table.phrases.following.get(self._at(place))
        named = weekday is not None and weekday.meaning is not None and weekday.meaning.kind == "weekday"
        return place + 2 if named and _DATE.fullmatch(self._at(place + 1)) else None

    def _unit(self, place: int) -> int | None:
        node = self._table.phrases.following.get(self._at(place))
        return place + 1 if node and node.meaning and node.meaning.kind == "unit" else None

    def _clock(self, place: int, first: int) -> int | None:
        """Return the place after a time in digits: "08:00"; after an opening also "8 am" and "0800"."""
        half = self._at(place + 1) in self._table.clock_halves
        if _COLON_TIME.fullmatch(self._at(place)):
            return place + 1 + half
        if place == first:
            return None
        if _HOUR.fullmatch(self._at(place)) and half:
            return place + 2
        return place + 1 if _BARE_TIME.fullmatch(self._at(place)) else None

    def _at(self, place: int) -> str:
        return self._tokens[place] if place < len(self._tokens) else ""


def _last_time_is_clock(found: Sequence[SigItem]) -> bool:
    return next((item.kind for item in reversed(found) if item.kind != "connector"), "") == "clock"


def _as_written(date: str) -> str:
    """Return an American or ISO date as FHIR writes it; "" for another."""
    found = _AMERICAN.fullmatch(date)
    if found is not None:
        return f"{found[3]}-{int(found[1]):02}-{int(found[2]):02}"
    return date if _HYPHEN in date else ""

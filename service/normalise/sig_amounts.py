"""The amounts of a dosage text: "2 tablets (100 mg total)", "two 10 mg capsules", "5 mL (20 mg/5 mL)"."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from mappings.dosage import DosageTable
from service.normalise.sig_words import SigItem

SCHEDULE = frozenset({"frequency", "daily", "time", "clock", "weekday", "rate", "meals", "divided"})


class SigStep(Struct, frozen=True, kw_only=True, gc=False):
    """One step of a text: so much of `unit`, so often a day, for so many days; None where it is silent.

    `most` is the upper end of a range. `again` is the same amount restated in another unit; `again_is`
    tells what it measures: the "total", "each" unit, "" (in brackets: either) or "beside" (either, unmarked).
    `times` are the times of day, so that morning and evening of one day can be distinguished from steps.
    """

    amount: float | None = None
    most: float | None = None
    unit: str = ""
    again: float | None = None
    again_unit: str = ""
    again_is: str = ""
    per_day: float | None = None
    days: int | None = None
    times: frozenset[str] = frozenset()
    as_needed: bool = False


class Piece(Struct, frozen=True, kw_only=True, gc=False):
    """An item, or an amount made of several; `strength`: the amount in one unit."""

    kind: str
    low: float = 0.0
    names: tuple[str, ...] = ()
    step: SigStep = SigStep()
    strength: bool = False

    @property
    def schedules(self) -> bool:
        """Tell whether it says when or how often."""
        return self.kind in SCHEDULE


def pieces(items: Sequence[SigItem], table: DosageTable) -> tuple[Piece, ...] | None:
    """Return the items with their amounts put together; None when a number or a sign is left over.

    >>> from mappings.dosage import load_dosage
    >>> from service.normalise.sig_words import items
    >>> table = load_dosage()
    >>> amount, often = pieces(items("2 tablets daily", frozenset(), table), table)
    >>> amount.step.amount, amount.step.unit, often.kind
    (2.0, 'tablets', 'daily')
    """
    reader = _Amounts(items, table)
    found: list[Piece] = []
    place = 0
    while place < len(items):
        item = items[place]
        if item.kind == "number":
            read = reader.amount(place)
            if read is None:
                return None
            amount, place = read
            _add(found, amount, table)
            continue
        if item.kind == "most":
            read = reader.amount(place + 1)
            if read is None:
                found.append(Piece(kind="most"))
                place += 1
                continue
            amount, place = read
            place += place < len(items) and items[place].kind in ("rate", "daily")
            found.append(replace(amount, kind="most"))
            continue
        if item.kind in ("unit", "each", "count-of") or (item.kind == "equals" and item.names == ("=",)):
            return None
        if item.kind not in ("equals", "closing"):
            found.append(Piece(kind=item.kind, low=item.low, names=item.names))
        place += 1
    return tuple(found)


def _add(found: list[Piece], amount: Piece, table: DosageTable) -> None:
    """Add an amount; a strength named before it ("50 mg tablets: take 2") becomes part of it."""
    strength = next((p for p in reversed(found) if p.kind != "connector"), None)
    plain = amount.step.again is None and not amount.strength and _kind(amount.step.unit, table) != "mg"
    if strength is None or not strength.strength or not plain:
        found.append(amount)
        return
    stated = strength.step
    combined = replace(amount.step, again=stated.amount, again_unit=stated.unit, again_is="each")
    found[found.index(strength)] = replace(amount, step=combined)


def _kind(unit: str, table: DosageTable) -> str:
    return table.amounts.get(unit, ("", 0.0))[0]


class _Amounts:
    """The amounts among the items of a text."""

    def __init__(self, items: Sequence[SigItem], table: DosageTable) -> None:
        """Look for amounts in `items`."""
        self._items, self._table = items, table

    def amount(self, place: int) -> tuple[Piece, int] | None:
        """Return the amount that begins at `place`, and the place behind it."""
        if self._is(place) != "number":
            return None
        read = self._of_strength(place) or self._with_unit(place)
        if read is not None:
            return read
        number = self._items[place]
        return Piece(kind="amount", step=SigStep(amount=number.low, most=number.high)), place + 1

    def _of_strength(self, place: int) -> tuple[Piece, int] | None:
        """Return an amount such as "two 50 mg tablets", "2 x 50 mg", "1 (50 mg) tablet"."""
        number, start = self._items[place], place + 1
        marked = self._is(start) in ("count-of", "equals")
        weight = self._weight(start + marked)
        if weight is None or (number.low != number.high and weight.low != weight.high):
            return None
        end = start + marked + 2
        if marked and self._is(start) == "equals":
            if self._is(end) != "closing" or self._form(end + 1) is None:
                return None
            end += 1
        form = self._form(end)
        if form is None and self._is(start) != "count-of":
            return None
        return (
            Piece(
                kind="amount",
                step=SigStep(
                    amount=number.low,
                    most=number.high,
                    unit=form or "",
                    again=weight.low,
                    again_unit=weight.names[0],
                    again_is="each",
                ),
            ),
            end + (form is not None),
        )

    def _with_unit(self, place: int) -> tuple[Piece, int] | None:
        """Return "50 mg" or "2 tablets", with what follows about the same amount."""
        number, unit, end = self._items[place], self._unit(place + 1), place + 2
        if unit is None:
            return None
        step = SigStep(amount=number.low, most=number.high, unit=unit)
        if _kind(unit, self._table) == "mg":
            if (liquid := self._concentration(place)) is not None:
                return liquid
            if self._form(end) is not None:
                return self._restated(replace(step, again_is=""), end + 1, strength=True)
        return self._restated(step, end)

    def _restated(self, step: SigStep, place: int, strength: bool = False) -> tuple[Piece, int]:
        """Return the amount with what follows it about the same: "(100 mg total)", "= 1 tab", "of 50 mg"."""
        plain = Piece(kind="amount", step=step, strength=strength)
        start, bracketed, meaning = place, False, ""
        while self._is(start) in ("equals", "total", "count-of", "connector"):
            kind = self._is(start)
            bracketed = bracketed or kind == "equals"
            meaning = "total" if kind == "total" else "each" if kind == "count-of" else meaning
            start += 1
        again = self._second(start, step)
        if again is None:
            return plain, place
        value, unit, end = again
        while self._is(end) in ("total", "each"):
            meaning = self._is(end)
            end += 1
        end += bracketed and self._is(end) == "closing"
        weight_first = _kind(step.unit, self._table) == "mg"
        if meaning == "each" and weight_first:
            return plain, place
        meaning = meaning or ("" if bracketed else "beside")
        return Piece(kind="amount", step=replace(step, again=value, again_unit=unit, again_is=meaning)), end

    def _second(self, place: int, step: SigStep) -> tuple[float, str, int] | None:
        """Return the restated amount: in mg after tablets or mL, or the other way round."""
        if self._is(place) != "number" or self._items[place].low != self._items[place].high:
            return None
        weight_first = _kind(step.unit, self._table) == "mg"
        value, unit = self._items[place].low, self._unit(place + 1)
        if weight_first and unit is None and (inner := self._of_strength(place)) is not None:
            stated = inner[0].step
            count, each = stated.amount or 0.0, stated.again or 0.0
            same = stated.again_unit == step.unit and count * each == step.amount
            return (count, stated.unit, inner[1]) if same else None
        if unit is None or (_kind(unit, self._table) == "mg") == weight_first:
            return None
        if (liquid := self._concentration(place)) is not None:
            volume = liquid[0].step
            return (volume.amount or 0.0, volume.unit, liquid[1]) if step.unit else None
        return value, unit, place + 2 + (not weight_first and self._form(place + 2) is not None)

    def _concentration(self, place: int) -> tuple[Piece, int] | None:
        """Return "20 mg/5 mL" as the mg of one mL."""
        if self._is(place + 2) != "slash" or self._weight(place) is None:
            return None
        number = self._items[place + 3].low if self._is(place + 3) == "number" else 1.0
        end = place + 3 + (self._is(place + 3) == "number")
        if _kind(self._unit(end) or "", self._table) != "mL" or not number:
            return None
        weight = self._items[place]
        step = SigStep(amount=weight.low / number, unit=self._unit(place + 1) or "")
        return Piece(kind="amount", step=step, strength=True), end + 1

    def _weight(self, place: int) -> SigItem | None:
        """Return a number of mg (or mcg, g) at `place`, with its unit."""
        unit = self._unit(place + 1)
        if self._is(place) != "number" or unit is None or _kind(unit, self._table) != "mg":
            return None
        return replace(self._items[place], names=(unit,))

    def _form(self, place: int) -> str | None:
        unit = self._unit(place)
        return unit if unit is not None and _kind(unit, self._table) == "unit" else None

    def _unit(self, place: int) -> str | None:
        return self._items[place].names[0] if self._is(place) == "unit" else None

    def _is(self, place: int) -> str:
        return self._items[place].kind if place < len(self._items) else ""

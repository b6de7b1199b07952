"""Blood pressure: as a panel in either order, as two Observations of one time, or as "120/80"."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from mappings.measurements import ConceptId, Limits, MeasurementTable
from mappings.remarks import Remark, say
from service.clinical.facts import BloodPressure, Unreadable
from service.clinical.when import When
from service.normalise.context import unreadable
from service.normalise.meanings import Part
from service.normalise.values import Valued, is_empty, is_unexplained

_BOTH = re.compile(r"\s*(\d{2,3})\s*/\s*(\d{2,3})\s*(?:mm ?\[?hg\]?)?\s*", re.IGNORECASE)
_SEVERAL = re.compile(r"[,;]")
_SYSTOLIC = frozenset({ConceptId.BP_SYSTOLIC, ConceptId.BP_SYSTOLIC_MEAN})
_DIASTOLIC = frozenset({ConceptId.BP_DIASTOLIC, ConceptId.BP_DIASTOLIC_MEAN})
_PANEL = frozenset({ConceptId.BP_PANEL, ConceptId.BP_PANEL_MEAN})


@dataclass(slots=True)
class _Moment:
    """Systolic and diastolic values of one time that came as separate Observations."""

    systolic: list[tuple[float, str]] = field(default_factory=list)
    diastolic: list[tuple[float, str]] = field(default_factory=list)


class Pressures:
    """Collects blood pressures; separate values are paired when all are known."""

    def __init__(self, table: MeasurementTable) -> None:
        """Start with no reading."""
        self._table = table
        self._whole: list[BloodPressure] = []
        self._halves: dict[When, _Moment] = defaultdict(_Moment)

    def read(self, label: str, day: When, parts: Sequence[Part], unread: list[Unreadable]) -> bool:
        """Take up what an Observation says of blood pressure; False if it is about something else.

        The first of `parts` is the Observation itself, the others are its components.
        """
        whole, *components = parts
        systolic = [part.valued for part in components if _SYSTOLIC & set(part.concepts)]
        diastolic = [part.valued for part in components if _DIASTOLIC & set(part.concepts)]
        if systolic or diastolic:
            self._pairs(label, day, systolic, diastolic, unread)
            return True
        named, observation = set(whole.concepts), whole.valued
        if not named & (_SYSTOLIC | _DIASTOLIC | _PANEL):
            return False
        both = [_BOTH.fullmatch(text) for text in _SEVERAL.split(observation.value_string)]
        if all(both):
            for place, one in enumerate(match for match in both if match):
                high, low = self._plausible(float(one[1]), True), self._plausible(float(one[2]), False)
                self._add(label, day, high, low, place)
        elif named & (_SYSTOLIC | _DIASTOLIC):
            self._half(label, day, observation, bool(named & _SYSTOLIC), unread)
        elif is_unexplained(observation) or components:
            unread.append(unreadable(label, say(Remark.PRESSURE_EMPTY)))
        return True

    def _pairs(
        self,
        label: str,
        day: When,
        systolic: Sequence[Valued],
        diastolic: Sequence[Valued],
        unread: list[Unreadable],
    ) -> None:
        """Each pair of an Observation is a reading of its own, in the order in which they stand."""
        for place, (high, low) in enumerate(zip_longest(systolic, diastolic)):
            halves = [half for half in (high, low) if half is not None]
            if place and all(is_empty(half) for half in halves):
                continue
            read_high = self._best(label, [high] if high else [], True, unread)
            read_low = self._best(label, [low] if low else [], False, unread)
            self._add(label, day, read_high, read_low, place)

    def all(self) -> tuple[BloodPressure, ...]:
        """Every reading; one half stays alone only if its time has no complete reading."""
        complete = {p.when for p in self._whole if p.systolic is not None and p.diastolic is not None}
        paired: list[BloodPressure] = []
        for day, moment in self._halves.items():
            paired += _paired(day, moment, day in complete)
        return (*self._whole, *paired)

    def _add(
        self, label: str, day: When, systolic: float | None, diastolic: float | None, place: int = 0
    ) -> None:
        if systolic is not None or diastolic is not None:
            self._whole.append(
                BloodPressure(reference=label, when=day, systolic=systolic, diastolic=diastolic, place=place)
            )

    def _half(
        self, label: str, day: When, observation: Valued, systolic: bool, unread: list[Unreadable]
    ) -> None:
        value = self._best(label, [observation], systolic, unread)
        if value is not None:
            moment = self._halves[day]
            (moment.systolic if systolic else moment.diastolic).append((value, label))

    def _best(
        self, label: str, parts: Sequence[Valued], systolic: bool, unread: list[Unreadable]
    ) -> float | None:
        """The first usable value; one in another unit, or beyond what is possible, is none."""
        for part in parts:
            value = self._mmhg(part, systolic)
            if value is not None:
                return value
        if any(not is_empty(part) for part in parts):
            unread.append(unreadable(label, say(Remark.PRESSURE_IMPLAUSIBLE)))
        elif not parts or any(is_unexplained(part) for part in parts):
            which = "systolic" if systolic else "diastolic"
            unread.append(unreadable(label, say(Remark.PRESSURE_PART, which=which)))
        return None

    def _mmhg(self, part: Valued, systolic: bool) -> float | None:
        quantity = part.value_quantity
        if quantity is None or quantity.value is None or quantity.comparator:
            return None
        units = {u.lower() for u in (quantity.unit.strip(), quantity.code.strip()) if u}
        if units and not units & self._table.pressure_units:
            return None
        return self._plausible(quantity.value, systolic)

    def _plausible(self, value: float, systolic: bool) -> float | None:
        row = self._table.pressure
        limits: Limits = row.systolic if systolic else row.diastolic
        return value if limits.lowest <= value <= limits.highest else None


def _paired(day: When, moment: _Moment, complete: bool) -> list[BloodPressure]:
    """Values of one time, the highest with the highest: neither order nor ids decide."""
    high, low = sorted(moment.systolic, reverse=True), sorted(moment.diastolic, reverse=True)
    pairs = [
        BloodPressure(reference=label, when=day, systolic=systolic, diastolic=diastolic)
        for (systolic, label), (diastolic, _) in zip(high, low, strict=False)
    ]
    if complete or pairs:
        return pairs
    return [
        *(BloodPressure(reference=label, when=day, systolic=v, diastolic=None) for v, label in high),
        *(BloodPressure(reference=label, when=day, systolic=None, diastolic=v) for v, label in low),
    ]

"""Blood pressure: as a panel in either order, as two Observations of one time, or as "120/80"."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple, TypeAlias

from mappings.measurements import ConceptId, MeasurementTable, PlausibleRange
from mappings.remarks import Remark
from service.clinical.facts import BloodPressure, Ignored, Manner, Unreadable
from service.clinical.partial_date import PartialDate
from service.normalise.meanings import ValuePart
from service.normalise.outcomes import HalfPressure, unreadable
from service.normalise.values import Valued, is_empty, is_unexplained

_SEVERAL = re.compile(r"[,;]")
_SYSTOLIC = frozenset({ConceptId.BP_SYSTOLIC, ConceptId.BP_SYSTOLIC_MEAN})
_DIASTOLIC = frozenset({ConceptId.BP_DIASTOLIC, ConceptId.BP_DIASTOLIC_MEAN})
_HALVES = _SYSTOLIC | _DIASTOLIC
_ANY = _HALVES | {ConceptId.BP_PANEL, ConceptId.BP_PANEL_MEAN}


Pressure: TypeAlias = BloodPressure | HalfPressure | Unreadable


class _Origin(NamedTuple):
    """The Observation of a reading, its day, and how it was recognised."""

    label: str
    day: PartialDate
    manner: Manner


def is_pressure(parts: Sequence[ValuePart]) -> bool:
    """Tell whether an Observation or one of its components is about blood pressure."""
    whole, *components = parts
    return not _ANY.isdisjoint(whole.meaning.concepts) or any(
        not _HALVES.isdisjoint(part.meaning.concepts) for part in components
    )


def pressures(
    label: str, day: PartialDate, parts: Sequence[ValuePart], table: MeasurementTable
) -> Iterator[Pressure]:
    """Yield the blood pressure of an Observation, the first of `parts`, and its components."""
    whole, *components = parts
    systolic = [part.valued for part in components if not _SYSTOLIC.isdisjoint(part.meaning.concepts)]
    diastolic = [part.valued for part in components if not _DIASTOLIC.isdisjoint(part.meaning.concepts)]
    observation, concepts, origin = whole.valued, whole.meaning.concepts, _Origin(label, day, _manner(parts))
    if systolic or diastolic:
        yield from _pairs(origin, systolic, diastolic, table)
        return
    both = [table.both_pressures.fullmatch(text) for text in _SEVERAL.split(observation.value_string)]
    if all(both):
        for place, match in enumerate(match for match in both if match):
            high, low = _plausible(float(match[1]), True, table), _plausible(float(match[2]), False, table)
            yield from _reading(origin, high, low, place)
    elif not _HALVES.isdisjoint(concepts):
        yield from _half(origin, observation, not _SYSTOLIC.isdisjoint(concepts), table)
    elif is_unexplained(observation) or components:
        yield unreadable(label, Remark.PRESSURE_EMPTY)


def paired(
    whole: Sequence[BloodPressure], halves: Sequence[HalfPressure]
) -> Iterator[BloodPressure | Ignored]:
    """Yield readings paired from separate values of one time; a half stays alone only without a whole.

    A value whose reference no reading carries was read together with another.
    """
    complete = {p.when for p in whole if p.systolic is not None and p.diastolic is not None}
    moments: dict[PartialDate, list[HalfPressure]] = defaultdict(list)
    for half in halves:
        moments[half.when].append(half)
    for day, values in moments.items():
        made = _paired(day, values, day in complete)
        yield from made
        called = {reading.reference for reading in made}
        for half in values:
            if half.reference not in called:
                yield Ignored(reference=half.reference, remark=Remark.PAIRED)


def _manner(parts: Sequence[ValuePart]) -> Manner:
    """Return the surest way in which an Observation is a blood pressure: one code is enough."""
    manners = {part.meaning.manner for part in parts if not _ANY.isdisjoint(part.meaning.concepts)}
    return next(manner for manner in Manner if manner in manners)


def _pairs(
    origin: _Origin,
    systolic: Sequence[Valued],
    diastolic: Sequence[Valued],
    table: MeasurementTable,
) -> Iterator[BloodPressure | Unreadable]:
    """Yield each pair of an Observation as a reading of its own, in order."""
    for place, (high, low) in enumerate(zip_longest(systolic, diastolic)):
        halves = [half for half in (high, low) if half is not None]
        if place and all(is_empty(half) for half in halves):
            continue
        read_high, read_low = _mmhg(high, True, table), _mmhg(low, False, table)
        yield from _why_none(origin.label, high, True) if read_high is None else ()
        yield from _why_none(origin.label, low, False) if read_low is None else ()
        yield from _reading(origin, read_high, read_low, place)


def _reading(
    origin: _Origin, systolic: float | None, diastolic: float | None, place: int
) -> Iterator[BloodPressure]:
    if systolic is not None or diastolic is not None:
        yield BloodPressure(
            reference=origin.label,
            when=origin.day,
            systolic=systolic,
            diastolic=diastolic,
            place=place,
            manner=origin.manner,
        )


def _half(
    origin: _Origin, observation: Valued, systolic: bool, table: MeasurementTable
) -> Iterator[HalfPressure | Unreadable]:
    value = _mmhg(observation, systolic, table)
    if value is None:
        yield from _why_none(origin.label, observation, systolic)
    else:
        yield HalfPressure(origin.label, origin.day, systolic, value, origin.manner)


def _why_none(label: str, part: Valued | None, systolic: bool) -> Iterator[Unreadable]:
    """Yield why a component has no value: it is missing, impossible or in another unit."""
    if part is not None and not is_empty(part):
        yield unreadable(label, Remark.PRESSURE_IMPLAUSIBLE)
    elif part is None or is_unexplained(part):
        yield unreadable(label, Remark.PRESSURE_PART, which="systolic" if systolic else "diastolic")


def _mmhg(part: Valued | None, systolic: bool, table: MeasurementTable) -> float | None:
    quantity = part.value_quantity if part is not None else None
    if quantity is None or quantity.value is None or quantity.comparator:
        return None
    units = {u.lower() for u in (quantity.unit.strip(), quantity.code.strip()) if u}
    if units and not units & table.pressure_units:
        return None
    return _plausible(quantity.value, systolic, table)


def _plausible(value: float, systolic: bool, table: MeasurementTable) -> float | None:
    limits: PlausibleRange = table.pressure.systolic if systolic else table.pressure.diastolic
    return value if limits.lowest <= value <= limits.highest else None


def _paired(day: PartialDate, values: Sequence[HalfPressure], complete: bool) -> list[BloodPressure]:
    """Return the values of one time paired by size, whatever their order or ids."""
    high = sorted((half for half in values if half.systolic), key=_rank, reverse=True)
    low = sorted((half for half in values if not half.systolic), key=_rank, reverse=True)
    pairs = [_joined(day, systolic, diastolic) for systolic, diastolic in zip(high, low, strict=False)]
    if complete or pairs:
        return pairs
    return [*(_joined(day, half, None) for half in high), *(_joined(day, None, half) for half in low)]


def _rank(half: HalfPressure) -> tuple[float, str]:
    return half.value, half.reference


def _joined(day: PartialDate, systolic: HalfPressure | None, diastolic: HalfPressure | None) -> BloodPressure:
    halves = [half for half in (systolic, diastolic) if half]
    return BloodPressure(
        reference=halves[0].reference,
        when=day,
        systolic=systolic.value if systolic else None,
        diastolic=diastolic.value if diastolic else None,
        manner=next(manner for manner in Manner if any(half.manner is manner for half in halves)),
    )

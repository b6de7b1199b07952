"""Timing of a dosage: how often a day, at which times, for how many days."""

from mappings.dosage import DosageTable
from service.fhir.resources import Repeat, Timing
from service.normalise.amounts import days_of, same
from service.normalise.codes import texts
from service.normalise.dates import earliest, latest
from service.normalise.sig import frequency


def per_day(timing: Timing | None, table: DosageTable) -> tuple[float | None, bool]:
    """Return the times a day, by numbers or code, and whether a schedule is not understood.

    >>> from mappings.dosage import load_dosage
    >>> per_day(Timing(repeat=Repeat(frequency=2, period=1, period_unit="d")), load_dosage())
    (2.0, False)
    """
    if timing is None:
        return None, False
    numbers, odd = _repeated(timing.repeat, table) if timing.repeat else (None, False)
    code = _coded(timing, table)
    if odd or (numbers is not None and code is not None and not same([numbers, code])):
        return None, True
    return numbers if numbers is not None else code, False


def assumes_once(timing: Timing | None) -> bool:
    """Tell whether there is only a period, meaning once in it unless the text says otherwise.

    >>> assumes_once(Timing(repeat=Repeat(period=1, period_unit="d"))), assumes_once(None)
    (True, False)
    """
    repeat = timing.repeat if timing else None
    return repeat is not None and repeat.frequency is None and repeat.period is not None


def lasting(timing: Timing | None, table: DosageTable) -> int | None:
    """Return how many days an instruction is stated to last.

    >>> from mappings.dosage import load_dosage
    >>> from service.fhir.resources import Quantity
    >>> lasting(Timing(repeat=Repeat(bounds_duration=Quantity(value=2, unit="weeks"))), load_dosage())
    14
    """
    if timing is None or timing.repeat is None:
        return None
    repeat = timing.repeat
    if repeat.bounds_duration is not None:
        return days_of(repeat.bounds_duration, table)
    if repeat.bounds_range is not None:
        return days_of(repeat.bounds_range.low, table)
    first, last = earliest(repeat.bounds_period), latest(repeat.bounds_period)
    return (last.last - first.first).days + 1 if first and last and last.last >= first.first else None


def times_of_day(timing: Timing | None) -> frozenset[str]:
    """Return the times at which a dose is taken, as written.

    >>> times_of_day(Timing(repeat=Repeat(when=("HS",))))
    frozenset({'HS'})
    """
    repeat = timing.repeat if timing else None
    return frozenset((*repeat.when, *(time[:5] for time in repeat.time_of_day))) if repeat else frozenset()


def _coded(timing: Timing, table: DosageTable) -> float | None:
    if timing.code is None:
        return None
    words = (*(coding.code for coding in timing.code.coding), *texts(timing.code))
    return next((often for word in words if (often := frequency(word, table)) is not None), None)


def _repeated(repeat: Repeat, table: DosageTable) -> tuple[float | None, bool]:
    """Return the times a day; `count` limits a course only; of a range of periods the longer counts."""
    times = max(len(repeat.time_of_day), len(repeat.when))
    if repeat.period is None and (repeat.frequency is None or (repeat.frequency == 1 and times)):
        return (times * (len(repeat.day_of_week) or 7) / 7, False) if times else (None, False)
    length = table.durations.get(repeat.period_unit.strip().lower())
    period = repeat.period_max or repeat.period
    often = float(times or 1) if repeat.frequency is None else repeat.frequency
    if length is None or not period or period <= 0 or often <= 0:
        return None, repeat.period is not None and repeat.frequency is not None
    return _spread(often, period * length, times, len(repeat.day_of_week))


def _spread(often: float, days: float, times: int, weekdays: int) -> tuple[float | None, bool]:
    """Return the times a day of `often` per period, on the weekdays and at the times of day."""
    if weekdays and days == 7:
        return (weekdays * max(times, 1) / 7, False) if often in (1, weekdays) else (None, True)
    if weekdays:
        return often / days * weekdays / 7, False
    if times > 1 and often == 1 == days:
        return float(times), False  # once at each of these times
    if times > 1 and often != times:
        return None, True
    return often / days, False

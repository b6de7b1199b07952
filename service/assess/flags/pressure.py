"""Blood pressure: the mean of the latest days and the latest reading, against the thresholds of the table.

Only complete readings that surely lie in the window make a mean or a latest reading. A reading of one
component, or of an inexact day, settles nothing, but it is not ignored: unless a later complete reading
exists it is held against the thresholds of a latest reading.
"""

from collections import defaultdict
from datetime import date
from statistics import fmean

from msgspec import Struct
from msgspec.structs import replace

from mappings.entries import EntryWords
from mappings.flag_figures import PressureRule
from mappings.flags import FlagRow
from service.assess.flags.hits import Hit, believed_as, hit
from service.assess.moments import moments
from service.assess.recency import may_be_within, surely_within
from service.clinical.facts import BloodPressure, Manner
from service.clinical.partial_date import PartialDate


class Value(Struct, frozen=True, kw_only=True, gc=False):
    """A systolic and a diastolic pressure in mmHg, a mean or a single reading; one may be unknown.

    `manner` is the surest way in which its readings were recognised.
    """

    systolic: float | None
    diastolic: float | None
    text: str
    evidence: tuple[str, ...]
    title: str = ""
    manner: Manner = Manner.CODE


class Pressures(Struct, frozen=True, kw_only=True, gc=False):
    """`means` has one value or none; several are `latest` when the last one is unknown.

    `before` are what the Observation of a latest reading gives before it: they decide on a hold only.
    """

    means: tuple[Value, ...]
    latest: tuple[Value, ...]
    before: tuple[Value, ...] = ()


def pressures(readings: tuple[BloodPressure, ...], rule: PressureRule, as_of: date) -> Pressures:
    """Return the mean and the latest readings of the window."""
    whole = complete(readings, rule, as_of)
    day = max((reading.when.first for reading in whole), default=None)
    of_the_day = [reading for reading in whole if reading.when.first == day]
    times = moments(reading.when for reading in of_the_day)
    newest = [reading for reading in of_the_day if not times.any_surely_after(reading.when)]
    places: dict[tuple[str, PartialDate], int] = {}
    for reading in newest:
        places[reading.reference, reading.when] = max(
            reading.place, places.get((reading.reference, reading.when), 0)
        )
    latest = [reading for reading in newest if reading.place == places[reading.reference, reading.when]]
    before = [reading for reading in newest if reading.place != places[reading.reference, reading.when]]
    since = moments(reading.when for reading in latest)
    parts = [
        reading
        for reading in readings
        if not _complete(reading, rule, as_of)
        and may_be_within(reading.when, rule.days, as_of)
        and not since.any_surely_after(reading.when)
    ]
    return Pressures(
        means=_means(whole, rule),
        latest=tuple(_single(reading, rule.latest, rule, as_of) for reading in latest)
        + tuple(_single(part, rule.part, rule, as_of) for part in parts),
        before=tuple(_single(reading, rule.reading, rule, as_of) for reading in before),
    )


def complete(
    readings: tuple[BloodPressure, ...], rule: PressureRule, as_of: date
) -> tuple[BloodPressure, ...]:
    """Return the complete readings of exactly known days in the window."""
    return tuple(reading for reading in readings if _complete(reading, rule, as_of))


def _complete(blood_pressure: BloodPressure, rule: PressureRule, as_of: date) -> bool:
    measured = blood_pressure.systolic is not None and blood_pressure.diastolic is not None
    return measured and blood_pressure.when.exact and surely_within(blood_pressure.when, rule.days, as_of)


def hold_hits(row: FlagRow, found: Pressures, rule: PressureRule, words: EntryWords) -> tuple[Hit, ...]:
    """Return hits for a mean or latest reading that requires a hold."""
    return tuple(
        replace(believed_as(hit(row, value.text, *value.evidence), value.manner, words), title=value.title)
        for value in _held(found, rule)
    )


def high_hits(
    row: FlagRow, found: Pressures, rule: PressureRule, age: int | None, words: EntryWords
) -> tuple[Hit, ...]:
    """Return hits for a high mean or a very high latest reading, unless there is a hold.

    For older patients the text names the guide for their age too.
    """
    if _held(found, rule):
        return ()
    hits = tuple(
        believed_as(_high_hit(row, value, rule), value.manner, words) for value in _high(found, rule)
    )
    if age is None or age < rule.older_years:
        return hits
    return tuple(replace(raised, text=f"{raised.text}, {rule.older_remark}") for raised in hits)


def last_hits(row: FlagRow, found: Pressures, rule: PressureRule) -> tuple[Hit, ...]:
    """Return hits for a raised latest reading alone, unless a hold or high pressure says more."""
    if _held(found, rule) or _high(found, rule):
        return ()
    return tuple(hit(row, value.text, *value.evidence) for value in found.latest if _raised(value, rule))


def _held(found: Pressures, rule: PressureRule) -> tuple[Value, ...]:
    return tuple(
        value
        for value in (*found.latest, *found.before, *found.means)
        if _from(value.systolic, rule.hold_systolic) or _from(value.diastolic, rule.hold_diastolic)
    )


def _high(found: Pressures, rule: PressureRule) -> tuple[Value, ...]:
    means = tuple(mean for mean in found.means if _raised(mean, rule))
    return means + tuple(
        value
        for value in found.latest
        if _from(value.systolic, rule.latest_systolic) or _above(value.diastolic, rule.latest_diastolic)
    )


def _high_hit(row: FlagRow, value: Value, rule: PressureRule) -> Hit:
    clinical = _from(value.systolic, rule.clinical_systolic) or _above(
        value.diastolic, rule.clinical_diastolic
    )
    if not _above(value.diastolic, rule.ketamine_diastolic):
        return hit(row, value.text, *value.evidence, weight="clinical" if clinical else row.weight)
    text = f"{value.text}, {rule.ketamine_remark}"
    return hit(row, text, *value.evidence, ketamine=rule.ketamine_level)


def _raised(value: Value, rule: PressureRule) -> bool:
    return _above(value.systolic, rule.high_systolic) or _above(value.diastolic, rule.high_diastolic)


def _from(value: float | None, threshold: float) -> bool:
    return value is not None and value >= threshold


def _above(value: float | None, threshold: float) -> bool:
    return value is not None and value > threshold


def _means(whole: tuple[BloodPressure, ...], rule: PressureRule) -> tuple[Value, ...]:
    """Return the mean of the latest days with readings; several readings of one day are averaged first."""
    by_day: dict[date, list[BloodPressure]] = defaultdict(list)
    for reading in whole:
        by_day[reading.when.first].append(reading)
    days = sorted(by_day, reverse=True)[: rule.mean_of_days]
    if not days:
        return ()
    systolic = _mean([_mean([reading.systolic or 0.0 for reading in by_day[day]]) for day in days])
    diastolic = _mean([_mean([reading.diastolic or 0.0 for reading in by_day[day]]) for day in days])
    count = rule.one_day if len(days) == 1 else rule.several_days.format(count=len(days))
    text = rule.mean.format(
        systolic=_figure(systolic, rule),
        diastolic=_figure(diastolic, rule),
        count=count,
        days=", ".join(map(str, days)),
    )
    evidence = tuple(reading.reference for day in days for reading in by_day[day])
    title = rule.hold_mean_title.format(systolic=_figure(systolic, rule), diastolic=_figure(diastolic, rule))
    manner = next(
        known for known in Manner if any(reading.manner is known for day in days for reading in by_day[day])
    )
    return (
        Value(
            systolic=systolic,
            diastolic=diastolic,
            text=text,
            evidence=evidence,
            title=title,
            manner=manner,
        ),
    )


def _mean(values: list[float]) -> float:
    return round(fmean(values), 6)  # so that thirds of a day's mean do not land a hair above a threshold


def _single(blood_pressure: BloodPressure, template: str, rule: PressureRule, as_of: date) -> Value:
    systolic, diastolic = _figure(blood_pressure.systolic, rule), _figure(blood_pressure.diastolic, rule)
    today = blood_pressure.when.exact and blood_pressure.when.first == as_of
    day = rule.today if today else rule.on_day.format(day=blood_pressure.when)
    return Value(
        systolic=blood_pressure.systolic,
        diastolic=blood_pressure.diastolic,
        text=template.format(systolic=systolic, diastolic=diastolic, day=blood_pressure.when),
        evidence=(blood_pressure.reference,),
        title=rule.hold_title.format(systolic=systolic, diastolic=diastolic, day=day),
        manner=blood_pressure.manner,
    )


def _figure(value: float | None, rule: PressureRule) -> str:
    return rule.unknown if value is None else f"{round(value, 1):g}"

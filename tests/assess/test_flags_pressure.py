"""Blood pressure flags: thresholds in pairs, mean and latest, and readings that settle nothing."""

import pytest
from msgspec.structs import replace

from service.clinical.assessment import Hold
from service.clinical.facts import BloodPressure
from service.clinical.partial_date import PartialDate
from tests.assess.flag_facts import D0, ago, gaps_of, levels, person, pressure, raised, record

CONTRA, CAUTION, INFO = "contraindication", "caution", "info"
HOLD = {"BP-HOLD": (CONTRA, CONTRA)}
HIGH = {"BP-HIGH": (CAUTION, CAUTION)}
HIGH_KETAMINE = {"BP-HIGH": (CAUTION, CONTRA)}
LAST = {"BP-LAST": (INFO, INFO)}


def of(*readings: BloodPressure) -> dict[str, tuple[str | None, str | None]]:
    """The levels of the flags that `readings` raise."""
    return levels(record(pressures=readings))


def unknown(*readings: BloodPressure) -> bool:
    """Whether blood pressure is reported as missing."""
    return "BP-UNK" in gaps_of(record(pressures=readings))


@pytest.mark.parametrize(
    ("systolic", "diastolic", "expected"),
    [
        (140, 90, {}),
        (141, 90, HIGH),
        (140, 91, HIGH),
        (159, 90, HIGH),
        (140, 100, HIGH),
        (140, 101, HIGH_KETAMINE),
        (179, 109, HIGH_KETAMINE),
        (180, 80, HOLD),
        (120, 110, HOLD),
    ],
)
def test_a_single_reading_is_mean_and_latest(
    systolic: float, diastolic: float, expected: dict[str, tuple[str, str]]
) -> None:
    """One reading is judged by every threshold."""
    assert of(pressure(3, systolic, diastolic)) == expected


@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        ((140, 90), {}),
        ((141, 80), LAST),
        ((120, 91), LAST),
        ((159, 80), LAST),
        ((160, 80), HIGH),
        ((120, 100), LAST),
        ((120, 101), HIGH_KETAMINE),
        ((179, 80), HIGH),
        ((180, 80), HOLD),
        ((120, 109), HIGH_KETAMINE),
        ((120, 110), HOLD),
    ],
)
def test_the_latest_reading_beside_a_normal_mean(
    latest: tuple[float, float], expected: dict[str, tuple[str, str]]
) -> None:
    """The latest reading alone holds from 180/110 and is high from 160 or above 100."""
    assert of(pressure(20, 100, 60), pressure(10, 100, 60), pressure(0, *latest)) == expected


@pytest.mark.parametrize(
    ("others", "latest", "expected"),
    [
        ((142, 88), (138, 92), LAST),
        ((142, 90), (138, 90), {}),
        ((142, 89), (140, 87), HIGH),
        ((128, 91), (120, 90), HIGH),
        ((120, 101), (120, 100), HIGH_KETAMINE),
        ((120, 100), (120, 100), HIGH),
        ((200, 90), (160, 80), HOLD),
        ((199, 90), (160, 80), HIGH),
        ((120, 121), (120, 99), HOLD),
        ((120, 120), (120, 99), HIGH_KETAMINE),
    ],
)
def test_the_mean_of_two_days(
    others: tuple[float, float], latest: tuple[float, float], expected: dict[str, tuple[str, str]]
) -> None:
    """The mean is high above 140/90 and holds from 180/110, whatever the latest reading."""
    assert of(pressure(30, *others), pressure(2, *latest)) == expected


def test_only_the_three_latest_days_make_the_mean() -> None:
    """A fourth, older day does not raise the mean."""
    normal = [pressure(days, 138, 86) for days in (1, 2, 3)]
    assert of(*normal, pressure(4, 178, 86)) == {}
    assert of(*normal[:2], pressure(4, 178, 86)) == HIGH


@pytest.mark.parametrize("latest", [(160, 96), (171, 96), (150, 106)])
def test_high_pressure_names_its_readings(latest: tuple[float, float]) -> None:
    """All that the mean is of, and the latest."""
    found = raised(record(pressures=(pressure(10, 150, 95), pressure(5, *latest))))["BP-HIGH"]
    assert set(found.evidence) == {"Observation/bp-10-150-95", f"Observation/bp-5-{latest[0]}-{latest[1]}"}


def test_readings_of_one_day_are_averaged_first() -> None:
    """Four readings of one day weigh as one day, not as four."""
    many = [pressure(5, 150, 80, hour) for hour in (8, 9, 10, 11)]
    assert of(*many, pressure(2, 130, 80), pressure(1, 136, 80)) == {}
    assert of(*many, pressure(2, 130, 80), pressure(1, 141, 80)) == HIGH


def test_thirds_do_not_reach_a_threshold() -> None:
    """A mean of exactly 140 stays 140 although a day's mean has no finite decimals."""
    day = [pressure(3, value, 80, hour) for hour, value in enumerate((140, 140, 141))]
    next_day = [pressure(2, value, 80, hour) for hour, value in enumerate((140, 140, 139))]
    assert of(*day, *next_day) == {}


def test_the_hour_tells_which_reading_of_a_day_is_the_latest() -> None:
    """With hours the last reading counts; without them none can be called the last, and the worst counts."""
    normal = pressure(9, 120, 70)
    assert of(pressure(1, 182, 80, 8), pressure(1, 118, 70, 9), normal) == {}
    assert of(pressure(1, 118, 70, 8), pressure(1, 182, 80, 9), normal) == HOLD
    assert of(pressure(1, 118, 70), pressure(1, 182, 80), normal) == HOLD


def test_a_later_normal_reading_ends_a_hold() -> None:
    """A hold of a single reading ends with the next one, unless the mean holds."""
    assert of(pressure(5, 182, 96), pressure(1, 120, 76)) == HIGH
    assert of(pressure(9, 120, 70), pressure(5, 182, 96), pressure(1, 114, 76)) == {}


@pytest.mark.parametrize(("days", "counts"), [(90, True), (91, False)])
def test_readings_count_for_90_days(days: int, counts: bool) -> None:
    """Day 90 counts; day 91 is no blood pressure at all."""
    assert (of(pressure(days, 185, 115)) == HOLD) is counts
    assert unknown(pressure(days, 185, 115)) is not counts


@pytest.mark.parametrize(
    ("systolic", "diastolic", "expected"),
    [
        (150, None, LAST),
        (160, None, HIGH),
        (180, None, HOLD),
        (None, 85, {}),
        (None, 101, HIGH_KETAMINE),
        (None, 110, HOLD),
    ],
)
def test_half_a_reading_never_reads_as_clear(
    systolic: float | None, diastolic: float | None, expected: dict[str, tuple[str, str]]
) -> None:
    """A lone component makes no pair, so blood pressure stays missing, but a high one is said."""
    half = pressure(2, systolic, diastolic)
    assert of(half) == expected
    assert unknown(half)


def test_half_a_reading_before_a_complete_one_is_superseded() -> None:
    """A later complete reading counts instead; half a reading does not change mean or latest."""
    assert of(pressure(9, 185, None), pressure(2, 120, 70)) == {}
    assert of(pressure(2, 120, 70), pressure(1, 185, None)) == HOLD


def test_a_reading_of_an_unknown_day_settles_nothing() -> None:
    """A reading that may lie outside the window does not count as blood pressure, but a high one is said."""
    some_day = PartialDate(ago(200).first, ago(10).first)
    reading = BloodPressure(reference="Observation/x", when=some_day, systolic=120, diastolic=70)
    assert unknown(reading)
    high = BloodPressure(reference="Observation/x", when=some_day, systolic=190, diastolic=70)
    assert of(high) == HOLD


def test_texts_name_figures_and_days() -> None:
    """Mean, latest reading, days and evidence can be read in the flag; a hold is marked as such."""
    flag = raised(record(pressures=(pressure(20, 150, 95), pressure(3, 145, 92))))["BP-HIGH"]
    assert f"mean 147.5/93.5 mmHg of 2 days ({ago(3)}, {ago(20)})" in flag.text
    assert flag.hold == Hold()
    hold = raised(record(pressures=(pressure(0, 182, 96),)))["BP-HOLD"]
    assert hold.hold == Hold(esketamine=True, ketamine=True, within_label=True)
    assert f"latest 182/96 mmHg ({D0})" in hold.text
    swiss = raised(record(pressures=(pressure(0, 150, 104),)))["BP-HIGH"]
    assert swiss.hold == Hold()


def pair(place: int, systolic: float, diastolic: float) -> BloodPressure:
    """One of several readings of an Observation of today."""
    return replace(pressure(0, systolic, diastolic), reference="Observation/pairs", place=place)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ((118, 76), (186, 114), HOLD),
        ((186, 114), (118, 76), HOLD),
        ((118, 76), (162, 80), HIGH),
        ((162, 80), (118, 76), {}),
    ],
)
def test_the_last_pair_of_an_observation_is_the_latest_and_the_worst_holds(
    first: tuple[float, float], last: tuple[float, float], expected: dict[str, tuple[str, str]]
) -> None:
    """Only a hold looks at the earlier pair; whatever their order in the record."""
    found = levels(record(pressures=(pair(1, *last), pair(0, *first))))
    assert {name: one for name, one in found.items() if name != "BP-LAST"} == expected


@pytest.mark.parametrize(("years", "named"), [(64, False), (65, True)])
def test_from_65_years_both_guides_are_named(years: int, named: bool) -> None:
    """The European guide of 150/90 stands beside that of the US label."""
    text = raised(record(person=person(years), pressures=(pressure(3, 146, 82),)))["BP-HIGH"].text
    assert ("150/90" in text, "140/90" in text) == (named, named)


@pytest.mark.parametrize(("days", "said"), [(0, "today"), (3, f"on {ago(3)}")])
def test_a_hold_names_its_value_and_its_day(days: int, said: str) -> None:
    """The first line of a card is made of titles."""
    assert raised(record(pressures=(pressure(days, 182, 96),)))["BP-HOLD"].title == (
        f"Blood pressure 182/96 {said}"
    )

"""Structured dosage to milligrams a day."""

import pytest

from tests.normalise.made import SERTRALINE_50, Json, concept, daily, dispense, exposure, mg, request

DAILY: Json = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}


def dosage(
    value: float | None = 1, unit: str | None = None, timing: Json | None = DAILY, **members: Json
) -> Json:
    """A dosage of a value in a unit, daily."""
    quantity: Json = {} if value is None else {"value": value}
    quantity |= {"unit": unit} if unit is not None else {}
    return {"doseAndRate": [{"doseQuantity": quantity}]} | ({"timing": timing} if timing else {}) | members


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (100, "mg", 100),
        (100, "MG", 100),
        (100, "milligram", 100),
        (0.1, "g", 100),
        (100000, "ug", 100),
        (100000, "mcg", 100),
        (2, "tablet", 200),
        (2, "TAB", 200),
        (2, "tab(s)", 200),
        (2, "{tbl}", 200),
        (2, "Oral Tablets", 200),
        (2, "tablet/day", 200),
        (0.5, "tablet", 50),
        (1, None, 100),
        (1, "1", 100),
        (2, "Capsule", 200),
        (1, "each", 100),
        (100, None, None),
        (1, "mL", None),
        (1, "mg/kg", None),
        (1, "puff", None),
        (0, "mg", None),
        (-1, "mg", None),
        (None, "mg", None),
    ],
)
def test_an_amount_in_any_unit(value: float | None, unit: str | None, expected: float | None) -> None:
    """Quirks 51 to 53: mg as stated, tablets and bare small numbers times the strength, else unknown."""
    assert daily(dosage(value, unit)) == [expected]


@pytest.mark.parametrize(
    ("repeat", "per_day"),
    [
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, 1),
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, 2),
        ({"period": 1, "periodUnit": "d"}, 1),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, 3),
        ({"frequency": 1, "period": 12, "periodUnit": "h"}, 2),
        ({"frequency": 1, "period": 2, "periodUnit": "d"}, 0.5),
        ({"frequency": 7, "period": 1, "periodUnit": "wk"}, 1),
        ({"frequency": 30, "period": 1, "periodUnit": "mo"}, 1),
        ({"frequency": 1, "period": 1440, "periodUnit": "min"}, 1),
        ({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}, 1),
        ({"frequency": 1, "period": 1, "periodMax": 2, "periodUnit": "d"}, 0.5),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "count": 365}, 1),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "duration": 5, "durationUnit": "min"}, 1),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["HS"]}, 1),
        ({"timeOfDay": ["09:00:00"]}, 1),
        ({"timeOfDay": ["09:00:00", "21:00:00"]}, 2),
        ({"when": ["MORN", "EVE"]}, 2),
        ({"frequency": 2, "period": 1, "periodUnit": "d", "when": ["MORN", "EVE"]}, 2),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN", "EVE"]}, 2),
        ({"frequency": 1, "when": ["MORN", "EVE"]}, 2),
        ({"frequency": 3, "period": 1, "periodUnit": "d", "when": ["MORN", "EVE"]}, None),
        ({"frequency": 1, "period": 2, "periodUnit": "d", "when": ["MORN", "EVE"]}, None),
        ({"period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"]}, 2),
        ({"period": 2, "periodUnit": "d", "timeOfDay": ["08:00:00"]}, 0.5),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"]}, 2),
        ({"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon", "wed", "fri"]}, 3 / 7),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon", "wed", "fri"]}, 3 / 7),
        ({"count": 365}, None),
        ({"frequency": 1}, None),
        ({"frequency": 1, "period": 1}, None),
        ({"frequency": 1, "period": 0, "periodUnit": "d"}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "fortnight"}, None),
    ],
)
def test_a_schedule_in_numbers(repeat: Json, per_day: float | None) -> None:
    """Quirks 57 and 59: every period unit per day, ranges at the lower dose, a count is no frequency."""
    expected = None if per_day is None else pytest.approx(100 * per_day, rel=0.02)
    assert daily(dosage(100, "mg", {"repeat": repeat})) == [expected]


@pytest.mark.parametrize(
    ("code", "per_day"),
    [
        ({"coding": [{"code": "QD"}]}, 1),
        ({"coding": [{"code": "BID"}]}, 2),
        ({"coding": [{"code": "TID"}]}, 3),
        ({"coding": [{"code": "QID"}]}, 4),
        ({"coding": [{"code": "AM"}]}, 1),
        ({"coding": [{"code": "Q4H"}]}, 6),
        ({"coding": [{"code": "QOD"}]}, 0.5),
        ({"text": "qHS"}, 1),
        ({"text": "0900"}, 1),
        ({"coding": [{"system": "urn:local", "code": "696543", "display": "Daily"}], "text": "Daily"}, 1),
        ({"coding": [{"system": "urn:local", "code": "77"}]}, None),
    ],
)
def test_a_schedule_as_a_code(code: Json, per_day: float | None) -> None:
    """Quirk 58: the codes that are known, local codes by their text, others unknown."""
    assert daily(dosage(50, "mg", {"code": code})) == [None if per_day is None else 50 * per_day]


def test_a_schedule_that_contradicts_itself_is_unknown() -> None:
    """Two statements of frequency that differ leave the dose unknown."""
    timing = {"code": {"coding": [{"code": "BID"}]}, **DAILY}
    assert daily(dosage(50, "mg", timing)) == [None]


def test_one_dose_stated_three_times_is_one_dose() -> None:
    """Section H: calculated, ordered and admin-amount say the same and are never summed."""
    kinds = [("calculated", 100, "mg"), ("ordered", 100, "mg"), ("admin-amount", 1, "tablet")]
    stated = [{"type": {"text": k}, "doseQuantity": {"value": v, "unit": u}} for k, v, u in kinds]
    assert daily({"doseAndRate": stated, "timing": DAILY}) == [100]


def test_statements_of_one_dose_that_disagree_are_unknown() -> None:
    """Of 50 mg and 100 mg for one dose neither is believed."""
    stated = [{"doseQuantity": {"value": v, "unit": "mg"}} for v in (50, 100)]
    assert daily({"doseAndRate": stated, "timing": DAILY}) == [None]


def test_a_range_is_taken_at_its_low_end() -> None:
    """Quirk 54: what is certain of 25 to 50 mg is 25 mg."""
    ranged = {"low": {"value": 25, "unit": "mg"}, "high": {"value": 50, "unit": "mg"}}
    assert daily({"doseAndRate": [{"doseRange": ranged}], "timing": DAILY}) == [25]


def test_no_dosage_at_all_is_no_dose() -> None:
    """Quirk 48: an order without dosage has no dose, whatever the strength of its tablets."""
    assert exposure(request()).doses == ()


def test_a_frequency_alone_is_no_dose() -> None:
    """Quirk 50: once a day, but how much is not said."""
    assert daily({"timing": DAILY}) == [None]


def test_as_needed_has_no_daily_dose() -> None:
    """Quirk 56: boolean, coded or in words, as needed is no daily dose."""
    for marked in (
        {"asNeededBoolean": True},
        {"asNeededCodeableConcept": {"text": "sleep"}},
        {"text": "1 tab prn"},
    ):
        read = exposure(request(dosageInstruction=[mg(50) | marked]))
        assert (read.as_needed, read.doses) == (True, ())


def test_not_as_needed_stated_is_the_same_as_unstated() -> None:
    """asNeededBoolean false changes nothing."""
    assert exposure(request(dosageInstruction=[mg(50) | {"asNeededBoolean": False}])).as_needed is False


def test_steps_of_a_titration_are_told_by_sequence_and_length() -> None:
    """Quirk 55: 75 mg for seven days, then 150 mg."""
    first = mg(50, frequency=1, period=1, periodUnit="d", boundsDuration={"value": 7, "unit": "d"}) | {
        "sequence": 1
    }
    read = exposure(request(dosageInstruction=[mg(100) | {"sequence": 2}, first]))
    assert [(d.daily_mg, d.days) for d in read.doses] == [(50, 7), (100, None)]


def test_the_length_of_a_step_may_stand_in_its_text_only() -> None:
    """Quirk 55: structured doses whose text alone says "for 7 days"."""
    first = mg(50) | {"sequence": 1, "text": "50 mg daily for 7 days"}
    read = exposure(request(dosageInstruction=[first, mg(100) | {"sequence": 2}]))
    assert [(d.daily_mg, d.days) for d in read.doses] == [(50, 7), (100, None)]


def test_morning_and_evening_doses_are_added_up() -> None:
    """Quirk 55: two entries at different times of one day are one day's dose."""
    morning = mg(50, frequency=1, period=1, periodUnit="d", when=["MORN"])
    evening = mg(100, frequency=1, period=1, periodUnit="d", when=["EVE"])
    assert daily(morning, evening) == [150]


def test_several_doses_without_any_order_are_unknown() -> None:
    """Quirk 55: 50 mg and 100 mg, neither in sequence nor at different times, may be either."""
    assert daily(mg(50), mg(100)) == [None]


def test_an_instruction_repeated_word_for_word_is_one() -> None:
    """The same entry twice is not twice the dose."""
    assert daily(mg(50), mg(50)) == [50]


def test_as_needed_beside_a_fixed_dose_adds_nothing() -> None:
    """What may be taken on top is not counted."""
    assert daily(mg(50), mg(25) | {"asNeededBoolean": True}) == [50]


def test_text_completes_what_structure_leaves_out() -> None:
    """Quirk 49: an amount from the text, a frequency from the structure, and the other way round."""
    assert daily({"text": "Take 2 tablets daily"}) == [200]
    assert daily(dosage(50, "mg", None) | {"text": "50 mg twice a day"}) == [100]


def test_text_and_structure_that_contradict_are_unknown() -> None:
    """A dose put together from two contradicting halves would be a dose nobody ordered."""
    assert daily(dosage(100, "mg", None) | {"text": "50 mg twice a day"}) == [None]


def test_a_dose_read_from_text_says_so() -> None:
    """Quirk 49: parsed text is marked."""
    assert "dose read from the text" in exposure(request(dosageInstruction=[{"text": "50 mg daily"}])).notes


def test_a_liquid_is_counted_by_its_concentration() -> None:
    """5 mL of 20 mg/mL are 100 mg."""
    assert daily(dosage(5, "mL"), drug="861064 sertraline 20 MG/ML Oral Solution") == [100]


def test_a_patch_gives_its_strength_in_24_hours() -> None:
    """A patch is mg per 24 hours, whether the dose is in patches or in mg/24 h."""
    emsam = "865206 24 HR selegiline 0.25 MG/HR Transdermal System"
    assert daily(dosage(1, "patch"), drug=emsam) == [6]
    assert daily(dosage(6, "mg/24 h"), drug=emsam) == [6]


def test_the_weekly_capsule_stands_for_20_mg_a_day() -> None:
    """Clinical rule 2: fluoxetine 90 mg once a week is 20 mg a day, never 90 and never 13."""
    once_a_week = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}
    capsule = "313995 fluoxetine 90 MG Delayed Release Oral Capsule"
    assert daily(dosage(90, "mg", once_a_week), drug=capsule) == [20]
    assert daily(dosage(1, "capsule", once_a_week), drug=capsule) == [20]
    assert daily({"text": "90 mg once weekly"}, drug="4493 fluoxetine") == [20]
    assert daily(dosage(90, "mg"), drug=capsule) == [None]


def test_quantity_over_days_of_supply_stands_in_for_a_missing_dose() -> None:
    """Clinical rule 7.2 step 2: 60 tablets of 50 mg for 30 days are 100 mg a day."""
    read = exposure(
        dispense(SERTRALINE_50, quantity={"value": 60, "unit": "tablet"}, daysSupply={"value": 30})
    )
    assert [d.daily_mg for d in read.doses] == [100]


def test_quantity_over_days_does_not_stand_in_for_a_contradiction() -> None:
    """A dose that is stated and contradicted stays unknown."""
    twice = {
        "doseAndRate": [{"doseQuantity": {"value": v, "unit": "mg"}} for v in (50, 100)],
        "timing": DAILY,
    }
    supply: Json = {"quantity": {"value": 60, "unit": "tablet"}, "daysSupply": {"value": 30}}
    assert [d.daily_mg for d in exposure(dispense(dosageInstruction=[twice], **supply)).doses] == [None]


@pytest.mark.parametrize(
    ("supply", "days"),
    [
        ({"expectedSupplyDuration": {"value": 30, "unit": "days", "code": "d"}}, 30),
        ({"expectedSupplyDuration": {"value": 30, "code": "days"}}, 30),
        ({"expectedSupplyDuration": {"value": 30, "unit": "Day"}}, 30),
        ({"expectedSupplyDuration": {"value": 4, "unit": "weeks"}}, 28),
        ({"expectedSupplyDuration": {"value": 4, "code": "wk"}}, 28),
        ({"expectedSupplyDuration": {"value": 2, "code": "mo"}}, 60),
        ({"expectedSupplyDuration": {"value": 1, "code": "a"}}, 365),
        ({"expectedSupplyDuration": {"value": 30}}, None),
        ({"quantity": {"value": 45, "unit": "tablet"}}, 45),
        ({"quantity": {"value": 45}}, 45),
        ({"quantity": {"value": 100, "unit": "mL"}}, None),
        ({}, None),
    ],
)
def test_how_long_a_supply_lasts(supply: Json, days: int | None) -> None:
    """Quirks 31 to 36: durations in any unit, else quantity over use; never 30 days silently."""
    assert exposure(request(dosageInstruction=[mg(100)], dispenseRequest=supply)).supply_days == days


def test_refills_are_permission_and_kept_apart() -> None:
    """Quirk 35: repeats allowed are told beside the supply of one fill."""
    supply = {"expectedSupplyDuration": {"value": 30, "code": "d"}, "numberOfRepeatsAllowed": 3}
    read = exposure(request(dispenseRequest=supply))
    assert (read.supply_days, read.refills) == (30, 3)


def test_the_name_of_a_medicine_may_hold_its_dose() -> None:
    """Without any dosage "nortriptyline 50 mg qhs" is one; a strength alone is none."""
    told: Json = {"medicationCodeableConcept": concept(text="nortriptyline 50 mg qhs")}
    assert [d.daily_mg for d in exposure(request(**told)).doses] == [50]
    told = {"medicationCodeableConcept": concept(text="nortriptyline 50 mg capsule")}
    assert exposure(request(**told)).doses == ()

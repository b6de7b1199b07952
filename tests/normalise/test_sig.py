"""Dosage texts: what the grammar reads, and what it leaves unknown."""

import pytest

from service.normalise import sig
from service.normalise.sig import Step
from tests.normalise.made import tables


def spoken(text: str) -> tuple[Step, ...]:
    """The steps of a text by the shipped words."""
    return sig.parse_sig(text, tables().dosage, frozenset({"nortriptyline"}))


ONE_STEP = [
    ("take 1 tablet (50 mg) by mouth daily", 1, "tablet", 1),
    ("Take 1 tablet once a day", 1, "tablet", 1),
    ("Take 1 tablet daily", 1, "tablet", 1),
    ("Take 1 capsule once a day", 1, "capsule", 1),
    ("Take 1 capsule daily", 1, "capsule", 1),
    ("Take 2 tablets once a day", 2, "tablets", 1),
    ("Take 1 tablet twice a day", 1, "tablet", 2),
    ("Take 1 tablet by mouth 1 (one) time each day.", 1, "tablet", 1),
    ("Take 1 tablet by mouth 2 (two) times a day.", 1, "tablet", 2),
    ("Take 2 tablets (100 mg total) by mouth daily", 2, "tablets", 1),
    ("Take 3 capsules (180 mg) daily", 3, "capsules", 1),
    ("1 Tabs Oral (given by mouth) every day. Refills: 0.", 1, "tabs", 1),
    ("1 tablet twice a day for 12 weeks", 1, "tablet", 2),
    ("Take 1 tablet at bedtime", 1, "tablet", 1),
    ("Take one tablet every morning", 1, "tablet", 1),
    ("take one and a half tablets daily", 1.5, "tablets", 1),
    ("take 1 1/2 tablets daily", 1.5, "tablets", 1),
    ("take half a tablet daily", 0.5, "tablet", 1),
    ("take 1/2 tab qd", 0.5, "tab", 1),
    ("½ tab qd", 0.5, "tab", 1),
    ("0.5 tablet daily", 0.5, "tablet", 1),
    ("one tablet every other day", 1, "tablet", 0.5),
    ("one tablet qod", 1, "tablet", 0.5),
    ("1 tab po bid every day", 1, "tab", 2),
    ("2 caps bid", 2, "caps", 2),
    ("1 cap tid", 1, "cap", 3),
    ("1 cap t.i.d.", 1, "cap", 3),
    ("1 tab q.i.d.", 1, "tab", 4),
    ("1 tab qid with meals and at bedtime", 1, "tab", 4),
    ("10 mg daily", 10, "mg", 1),
    ("10 mg = 1 tab, Oral, Daily, # 28 tab, 0 Refill(s)", 10, "mg", 1),
    ("300 mg = 1 tab, Oral, qAM, # 90 tab, 1 Refill(s)", 300, "mg", 1),
    ("15 mg = 1 tab, Oral, qHS", 15, "mg", 1),
    ("20 mg q AM", 20, "mg", 1),
    ("20 mg qam", 20, "mg", 1),
    ("20 mg every morning", 20, "mg", 1),
    ("20 mg in the morning", 20, "mg", 1),
    ("20mg po od", 20, "mg", 1),
    ("20 mg PO QDAY", 20, "mg", 1),
    ("20 mg orally once daily", 20, "mg", 1),
    ("50 mg qhs", 50, "mg", 1),
    ("50 mg hs", 50, "mg", 1),
    ("50 mg nightly", 50, "mg", 1),
    ("50 mg every night", 50, "mg", 1),
    ("50 mg each evening", 50, "mg", 1),
    ("50 mg at night for depression", 50, "mg", 1),
    ("75 mg twice daily", 75, "mg", 2),
    ("75 mg two times daily", 75, "mg", 2),
    ("75 mg 2x/day", 75, "mg", 2),
    ("75 mg every 12 hours", 75, "mg", 2),
    ("75 mg q12h", 75, "mg", 2),
    ("75 mg q 8 h", 75, "mg", 3),
    ("100 mg three times a day", 100, "mg", 3),
    ("100 mg 3 times per day", 100, "mg", 3),
    ("100 mg four times daily", 100, "mg", 4),
    ("150 mg in the morning and at bedtime", 150, "mg", 2),
    ("50 mg/day", 50, "mg", 1),
    ("50 mg per day", 50, "mg", 1),
    ("1,000 mg daily", 1000, "mg", 1),
    ("25 mcg daily", 25, "mcg", 1),
    ("6 mg/24 hr patch daily", 6, "mg", 1),
    ("apply 1 patch every 24 hours", 1, "patch", 1),
    ("apply one patch to the skin daily", 1, "patch", 1),
    ("90 mg once weekly", 90, "mg", 1 / 7),
    ("90 mg every week", 90, "mg", 1 / 7),
    ("90 mg every 7 days", 90, "mg", 1 / 7),
    ("1 capsule once a week", 1, "capsule", 1 / 7),
    ("56 mg intranasally twice weekly", 56, "mg", 2 / 7),
    ("take 5 mL by mouth daily", 5, "ml", 1),
    ("1-2 tablets at bedtime", 1, "tablets", 1),
    ("25 to 50 mg nightly", 25, "mg", 1),
    (
        "Take 1 tablet by mouth 1 (one) time each day., Starting Mon 1/15/2024, Until 6/10/2024, Normal",
        1,
        "tablet",
        1,
    ),
    ("take 1 capsule by mouth every day for depression", 1, "capsule", 1),
    ("Take 1 tablet every day with food", 1, "tablet", 1),
    ("nortriptyline 50 mg qhs", 50, "mg", 1),
    ("take a tablet daily", 1, "tablet", 1),
    ("1 tablet Mon Wed Fri", 1, "tablet", 3 / 7),
]

NOT_UNDERSTOOD = [
    "as directed",
    "use as directed by your physician 1 tablet",
    "increase to 100 mg daily",
    "titrate to 100 mg daily over 2 weeks",
    "taper by 10 mg every week",
    "50 mg alternating with 100 mg daily",
    "50 mg or 100 mg daily",
    "may take 1 extra tablet daily",
    "1 tablet Mon Fri or Sat",
    "100 mL/hr, IV, Once",
    "1 tablet daily except Sunday",
    "50 mg bid tid",
    "max 3 tablets per day",
    "5 daily, 3 weekly, 2 tablets",
    "do not take 1 tablet daily",
    "",
    "x" * 5000,
]


@pytest.mark.parametrize(("text", "amount", "unit", "per_day"), ONE_STEP)
def test_a_plain_sentence_is_read(text: str, amount: float, unit: str, per_day: float) -> None:
    """Quirk 49: amount, unit and frequency of the plain sentences that systems and people write."""
    ((part,),) = spoken(text)
    assert (part.amount, part.unit) == (amount, unit)
    assert part.per_day == pytest.approx(per_day)


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_anything_else_is_not_guessed_at(text: str) -> None:
    """Quirk 49: a text that says more than the grammar knows has no dose."""
    assert spoken(text) == ()


def test_a_frequency_without_an_amount_is_no_dose() -> None:
    """Quirk 50: "every 8 hours as needed" says how often, not how much."""
    ((part,),) = spoken("every 8 hours as needed")
    assert (part.amount, part.per_day) == (None, 3)


@pytest.mark.parametrize(
    "text",
    [
        "37.5 mg daily x 7 days then 75 mg daily",
        "37.5 mg daily for 1 week, then 75 mg daily",
        "Take 37.5 mg once daily for the first 7 days; 75 mg once daily",
    ],
)
def test_a_titration_in_words_is_steps_in_their_order(text: str) -> None:
    """Quirk 55: each step has its own dose and, but for the last, its own length."""
    ((first,), (second,)) = spoken(text)
    assert [(first.amount, first.days), (second.amount, second.days)] == [(37.5, 7), (75, None)]


@pytest.mark.parametrize(
    "text",
    [
        "take 50 mg every morning and 100 mg at bedtime",
        "50 mg qam, 100 mg qhs",
        "50 mg in the am and 100 mg hs",
    ],
)
def test_two_times_of_one_day_are_one_step(text: str) -> None:
    """Quirk 55: morning and evening amounts belong to the same day."""
    (parts,) = spoken(text)
    assert [(p.amount, p.per_day) for p in parts] == [(50, 1), (100, 1)]


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("1 tab prn", True),
        ("1 tablet at bedtime as needed for sleep", True),
        ("take if needed", True),
        ("1 p.r.n. tab", True),
        ("1 tablet daily", False),
        ("", False),
    ],
)
def test_as_needed_is_seen_in_words(text: str, needed: bool) -> None:
    """Quirk 56: PRN in the text is PRN."""
    assert sig.as_needed(text, tables().dosage) is needed


@pytest.mark.parametrize(
    ("words", "per_day"),
    [
        ("Daily", 1),
        ("qAM", 1),
        ("qHS", 1),
        ("BID", 2),
        ("twice a day", 2),
        ("Every 8 hours", 3),
        ("0900", 1),
        ("0900 2100", 2),
        ("09:00, 21:00", 2),
        ("as directed", None),
        ("Every day except Sunday", None),
        ("", None),
    ],
)
def test_a_schedule_in_words(words: str, per_day: float | None) -> None:
    """Quirk 58: local timing codes are read by their text."""
    assert sig.frequency(words, tables().dosage) == per_day


def test_the_end_in_words_is_read_as_a_date() -> None:
    """Large EHRs repeat the period of an order in its text."""
    assert (
        sig.until("1 tablet daily, Starting Tue 5/28/2019, Until Wed 5/27/2020, Normal", tables().dosage)
        == "2020-05-27"
    )
    assert sig.until("1 tablet daily until better", tables().dosage) == ""


@pytest.mark.parametrize("text", ["-" * 500, "every" + "-" * 490, "1(" * 250, "1 - " * 120, "\u00bd" * 160])
def test_a_text_of_signs_is_no_dose(text: str) -> None:
    """A hostile text is read through, without an error, and says nothing."""
    assert spoken(text) == ()

"""Suicide risk: triggers and their boundaries, what lowers them, and what is unknown."""

from typing import Any

import pytest

from service.assess.safety import Safety, safety
from service.clinical.facts import Completeness, LostAnswer, PatientFacts, Problem, RiskAnswer
from service.clinical.partial_date import PartialDate
from tests.assess.flag_facts import D0, SAFETY, ago, answer, ended, grouped, problem, record, worded

ITEM9 = "phq9-item9"
ITEMS = ("cssrs-1", "cssrs-2", "cssrs-3", "cssrs-4", "cssrs-5", "cssrs-lifetime", "cssrs-3-months")


def judged(*given: RiskAnswer | LostAnswer | Problem, **members: Any) -> Safety:
    """The safety of a patient with these answers and diagnoses."""
    facts: PatientFacts = record(
        answers=tuple(one for one in given if isinstance(one, RiskAnswer)),
        lost_answers=tuple(one for one in given if isinstance(one, LostAnswer)),
        problems=tuple(one for one in given if isinstance(one, Problem)),
        **members,
    )
    return safety(facts, SAFETY, D0)


def ids(*given: RiskAnswer | LostAnswer | Problem) -> list[str]:
    """The triggers that stand."""
    return [one.id for one in judged(*given).triggers]


def lost(when: PartialDate | None, value: int | None = None, question: str = ITEM9) -> LostAnswer:
    """An answer that could not be read, or a positive one without a date."""
    return LostAnswer(
        reference="Observation/x", question=question, name="PHQ-9 item 9", when=when, value=value
    )


def screen(days: int, hour: float | None = None, **values: int) -> tuple[RiskAnswer, ...]:
    """A C-SSRS with all items no, but for `values`; an item of value -1 is not answered."""
    given = {question: values.get(question.replace("-", "_"), 0) for question in ITEMS}
    return tuple(answer(question, value, days, hour) for question, value in given.items() if value >= 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(ITEM9, 0, 0), []),
        (answer(ITEM9, 1, 30), ["SAFE-2"]),
        (answer(ITEM9, 1, 31), ["SAFE-3"]),
        (answer(ITEM9, 1, 90), ["SAFE-3"]),
        (answer(ITEM9, 1, 91), []),
        (answer(ITEM9, 2, 30), ["SAFE-1"]),
        (answer(ITEM9, 3, 0), ["SAFE-1"]),
        (answer(ITEM9, 2, 31), ["SAFE-3"]),
        (answer(ITEM9, 3, 91), []),
        (answer("cssrs-1", 1, 30), ["SAFE-2"]),
        (answer("cssrs-2", 1, 30), ["SAFE-2"]),
        (answer("cssrs-3", 1, 30), ["SAFE-2"]),
        (answer("cssrs-3", 1, 31), []),
        (answer("cssrs-4", 1, 30), ["SAFE-1"]),
        (answer("cssrs-5", 1, 30), ["SAFE-1"]),
        (answer("cssrs-4", 1, 31), ["SAFE-3"]),
        (answer("cssrs-5", 1, 90), ["SAFE-3"]),
        (answer("cssrs-5", 1, 91), []),
        (answer("cssrs-5", 0, 3), []),
        (answer("cssrs-3-months", 1, 90), ["SAFE-1"]),
        (answer("cssrs-3-months", 1, 91), []),
        (answer("cssrs-lifetime", 1, 30), ["SAFE-2"]),
        (answer("cssrs-lifetime", 1, 90), ["SAFE-2"]),
        (answer("cssrs-lifetime", 1, 91), []),
        (answer("cssrs-lifetime", 0, 3), []),
        (answer("cssrs-risk", 2, 30), ["SAFE-1"]),
        (answer("cssrs-risk", 2, 31), []),
        (answer("cssrs-risk", 1, 30), ["SAFE-2"]),
        (answer("cssrs-risk", 1, 31), []),
        (answer("cssrs-risk", 0, 3), []),
    ],
)
def test_single_answers(given: RiskAnswer, expected: list[str]) -> None:
    """Each answer with its window: days 30 and 31, 90 and 91."""
    assert ids(given) == expected


def test_behaviour_ever_beside_the_past_three_months() -> None:
    """Ever yes and lately no is history, lately yes is SAFE-1 alone, lately unanswered SAFE-2."""
    assert ids(answer("cssrs-lifetime", 1, 5), answer("cssrs-3-months", 0, 5)) == []
    assert ids(answer("cssrs-lifetime", 1, 5), answer("cssrs-3-months", 0, 9)) == ["SAFE-2"]
    assert ids(answer("cssrs-lifetime", 1, 5), answer("cssrs-3-months", 1, 5)) == ["SAFE-1"]


@pytest.mark.parametrize(
    "code",
    [
        "T14.91XA",
        "X71.0XXA",
        "X78.9XXD",
        "X83.8XXA",
        "X61",
        "X70",
        "X84",
        "T36.0X2A",
        "T43.222A",
        "T45.AX2A",
        "T50.902D",
        "T58.02XA",
        "T65.92XA",
        "T71.112A",
        "T42.4X2",
    ],
)
def test_attempts_and_self_harm(code: str) -> None:
    """Attempt, self-harm, poisoning and asphyxiation with intent count for 90 days by their date."""
    assert ids(problem(code, onset=ago(90))) == ["SAFE-1"]
    assert ids(problem(code, recorded=ago(90), status="resolved")) == ["SAFE-1"]
    assert ids(problem(code, onset=ago(91))) == []
    assert ids(problem(code)) == ["SAFE-1"]


@pytest.mark.parametrize(
    "code",
    [
        "T14.91XS",
        "X78.9XXS",
        "T36.0X2S",
        "T58.02XS",
        "T71.112S",
        "T36.0X1A",
        "T36.0X5A",
        "T43.226A",
        "T58.01XA",
        "T71.111A",
        "X58.XXXA",
        "X85",
        "Z91.51",
        "R45.88",
        "T78.2XXA",
    ],
)
def test_what_is_no_attempt(code: str) -> None:
    """Sequelae, accidents, adverse effects, assault and history do not count."""
    assert ids(problem(code, onset=ago(3))) == []


def test_an_attempt_of_the_past_without_a_date_is_told() -> None:
    """Over and undated it is no trigger, but it is not silent."""
    found = judged(problem("T14.91XA", **ended()))
    assert found.triggers == ()
    assert found.gap is not None
    assert "without a date" in found.gap.text


def test_ideation_of_the_past_without_a_date_leaves_the_risk_unknown() -> None:
    """Nobody can tell how recent it is: that is named, whatever else was asked."""
    gap = judged(problem("R45.851", **ended()), *screen(3)).gap
    assert gap is not None
    assert "without a date" in gap.text


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (problem("R45.851", onset=ago(900)), ["SAFE-3"]),
        (problem("R45.851", onset=ago(30)), ["SAFE-1"]),
        (problem("R45.851", onset=ago(31)), ["SAFE-3"]),
        (problem("R45.851", onset=ago(900), recorded=ago(30)), ["SAFE-1"]),
        (problem("R45.851", onset=ago(40), recorded=ago(31)), ["SAFE-3"]),
        (problem("R45.851", onset=ago(30), at_visit=True), ["SAFE-1"]),
        (problem("R45.851", onset=ago(31), at_visit=True), []),
        (problem("R45.851", onset=ago(3), verification="provisional"), ["SAFE-2"]),
        (problem("T14.91XA", onset=ago(60), verification="provisional"), ["SAFE-2"]),
        (grouped("suicide_risk", onset=ago(30)), ["SAFE-2"]),
        (grouped("suicide_risk", onset=ago(31)), ["SAFE-3"]),
        (grouped("suicide_risk", onset=ago(90), at_visit=True), ["SAFE-3"]),
        (grouped("suicide_risk", onset=ago(91), at_visit=True), []),
        (grouped("suicide_risk"), ["SAFE-3"]),
        (problem("R45.851", **ended(ago(1), onset=ago(30))), ["SAFE-1"]),
        (problem("R45.851", **ended(ago(1), onset=ago(31))), []),
        (grouped("suicidal_ideation"), ["SAFE-3"]),
        (grouped("suicide_attempt", onset=ago(90)), ["SAFE-1"]),
        (grouped("suicide_attempt", onset=ago(91)), []),
        (grouped("self_harm_history", onset=ago(3)), []),
        (worded("Suicide attempt", onset=ago(3)), ["SAFE-1"]),
        (worded("History of suicide attempt", recorded=ago(3)), []),
        (worded("Patient denies suicidal ideation"), []),
        (problem("F33.2", text="Major depression with suicidal ideation"), []),
        (problem("R45.851", verification="provisional"), ["SAFE-3"]),
    ],
)
def test_diagnoses(entry: Problem, expected: list[str]) -> None:
    """Ideation and risk for 30 days, then SAFE-3 on the list; groups count as codes do, words last."""
    assert ids(entry) == expected


@pytest.mark.parametrize(("value", "trigger"), [(1, "SAFE-2"), (2, "SAFE-1")])
def test_a_later_zero_lowers_neither_safe_1_nor_safe_2(value: int, trigger: str) -> None:
    """Only a C-SSRS with all items no does."""
    assert ids(answer(ITEM9, value, 20), answer(ITEM9, 0, 1)) == [trigger]


@pytest.mark.parametrize(("value", "expected"), [(1, []), (2, ["SAFE-3"])])
def test_a_later_zero_ends_safe_3_after_a_one(value: int, expected: list[str]) -> None:
    """After a value of 1 a later 0 is a negative screen; after more it is not; an earlier 0 never is."""
    assert ids(answer(ITEM9, value, 60), answer(ITEM9, 0, 40)) == expected
    assert ids(answer(ITEM9, value, 60), answer(ITEM9, 0, 70)) == ["SAFE-3"]


def test_a_negative_screen_lowers_safe_2_to_information() -> None:
    """On the day of item 9 or later; the lowered trigger is told with the screen."""
    for days in (10, 3, 0):
        found = judged(answer(ITEM9, 1, 10), *screen(days))
        assert found.triggers == ()
        assert [one.id for one in found.lowered] == ["SAFE-2"]
        assert str(ago(days)) in found.lowered[0].text
    assert ids(answer(ITEM9, 1, 10), *screen(11)) == ["SAFE-2"]


def test_a_negative_screen_lowers_safe_1_of_item_9_to_safe_2() -> None:
    """The answers disagree, and the text says so."""
    found = judged(answer(ITEM9, 2, 10), *screen(10))
    assert [one.id for one in found.triggers] == ["SAFE-2"]
    assert "answers disagree" in found.triggers[0].text


def test_a_negative_screen_lowers_no_other_safe_1() -> None:
    """Beside a recent attempt SAFE-1 stands, with all its evidence and without SAFE-2."""
    attempt = problem("T14.91XA", onset=ago(60))
    found = judged(answer(ITEM9, 2, 10), *screen(5), attempt)
    assert [one.id for one in found.triggers] == ["SAFE-1"]
    assert set(found.triggers[0].evidence) == {"Condition/c", "Observation/phq9-item9-10"}
    assert ids(answer("cssrs-4", 1, 10), *screen(5)) == ["SAFE-1"]
    assert ids(answer("cssrs-risk", 2, 10), *screen(5)) == ["SAFE-1"]


def test_each_item_9_needs_a_screen_of_its_own_day_or_later() -> None:
    """A screen before the latest item 9 lowers the earlier one only."""
    found = judged(answer(ITEM9, 2, 10), *screen(5), answer(ITEM9, 2, 2))
    assert [one.id for one in found.triggers] == ["SAFE-1"]
    assert ids(answer(ITEM9, 1, 10), *screen(5), answer(ITEM9, 1, 2)) == ["SAFE-2"]


@pytest.mark.parametrize(
    ("item9", "cssrs", "expected"),
    [(9.0, 8.5, ["SAFE-2"]), (9.0, 9.0, []), (9.0, 9.5, []), (None, 8.5, []), (9.0, None, [])],
)
def test_the_hour_of_one_day_decides(item9: float | None, cssrs: float | None, expected: list[str]) -> None:
    """A screen at an earlier hour of the day does not lower item 9; without both hours the day decides."""
    assert ids(answer(ITEM9, 1, 4, item9), *screen(4, cssrs)) == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("cssrs_1", ["SAFE-2"]),
        ("cssrs_2", ["SAFE-2"]),
        ("cssrs_3", []),
        ("cssrs_4", []),
        ("cssrs_5", []),
        ("cssrs_lifetime", ["SAFE-2"]),
        ("cssrs_3_months", []),
    ],
)
def test_what_a_negative_screener_must_answer(item: str, expected: list[str]) -> None:
    """Items 1, 2 and 6; where item 2 is no, items 3 to 5 are not asked."""
    assert ids(answer(ITEM9, 1, 10), *screen(5, **{item: -1})) == expected


def test_an_answer_that_cannot_be_read_leaves_a_screener_not_negative() -> None:
    """Item 3 of that day may have been a yes."""
    assert ids(answer(ITEM9, 1, 10), *screen(5, cssrs_3=-1), lost(ago(5), question="cssrs-3")) == ["SAFE-2"]


def test_behaviour_of_the_past_lowers_nothing() -> None:
    """A screener with behaviour ever yes is not negative, although the past three months are no."""
    assert ids(answer(ITEM9, 1, 10), *screen(5, cssrs_lifetime=1)) == ["SAFE-2"]


@pytest.mark.parametrize(
    ("onset", "screened", "zero", "expected"),
    [
        (31, 5, None, []),
        (31, 40, None, ["SAFE-3"]),
        (90, None, 30, ["SAFE-3"]),
        (91, None, 30, []),
        (91, None, 31, ["SAFE-3"]),
        (None, 5, None, []),
        (None, None, 5, ["SAFE-3"]),
    ],
)
def test_what_lowers_an_old_entry_of_ideation(
    onset: int | None, screened: int | None, zero: int | None, expected: list[str]
) -> None:
    """A negative screener after it, or item 9 of 0 of the last 30 days where it is older than 90."""
    entry = problem("R45.851", onset=ago(onset) if onset else None)
    answers = (*(screen(screened) if screened else ()), *((answer(ITEM9, 0, zero),) if zero else ()))
    assert ids(entry, *answers) == expected


@pytest.mark.parametrize(
    ("when", "value", "said"),
    [
        (ago(3), None, "could not be read"),
        (ago(90), None, "could not be read"),
        (None, None, "without a date could not be read"),
        (None, 2, "answered 2, without a date"),
    ],
)
def test_a_lost_answer_is_named(when: PartialDate | None, value: int | None, said: str) -> None:
    """Beside a readable answer of 0 too: the lost one may be a yes."""
    gap = judged(answer(ITEM9, 0, 2), lost(when, value)).gap
    assert gap is not None
    assert said in gap.text
    assert "PHQ-9 item 9" in gap.text


def test_a_lost_answer_of_long_ago_is_not_named() -> None:
    """It could raise nothing any more."""
    assert judged(answer(ITEM9, 0, 2), lost(ago(91))).gap is None


def test_of_lost_answers_the_latest_comes_first() -> None:
    """In whatever order the record has them; one without a date before all."""
    gap = judged(lost(ago(30)), lost(ago(2)), lost(None)).gap
    assert gap is not None
    places = [gap.text.index(said) for said in ("without a date", str(ago(2)), str(ago(30)))]
    assert places == sorted(places)


@pytest.mark.parametrize("said", ["at risk for suicide", "suicidal ideation", "suicide attempt"])
def test_an_entry_that_is_over_without_a_date_is_named(said: str) -> None:
    """Nobody can tell how recent it is."""
    gap = judged(worded(said, **ended())).gap
    assert gap is not None
    assert said in gap.text


def test_a_screen_with_an_answer_of_unknown_hour_has_none() -> None:
    """It may be of the end of its day as well as of the beginning."""
    *timed, last = screen(5, 7)
    assert ids(answer(ITEM9, 1, 5, 8), *timed, last) == ["SAFE-2"]
    assert ids(answer(ITEM9, 1, 5, 8), *timed, answer(last.question, 0, 5)) == []


def test_many_lost_answers_are_counted() -> None:
    """The gap stays a few sentences long."""
    gap = judged(*(lost(ago(day)) for day in range(1, 40))).gap
    assert gap is not None
    assert "35 more answers could not be read." in gap.text


def test_any_yes_of_the_day_voids_a_screen() -> None:
    """A second, positive screen or a raised risk level on the same day leaves nothing negative."""
    assert ids(answer(ITEM9, 1, 10), *screen(5), answer("cssrs-risk", 1, 5)) == ["SAFE-2"]
    assert ids(answer(ITEM9, 1, 10), *screen(5), answer("cssrs-2", 1, 5)) == ["SAFE-2"]


def test_older_ideation_of_the_scale_is_lowered_by_a_later_screen() -> None:
    """C-SSRS items 1 to 3 and a moderate risk level are lowered by a screen of a later day."""
    assert ids(answer("cssrs-2", 1, 20), *screen(5)) == []
    assert ids(answer("cssrs-risk", 1, 20), *screen(5)) == []
    assert ids(answer("cssrs-2", 1, 5), *screen(20)) == ["SAFE-2"]
    assert ids(answer("cssrs-lifetime", 1, 20), *screen(5)) == []


def test_safe_3_ends_with_a_negative_screen() -> None:
    """A later C-SSRS with all items no lowers SAFE-3 of item 9 and of items 4 and 5."""
    assert ids(answer(ITEM9, 3, 60), *screen(20)) == []
    assert ids(answer("cssrs-4", 1, 60), *screen(20)) == []
    assert ids(answer("cssrs-4", 1, 60), *screen(70)) == ["SAFE-3"]


def test_all_triggers_are_listed_the_most_urgent_first() -> None:
    """One trigger an id, with the evidence of each of its signs."""
    given = (answer(ITEM9, 1, 60), answer(ITEM9, 1, 20), answer(ITEM9, 2, 5), answer("cssrs-5", 1, 3))
    found = judged(*given)
    assert [one.id for one in found.triggers] == ["SAFE-1", "SAFE-2", "SAFE-3"]
    assert found.triggers[0].evidence == ("Observation/phq9-item9-5", "Observation/cssrs-5-3")
    assert f"PHQ-9 item 9 answered 2 ({ago(5)})" in found.triggers[0].text


def test_an_answer_of_an_inexact_day_counts_by_its_last_possible_day() -> None:
    """It may be recent, so it triggers, but it does not settle that the risk was asked about."""
    found = judged(
        RiskAnswer(
            reference="Observation/x", when=PartialDate(ago(60).first, ago(20).first), question=ITEM9, value=2
        )
    )
    assert [one.id for one in found.triggers] == ["SAFE-1"]
    assert found.gap is not None


@pytest.mark.parametrize(
    ("given", "unknown"),
    [
        ((), True),
        ((answer(ITEM9, 0, 30),), False),
        ((answer(ITEM9, 0, 31),), True),
        ((answer("cssrs-1", 0, 30),), False),
        ((answer("cssrs-risk", 0, 31),), True),
        ((problem("R45.851"),), True),
    ],
)
def test_whether_the_risk_was_asked_about(given: tuple[RiskAnswer | Problem, ...], unknown: bool) -> None:
    """No item 9 and no C-SSRS in 30 days: unknown, named and not blocking."""
    gap = judged(*given).gap
    assert (gap is not None) is unknown
    assert gap is None or (gap.id, gap.blocking) == ("SAFE-UNK", False)


def test_answers_that_did_not_come_are_said() -> None:
    """The gap tells that the list could not be retrieved."""
    gap = judged(lists={"Observation": Completeness.NOT_RETRIEVABLE}).gap
    assert gap is not None
    assert "could not be retrieved" in gap.text


@pytest.mark.parametrize(
    ("questions", "told"),
    [(("cssrs-4",), "(item 4)"), (("cssrs-4", "cssrs-5"), "(items 4, 5)")],
)
def test_the_items_that_were_answered_yes_are_told_by_number(questions: tuple[str, ...], told: str) -> None:
    """The trigger names the questions as they stand on the screen, and no id of ours."""
    assert told in judged(*(answer(question, 1, 5) for question in questions)).triggers[0].text

"""Observations and questionnaires."""

from datetime import date

import pytest

from service.clinical.facts import PatientFacts
from tests.normalise.made import LOINC, SNOMED, Json, concept, observation, quantity, read, reasons

SYSTOLIC, DIASTOLIC = "8480-6 Systolic blood pressure", "8462-4 Diastolic blood pressure"
PHQ9_ITEMS = [
    "44250-9",
    "44255-8",
    "44259-0",
    "44254-1",
    "44251-7",
    "44258-2",
    "44252-5",
    "44253-3",
    "44260-8",
]


def part(coded: str, value: float | None, unit: str = "mmHg") -> Json:
    """A component; without a value it says that the value is unknown."""
    absent = {"dataAbsentReason": {"text": "unknown"}}
    return {"code": concept(coded, LOINC)} | (
        {"valueQuantity": quantity(value, unit)} if value is not None else absent
    )


def panel(*parts: Json, code: str = "85354-9", **members: object) -> Json:
    """A blood pressure panel."""
    return observation(code, component=list(parts), **members)


def pressures(*resources: Json) -> list[tuple[float | None, float | None]]:
    """The readings, systolic and diastolic."""
    return [(p.systolic, p.diastolic) for p in read(*resources).pressures]


@pytest.mark.parametrize("code", ["85354-9", "55284-4", "96607-7"])
def test_every_panel_is_read_in_any_order(code: str) -> None:
    """Quirks 79, 80 and 86: both panel codes and the average, diastolic first or last."""
    high, low = part(SYSTOLIC, 120), part(DIASTOLIC, 80)
    assert pressures(panel(high, low, code=code)) == pressures(panel(low, high, code=code)) == [(120, 80)]


def test_a_pressure_coded_in_snomed_ct_alone() -> None:
    """Some senders code blood pressure in SNOMED CT only, panel and parts."""
    high, low = part(SYSTOLIC, 120), part(DIASTOLIC, 80)
    high["code"] = concept("271649006", SNOMED)
    low["code"] = concept("271650006", SNOMED)
    assert pressures(panel(high, low) | {"code": concept("75367002", SNOMED)}) == [(120, 80)]


@pytest.mark.parametrize("unit", ["mm[Hg]", "mmHg", "mm Hg", ""])
def test_units_of_pressure(unit: str) -> None:
    """Quirks 83 to 85: both spellings, and no unit where the value is plausible."""
    assert pressures(panel(part(SYSTOLIC, 120, unit), part(DIASTOLIC, 80, unit))) == [(120, 80)]


@pytest.mark.parametrize(("value", "unit"), [(16, "kPa"), (0, ""), (12, ""), (1200, "mmHg")])
def test_what_is_no_pressure_in_mmhg_is_listed(value: float, unit: str) -> None:
    """Quirk 85: another unit or an impossible value is no value, and not silence."""
    found = read(panel(part(SYSTOLIC, value, unit), part(DIASTOLIC, 80)))
    assert [(p.systolic, p.diastolic) for p in found.pressures] == [(None, 80)]
    assert len(found.unreadable) == 1


def test_separate_values_of_one_time_are_paired() -> None:
    """Quirk 81: by effective time, whatever their order and zone."""
    high = observation(
        SYSTOLIC, id="s", effectiveDateTime="2026-10-20T08:00:00+01:00", valueQuantity=quantity(139, "mmHg")
    )
    low = observation(
        DIASTOLIC, id="d", effectiveDateTime="2026-10-20T08:00:00+01:00", valueQuantity=quantity(88, "mmHg")
    )
    assert pressures(low, high) == [(139, 88)]


def test_separate_values_of_different_times_stay_apart() -> None:
    """Quirk 81: halves of two readings are not one reading."""
    high = observation(
        SYSTOLIC, id="s", effectiveDateTime="2026-10-20T08:00:00Z", valueQuantity=quantity(139, "mmHg")
    )
    low = observation(
        DIASTOLIC, id="d", effectiveDateTime="2026-10-20T09:00:00Z", valueQuantity=quantity(88, "mmHg")
    )
    assert sorted(pressures(high, low), key=str) == [(139, None), (None, 88)]


def test_a_reading_in_words() -> None:
    """The old panel may carry "120/80" as text."""
    assert pressures(observation("55284-4", valueString="120/80 mmHg")) == [(120, 80)]


def test_a_component_without_a_value_is_skipped() -> None:
    """Quirk 82: a stated absence is neither zero nor a loss."""
    found = read(panel(part(SYSTOLIC, 152), part(DIASTOLIC, None)))
    assert [(p.systolic, p.diastolic) for p in found.pressures] == [(152, None)]
    assert found.unreadable == ()
    assert read(panel(part(SYSTOLIC, None), part(DIASTOLIC, None))).pressures == ()


def test_a_component_that_is_missing_without_a_reason_is_listed() -> None:
    """Half a reading without a word about the other half is not passed over."""
    assert reasons(read(panel(part(SYSTOLIC, 152)))) == [
        "Observation/o: its diastolic value is missing, and no reason is given"
    ]


def test_a_panel_that_also_names_its_systolic_part() -> None:
    """Quirk 95: one source puts both codes on one resource."""
    told = {"coding": [{"system": LOINC, "code": "8480-6"}, {"system": LOINC, "code": "85354-9"}]}
    assert pressures(panel(part(SYSTOLIC, 120), part(DIASTOLIC, 80)) | {"code": told}) == [(120, 80)]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "unknown", "registered"])
def test_void_observations_are_left_out(status: str) -> None:
    """Quirk 87."""
    found = read(panel(part(SYSTOLIC, 210), part(DIASTOLIC, 130), status=status))
    assert (found.pressures, found.unreadable) == ((), ())


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "preliminary"])
def test_valid_observations_are_read(status: str) -> None:
    """Quirk 88; a preliminary value is a value."""
    assert pressures(panel(part(SYSTOLIC, 120), part(DIASTOLIC, 80), status=status)) == [(120, 80)]


@pytest.mark.parametrize("lacking", [{"status": None}, {"effectiveDateTime": None}])
def test_an_observation_that_cannot_be_placed_is_listed(lacking: Json) -> None:
    """Quirk 89: without a date it is never the latest, and it is not passed over."""
    found = read(panel(part(SYSTOLIC, 120), part(DIASTOLIC, 80), **lacking))
    assert found.pressures == ()
    assert len(found.unreadable) == 1


def test_an_observation_of_the_future_is_not_known_yet() -> None:
    """Resources dated after the day of evaluation are ignored."""
    assert pressures(panel(part(SYSTOLIC, 120), part(DIASTOLIC, 80), effectiveDateTime="2026-11-03")) == []


def totals(found: PatientFacts) -> list[tuple[str, float]]:
    """Scale and total of each score."""
    return [(score.scale, score.total) for score in found.scores]


@pytest.mark.parametrize(
    "value",
    [
        {"valueQuantity": quantity(21, "{score}")},
        {"valueInteger": 21},
        {"valueString": "21"},
        {"valueString": " 21.0 "},
    ],
)
def test_a_total_of_any_type_is_read(value: Json) -> None:
    """Quirks 91 to 93."""
    assert totals(read(observation("44261-6", **value))) == [("PHQ-9", 21)]


def test_a_total_inside_the_panel_is_read() -> None:
    """Quirk 93: the panel itself carries no value."""
    inner = {"code": concept("44261-6", LOINC), "valueQuantity": quantity(21)}
    assert totals(read(observation("44249-1", component=[inner]))) == [("PHQ-9", 21)]


@pytest.mark.parametrize("value", [{"valueInteger": 28}, {"valueInteger": -1}, {"valueString": "moderate"}])
def test_what_is_no_total_is_listed(value: Json) -> None:
    """A number beyond the scale is not a score."""
    found = read(observation("44261-6", **value))
    assert found.scores == ()
    assert reasons(found) == ["Observation/o: is no PHQ-9 total"]


@pytest.mark.parametrize("code", ["55758-7", "89204-2", "73831-0", "73832-8"])
def test_other_scores_are_no_phq9_total(code: str) -> None:
    """Quirk 94: PHQ-2, the version for teenagers, screening outcomes and the panel itself."""
    assert read(observation(code, valueInteger=6)).scores == ()


def test_an_absent_value_is_no_zero() -> None:
    """Quirk 90: dataAbsentReason is not a score of 0."""
    found = read(observation("44261-6", dataAbsentReason={"text": "refused"}))
    assert (found.scores, found.unreadable) == ((), ())


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("MADRS total score", "MADRS"),
        ("Montgomery-Asberg scale total", "MADRS"),
        ("QIDS-SR16 total", "QIDS-SR16"),
        ("Hamilton Depression total", "HAM-D17"),
    ],
)
def test_scales_without_a_verified_code_are_known_by_name(text: str, scale: str) -> None:
    """Clinical rule 12: the name of the scale and "total"."""
    told = observation("", valueInteger=30) | {"code": {"text": text}}
    expected = [(scale, 30)] if scale != "QIDS-SR16" else []
    assert totals(read(told | {"valueInteger": 30 if expected else 20})) == (expected or [(scale, 20)])


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ({"valueCodeableConcept": concept("LA6568-5", LOINC)}, 0),
        ({"valueCodeableConcept": concept("LA6569-3", LOINC)}, 1),
        ({"valueCodeableConcept": concept("LA6570-1", LOINC)}, 2),
        ({"valueCodeableConcept": concept("LA6571-9", LOINC)}, 3),
        ({"valueCodeableConcept": {"text": "Nearly every day"}}, 3),
        ({"valueInteger": 2}, 2),
        ({"valueQuantity": quantity(1, "{score}")}, 1),
        ({"valueString": "Several days"}, 1),
        ({"valueString": "0"}, 0),
    ],
)
def test_item_nine_in_any_form(answer: Json, value: int) -> None:
    """Clinical rule 6: answer codes, text or an integer from 0 to 3."""
    assert [(a.question, a.value) for a in read(observation("44260-8", **answer)).answers] == [
        ("phq9-item9", value)
    ]


def test_an_answer_that_is_not_understood_is_listed() -> None:
    """An unknown answer to the question about suicide is not silence."""
    found = read(observation("44260-8", valueString="declined"))
    assert found.answers == ()
    assert reasons(found) == ["Observation/o: its answer is not understood"]


@pytest.mark.parametrize(
    ("code", "answer", "question", "value"),
    [
        ("93246-7", {"valueCodeableConcept": concept("LA33-6", LOINC)}, "cssrs-1", 1),
        ("93249-1", {"valueBoolean": True}, "cssrs-4", 1),
        ("93250-9", {"valueString": "No"}, "cssrs-5", 0),
        ("93267-3", {"valueCodeableConcept": {"text": "Yes"}}, "cssrs-lifetime", 1),
        ("93269-9", {"valueBoolean": False}, "cssrs-3-months", 0),
        ("93374-7", {"valueCodeableConcept": {"text": "High"}}, "cssrs-risk", 2),
        ("93374-7", {"valueCodeableConcept": concept("LA9194-7", LOINC)}, "cssrs-risk", 0),
    ],
)
def test_the_columbia_screener(code: str, answer: Json, question: str, value: int) -> None:
    """Clinical rule 6: items as codes, booleans or text, the risk level in three steps."""
    assert [(a.question, a.value) for a in read(observation(code, **answer)).answers] == [(question, value)]


def response(*answers: tuple[str, Json], **members: object) -> Json:
    """A completed questionnaire."""
    items = [{"linkId": link, "answer": [given]} for link, given in answers]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q",
        "status": "completed",
        "authored": "2026-10-20",
        "subject": {"reference": "Patient/p"},
        "item": [{"linkId": "/44249-1", "item": items}],
    } | members


def test_a_questionnaire_is_read_by_its_link_ids() -> None:
    """The total and item nine of a QuestionnaireResponse."""
    item9 = ("/44260-8", {"valueCoding": {"system": LOINC, "code": "LA6570-1"}})
    found = read(response(item9, ("/44261-6", {"valueDecimal": 17})))
    assert totals(found) == [("PHQ-9", 17)]
    assert [a.value for a in found.answers] == [2]


def test_nine_answers_make_a_total_and_eight_do_not() -> None:
    """Clinical rule 6: never a total from fewer than nine items."""
    nine = [(f"/{code}", {"valueInteger": 2}) for code in PHQ9_ITEMS]
    assert totals(read(response(*nine))) == [("PHQ-9", 18)]
    assert totals(read(response(*nine[1:]))) == []


@pytest.mark.parametrize("status", ["in-progress", "entered-in-error", "stopped"])
def test_an_unfinished_questionnaire_is_not_read(status: str) -> None:
    """Only a completed or amended questionnaire has answers."""
    assert read(response(("/44261-6", {"valueInteger": 17}), status=status)).scores == ()


def test_laboratory_values_keep_unit_and_limit() -> None:
    """The laboratory's own upper limit in the unit of the value."""
    limits = [{"low": quantity(7, "U/L"), "high": quantity(55, "U/L")}]
    (lab,) = read(observation("1742-6", valueQuantity=quantity(170, "U/L"), referenceRange=limits)).labs
    assert (lab.concept, lab.value, lab.unit, lab.upper_limit) == ("alt", 170, "U/L", 55)


def test_a_limit_in_another_unit_is_not_used() -> None:
    """55 of another unit is no limit of this value."""
    limits = [{"high": quantity(0.9, "ukat/L")}]
    (lab,) = read(observation("1742-6", valueQuantity=quantity(170, "U/L"), referenceRange=limits)).labs
    assert lab.upper_limit is None


def test_a_coded_result_keeps_code_and_words() -> None:
    """Pregnancy status is a code."""
    (lab,) = read(observation("82810-3", valueCodeableConcept=concept("77386006 Pregnant", SNOMED))).labs
    assert (lab.concept, lab.code, lab.answer) == ("pregnancy_status", "77386006", "pregnant")


@pytest.mark.parametrize(
    "value",
    [
        {"valueString": "Class B"},
        {"valueCodeableConcept": {"text": "Child-Pugh B (7-9)"}},
        {"valueString": "B"},
    ],
)
def test_the_child_pugh_class_is_known_by_text(value: Json) -> None:
    """Clinical rule 12: an Observation whose text names Child-Pugh."""
    (lab,) = read(observation("") | {"code": {"text": "Child-Pugh class"}} | value).labs
    assert (lab.concept, lab.answer) == ("child_pugh", "b")


def test_a_value_that_nothing_names_is_listed() -> None:
    """A number without a code or a word may have been a score."""
    found = read(observation("", valueInteger=20) | {"code": None})
    assert reasons(found) == ["Observation/o: no usable code or text"]


def test_a_measurement_that_no_rule_looks_at_is_passed_over() -> None:
    """Body temperature is neither a value nor unreadable."""
    found = read(observation("8310-5 Body temperature", valueQuantity=quantity(37, "Cel")))
    assert found.unreadable == ()


def test_the_day_is_the_local_day() -> None:
    """Quirk 102: an evening in another zone stays that evening."""
    (score,) = read(
        observation("44261-6", valueInteger=9, effectiveDateTime="2026-10-20T23:30:00-10:00")
    ).scores
    assert score.when.first == date(2026, 10, 20)


def test_an_observation_without_a_code_is_known_by_its_loinc_name() -> None:
    """The standard's own name is as good as its code; other wording is not guessed at."""
    named = observation(
        "", code={"text": "Body mass index (BMI) [Ratio]"}, valueQuantity=quantity(31, "kg/m2")
    )
    other = observation("", code={"text": "body mass"}, valueQuantity=quantity(31, "kg/m2"))
    assert [lab.concept for lab in read(named, other).labs] == ["bmi"]


def test_an_answer_about_suicide_under_an_unknown_code_is_listed() -> None:
    """Which question it answers cannot be told; it is never passed over."""
    found = read(observation("", code={"text": "Suicidality, lifetime"}, valueBoolean=True))
    assert (found.answers, len(found.unreadable)) == ((), 1)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("AUDIT-C total score", "audit_c_total"),
        ("AUDIT total score", "audit_total"),
        ("DAST-10 score", "dast10_total"),
        ("Urine drug screen: cocaine", "urine_drug_screen:cocaine"),
        ("Urine drug screen", "urine_drug_screen:panel"),
    ],
)
def test_a_screen_for_substance_use_known_by_its_words(text: str, concept: str) -> None:
    """R14.2: what has no code is looked for in words."""
    told = observation("", valueInteger=9) | {"code": {"text": text}}
    assert [lab.concept for lab in read(told).labs] == [concept]


@pytest.mark.parametrize(
    ("members", "stated"),
    [
        ({"code": concept("225444004 At risk for suicide", SNOMED)}, True),
        ({"code": concept("225444004", SNOMED), "valueBoolean": True}, True),
        ({"code": concept("225444004", SNOMED), "valueBoolean": False}, False),
        ({"code": concept("225444004", SNOMED), "dataAbsentReason": {"text": "not asked"}}, False),
        ({"code": {"text": "Finding"}, "valueCodeableConcept": concept("6471006", SNOMED)}, True),
    ],
)
def test_suicide_risk_stated_as_an_observation(members: Json, stated: bool) -> None:
    """R14.24: a finding of suicide risk counts as one of its day, whatever resource states it."""
    found = read(observation("") | members).problems
    assert bool(found) is stated

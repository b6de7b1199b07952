"""Flags that medicines raise: groups, windows, and what the record says about the end of use."""

from typing import Any

import pytest
from msgspec.structs import replace

from service.assess.in_use import running
from service.clinical.facts import Exposure, Purpose, Reason, SourceKind, StopKind, StopReason
from service.clinical.partial_date import PartialDate
from tests.assess.flag_facts import D0, ago, dispense, levels, medicine, procedure, raised, record

CAUTION, INFO = "caution", "info"
BOTH_CAUTION, BOTH_INFO = (CAUTION, CAUTION), (INFO, INFO)


def of(*exposures: Exposure) -> dict[str, tuple[str | None, str | None]]:
    """The levels of the flags that `exposures` raise."""
    return levels(record(exposures=exposures))


@pytest.mark.parametrize(
    ("group", "flag", "expected", "window"),
    [
        ("benzodiazepine", "MED-BZD", BOTH_CAUTION, 30),
        ("z_drug", "MED-BZD", BOTH_CAUTION, 30),
        ("barbiturate", "MED-BZD", BOTH_CAUTION, 30),
        ("oxybate", "MED-BZD", BOTH_CAUTION, 30),
        ("sedative_other", "MED-BZD", BOTH_CAUTION, 30),
        ("muscle_relaxant", "MED-BZD", BOTH_CAUTION, 30),
        ("orexin_antagonist", "MED-BZD", BOTH_CAUTION, 30),
        ("antihistamine_sedating", "MED-BZD", BOTH_CAUTION, 30),
        ("neurosteroid", "MED-BZD", BOTH_CAUTION, 30),
        ("opioid", "MED-OPI", BOTH_CAUTION, 30),
        ("stimulant", "MED-STIM", BOTH_CAUTION, 30),
        ("maoi", "MED-MAOI", BOTH_CAUTION, 14),
        ("xanthine", "MED-XAN", (INFO, CAUTION), 7),
        ("ergot", "MED-PRESS", BOTH_CAUTION, 30),
        ("pressor", "MED-PRESS", BOTH_CAUTION, 30),
        ("oral_decongestant", "MED-PRESS", BOTH_CAUTION, 30),
        ("norepinephrine_reuptake_inhibitor_adhd", "MED-PRESS", BOTH_CAUTION, 30),
        ("lamotrigine", "MED-OTHER", BOTH_INFO, 30),
        ("opioid_antagonist", "MED-OTHER", BOTH_INFO, 30),
        ("gabapentinoid", "MED-OTHER", BOTH_INFO, 30),
        ("thyroid_hormone", "MED-OTHER", BOTH_INFO, 30),
        ("cyp2b6_3a4_inhibitor", "MED-OTHER", BOTH_INFO, 30),
        ("cyp2b6_3a4_inducer", "MED-OTHER", BOTH_INFO, 30),
    ],
)
def test_groups_and_windows(group: str, flag: str, expected: tuple[str, str], window: int) -> None:
    """An active order and a supply that reaches into the window count; a supply one day short does not."""
    assert of(medicine(group)) == {flag: expected}
    assert of(dispense(group, start=ago(window + 29), supply=30)) == {flag: expected}
    assert of(dispense(group, start=ago(window + 30), supply=30)) == {}
    assert of(medicine(group, status="stopped", end=ago(window))) == {flag: expected}
    assert of(medicine(group, status="stopped", end=ago(window + 1))) == {}


@pytest.mark.parametrize("group", ["antidepressant", "antipsychotic", "lithium", "buspirone"])
def test_other_groups_raise_no_flag(group: str) -> None:
    """Treatment of the depression itself is no flag."""
    assert of(medicine(group)) == {}


@pytest.mark.parametrize(
    ("members", "within"),
    [
        ({"status": "active", "start": ago(2000)}, True),
        ({"status": "active", "start": None}, True),
        ({"status": "active", "end": ago(31)}, False),
        ({"status": "active", "end": ago(30)}, True),
        ({"status": "active", "supply_days": 30, "start": ago(400)}, True),
        ({"status": "", "start": ago(400)}, True),
        ({"status": "on-hold"}, False),
        ({"status": "cancelled"}, False),
        ({"status": "completed", "start": ago(149), "supply_days": 30, "refills": 3}, True),
        ({"status": "completed", "start": ago(150), "supply_days": 30, "refills": 3}, False),
        ({"source": SourceKind.STATEMENT, "start": ago(300)}, True),
        ({"source": SourceKind.STATEMENT, "status": "stopped", "start": ago(300), "end": ago(100)}, False),
        ({"source": SourceKind.STATEMENT, "status": "not-taken"}, False),
        ({"source": SourceKind.ADMINISTRATION, "status": "completed", "start": ago(30)}, True),
        ({"source": SourceKind.ADMINISTRATION, "status": "completed", "start": ago(31)}, False),
        ({"source": SourceKind.DISPENSE, "status": "completed", "start": ago(30)}, True),
        ({"status": "stopped", "end": PartialDate(ago(60).first, ago(30).first)}, True),
        ({"as_needed": True}, True),
    ],
)
def test_what_is_in_use(members: dict[str, Any], within: bool) -> None:
    """Open orders go on, stated ends and supplies end, what was not taken is not in use."""
    assert running(medicine("opioid", **members), D0, 30) is within


def test_an_unknown_end_is_information_for_a_year() -> None:
    """An ended order without end or supply may still be in use: one level lower, and said so."""
    stopped = medicine("opioid", status="stopped", start=ago(365))
    assert of(stopped) == {"MED-OPI": BOTH_INFO}
    assert "day not recorded" in raised(record(exposures=(stopped,)))["MED-OPI"].text
    assert of(medicine("opioid", status="stopped", start=ago(366))) == {}
    assert of(medicine("opioid", status="completed", start=None)) == {"MED-OPI": BOTH_INFO}
    assert of(dispense("opioid", start=ago(60), supply=None)) == {"MED-OPI": BOTH_INFO}


def test_an_unknown_end_of_a_maoi_counts_in_full() -> None:
    """The washout of a MAOI is not taken as over on an unknown day."""
    assert of(medicine("maoi", status="stopped", start=ago(100))) == {"MED-MAOI": BOTH_CAUTION}


def test_dispenses_say_how_long_an_ended_order_lasted() -> None:
    """An ended order leaves no doubt when its own dispenses are on record and used up."""
    order = medicine("opioid", status="completed", start=ago(100))
    fill = dispense("opioid", start=ago(100), supply=30, order=order.reference)
    assert of(order, fill) == {}


@pytest.mark.parametrize(
    ("route", "expected"),
    [("nasal", {"MED-OTHER": BOTH_INFO}), ("", {"MED-OTHER": BOTH_INFO}), ("inhalation", {})],
)
def test_steroids_count_in_the_nose(route: str, expected: dict[str, Any]) -> None:
    """A nasal steroid or one of an unknown route counts, an inhaled one does not."""
    assert of(medicine("nasal_steroid", route=route)) == expected


def test_decongestants_count_by_route() -> None:
    """Phenylephrine: by mouth it raises blood pressure, in the nose it is information."""
    groups = ("nasal_decongestant", "oral_decongestant")
    assert of(medicine(*groups, route="oral")) == {"MED-PRESS": BOTH_CAUTION}
    assert of(medicine(*groups, route="nasal")) == {"MED-OTHER": BOTH_INFO}
    assert of(medicine(*groups, route="ophthalmic")) == {}


@pytest.mark.parametrize("other", ["opioid", "benzodiazepine"])
def test_a_gabapentinoid_with_a_sedative_is_a_caution(other: str) -> None:
    """Together with an opioid or benzodiazepine in use; with one that ended it is information."""
    assert of(medicine("gabapentinoid"), medicine(other))["MED-OTHER"] == BOTH_CAUTION
    past = medicine(other, status="stopped", end=ago(31))
    assert of(medicine("gabapentinoid"), past) == {"MED-OTHER": BOTH_INFO}


def test_a_combination_raises_the_flags_of_its_parts() -> None:
    """Chlordiazepoxide/amitriptyline: both components carry the product, the evidence is named once."""
    parts = [
        medicine("benzodiazepine", "antidepressant", ingredient=one)
        for one in ("amitriptyline", "chlordiazepoxide")
    ]
    flag = raised(record(exposures=tuple(parts)))["MED-BZD"]
    assert flag.evidence == ("MedicationRequest/m",)


def test_texts_name_drug_source_and_day() -> None:
    """The drug, how it is witnessed and until when can be read in the flag."""
    fill = dispense("benzodiazepine", start=ago(40), supply=30, ingredient="clonazepam")
    text = raised(record(exposures=(fill,)))["MED-BZD"].text
    assert f"clonazepam (supplied {ago(40)}, lasts until {ago(11)})" in text


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, f"ordered {ago(200)}, not ended"),
        ({"end": ago(5)}, f"ordered {ago(200)} until {ago(5)}"),
        ({"source": SourceKind.STATEMENT}, f"reported {ago(200)}"),
        ({"source": SourceKind.ADMINISTRATION, "start": ago(2)}, f"given {ago(2)}"),
        ({"source": SourceKind.DISPENSE, "start": ago(2)}, f"supplied {ago(2)}"),
        ({"start": None}, "ordered date unknown, not ended"),
    ],
)
def test_each_witness_has_its_words(members: dict[str, Any], said: str) -> None:
    """Order, statement, administration and dispense are told apart."""
    text = raised(record(exposures=(medicine("opioid", **members),)))["MED-OPI"].text
    assert f"a drug ({said})" in text


def test_many_fills_are_told_once() -> None:
    """Of several fills of a drug the latest is told, beside the order; all stay evidence."""
    order = medicine("benzodiazepine", ingredient="clonazepam", start=ago(200))
    fills = tuple(
        replace(
            dispense("benzodiazepine", start=ago(days), supply=30, ingredient="clonazepam"),
            reference=f"MedicationDispense/{days}",
        )
        for days in (5, 35, 20)
    )
    flag = raised(record(exposures=(order, *fills)))["MED-BZD"]
    assert flag.text.count("clonazepam") == 2
    assert f"supplied {ago(5)}" in flag.text
    assert len(flag.evidence) == 4


def ketamine(days: int, **members: Any) -> Exposure:
    """One administration of ketamine."""
    return medicine(
        "ketamine",
        ingredient="ketamine",
        source=SourceKind.ADMINISTRATION,
        status="completed",
        start=ago(days),
        reference=f"MedicationAdministration/{days}",
        **members,
    )


NO_EFFECT = StopReason(text="no response", kind=StopKind.NO_EFFECT)
HARM = StopReason(text="dissociation", kind=StopKind.ADVERSE_EFFECT)


@pytest.mark.parametrize(
    ("days", "stopped", "fires"),
    [
        ((227, 220, 213, 206, 200), NO_EFFECT, True),
        ((226, 220, 213, 206, 200), NO_EFFECT, False),
        ((212, 210, 208, 206, 204, 202), NO_EFFECT, True),
        ((210, 208, 206, 204, 202), NO_EFFECT, False),
        ((210, 208, 206, 204, 202), HARM, True),
        ((202,), HARM, True),
        ((202,), StopReason(text="severe dissociation, refused to go on", kind=StopKind.UNCLEAR), True),
        ((202,), StopReason(text="moved away", kind=StopKind.UNCLEAR), False),
        ((227, 220, 213, 206, 200), None, False),
        ((227, 220, 213, 206, 200), StopReason(text="cost", kind=StopKind.UNRELATED), False),
        ((400, 200), NO_EFFECT, False),
    ],
)
def test_an_earlier_course_without_benefit(
    days: tuple[int, ...], stopped: StopReason | None, fires: bool
) -> None:
    """A documented failure after 28 days or 6 doses in one course, or harm from the first session on."""
    given = [ketamine(one) for one in days[:-1]] + [ketamine(days[-1], stopped_for=stopped)]
    assert ("PRIOR-NR" in of(*given)) is fires


def test_anaesthesia_is_no_course() -> None:
    """Ketamine with a recorded other purpose is no earlier treatment of depression."""
    reason = (Reason(text="anaesthesia", purpose=Purpose.OTHER),)
    given = [ketamine(one, reasons=reason, stopped_for=NO_EFFECT) for one in range(200, 230, 5)]
    assert of(*given) == {}


def test_sessions_with_an_outcome_are_a_course() -> None:
    """Esketamine sessions on record as procedures count, with the outcome they state."""
    sessions = tuple(
        procedure("esketamine_session", when=ago(days), outcome="No response" if days == 200 else "")
        for days in range(200, 230, 5)
    )
    assert levels(record(interventions=sessions)) == {"PRIOR-NR": BOTH_CAUTION}
    successful = tuple(
        procedure("esketamine_session", when=ago(days), outcome="Successful") for days in range(200, 230, 5)
    )
    assert levels(record(interventions=successful)) == {}

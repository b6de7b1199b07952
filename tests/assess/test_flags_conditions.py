"""Flags that conditions raise: each code, its window, its twin just outside, and what is uncertain."""

from typing import Any

import pytest

from service.clinical.assessment import Hold
from service.clinical.partial_date import PartialDate
from tests.assess.flag_facts import (
    FLAGS,
    ago,
    ended,
    grouped,
    having,
    lab,
    levels,
    medicine,
    person,
    problem,
    procedure,
    raised,
    record,
    service_order,
    worded,
)

CONTRA, CAUTION, INFO = "contraindication", "caution", "info"
BOTH_CONTRA, BOTH_CAUTION = (CONTRA, CONTRA), (CAUTION, CAUTION)

AT_ANY_TIME = [
    ("CI-ANEUR", "I71.4 I72.3 I67.0 I67.1 I79.0 I28.1 Q25.43 A52.01 I77.71", BOTH_CONTRA),
    ("CI-AVM", "Q28.0 Q28.2 Q27.30 Q25.72", BOTH_CONTRA),
    ("CI-ICH", "I61.9 I69.10 I60.9 I69.00 S06.340A S06.351D S06.369S", BOTH_CONTRA),
    ("ICH-OTHER", "I62.00 S06.4X0A S06.5X1A S06.6X0A S06.370A S06.381A I69.20", BOTH_CAUTION),
    (
        "CV-DIS",
        "I25.10 I35.0 I47.10 I48.91 I49.5 I05.1 I08.0 I11.0 I13.0 I13.2 I20.9 I25.2 I27.20",
        BOTH_CAUTION,
    ),
    ("CV-DIS", "I34.0 I37.0 I42.0 I44.2 I45.81 I51.81 I50.22 I25.2 I27.20", BOTH_CAUTION),
    ("STROKE-HX", "I69.30", (CAUTION, CONTRA)),
    ("STROKE-HX", "Z86.73", BOTH_CAUTION),
    ("VASC-OTHER", "I77.810 I78.0 Q28.1 Q28.3 I77.0 I28.0 Z86.79 Q87.40 Q79.63", BOTH_CAUTION),
    ("HTN-ENC", "I67.4 I16.1 I16.9", BOTH_CAUTION),
    ("BIPOLAR", "F30.10 F30.4 F31.9 F31.78 F25.0 F34.0 F06.33", BOTH_CAUTION),
    ("PORPH", "E80.20 E80.21", (INFO, CAUTION)),
]
WHILE_ACTIVE = [
    ("ICP", "G93.2 G93.5 G93.6 G91.1 G91.9", BOTH_CONTRA),
    ("ICP", "G91.2", BOTH_CAUTION),
    ("INTRACRAN", "C71.9 D33.2 D43.0 C79.31 D32.0", BOTH_CAUTION),
    ("IOP", "H40.1110 H40.051 S05.10XA", (INFO, CAUTION)),
    ("IOP", "H40.211 S05.30XA", (CAUTION, CONTRA)),
    ("CYST", "N30.10 N30.20 R39.82", BOTH_CAUTION),
    ("RESP", "J96.10 G47.33", BOTH_CAUTION),
    ("SEIZ", "G40.909", (INFO, CAUTION)),
    ("COG", "F01.50 F02.80 F03.90 F05 G30.9 F10.27", BOTH_CAUTION),
    ("LACT", "Z39.1", BOTH_CAUTION),
    ("THYR", "E05.00", (CAUTION, CONTRA)),
]
NEVER = """
I10 F33.2 F32.9 F41.1 N30.00 N39.0 D33.4 S05.00XA F21 J44.9 G45.4 Z81.8 I70.0 D35.00 R03.0 E03.9
F17.210 R45.88
"""


def cases(rows: list[tuple[str, str, tuple[str, str]]]) -> list[tuple[str, str, tuple[str, str]]]:
    """One case for each code of `rows`."""
    return [(flag, code, expected) for flag, codes, expected in rows for code in codes.split()]


@pytest.mark.parametrize(("flag", "code", "expected"), cases(AT_ANY_TIME))
@pytest.mark.parametrize(
    "members",
    [{}, {"status": ""}, {"status": "inactive", "onset": ago(4000)}, ended(ago(2200), onset=ago(4000))],
    ids=["active", "no-status", "inactive", "resolved"],
)
def test_any_time_includes_resolved_and_inactive(
    flag: str, code: str, expected: tuple[str, str], members: dict[str, Any]
) -> None:
    """What counts at any time counts whatever its status."""
    assert having(problem(code, **members))[flag] == expected


@pytest.mark.parametrize(("flag", "code", "expected"), cases(WHILE_ACTIVE))
@pytest.mark.parametrize("status", ["active", "", "recurrence", "relapse"])
def test_active_findings_count(flag: str, code: str, expected: tuple[str, str], status: str) -> None:
    """An entry without a status reads as active."""
    assert having(problem(code, status=status))[flag] == expected


@pytest.mark.parametrize(("flag", "code", "expected"), cases(WHILE_ACTIVE))
def test_ended_findings_do_not_count(flag: str, code: str, expected: tuple[str, str]) -> None:
    """An abatement wins over an active status, and a resolved entry is over."""
    assert flag not in having(problem(code, abated=True, abatement=ago(10)))
    assert flag not in having(problem(code, **ended()))


@pytest.mark.parametrize("code", NEVER.split())
def test_codes_that_raise_no_flag(code: str) -> None:
    """Neighbouring and harmless codes raise nothing."""
    assert having(problem(code, onset=ago(3))) == {}


def test_a_man_with_depression_and_nothing_else_has_no_flag() -> None:
    """The plain case stays plain."""
    assert having(problem("F33.2", onset=ago(500))) == {}


@pytest.mark.parametrize(
    ("code", "later", "expected", "hold"),
    [
        ("I21.4", "CV-DIS", BOTH_CAUTION, Hold()),
        ("I22.0", "CV-DIS", BOTH_CAUTION, Hold()),
        ("I46.9", "CV-DIS", BOTH_CAUTION, Hold()),
        ("I20.0", "CV-DIS", BOTH_CAUTION, Hold(esketamine=True, ketamine=True)),
        ("I24.9", "CV-DIS", BOTH_CAUTION, Hold(esketamine=True, ketamine=True)),
        ("G45.9", "CV-DIS", BOTH_CAUTION, Hold(esketamine=True, ketamine=True)),
        ("I63.9", "STROKE-HX", (CAUTION, CONTRA), Hold(esketamine=True)),
    ],
)
def test_an_event_changes_its_flag_after_42_days(
    code: str, later: str, expected: tuple[str, str], hold: Hold
) -> None:
    """Day 42 is an event, day 43 is history; angina, TIA and, for esketamine, stroke rest on an extension."""
    event = raised(record(problems=(problem(code, onset=ago(42)),)))
    assert list(event) == ["CI-CVEVENT"]
    assert (event["CI-CVEVENT"].esketamine, event["CI-CVEVENT"].ketamine) == BOTH_CONTRA
    assert event["CI-CVEVENT"].hold == hold
    assert having(problem(code, onset=ago(43))) == {later: expected}


def test_an_infarction_beside_a_stroke_is_no_mere_hold() -> None:
    """One finding that a label names makes the contraindication the label's."""
    both = record(problems=(problem("I63.9", onset=ago(5)), problem("I21.4", onset=ago(5))))
    assert raised(both)["CI-CVEVENT"].hold == Hold()


def test_an_undated_event() -> None:
    """Active and undated is taken as recent and said so; over and undated is history."""
    flag = raised(record(problems=(problem("I21.4"),)))["CI-CVEVENT"]
    assert "date unknown" in flag.text
    assert having(problem("I21.4", **ended())) == {"CV-DIS": BOTH_CAUTION}


def test_an_inexact_date_counts_by_its_last_possible_day() -> None:
    """A month that reaches into the window is in the window, and the text says that the day is not exact."""
    month = PartialDate(ago(60).first, ago(42).last)
    assert "day not exact" in raised(record(problems=(problem("I21.4", onset=month),)))["CI-CVEVENT"].text


@pytest.mark.parametrize("code", ["I50.21", "I50.23", "I50.31", "I50.33", "I50.41", "I50.43", "I25.110"])
def test_acute_heart_disease_is_a_contraindication_for_ketamine(code: str) -> None:
    """Coded acute or unstable, and active: ketamine contraindication; once over: caution."""
    assert having(problem(code)) == {"CV-DIS": (CAUTION, CONTRA)}
    assert having(problem(code, **ended(ago(90)))) == {"CV-DIS": BOTH_CAUTION}


def test_head_injury_counts_for_90_days() -> None:
    """Day 90 counts with a contraindication for ketamine, day 91 does not."""
    assert having(problem("S06.0X1A", onset=ago(90)))["INTRACRAN"] == (CAUTION, CONTRA)
    assert "INTRACRAN" not in having(problem("S06.0X1A", onset=ago(91)))


@pytest.mark.parametrize(
    "code",
    ["F20.9", "F29", "F22", "F32.3", "F33.3", "F06.0", "F06.2", "F10.259", "F15.159", "F19.95", "F53.1"],
)
def test_psychosis_is_active_for_a_year(code: str) -> None:
    """Active, or ended within 365 days or on an unknown day: PSY-ACT; ended earlier: PSY-HX."""
    assert having(problem(code))["PSY-ACT"] == (CAUTION, CONTRA)
    assert having(problem(code, **ended(ago(365))))["PSY-ACT"] == (CAUTION, CONTRA)
    unknown = raised(record(problems=(problem(code, **ended(onset=ago(3000))),)))
    assert "end not recorded" in unknown["PSY-ACT"].text
    past = having(problem(code, **ended(ago(366))))
    assert past["PSY-HX"] == BOTH_CAUTION
    assert "PSY-ACT" not in past


@pytest.mark.parametrize("code", ["F30.2", "F31.2", "F31.5", "F31.64"])
def test_psychotic_mania_is_both(code: str) -> None:
    """Bipolar disorder with psychotic features is psychosis and bipolar disorder."""
    assert set(having(problem(code))) == {"PSY-ACT", "BIPOLAR"}


def test_active_mania_is_named() -> None:
    """The text says when mania is coded as current, and does not when it is over."""
    assert "current" in raised(record(problems=(problem("F31.13"),)))["BIPOLAR"].text
    assert "current" not in raised(record(problems=(problem("F31.76"),)))["BIPOLAR"].text


@pytest.mark.parametrize("verification", ["unconfirmed", "provisional", "differential"])
def test_a_suspicion_counts_one_level_lower(verification: str) -> None:
    """Contraindication becomes caution, caution becomes info, info stays; the text says unconfirmed."""
    assert having(problem("I71.4", verification=verification)) == {"CI-ANEUR": BOTH_CAUTION}
    assert having(problem("I67.4", verification=verification)) == {"HTN-ENC": (INFO, INFO)}
    assert having(problem("G40.909", verification=verification)) == {"SEIZ": (INFO, INFO)}
    text = raised(record(problems=(problem("I71.4", verification=verification),)))["CI-ANEUR"].text
    assert "unconfirmed" in text


def test_a_confirmed_entry_beside_a_suspicion_decides() -> None:
    """The heaviest level of all entries is the level of the flag, with the evidence of both."""
    both = record(
        problems=(
            problem("I71.4", verification="unconfirmed", reference="Condition/a"),
            problem("I67.1", reference="Condition/b"),
        )
    )
    flag = raised(both)["CI-ANEUR"]
    assert (flag.esketamine, flag.ketamine) == BOTH_CONTRA
    assert flag.evidence == ("Condition/a", "Condition/b")


def test_the_text_names_finding_and_dates() -> None:
    """Finding, beginning and end can be read in the flag."""
    repaired = problem("I71.4", text="Abdominal aortic aneurysm", onset=ago(2400), **ended(ago(2190)))
    text = raised(record(problems=(repaired,)))["CI-ANEUR"].text
    assert f"Abdominal aortic aneurysm (since {ago(2400)}, ended {ago(2190)})" in text


def test_many_entries_are_counted_not_listed() -> None:
    """A long list of entries is cut after four, and the rest is counted."""
    many = tuple(problem("I48.91", text=f"fibrillation {n}", reference=f"Condition/{n}") for n in range(9))
    flag = raised(record(problems=many))["CV-DIS"]
    assert flag.text.count("fibrillation") == 4
    assert "and 5 more" in flag.text
    assert len(flag.evidence) == 9


@pytest.mark.parametrize(
    ("group", "flag"),
    [
        ("aneurysm", "CI-ANEUR"),
        ("avm", "CI-AVM"),
        ("intracerebral_hemorrhage", "CI-ICH"),
        ("subarachnoid_hemorrhage", "CI-ICH"),
        ("intracranial_hemorrhage_other", "ICH-OTHER"),
        ("heart_failure", "CV-DIS"),
        ("mi_old", "CV-DIS"),
        ("vascular_other", "VASC-OTHER"),
        ("hypertensive_crisis", "HTN-ENC"),
        ("raised_icp", "ICP"),
        ("glaucoma", "IOP"),
        ("psychosis", "PSY-ACT"),
        ("bipolar", "BIPOLAR"),
        ("hepatic_severe", "HEP-SEV"),
        ("hepatic_cirrhosis", "HEP-MOD"),
        ("cystitis_interstitial", "CYST"),
        ("sleep_apnea", "RESP"),
        ("hyperthyroidism", "THYR"),
        ("seizure", "SEIZ"),
        ("dementia", "COG"),
        ("pheochromocytoma", "PHEO"),
        ("lactation", "LACT"),
    ],
)
def test_snomed_groups_raise_flags(group: str, flag: str) -> None:
    """An entry that only a SNOMED CT code names counts by its group."""
    assert set(having(grouped(group))) == {flag}


def test_words_are_the_last_resort() -> None:
    """Words count, and are said to, only for an entry that neither a code nor a group names."""
    flag = raised(record(problems=(worded("cerebral aneurysm"),)))["CI-ANEUR"]
    assert "recognised by its wording only" in flag.text
    assert having(problem("I10", text="hypertension, no cerebral aneurysm")) == {}
    assert having(grouped("anxiety", text="worried about aneurysm")) == {}
    assert having(worded("microaneurysms of the retina")) == {}


def test_words_are_whole_words() -> None:
    """TIA is no part of another word."""
    assert "CI-CVEVENT" in having(worded("TIA", onset=ago(3)))
    assert having(worded("initiation of therapy", onset=ago(3))) == {}


def test_aneurysm_repair_tells_of_an_aneurysm() -> None:
    """A procedure on an aneurysm counts, a screening for one does not."""
    assert levels(record(interventions=(procedure("aneurysm_repair", text="Clipping"),))) == {
        "CI-ANEUR": BOTH_CONTRA
    }
    assert "CI-ANEUR" in levels(
        record(interventions=(procedure(text="Endovascular coiling of cerebral aneurysm"),))
    )
    assert levels(record(interventions=(procedure(text="Ultrasound screening for aortic aneurysm"),))) == {}


def test_a_dialysis_fistula_is_no_vascular_abnormality() -> None:
    """An arteriovenous fistula made for dialysis does not count."""
    assert having(problem("I77.0", text="AV fistula for hemodialysis")) == {}
    assert having(problem("I77.0", text="AV fistula, acquired")) == {"VASC-OTHER": BOTH_CAUTION}


@pytest.mark.parametrize("code", ["C74.10", "D35.00"])
def test_phaeochromocytoma_must_be_named(code: str) -> None:
    """The codes cover other adrenal tumours too."""
    assert having(problem(code, text="Pheochromocytoma of left adrenal gland")) == {"PHEO": BOTH_CAUTION}
    assert having(problem(code, text="Adrenal adenoma")) == {}


def test_a_shunted_hydrocephalus_is_a_caution() -> None:
    """A shunt lowers hydrocephalus, not raised pressure of another cause."""
    assert having(problem("G91.1"), problem("Z98.2"))["ICP"] == BOTH_CAUTION
    shunt = (procedure(text="Ventriculoperitoneal shunt"),)
    assert levels(record(problems=(problem("G91.9"),), interventions=shunt))["ICP"] == BOTH_CAUTION
    assert levels(record(problems=(problem("G93.2"),), interventions=shunt))["ICP"] == BOTH_CONTRA


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ({}, BOTH_CAUTION),
        ({"interventions": (procedure("airway_pressure_therapy"),)}, (INFO, INFO)),
        ({"interventions": (procedure(text="Home CPAP titration"),)}, (INFO, INFO)),
        ({"interventions": (procedure(text="CPAP", status="not-done"),)}, BOTH_CAUTION),
        ({"service_orders": (service_order("BiPAP device"),)}, (INFO, INFO)),
        ({"service_orders": (service_order("BiPAP device", status="revoked"),)}, BOTH_CAUTION),
        ({"service_orders": (service_order("BiPAP device", intent="proposal"),)}, BOTH_CAUTION),
    ],
)
def test_treated_sleep_apnoea_is_information(lists: dict[str, Any], expected: tuple[str, str]) -> None:
    """Positive airway pressure given or ordered now makes sleep apnoea information."""
    assert levels(record(problems=(problem("G47.33"),), **lists)) == {"RESP": expected}


def test_chronic_obstructive_disease_counts_when_severe() -> None:
    """COPD alone does not count; named severe, or with respiratory failure, it does."""
    assert having(problem("J44.9", text="COPD")) == {}
    assert having(problem("J44.9", text="COPD, GOLD 4")) == {"RESP": BOTH_CAUTION}
    assert having(problem("J44.9"), problem("J96.11")) == {"RESP": BOTH_CAUTION}


@pytest.mark.parametrize(
    ("treated", "tsh", "expected"),
    [
        (False, [], (CAUTION, CONTRA)),
        (False, [lab("tsh", 10, 1.5)], (CAUTION, CONTRA)),
        (True, [lab("tsh", 10, 0.1)], None),
        (True, [lab("tsh", 10, 0.09)], (CAUTION, CONTRA)),
        (True, [lab("tsh", 180, 0.09)], (CAUTION, CONTRA)),
        (True, [lab("tsh", 181, 0.09)], None),
        (True, [lab("tsh", 100, 0.01), lab("tsh", 10, 0.4)], None),
        (True, [], None),
    ],
)
def test_hyperthyroidism_counts_untreated_or_with_a_low_tsh(
    treated: bool, tsh: list[Any], expected: tuple[str, str] | None
) -> None:
    """E05 active, and no antithyroid treatment or a latest TSH of 180 days below 0.1."""
    facts = record(
        problems=(problem("E05.00"),),
        exposures=(medicine("antithyroid"),) if treated else (),
        labs=tuple(tsh),
    )
    assert levels(facts).get("THYR") == expected


@pytest.mark.parametrize(("years", "expected"), [(64, {}), (65, {"AGE65": (INFO, INFO)})])
def test_age_65(years: int, expected: dict[str, Any]) -> None:
    """The 65th birthday counts."""
    assert levels(record(person=person(years))) == expected


def test_flags_stand_in_the_order_of_the_table() -> None:
    """The order of the record does not change the order of the flags."""
    entries = (problem("G40.909"), problem("I71.4"), problem("F31.9"))
    order = [row.id for row in FLAGS.flag]
    for given in (entries, entries[::-1]):
        found = list(raised(record(problems=given)))
        assert found == sorted(found, key=order.index)

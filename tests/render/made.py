"""Assessments made by hand: the patient of the vignettes, and one change at a time."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from mappings.gates import GateId, load_gates
from mappings.wording import load_wording
from service.assess.order_check import judged
from service.clinical.assessment import (
    Assessment,
    Augmentation,
    Conclusion,
    Counts,
    Episode,
    Flag,
    Gap,
    Gate,
    Hold,
    Level,
    Outcome,
    SafetyTrigger,
    Shortfall,
    Trial,
    TrialStatus,
)
from service.clinical.facts import Unreadable
from service.clinical.order_check import Agent, OrderCheck
from service.render.context import RenderContext
from service.render.document import document
from service.render.view import View

WORDING = load_wording()
GATES = load_gates()

SERTRALINE = Trial(
    ingredient="sertraline",
    drug_class="SSRI",
    start=date(2025, 9, 28),
    end=date(2025, 12, 26),
    running=False,
    covered_days=90,
    qualifying_days=90,
    daily_mg=100.0,
    minimum_mg=50.0,
    status=TrialStatus.COUNTED,
    reason=None,
    shortfalls=(),
    outcome=Outcome.FAILED_DOCUMENTED,
    basis="PHQ-9 21 to 19 (10 % better)",
    witnesses=("dispense", "order"),
    evidence=("MedicationDispense/s1", "MedicationDispense/s2", "MedicationRequest/s", "Observation/phq-1"),
)
VENLAFAXINE = replace(
    SERTRALINE,
    ingredient="venlafaxine",
    drug_class="SNRI",
    start=date(2026, 1, 6),
    end=date(2026, 4, 15),
    covered_days=100,
    qualifying_days=100,
    daily_mg=150.0,
    minimum_mg=75.0,
    basis="PHQ-9 20 to 18 (10 % better)",
    witnesses=("dispense",),
    evidence=("MedicationDispense/v1",),
)
BUPROPION_LOW = replace(
    VENLAFAXINE,
    ingredient="bupropion",
    drug_class="NDRI",
    covered_days=84,
    qualifying_days=0,
    minimum_mg=300.0,
    status=TrialStatus.POSSIBLE,
    reason=Shortfall.P_DOSE,
    shortfalls=(Shortfall.P_DOSE, Shortfall.P_OUT),
    outcome=Outcome.UNKNOWN,
    basis="84 days at 150 mg/day, below the minimum",
    evidence=("MedicationDispense/b1",),
)
REPORTED = replace(
    SERTRALINE,
    ingredient="escitalopram",
    start=None,
    end=None,
    covered_days=None,
    qualifying_days=None,
    daily_mg=None,
    minimum_mg=10.0,
    status=TrialStatus.POSSIBLE,
    reason=Shortfall.P_HX,
    shortfalls=(Shortfall.P_HX,),
    outcome=Outcome.UNKNOWN,
    basis="",
    witnesses=("statement",),
    evidence=("MedicationStatement/hx",),
)
TOO_EARLY = replace(
    SERTRALINE,
    ingredient="vortioxetine",
    drug_class="multimodal",
    start=date(2026, 10, 13),
    end=date(2026, 11, 1),
    running=True,
    covered_days=20,
    qualifying_days=20,
    daily_mg=10.0,
    minimum_mg=10.0,
    status=TrialStatus.NOT_COUNTED,
    reason=Shortfall.IN_PROGRESS,
    shortfalls=(Shortfall.IN_PROGRESS,),
    outcome=Outcome.UNKNOWN,
    basis="",
    evidence=("MedicationDispense/vo1",),
    notes=("a combined step was looked for and not found",),
)
ARIPIPRAZOLE = Augmentation(
    name="aripiprazole",
    start=date(2026, 2, 1),
    end=date(2026, 4, 1),
    days=60,
    adequate=True,
    text="60 days at 5 mg/day with venlafaxine",
    evidence=("MedicationDispense/a1",),
)

ANEURYSM = Flag(
    id="CI-ANEUR",
    title="Aneurysm or arterial dissection",
    esketamine=Level.CONTRAINDICATION,
    ketamine=Level.CONTRAINDICATION,
    text="Abdominal aortic aneurysm, repaired 2020; repair does not clear it",
    evidence=("Condition/aaa",),
    sources=("label-spravato",),
)
PRESSURE_HOLD = Flag(
    id="BP-HOLD",
    title="Blood pressure of 180/110 or more",
    esketamine=Level.CONTRAINDICATION,
    ketamine=Level.CONTRAINDICATION,
    text="182/96 mmHg on 2026-11-02",
    evidence=("Observation/bp1",),
    hold=Hold(esketamine=True, ketamine=True),
)
PREGNANCY = Flag(
    id="PREG",
    title="Pregnancy",
    esketamine=Level.CAUTION,
    ketamine=Level.CONTRAINDICATION,
    text="pregnant, recorded 2026-10-20",
    evidence=("Observation/preg",),
)
STIMULANT = Flag(
    id="MED-STIM",
    title="Stimulant",
    esketamine=Level.CAUTION,
    ketamine=Level.CAUTION,
    text="methylphenidate 36 mg/day",
    evidence=("MedicationRequest/mph",),
)
THEOPHYLLINE = Flag(
    id="MED-XAN",
    title="Theophylline or aminophylline",
    esketamine=Level.INFO,
    ketamine=Level.CAUTION,
    text="theophylline",
    evidence=("MedicationRequest/theo",),
)
PAIR = Flag(
    id="PAIR",
    title="Counted trials are a related pair",
    esketamine=Level.INFO,
    ketamine=Level.INFO,
    text="citalopram and escitalopram",
    evidence=(),
)

NO_PRESSURE = Gap(
    id="BP-UNK",
    blocking=True,
    text="No BP in 90 days; BP must be measured before any treatment",
)
NO_PROBLEM_LIST = Gap(id="LIST-CONDITION", blocking=True, text="Problem list not retrievable")
NO_MEDICATION_LIST = Gap(id="LIST-MEDICATION", blocking=True, text="Medication list: first page only")
NO_SUICIDE_RISK = Gap(
    id="SAFE-UNK",
    blocking=False,
    text="Suicide risk not assessed in the record: no PHQ-9 item 9 and no C-SSRS in 30 days.",
)
NO_LIVER = Gap(id="LIVER-UNK", blocking=False, text="No liver tests in 12 months")

SAFE_1 = SafetyTrigger(
    id="SAFE-1", text="PHQ-9 item 9 answered 2 (2026-11-02)", evidence=("Observation/item9",)
)
SAFE_2 = SafetyTrigger(
    id="SAFE-2", text="PHQ-9 item 9 answered 1 (2026-10-30)", evidence=("Observation/item9b",)
)
SAFE_3 = SafetyTrigger(
    id="SAFE-3",
    text="PHQ-9 item 9 answered 1 (2026-09-10), no negative screen since",
    evidence=("Observation/item9c",),
)

BROKEN = (
    Unreadable(reference="MedicationRequest/x1", reason="status: not a text"),
    Unreadable(reference="MedicationDispense/x2", reason="belongs to another patient"),
    Unreadable(reference="Observation/x3", reason="no code"),
)


def assessment(**changes: Any) -> Assessment:
    """Return the assessment of a patient with two counted trials and nothing against a referral."""
    made = Assessment(
        assessed_on=date(2026, 11, 2),
        profile="default",
        rule_set_version="2026.12.0",
        subject="Patient/p1",
        conclusion=Conclusion.RECOMMEND,
        gate=None,
        assessable=True,
        definition="At least 2 different antidepressants, each for 42 days at the minimum dose or more, "
        "in the current episode, each with less than 50 % improvement",
        episode=Episode(
            start=date(2025, 6, 20),
            latest_start=date(2025, 6, 20),
            inferred=False,
            text="since 2025-06-20, as recorded",
        ),
        diagnoses=("Condition/mdd",),
        severity="PHQ-9 20 on 2026-10-28",
        safety=(),
        lowered_safety=(),
        counts=Counts(counted=2, possible=0, lifetime=2, classes=2, augmentations=0),
        enough_trials=True,
        trials=(SERTRALINE, VENLAFAXINE),
        augmentations=(),
        flags=(),
        missing=(),
        unreadable=(),
        data_from=date(2025, 6, 20),
        data_to=date(2026, 10, 28),
    )
    return replace(made, **changes)


def cautious(*flags: Flag, **changes: Any) -> Assessment:
    """Return the same patient with findings to weigh."""
    return assessment(conclusion=Conclusion.CAUTION, flags=flags, **changes)


def written(made: Assessment) -> dict[str, Any]:
    """Return it as JSON."""
    return document(View(wording=WORDING, of=made))


def one_counted_one_possible(**changes: Any) -> Assessment:
    """Return a patient with one counted and one possible trial."""
    facts: dict[str, Any] = {
        "conclusion": Conclusion.INSUFFICIENT_DATA,
        "trials": (SERTRALINE, BUPROPION_LOW),
        "counts": Counts(counted=1, possible=1, lifetime=1, classes=1, augmentations=0),
        "enough_trials": False,
    }
    return assessment(**{**facts, **changes})


def gate(gate_id: str, text: str = "as the record says") -> Gate:
    """Return a closed gate."""
    row = GATES.row(GateId(gate_id))
    return Gate(
        id=gate_id,
        text=text,
        told_as=row.told_as,
        open_to_danger=row.open_to_danger,
        warns_on_order=row.warns_on_order,
        judges_trials=row.judges_trials,
        hides_safety=row.hides_safety,
    )


def order(agent: Agent = Agent.ESKETAMINE, about: Assessment | None = None, **changes: Any) -> OrderCheck:
    """Return a drafted order, judged by the assessment that it is `about` where there is one."""
    made = OrderCheck(agent=agent, labels=("Spravato 56 mg dose pack",), references=("MedicationRequest/d1",))
    changed = replace(made, **changes)
    return judged(changed, about) if about else changed


def numbered() -> Callable[[], str]:
    """Return a maker of uuids that counts, so that a card can be compared whole."""
    numbers = iter(range(1, 10_000))
    return lambda: str(UUID(int=next(numbers)))


def context(**changes: Any) -> RenderContext:
    """Return what the edge knows of a call."""
    made = RenderContext(
        wording=WORDING,
        patient_id="p1",
        source_url="https://cds.example.org/basis/",
        new_uuid=numbered(),
        encounter_id="e1",
        requester="Practitioner/dr-1",
    )
    return replace(made, **changes)

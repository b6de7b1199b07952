"""The cards of typical situations, kept whole in `golden/`.

A change of wording or of a card shows there as a difference to read. After reading it, write them anew:

    python -m tests.render.situations
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from cds_hooks.cards import Card
from service.clinical.assessment import (
    Assessment,
    Augmentation,
    Conclusion,
    Counts,
    DoseStep,
    Flag,
    LastPressure,
    Level,
    Outcome,
    Weight,
)
from service.clinical.facts import SetAside
from service.clinical.order_check import Agent, Way
from service.clinical.partial_date import on
from service.render.cards import decision_cards, not_assessed_card, order_check_cards
from service.render.kinds import NotAssessed
from tests.render.made import (
    ANEURYSM,
    ARIPIPRAZOLE,
    BROKEN,
    BUPROPION_LOW,
    NO_LIVER,
    NO_MEDICATION_LIST,
    NO_PRESSURE,
    NO_SUICIDE_RISK,
    PAIR,
    PREGNANCY,
    PRESSURE_HOLD,
    REPORTED,
    SAFE_1,
    SAFE_2,
    SAFE_3,
    SERTRALINE,
    STIMULANT,
    THEOPHYLLINE,
    TOO_EARLY,
    VENLAFAXINE,
    assessment,
    cautious,
    context,
    gate,
    one_counted_one_possible,
    order,
)

GOLDEN = Path(__file__).parent / "golden"


def _decision(made: Assessment, received: Mapping[str, int] | None = None) -> tuple[Card, ...]:
    return decision_cards(made, context(received=received or {}))


def _order(made: Assessment, agent: Agent = Agent.ESKETAMINE, **changes: Any) -> tuple[Card, ...]:
    return order_check_cards(made, order(agent, made, **changes), context())


_RICH = assessment(
    trials=(TOO_EARLY, REPORTED, SERTRALINE, VENLAFAXINE),
    counts=Counts(counted=2, possible=1, lifetime=3, classes=2, augmentations=1),
    augmentations=(ARIPIPRAZOLE,),
    flags=(PAIR,),
    missing=(NO_LIVER, NO_SUICIDE_RISK),
    unreadable=BROKEN,
)
_STEPPED = replace(
    SERTRALINE,
    outcome=Outcome.FAILED_INFERRED,
    basis="venlafaxine was started on 2026-01-06",
    steps=(
        DoseStep(first=date(2025, 9, 28), last=date(2025, 10, 11), daily_mg=50.0, minimum_mg=50.0),
        DoseStep(first=date(2025, 10, 12), last=date(2025, 12, 26), daily_mg=100.0, minimum_mg=50.0),
    ),
)
_LORAZEPAM = Flag(
    id="MED-BZD",
    title="Benzodiazepine or other sedative in use",
    esketamine=Level.CAUTION,
    ketamine=Level.CAUTION,
    weight=Weight.PLANNING,
    text="lorazepam 1 mg/day",
    evidence=("MedicationRequest/lor",),
)
_PAST_ATTEMPT = Flag(
    id="SUI-HX",
    title="Past suicide attempt or self-harm on record",
    esketamine=Level.INFO,
    ketamine=Level.INFO,
    text="suicide attempt (2019-04-02)",
    evidence=("Condition/attempt",),
)
_ECT = Augmentation(
    name="electroconvulsive therapy",
    start=date(2026, 5, 4),
    end=date(2026, 6, 1),
    days=None,
    adequate=True,
    text="8 on record",
    evidence=("Procedure/ect",),
    is_procedure=True,
)
_PLANNED = assessment(
    trials=(_STEPPED, VENLAFAXINE),
    flags=(_LORAZEPAM, _PAST_ATTEMPT),
    augmentations=(_ECT,),
    missing=(NO_LIVER,),
    set_aside=(SetAside(reference="Condition/x", reason='"Not an aneurysm": denied by its words'),),
    last_pressure=LastPressure(systolic=122, diastolic=76, day=on(date(2026, 10, 28))),
)
_BLIND = one_counted_one_possible(assessable=False, missing=(NO_MEDICATION_LIST,))

SITUATIONS: Mapping[str, Callable[[], tuple[Card, ...]]] = {
    "recommend": lambda: _decision(assessment()),
    "recommend-with-gaps-and-unreadable-entries": lambda: _decision(
        _RICH, {"MedicationRequest": 10, "MedicationDispense": 4}
    ),
    "recommend-inferred-with-planning": lambda: _decision(_PLANNED),
    "caution-one-route-contraindicated": lambda: _decision(cautious(PREGNANCY, STIMULANT)),
    "caution-nothing-contraindicated": lambda: _decision(cautious(STIMULANT, THEOPHYLLINE, PAIR)),
    "caution-both-routes-contraindicated": lambda: _decision(cautious(STIMULANT, ANEURYSM)),
    "caution-project-hold": lambda: _decision(cautious(PRESSURE_HOLD)),
    "caution-during-treatment": lambda: _decision(
        cautious(ANEURYSM, gate=gate("GATE-TREATED", "Esketamine given on 2026-10-20."))
    ),
    "caution-with-open-referral": lambda: _decision(
        cautious(PREGNANCY, gate=gate("GATE-REFERRAL", "Referral of 2026-09-01."))
    ),
    "safety-critical-then-caution": lambda: _decision(cautious(safety=(SAFE_2, SAFE_1))),
    "safety-warning-then-caution-with-findings": lambda: _decision(cautious(PREGNANCY, safety=(SAFE_2,))),
    "safety-alone": lambda: _decision(
        assessment(conclusion=Conclusion.NONE, safety=(SAFE_3,), lowered_safety=(replace(SAFE_2),))
    ),
    "insufficient-trials": lambda: _decision(
        one_counted_one_possible(trials=(SERTRALINE, BUPROPION_LOW, REPORTED), flags=(STIMULANT,))
    ),
    "insufficient-data": lambda: _decision(
        assessment(conclusion=Conclusion.INSUFFICIENT_DATA, missing=(NO_SUICIDE_RISK, NO_PRESSURE))
    ),
    "not-assessed-chart": lambda: _decision(_BLIND),
    "not-assessed-order": lambda: _order(_BLIND),
    "not-assessed-failure": lambda: (not_assessed_card(context(), NotAssessed.FAILURE, "info"),),
    "order-critical": lambda: _order(cautious(ANEURYSM, STIMULANT)),
    "order-critical-hold": lambda: _order(cautious(PRESSURE_HOLD), Agent.KETAMINE),
    "order-critical-stricter-route": lambda: _order(cautious(PREGNANCY), Agent.NONE, is_referral=True),
    "order-warning": lambda: _order(
        one_counted_one_possible(flags=(STIMULANT,), missing=(NO_PRESSURE,)),
        others=("ketamine 50 mg/mL",),
        invalid=("intent: a value is missing",),
    ),
    "order-warning-after-safety": lambda: _order(cautious(safety=(SAFE_1,))),
    "order-warning-second-referral": lambda: _order(
        assessment(conclusion=Conclusion.NONE, gate=gate("GATE-REFERRAL", "Referral of 2026-09-01.")),
        Agent.NONE,
        is_referral=True,
    ),
    "order-info": lambda: _order(assessment()),
    "order-info-checklist": lambda: _order(_PLANNED),
    "order-warning-ketamine-otherwise": lambda: _order(
        _PLANNED, Agent.KETAMINE, ways=(Way.UNSTUDIED,), labels=("ketamine 100 mg troche",)
    ),
    "order-info-maintenance": lambda: _order(
        one_counted_one_possible(conclusion=Conclusion.NONE, gate=gate("GATE-TREATED", "Given 2026-10-20."))
    ),
    "order-info-acute-suicidality": lambda: _order(one_counted_one_possible(), acute_suicidality_reason=True),
}


def golden(cards: tuple[Card, ...]) -> str:
    """Return the cards as they are kept: JSON, with the detail line by line."""
    content = [card.to_json() for card in cards]
    for card in content:
        card["detail"] = card["detail"].split("\n")
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _write() -> None:
    for old in GOLDEN.glob("*.json"):
        old.unlink()
    for name, cards in SITUATIONS.items():
        (GOLDEN / f"{name}.json").write_text(golden(cards()), encoding="utf-8")


if __name__ == "__main__":
    _write()

"""How urgent an order-check card is, and which concerns it rests on."""

from typing import Any

import pytest

from service.clinical.order_check import Agent
from tests.render.made import (
    ANEURYSM,
    NO_LIVER,
    NO_PRESSURE,
    PAIR,
    PREGNANCY,
    PRESSURE_HOLD,
    SAFE_2,
    STIMULANT,
    THEOPHYLLINE,
    assessment,
    gate,
    order,
)

E, K, BOTH, NONE = Agent


@pytest.mark.parametrize(
    ("facts", "agent", "level"),
    [
        ({}, E, "info"),
        ({"flags": (PAIR,)}, E, "info"),
        ({"flags": (ANEURYSM,)}, E, "critical"),
        ({"flags": (PRESSURE_HOLD,)}, K, "critical"),
        ({"flags": (PREGNANCY,)}, E, "warning"),
        ({"flags": (PREGNANCY,)}, K, "critical"),
        ({"flags": (PREGNANCY,)}, BOTH, "critical"),
        ({"flags": (PREGNANCY,)}, NONE, "critical"),
        ({"flags": (STIMULANT,)}, E, "warning"),
        ({"flags": (THEOPHYLLINE,)}, E, "info"),
        ({"flags": (THEOPHYLLINE,)}, NONE, "warning"),
        ({"missing": (NO_LIVER,)}, E, "info"),
        ({"missing": (NO_PRESSURE,)}, E, "warning"),
        ({"safety": (SAFE_2,)}, E, "warning"),
        ({"enough_trials": False}, E, "warning"),
        ({"gate": gate("GATE-AGE")}, E, "warning"),
        ({"gate": gate("GATE-DX")}, E, "warning"),
        ({"gate": gate("GATE-DECEASED")}, E, "warning"),
        ({"gate": gate("GATE-TREATED")}, E, "info"),
        ({"gate": gate("GATE-REFERRAL")}, E, "info"),
        ({"gate": gate("GATE-TREATED"), "enough_trials": False}, E, "info"),
        ({"gate": gate("GATE-REFERRAL"), "enough_trials": False}, E, "warning"),
        ({"gate": gate("GATE-TREATED"), "flags": (STIMULANT,)}, E, "warning"),
    ],
)
def test_level(facts: dict[str, Any], agent: Agent, level: str) -> None:
    """The gravest concern about the ordered route decides."""
    assert order(agent, assessment(**facts)).urgency == level


def test_too_few_trials_do_not_matter_for_acute_suicidality() -> None:
    """The indication for acute suicidal ideation asks for no earlier trial; other concerns remain."""
    few = assessment(enough_trials=False)
    cautioned = assessment(enough_trials=False, flags=(STIMULANT,))
    assert order(about=few, acute_suicidality_reason=True).urgency == "info"
    assert order(about=cautioned, acute_suicidality_reason=True).urgency == "warning"


def test_only_a_second_referral_is_warned_about() -> None:
    """With an open referral a drug order is informed, another referral is warned."""
    referred = assessment(gate=gate("GATE-REFERRAL"))
    assert order(about=referred, is_referral=True).urgency == "warning"
    assert order(about=assessment(), is_referral=True).urgency == "info"

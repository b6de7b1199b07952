"""Summaries and details fit, whatever a record holds, and never lose what matters most."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.clinical.assessment import Assessment, Conclusion, Counts, Outcome, Shortfall, TrialStatus
from service.clinical.order_check import Agent
from service.render.cards import decision_cards, order_check_cards
from service.render.fitting import listed
from service.render.tried import failed_before
from tests.render.made import (
    ANEURYSM,
    ARIPIPRAZOLE,
    BROKEN,
    BUPROPION_LOW,
    NO_LIVER,
    NO_PRESSURE,
    PREGNANCY,
    PRESSURE_HOLD,
    SAFE_1,
    SERTRALINE,
    STIMULANT,
    TOO_EARLY,
    VENLAFAXINE,
    WORDING,
    assessment,
    cautious,
    context,
    gate,
    order,
)

OUTSIDE = {"status": TrialStatus.NOT_COUNTED, "shortfalls": (Shortfall.OUTSIDE_EPISODE,)}

names = st.text(alphabet="abcdefghij -", min_size=1, max_size=200).map(lambda name: "N" + name)
flags = st.lists(
    st.builds(
        lambda flag, title: replace(flag, title=title),
        st.sampled_from([ANEURYSM, PREGNANCY, PRESSURE_HOLD, STIMULANT]),
        names,
    ),
    max_size=8,
)
gates = st.sampled_from([None, gate("GATE-TREATED"), gate("GATE-REFERRAL"), gate("GATE-DX")])
trials = st.lists(
    st.builds(
        lambda trial, name: replace(trial, ingredient=name),
        st.sampled_from([SERTRALINE, BUPROPION_LOW]),
        names,
    ),
    max_size=8,
)
assessments = st.builds(
    assessment,
    conclusion=st.sampled_from(Conclusion),
    flags=flags.map(tuple),
    trials=trials.map(tuple),
    safety=st.lists(names.map(lambda text: replace(SAFE_1, text=text)), max_size=2).map(tuple),
    missing=st.lists(names.map(lambda text: replace(NO_PRESSURE, id="NEW-UNK", text=text)), max_size=4).map(
        tuple
    ),
    gate=gates,
    assessable=st.booleans(),
    enough_trials=st.booleans(),
)


@given(assessments, st.sampled_from(Agent), st.booleans(), st.booleans())
def test_every_summary_is_shorter_than_140_characters(
    made: Assessment, agent: Agent, is_referral: bool, acute: bool
) -> None:
    """Long and many names are cut and counted until the first line fits."""
    ordered = order(agent, made, is_referral=is_referral, acute_suicidality_reason=acute)
    cards = (*decision_cards(made, context()), *order_check_cards(made, ordered, context()))
    assert all(0 < len(card.summary) < 140 for card in cards)


@given(names, st.lists(names, min_size=1, max_size=6))
def test_the_gravest_finding_is_never_lost(title: str, drugs: list[str]) -> None:
    """However long the names, the summary begins to name the contraindication."""
    made = cautious(
        STIMULANT,
        replace(PREGNANCY, title=title),
        trials=tuple(replace(SERTRALINE, ingredient=drug) for drug in drugs),
    )
    decision = decision_cards(made, context())[0].summary
    ordered = order_check_cards(made, order(Agent.KETAMINE, made), context())[0].summary
    start = " ".join(title.split())[:11]
    assert start in decision
    assert start in ordered


def test_names_that_do_not_fit_are_counted() -> None:
    """Of many drugs the first are named and the rest are a number."""
    drugs = (
        "sertraline",
        "venlafaxine",
        "mirtazapine",
        "bupropion",
        "vortioxetine",
        "duloxetine",
        "fluoxetine",
    )
    made = assessment(
        trials=tuple(replace(SERTRALINE, ingredient=drug) for drug in drugs),
        counts=Counts(counted=7, possible=0, lifetime=7, classes=4, augmentations=0),
    )
    summary = decision_cards(made, context())[0].summary
    assert ": sertraline, venlafaxine, mirtazapine, bupropion and 3 more" in summary


def test_the_detail_of_a_rich_record_stays_small_and_names_what_it_leaves_out() -> None:
    """Six thousand characters hold any card; the gravest flag is shown, what is left out is counted."""
    many = range(40)
    long = "words of the record " * 30
    made = cautious(
        *(replace(STIMULANT, id=f"FLAG-{n}", text=long) for n in many),
        replace(ANEURYSM, text=long),
        trials=tuple(
            replace(trial, basis=long, notes=(long,) * 9) for n in many for trial in (VENLAFAXINE, TOO_EARLY)
        ),
        augmentations=(replace(ARIPIPRAZOLE, text=long),) * 40,
        missing=(replace(NO_LIVER, text=long),) * 40,
        unreadable=BROKEN * 40,
        safety=(SAFE_1,) * 40,
    )
    for card in (*decision_cards(made, context()), *order_check_cards(made, order(about=made), context())):
        assert len(card.detail or "") <= 6000
    detail = decision_cards(made, context())[1].detail or ""
    assert "Aneurysm or arterial dissection" in detail
    shown = detail.count("**Stimulant**")
    assert f"and {40 - shown} more: Stimulant, Stimulant" in detail
    assert "more: venlafaxine, venlafaxine" in detail


def test_a_long_finding_is_cut_between_its_entries() -> None:
    """What is left out is counted, with what was left out before it; a finding that fits stays as it is."""
    entries = [f"entry number {one} of the record" for one in range(1, 10)]
    text = "; ".join(entries)
    assert listed(WORDING, text, 400) == text
    assert listed(WORDING, text, 100) == f"{entries[0]}; {entries[1]}; {entries[2]} and 6 more"
    assert (
        listed(WORDING, f"{text}; and 3 more", 100) == f"{entries[0]}; {entries[1]}; {entries[2]} and 9 more"
    )
    assert listed(WORDING, "x" * 300, 100) == "x" * 99 + "…"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "sertraline 100 mg, 90 days in 2025: failed"),
        ({"end": date(2026, 1, 3)}, "sertraline 100 mg, 90 days in 2025-2026: failed"),
        ({"running": True}, "sertraline 100 mg, 90 days since 2025: failed"),
        ({"start": None}, "sertraline 100 mg, 90 days until 2025: failed"),
        ({"start": None, "end": None}, "sertraline 100 mg, 90 days before: failed"),
        ({"daily_mg": None}, "sertraline in 2025: failed"),
        ({"outcome": Outcome.FAILED_INFERRED}, "sertraline 100 mg, 90 days in 2025: failed (inferred)"),
        ({"outcome": Outcome.PARTIAL}, "sertraline 100 mg, 90 days in 2025: failed (partial response)"),
        (OUTSIDE, "sertraline 100 mg, 90 days in 2025: failed"),
        ({"outcome": Outcome.RESPONDED}, None),
        ({**OUTSIDE, "outcome": Outcome.UNKNOWN}, None),
        ({"status": TrialStatus.POSSIBLE, "shortfalls": (Shortfall.P_DOSE,)}, None),
        ({"ingredient": "citalopram"}, None),
    ],
)
def test_what_is_said_of_a_drug_that_failed(changes: dict[str, Any], expected: str | None) -> None:
    """Only of the drug that is ordered, and only where an adequate trial of it has failed."""
    said = failed_before(WORDING, [replace(SERTRALINE, **changes), VENLAFAXINE], {"sertraline"})
    assert next(iter(said), None) == expected


@given(assessments, st.sets(st.sampled_from(["sertraline", "bupropion"])))
def test_a_first_line_that_opens_with_it_fits(made: Assessment, ordered: set[str]) -> None:
    """Whatever the record holds, the opening is whole or not there."""
    whole = replace(made, trials=(*made.trials, SERTRALINE))
    for card in decision_cards(whole, context(), ordered):
        assert len(card.summary) < 140
        assert not card.summary.startswith("Sertraline") or "in 2025: failed. " in card.summary

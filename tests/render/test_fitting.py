"""Summaries and details fit, whatever a record holds, and never lose what matters most."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from service.clinical.assessment import Assessment, Conclusion, Counts
from service.clinical.order_check import Agent
from service.render.cards import decision_cards, order_check_cards
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
    assessment,
    cautious,
    context,
    gate,
    order,
)

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

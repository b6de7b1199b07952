"""Which card is shown for what, and what must or must not be on it."""

import pytest
from msgspec.structs import replace

from cds_hooks.cards import Card
from service.clinical.assessment import Assessment, Conclusion
from service.clinical.order_check import Agent
from service.render.cards import (
    decision_cards,
    not_assessed_card,
    order_check_cards,
    safety_cards,
)
from service.render.kinds import NotAssessed
from tests.render.made import (
    ANEURYSM,
    NO_LIVER,
    NO_MEDICATION_LIST,
    NO_PRESSURE,
    NO_SUICIDE_RISK,
    PREGNANCY,
    PRESSURE_HOLD,
    SAFE_1,
    SAFE_2,
    SAFE_3,
    STIMULANT,
    assessment,
    cautious,
    context,
    gate,
    one_counted_one_possible,
    order,
)


def kinds(cards: tuple[Card, ...]) -> list[tuple[str, str]]:
    """Return topic and indicator of each card."""
    return [(card.source.topic.code if card.source.topic else "", card.indicator) for card in cards]


def detail(card: Card) -> str:
    """Return the detail of a card, which has one."""
    assert card.detail
    return card.detail


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (assessment(), [("recommend", "info")]),
        (cautious(STIMULANT), [("caution", "warning")]),
        (
            assessment(conclusion=Conclusion.INSUFFICIENT_DATA, missing=(NO_PRESSURE,)),
            [("insufficient-data", "info")],
        ),
        (assessment(conclusion=Conclusion.NONE), []),
        (assessment(conclusion=Conclusion.NONE, safety=(SAFE_1,)), [("safety", "critical")]),
        (assessment(conclusion=Conclusion.NONE, safety=(SAFE_2,)), [("safety", "warning")]),
        (assessment(conclusion=Conclusion.NONE, safety=(SAFE_3,)), [("safety", "warning")]),
        (cautious(safety=(SAFE_3, SAFE_1)), [("safety", "critical"), ("caution", "warning")]),
        (assessment(assessable=False, conclusion=Conclusion.INSUFFICIENT_DATA), [("not-assessed", "info")]),
    ],
)
def test_the_conclusion_decides_the_cards(made: Assessment, expected: list[tuple[str, str]]) -> None:
    """Each conclusion gives its kind of card with its urgency, after the safety card."""
    assert kinds(decision_cards(made, context())) == expected


def test_a_deceased_patient_gets_no_safety_card() -> None:
    """Triggers of a patient who is recorded as deceased alarm nobody."""
    made = assessment(conclusion=Conclusion.NONE, safety=(SAFE_1,), gate=gate("GATE-DECEASED"))
    assert safety_cards(made, context()) == ()


def test_a_trigger_that_the_wording_does_not_know_is_taken_as_the_gravest() -> None:
    """A new trigger without a text of its own is shown as critical rather than not at all."""
    made = assessment(safety=(SAFE_2, replace(SAFE_2, id="SAFE-9")))
    assert kinds(safety_cards(made, context())) == [("safety", "critical")]


def test_the_safety_card_does_not_offer_esketamine() -> None:
    """The safety card states the limitation of the label and suggests nothing."""
    (card,) = safety_cards(assessment(safety=(SAFE_1,)), context())
    assert not card.suggestions
    assert "Prevention of suicide or reduction of suicidal ideation has not been shown" in detail(card)
    assert "988" in detail(card)


@pytest.mark.parametrize("made", [assessment(), cautious(STIMULANT), assessment(assessable=False)])
def test_unassessed_suicide_risk_is_the_first_line(made: Assessment) -> None:
    """A record without a recent suicide-risk answer says so before anything else."""
    unknown = replace(made, missing=(NO_LIVER, NO_SUICIDE_RISK))
    (card,) = decision_cards(unknown, context())
    (order_card,) = order_check_cards(unknown, order(about=unknown), context())
    for each in (card, order_card):
        assert detail(each).startswith("**Suicide risk not assessed in the record: no PHQ-9 item 9")


def test_a_referral_is_suggested_on_recommend_and_caution() -> None:
    """Both kinds carry one suggestion, to be taken or left."""
    for made in (assessment(), cautious(STIMULANT), cautious(safety=(SAFE_2,))):
        card = decision_cards(made, context())[-1]
        assert len(card.suggestions) == 1
        assert card.selection_behavior == "at-most-one"


@pytest.mark.parametrize(
    "made",
    [
        cautious(ANEURYSM),
        cautious(PRESSURE_HOLD),
        cautious(ANEURYSM, gate=gate("GATE-TREATED")),
        cautious(PREGNANCY, gate=gate("GATE-REFERRAL")),
        one_counted_one_possible(),
    ],
)
def test_no_referral_is_suggested_where_none_may_follow(made: Assessment) -> None:
    """No route left, treatment or referral at hand, or too little known: no suggestion."""
    (card,) = decision_cards(made, context())
    assert not card.suggestions
    assert card.selection_behavior is None


def test_contraindication_on_both_routes_says_so_in_the_fixed_words() -> None:
    """The card says who may clear it, in the summary and in the detail."""
    words = "Contraindication on record for both routes: not for referral unless a specialist clears it"
    (card,) = decision_cards(cautious(ANEURYSM), context())
    assert card.summary.startswith(words)
    assert words in detail(card)


def test_a_project_hold_is_never_called_a_label_contraindication() -> None:
    """A hold by default of the rule set is named as such wherever the finding stands."""
    (card,) = decision_cards(cautious(PRESSURE_HOLD), context())
    assert "hold pending clearance (a default of this service, not a label contraindication)" in detail(card)
    assert "ontraindication on record" not in detail(card) + card.summary
    assert card.summary.startswith("Hold: blood pressure")


def test_an_order_shows_the_safety_card_and_one_card_about_the_order() -> None:
    """Nothing stands beside the order-check card but the safety card before it."""
    made = cautious(safety=(SAFE_1,))
    cards = order_check_cards(made, order(about=made), context())
    assert kinds(cards) == [("safety", "critical"), ("order-check", "warning")]


def test_a_known_contraindication_is_told_where_the_rest_cannot_be_assessed() -> None:
    """What is known to be dangerous outweighs that the rest is unknown."""
    blind = one_counted_one_possible(assessable=False, missing=(NO_MEDICATION_LIST,))
    assert kinds(order_check_cards(blind, order(about=blind), context())) == [("not-assessed", "warning")]
    endangered = replace(blind, flags=(ANEURYSM,))
    assert kinds(order_check_cards(endangered, order(about=endangered), context())) == [
        ("order-check", "critical")
    ]


def test_an_order_card_speaks_of_the_route_that_is_ordered() -> None:
    """Pregnancy forbids ketamine and is to be weighed for esketamine."""
    made = cautious(PREGNANCY)
    (esketamine,) = order_check_cards(made, order(Agent.ESKETAMINE, about=made), context())
    (ketamine,) = order_check_cards(made, order(Agent.KETAMINE, about=made), context())
    assert esketamine.summary == "Esketamine order: weigh before signing: Pregnancy"
    assert ketamine.summary == "Ketamine order: contraindication on record: Pregnancy"


def test_not_assessed_says_why() -> None:
    """Each reason has its own words."""
    cards = [not_assessed_card(context(), reason, "warning") for reason in NotAssessed]
    assert len({card.summary for card in cards}) == len(NotAssessed)
    assert {card.indicator for card in cards} == {"warning"}


def test_possible_trials_say_what_would_settle_them() -> None:
    """Each doubt about a possible trial is put as a question, all those about a trial in one line."""
    (card,) = decision_cards(one_counted_one_possible(), context())
    (line,) = (each for each in detail(card).splitlines() if each.startswith("- **bupropion**"))
    assert "**Possible**: dose unknown or below the minimum; outcome unknown" in line
    assert "**Ask**: Which dose was taken, and for how long? Did it help" in line
    assert "settle bupropion (dose)" in card.summary

"""Firing discipline: what makes a card the same card, and which cards are never left out."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from mappings.suppression import ADVICE, ALWAYS_SHOWN, load_suppression
from mappings.tables import TableError
from service.answer.suppression import SuppressionKeys, suppress, suppression_keys
from service.clinical.assessment import (
    Assessment,
    Conclusion,
    Counts,
    CurrentScore,
    Flag,
    Gate,
    Level,
    Weight,
)
from service.records.record import Versions
from service.render.cards import decision_cards, not_assessed_card, order_check_cards
from service.render.kinds import Kind, NotAssessed
from tests.render.made import (
    ANEURYSM,
    BROKEN,
    BUPROPION_LOW,
    NO_LIVER,
    NO_PRESSURE,
    PAIR,
    PREGNANCY,
    PRESSURE_HOLD,
    SAFE_1,
    SAFE_2,
    SAFE_3,
    SERTRALINE,
    STIMULANT,
    VENLAFAXINE,
    assessment,
    cautious,
    context,
    one_counted_one_possible,
    order,
)
from tests.tables import edited

KEY = b"k" * 32
MADE = Versions(
    software="1.0", rule_set="2026.12.0+a", terminology="shipped+b", profile="default", time_zone="UTC"
)
REFERRED = Gate(id="GATE-REFERRAL", text="Open referral", open_to_danger=True)
BASE = cautious(PREGNANCY, missing=(NO_PRESSURE,), safety=(SAFE_3,))


CARDS = {
    made.conclusion.value: decision_cards(made, context())[-1]
    for made in (replace(BASE, conclusion=Conclusion.RECOMMEND), BASE, one_counted_one_possible())
}


def keys_of(verdict: Assessment = BASE, topic: str = "caution", **others: Any) -> SuppressionKeys:
    """The suppression keys of a card about BASE, with something changed."""
    given = {"patient_key": "p", "user_key": "u", "versions": MADE, "key": KEY, **others}
    card = CARDS[topic]
    return suppression_keys(given.pop("key"), [card], load_suppression(), verdict, **given)[card.uuid]


def keyed(verdict: Assessment = BASE, topic: str = "caution", **others: Any) -> str:
    """The suppression key that is kept with the card."""
    return keys_of(verdict, topic, **others).own


def scored(total: float, band: str = "referral", scale: str = "PHQ-9", ends: float = 27) -> Assessment:
    """BASE with this latest score."""
    return replace(BASE, current_score=CurrentScore(scale=scale, total=total, band=band, band_ends=ends))


@pytest.mark.parametrize(
    "changed",
    [
        lambda: keyed(replace(BASE, conclusion=Conclusion.INSUFFICIENT_DATA)),
        lambda: keyed(replace(BASE, trials=(SERTRALINE,))),
        lambda: keyed(replace(BASE, trials=(SERTRALINE, replace(VENLAFAXINE, ingredient="duloxetine")))),
        lambda: keyed(replace(BASE, trials=(*BASE.trials, replace(SERTRALINE, ingredient="mirtazapine")))),
        lambda: keyed(replace(BASE, flags=())),
        lambda: keyed(replace(BASE, flags=(PREGNANCY, ANEURYSM))),
        lambda: keyed(replace(BASE, flags=(replace(PREGNANCY, id="LACT"),))),
        lambda: keyed(replace(BASE, flags=(replace(PREGNANCY, esketamine=Level.CONTRAINDICATION),))),
        lambda: keyed(replace(BASE, flags=(replace(PREGNANCY, ketamine=Level.INFO),))),
        lambda: keyed(replace(BASE, flags=(replace(PREGNANCY, ketamine=None),))),
        lambda: keyed(replace(BASE, flags=(replace(PREGNANCY, findings=("icd10|Z33.1 2026-11-01",)),))),
        lambda: keyed(replace(BASE, gate=REFERRED)),
        lambda: keyed(replace(BASE, flags=(PREGNANCY, replace(STIMULANT, weight=Weight.PLANNING)))),
        lambda: keyed(replace(BASE, missing=())),
        lambda: keyed(replace(BASE, missing=(NO_PRESSURE, NO_LIVER))),
        lambda: keyed(replace(BASE, safety=())),
        lambda: keyed(replace(BASE, safety=(SAFE_3, SAFE_2))),
        lambda: keyed(replace(BASE, missing=(), safety=(replace(SAFE_3, id=NO_PRESSURE.id), SAFE_3))),
        lambda: keyed(topic="recommend"),
        lambda: keyed(patient_key="q"),
        lambda: keyed(user_key="q"),
        lambda: keyed(versions=replace(MADE, rule_set="2026.12.0+b")),
        lambda: keyed(versions=replace(MADE, profile="strict-payer")),
        lambda: keyed(key=b"x" * 32),
    ],
)
def test_a_fact_that_changes_makes_it_another_card(changed: Callable[[], str]) -> None:
    """Conclusion, counted ingredients, flags, levels, gaps, safety, rules, patient and user all count."""
    assert changed() != keyed()


@pytest.mark.parametrize(
    "later",
    [
        replace(BASE, assessed_on=BASE.assessed_on.replace(day=5)),
        replace(BASE, trials=tuple(reversed(BASE.trials))),
        replace(BASE, trials=(*BASE.trials, SERTRALINE)),
        replace(BASE, trials=(*BASE.trials, BUPROPION_LOW)),
        replace(BASE, trials=tuple(replace(trial, daily_mg=200.0, basis="other") for trial in BASE.trials)),
        replace(BASE, flags=(replace(PREGNANCY, text="still pregnant"),)),
        replace(BASE, flags=(replace(PREGNANCY, evidence=("Condition/other",)),)),
        replace(BASE, missing=(replace(NO_PRESSURE, text="No BP in 91 days"),) * 2),
        replace(BASE, safety=(replace(SAFE_3, text="answered 2"),)),
        replace(BASE, lowered_safety=(SAFE_1,), unreadable=BROKEN, severity="PHQ-9 21"),
        replace(BASE, counts=Counts(counted=2, possible=1, lifetime=4, classes=2, augmentations=1)),
    ],
)
def test_what_is_no_fact_leaves_it_the_same_card(later: Assessment) -> None:
    """Another day, wording, order, evidence or dose is no reason to show an overridden card again."""
    assert keyed(later) == keyed()


@pytest.mark.parametrize(
    ("overridden", "now", "hidden"),
    [
        (scored(20), scored(20), True),
        (scored(20), scored(19), True),
        (scored(20), scored(21), False),
        (scored(27), scored(15), True),
        (scored(20), scored(20, scale="QIDS-SR16"), False),
        (scored(14, "moderate", ends=14), scored(10, "moderate", ends=14), True),
        (scored(14, "moderate", ends=14), scored(15), False),
        (scored(15), scored(14, "moderate", ends=14), False),
        (BASE, scored(15), False),
        (scored(15), BASE, False),
    ],
)
def test_a_higher_score_shows_the_card_again(overridden: Assessment, now: Assessment, hidden: bool) -> None:
    """An overridden card stays out of sight at the same or a lower score of the same scale and band."""
    assert (keys_of(overridden).own in keys_of(now).hiding) is hidden


@pytest.mark.parametrize(
    ("flag", "same"),
    [
        (replace(STIMULANT, id="SEV-MOD"), True),
        (PRESSURE_HOLD, True),
        (PAIR, True),
        (replace(STIMULANT, weight=Weight.PLANNING), False),
        (STIMULANT, False),
    ],
)
def test_a_new_finding_shows_the_card_again(flag: Flag, same: bool) -> None:
    """A second opioid does; a later score, another pressure of the same class and information do not."""
    more = replace(flag, findings=(*flag.findings, "oxycodone"))
    assert (keyed(replace(BASE, flags=(flag,))) == keyed(replace(BASE, flags=(more,)))) is same


def test_only_advice_has_a_key() -> None:
    """Safety, order-check and not-assessed cards cannot be suppressed: they have no key to be found by."""
    made = context()
    cards = [
        *decision_cards(replace(BASE, conclusion=Conclusion.RECOMMEND), made),
        *decision_cards(BASE, made),
        *decision_cards(one_counted_one_possible(), made),
        *order_check_cards(assessment(), order(), made),
        not_assessed_card(made, NotAssessed.FAILURE, "info"),
    ]
    topics = {card.uuid: card.source.topic.code for card in cards if card.source.topic}
    keys = suppression_keys(
        KEY, cards, load_suppression(), BASE, patient_key="p", user_key="u", versions=MADE
    )
    assert set(topics.values()) == {kind.value for kind in Kind}
    assert {topics[uuid] for uuid in keys} == ADVICE
    assert all(keys[uuid].own == keyed(topic=topics[uuid]) for uuid in keys)


def test_every_kind_of_card_is_advice_or_always_shown() -> None:
    """A new kind of card has to say which of both it is."""
    assert {kind.value for kind in Kind} == ADVICE | ALWAYS_SHOWN
    assert not ADVICE & ALWAYS_SHOWN


def test_overridden_cards_are_left_out_and_told() -> None:
    """The card whose key was overridden is not shown; the others stay, in their order."""
    safety, advice = decision_cards(BASE, context())
    keys = {advice.uuid: SuppressionKeys(own="now", hiding=("now", "told before"))}
    assert suppress((safety, advice), keys, {"told before"}) == ((safety,), (advice,))
    assert suppress((safety, advice), keys, {"another"}) == ((safety, advice), ())
    assert suppress((safety, advice), {}, {"told before"}) == ((safety, advice), ())


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("safety", "safety cards are always shown"),
        ("order-check", "order-check cards are always shown"),
        ("not-assessed", "not-assessed cards are always shown"),
        ("reccommend", "expected a kind of card among caution, insufficient-data, recommend"),
    ],
)
def test_a_table_that_hides_what_must_be_seen_stops_the_start(kind: str, said: str) -> None:
    """No edit of the table can take a safety, order-check or not-assessed card from sight."""
    spoilt = edited("suppression.toml", '"recommend"', f'"{kind}"')
    with pytest.raises(TableError, match=rf"suppression\.toml: may_be_suppressed > row 1: {said}"):
        load_suppression(spoilt)

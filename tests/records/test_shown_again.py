"""Sequences of two calls about one patient: which change shows an overridden card again (R14.39)."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from mappings.suppression import load_suppression
from service.answer.suppression import SuppressionKeys, suppression_keys
from service.assess import assess
from service.fhir.record import read_bundle
from service.normalise.reading import facts
from service.records.record import Versions
from service.render.cards import decision_cards
from tests.assess.course_facts import KNOWLEDGE
from tests.hooks.chart import (
    ALCOHOL,
    ANEURYSM,
    CHART,
    DAY,
    RXNORM,
    SUBJECT,
    Json,
    ago,
    blood_pressure,
    concept,
    condition,
    dispense,
    observation,
    score,
)
from tests.normalise.made import bundle
from tests.render.made import context

SUPPRESSION = load_suppression()
VERSIONS = Versions(
    software="1.0", rule_set="2026.12.0+a", terminology="shipped+b", profile="default", time_zone="UTC"
)
OXYCODONE, MORPHINE = (
    "1049621 oxycodone hydrochloride 5 MG Oral Tablet",
    "892582 morphine sulfate 15 MG Oral Tablet",
)
PAST_ATTEMPT = "Z91.51 Personal history of suicidal behavior"
LORAZEPAM = "197901 lorazepam 1 MG Oral Tablet"


def order(said: str, identity: str = "opioid", day: int = 10) -> Json:
    """An active order for a medicine."""
    return {
        "resourceType": "MedicationRequest",
        "id": identity,
        "status": "active",
        "intent": "order",
        "subject": SUBJECT,
        "medicationCodeableConcept": concept(said, RXNORM),
        "authoredOn": ago(day),
    }


def keys(*resources: Json, day: date = DAY) -> SuppressionKeys:
    """The keys of the card that a chart shows on a day."""
    raw = json.dumps(bundle(*resources)).encode()
    found = facts(read_bundle(raw), KNOWLEDGE.terminology, KNOWLEDGE.reading, day)
    assessed = assess(found, KNOWLEDGE, "default", day)
    (card,) = decision_cards(assessed, context())
    told: dict[str, Any] = {"patient_key": "p", "user_key": "u", "versions": VERSIONS}
    return suppression_keys(b"k" * 32, [card], SUPPRESSION, assessed, **told)[card.uuid]


def hidden(before: Sequence[Json], after: Sequence[Json], day: date = DAY) -> bool:
    """Whether the card of `after` stays away once that of `before` was overridden."""
    return keys(*before).own in keys(*after, day=day).hiding


def without(kind: str, chart: Sequence[Json] = CHART) -> tuple[Json, ...]:
    """A chart without what has this in its id."""
    return tuple(one for one in chart if kind not in one["id"])


def scored(total: int) -> tuple[Json, ...]:
    """The chart with this total of five days ago as its latest."""
    return (*without("observation-44261-6-1"), score(total, 1))


def pressed(systolic: int, diastolic: int) -> tuple[Json, ...]:
    """The chart with this as its only blood pressure."""
    return (*without("85354-9"), blood_pressure(systolic, diastolic, 1))


def renamed(chart: Sequence[Json]) -> tuple[Json, ...]:
    """The chart in which every resource but the patient has another id, in another order."""
    return tuple(
        one if one["resourceType"] == "Patient" else {**one, "id": f"other-{number}"}
        for number, one in enumerate(reversed(chart))
    )


WITH_OPIOID = (*CHART, order(OXYCODONE))
WITH_ANEURYSM = (*CHART, condition(ANEURYSM))
SCREENED = (*CHART, observation("75626-2 AUDIT-C", 20, valueInteger=9))
WORDED = {**condition("X"), "id": "worded", "code": {"text": "Bipolar disorder"}}

CHANGES = {
    "a score one higher in the same band": (scored(20), scored(21)),
    "a score in a lower band": (scored(15), scored(14)),
    "a score in a higher band": (scored(14), scored(15)),
    "pressure from normal to raised": (pressed(130, 80), pressed(142, 80)),
    "pressure from planning to clinical": (pressed(150, 90), pressed(160, 90)),
    "pressure from high to a contraindication for ketamine": (pressed(160, 100), pressed(160, 101)),
    "pressure from high to a hold": (pressed(179, 90), pressed(180, 90)),
    "a first opioid": (CHART, WITH_OPIOID),
    "a second opioid that is planning": (WITH_OPIOID, (*WITH_OPIOID, order(MORPHINE, "second"))),
    "a benzodiazepine beside an opioid": (WITH_OPIOID, (*WITH_OPIOID, order(LORAZEPAM, "second"))),
    "a second opioid beside a benzodiazepine": (
        (*WITH_OPIOID, order(LORAZEPAM, "sedative")),
        (*WITH_OPIOID, order(LORAZEPAM, "sedative"), order(MORPHINE, "second")),
    ),
    "a first contraindication": (CHART, WITH_ANEURYSM),
    "a second aneurysm": (WITH_ANEURYSM, (*WITH_ANEURYSM, condition("I67.1 Cerebral aneurysm, nonruptured"))),
    "a new caution": (CHART, (*CHART, condition(ALCOHOL))),
    "a later positive screen": (SCREENED, (*SCREENED, observation("75626-2 AUDIT-C", 2, valueInteger=9))),
    "words that become a code": ((*CHART, WORDED), (*CHART, condition("F31.9 Bipolar disorder"))),
    "a diagnosis that is confirmed": (
        (*CHART, condition(ANEURYSM, verificationStatus={"coding": [{"code": "provisional"}]})),
        WITH_ANEURYSM,
    ),
    "a blood pressure that is lost": (CHART, without("85354-9")),
    "a third counted trial": (
        CHART,
        (*CHART, dispense("310385 fluoxetine 20 MG Oral Capsule", 95, 90)),
    ),
    "an open referral": (
        WITH_ANEURYSM,
        (
            *WITH_ANEURYSM,
            {
                "resourceType": "ServiceRequest",
                "id": "referral",
                "status": "active",
                "intent": "order",
                "subject": SUBJECT,
                "authoredOn": ago(3),
                "code": {"text": "Referral for esketamine evaluation"},
            },
        ),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_fact_shows_the_card_again(change: str) -> None:
    """What decides, what is to be planned for, severity, pressure, what is missing, the trials, the gate."""
    before, after = CHANGES[change]
    assert not hidden(before, after)


ALIKE = {
    "a lower score in the same band": (scored(20), scored(16)),
    "another pressure of the same class": (pressed(142, 80), pressed(150, 85)),
    "the opioid ordered anew": (WITH_OPIOID, (*WITH_OPIOID, order(OXYCODONE, "renewed", 1))),
    "a resource that no rule looks at": (
        CHART,
        (*CHART, observation("718-7 Hemoglobin", 1, valueInteger=14)),
    ),
    "information that another entry gives too": (
        (*CHART, condition(PAST_ATTEMPT)),
        (*CHART, condition(PAST_ATTEMPT), condition(PAST_ATTEMPT, id="again")),
    ),
}


@pytest.mark.parametrize("change", ALIKE)
def test_what_is_no_news_leaves_it_away(change: str) -> None:
    """Better scores, other figures of one class, renewals."""
    before, after = ALIKE[change]
    assert hidden(before, after)


@pytest.mark.parametrize(
    "chart", [CHART, WITH_OPIOID, WITH_ANEURYSM, SCREENED, (*CHART, WORDED), pressed(160, 101)]
)
def test_neither_ids_nor_order_nor_the_day_matter(chart: Sequence[Json]) -> None:
    """The same facts under other ids, in another order, on the next day."""
    assert hidden(chart, chart)
    assert hidden(chart, renamed(chart))
    assert hidden(chart, chart, DAY + timedelta(days=1))

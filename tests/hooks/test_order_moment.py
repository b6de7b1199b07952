"""What is said at the moment of ordering, and what is not: a drug that failed, an empty form, a referral."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.hooks.chart import FOR_DEPRESSION, Json, call, drug, reason, service
from tests.hooks.ehr import PATH, cards, ehr, kinds, signed, usual
from tests.hooks.situations import (
    ANEURYSMATIC,
    BLIND,
    ESKETAMINE,
    GRAVE,
    MIRTAZAPINE,
    NOT_DEPRESSED,
    ONE_TRIAL,
    PLAIN,
    UNMEASURED,
    WORRYING,
)

SERTRALINE = drug("", text="Sertraline 50 MG Oral Tablet")
PSYCHIATRY = service(text="Referral to psychiatry")
SAYS = re.compile(r"Sertraline 100 mg, 90 days in 20\d\d(-20\d\d)?: failed\. ")


def summaries(chart: Json, *drafts: Json) -> list[str]:
    """Return the first lines of the cards when the drafts are signed."""
    return [card["summary"] for card in cards(call("order-sign", chart, list(drafts)))]


class TestADrugThatFailed:
    """The first line of the card that is shown says that the drug at hand has failed before."""

    @pytest.mark.parametrize(
        "draft",
        [
            SERTRALINE,
            drug("312941 sertraline 50 MG Oral Tablet"),
            drug("", text="Zoloft 100 mg tablet", **FOR_DEPRESSION),
        ],
    )
    def test_the_first_line_opens_with_it(self, draft: Json) -> None:
        """Dose, days, years and outcome, by whatever name it is ordered; then what the card says anyway."""
        (line,) = summaries(PLAIN, draft)
        assert SAYS.match(line)
        assert line.endswith(
            "Consider esketamine/ketamine referral; 2 failed trials: sertraline, venlafaxine"
        )
        assert len(line) < 140

    @pytest.mark.parametrize("chart", [PLAIN, ANEURYSMATIC, UNMEASURED, GRAVE])
    def test_it_stands_on_each_kind_of_card(self, chart: Json) -> None:
        """A recommendation, findings to weigh, missing data; the safety card before it stays as it is."""
        *before, line = summaries(chart, SERTRALINE)
        assert SAYS.match(line)
        assert len(line) < 140
        assert "…" not in line
        assert not any("Sertraline" in each for each in before)

    def test_another_drug_is_told_as_ever(self) -> None:
        """Mirtazapine has not been tried: the line is that of the chart."""
        (line,) = summaries(PLAIN, MIRTAZAPINE)
        assert line.startswith("Consider referral")

    def test_beside_others_the_one_that_failed_is_named(self) -> None:
        """Of two drafts the one with a failed trial."""
        (line,) = summaries(PLAIN, {**MIRTAZAPINE, "id": "one"}, {**SERTRALINE, "id": "two"})
        assert SAYS.match(line)

    @pytest.mark.parametrize(
        ("chart", "draft"),
        [
            (ONE_TRIAL, SERTRALINE),
            (NOT_DEPRESSED, SERTRALINE),
            (PLAIN, {**SERTRALINE, **reason("F41.1 Generalized anxiety disorder")}),
        ],
    )
    def test_it_makes_no_card(self, chart: Json, draft: Json) -> None:
        """Where the record calls for none, or the order is for something else."""
        assert summaries(chart, draft) == []


class TestAnEmptyForm:
    """Nothing is chosen yet: nobody is interrupted, unless a suicide-risk trigger is on record."""

    @pytest.mark.parametrize(
        "medicine",
        [
            {},
            {"medicationCodeableConcept": {}},
            {"medicationCodeableConcept": {"text": " "}},
            {
                "medicationCodeableConcept": {
                    "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm"}]
                }
            },
            {"medicationCodeableConcept": {"coding": [{"code": "", "display": ""}], "text": ""}},
            {"medicationReference": {}},
            {"medicationReference": {"display": ""}},
            {"dosageInstruction": [{"text": "1 tablet twice a day"}]},
            {"reasonCode": [{"text": "hypertension"}]},
        ],
    )
    @pytest.mark.parametrize("hook", ["order-select", "order-sign"])
    def test_no_card(self, hook: str, medicine: Json) -> None:
        """No code, text or display of a medicine, in every form that clients give to nothing."""
        for chart in (PLAIN, ANEURYSMATIC, BLIND):
            assert kinds(cards(call(hook, chart, [_unchosen(**medicine)]))) == []

    def test_a_safety_trigger_is_told(self) -> None:
        """It alone."""
        assert signed(GRAVE, _unchosen()) == ["safety critical"]
        assert signed(WORRYING, _unchosen()) == ["safety warning"]

    @pytest.mark.parametrize(
        ("medicine", "expected"),
        [
            ({"medicationReference": {"reference": "Medication/elsewhere"}}, "not-assessed info"),
            ({"medicationCodeableConcept": {"text": "sertralin 50"}}, "not-assessed info"),
            ({"note": [{"text": "ketamine infusion, as discussed"}]}, "not-assessed warning"),
            ({"medicationCodeableConcept": 5}, "not-assessed info"),
        ],
    )
    def test_what_cannot_be_read_is_not_empty(self, medicine: Json, expected: str) -> None:
        """A reference to what was not sent, a name half typed, an agent in a note, another type."""
        assert signed(PLAIN, _unchosen(**medicine)) == [expected]

    def test_it_hides_no_other_draft(self) -> None:
        """Beside an order for esketamine that order is checked."""
        assert signed(PLAIN, _unchosen(), {**ESKETAMINE, "id": "e"}) == ["order-check info"]


class TestTheReferralItself:
    """Who signs the referral to psychiatry is not told to consider it."""

    @pytest.mark.parametrize(
        "draft",
        [
            PSYCHIATRY,
            service(text="Outpatient psychiatric consult"),
            service(text="Ambulatory referral to a psychiatrist", **FOR_DEPRESSION),
            service("183524004 Referral to psychiatry service"),
        ],
    )
    @pytest.mark.parametrize("hook", ["order-select", "order-sign"])
    def test_nothing_recommends_it(self, hook: str, draft: Json) -> None:
        """No card, by words or by code."""
        assert cards(call(hook, PLAIN, [draft])) == []

    @pytest.mark.parametrize("chart", [ANEURYSMATIC, UNMEASURED])
    def test_what_stands_against_it_is_told(self, chart: Json) -> None:
        """Findings to weigh and missing data, as on the chart, but without a draft of the same referral."""
        (opened,), (card,) = (
            cards(call("patient-view", chart)),
            cards(call("order-sign", chart, [PSYCHIATRY])),
        )
        assert card["summary"] == opened["summary"]
        assert "suggestions" not in card
        assert "selectionBehavior" not in card

    def test_a_suicide_risk_is_told_without_a_recommendation(self) -> None:
        """The safety card stands alone where nothing else is to be weighed."""
        assert signed(GRAVE, PSYCHIATRY) == ["safety critical"]

    def test_beside_an_antidepressant(self) -> None:
        """The referral is being made all the same."""
        assert signed(PLAIN, PSYCHIATRY, {**MIRTAZAPINE, "id": "m"}) == []

    @pytest.mark.parametrize("text", ["Psychotherapy", "Electroconvulsive therapy"])
    def test_other_orders_for_the_depression(self, text: str) -> None:
        """They get the decision."""
        assert signed(PLAIN, service(text=text)) == ["recommend info"]


class TestWhyNothing:
    """In lenient mode the answer without a card says why, in a header; else nothing does."""

    @pytest.mark.parametrize(
        ("hook", "chart", "drafts", "said"),
        [
            (
                "order-sign",
                PLAIN,
                [{"resourceType": "MedicationRequest", "id": "x"}],
                "the order form is empty",
            ),
            ("order-sign", PLAIN, [PSYCHIATRY], "the order at hand is the referral"),
            ("order-sign", PLAIN, [service(text="TSH")], "no order here is about depression"),
            ("order-sign", PLAIN, [], "the call brings no order"),
            ("order-sign", PLAIN, [drug("", text="lorazepam 1 mg")], "no suicide-risk trigger"),
            ("order-sign", ONE_TRIAL, [MIRTAZAPINE], "1 counted, 0 possible trials"),
            ("patient-view", ONE_TRIAL, None, "1 counted, 0 possible trials"),
            ("patient-view", NOT_DEPRESSED, None, "no active unipolar depression on record"),
        ],
    )
    def test_the_line(self, hook: str, chart: Json, drafts: Any, said: str) -> None:
        """One short line of ASCII; the body stays an empty list of cards."""
        body = call(hook, chart, drafts) if drafts is not None else call(hook, chart)
        line = _nothing(usual(), hook, body)
        assert line.startswith("Nothing said because ")
        assert said in line
        assert len(line) < 160
        assert _nothing(_strict(), hook, body) == ""

    def test_an_answer_with_a_card_has_no_such_line(self) -> None:
        """The card says it."""
        answer = usual().post(PATH.format(hook="patient-view"), json=call("patient-view", PLAIN))
        assert "X-Nothing-Said" not in answer.headers


def _unchosen(**members: Any) -> Json:
    """Return the draft of a form in which no medicine is chosen."""
    named = {name: value for name, value in drug("").items() if name != "medicationCodeableConcept"}
    return named | members


def _strict() -> FlaskClient:
    return ehr(KETAMINE_CDS_LENIENT="false")


def _nothing(client: FlaskClient, hook: str, body: Json) -> str:
    answer = client.post(PATH.format(hook=hook), json=body)
    assert answer.get_json() == {"cards": []}
    return answer.headers.get("X-Nothing-Said", "")

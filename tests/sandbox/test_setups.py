"""What the sandbox offers: every set-up is a call that an EHR could make, on any day."""

import json
from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from cds_hooks.request import read_request
from service.answer.services import OFFERED
from service.web.sandbox.calls import Setup, hook_request
from service.web.sandbox.dates import moved
from service.web.sandbox.setups import Choice, Order, SandboxPatient, read_patients, read_setups
from tests.asked import PREFETCH
from tests.hooks.chart import Json
from tests.hooks.ehr import PATH, ehr, knowledge, usual

PATIENTS = {patient.id: patient for patient in read_patients()}
SETUPS = read_setups()
CHOICES = {f"{fact.id}-{choice.id}": choice for fact in SETUPS.facts for choice in fact.choices}
ORDERS = {order.id: order for order in SETUPS.orders}
LIMITED = {f"{fact.id}-{choice.id}": fact.gender for fact in SETUPS.facts for choice in fact.choices}
DAY = date(2026, 11, 2)
AGENTS = ("esketamine", "ketamine", "referral-esketamine")


def built(
    patient: str = "case-01",
    hook: str = "patient-view",
    order: Order | None = None,
    choices: tuple[Choice, ...] = (),
    day: date | None = None,
) -> Json:
    """The request of a set-up, for today unless a day is given."""
    setup = Setup(patient=PATIENTS[patient], hook=hook, order=order, choices=choices)
    return hook_request(setup, SETUPS, day or date.today(), PREFETCH)  # noqa: DTZ011  # the services look at it too


def answered(body: Json) -> tuple[int, list[Json]]:
    """Status and cards of the real service."""
    answer = usual().post(PATH.format(hook=body["hook"]), json=body)
    return answer.status_code, (answer.json or {}).get("cards", [])


def topics(body: Json) -> list[str]:
    """The topics of the cards, for a call that succeeds."""
    status, cards = answered(body)
    assert status == 200
    return [card["source"]["topic"]["code"] for card in cards]


def test_there_are_enough_patients() -> None:
    """At least 25 patients, told apart by ids, titles and names."""
    assert len(PATIENTS) >= 25
    assert len({patient.title for patient in PATIENTS.values()}) == len(PATIENTS)
    names = [json.dumps(patient.person["name"]) for patient in PATIENTS.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("patient", PATIENTS)
@pytest.mark.parametrize("hook", OFFERED)
def test_every_patient_makes_a_call(patient: str, hook: str) -> None:
    """The request is one of the standard for its hook, and the service answers it."""
    order = None if hook == "patient-view" else ORDERS["sertraline"]
    body = built(patient, hook, order)
    read = read_request(json.dumps(body).encode(), hook)
    assert read.patient_id == PATIENTS[patient].person["id"]
    assert answered(body)[0] == 200


@pytest.mark.parametrize("patient", PATIENTS)
def test_every_patient_shows_what_it_promises(patient: str) -> None:
    """The page tells which cards to expect when the chart is opened as it is recorded: those come."""
    assert topics(built(patient)) == list(PATIENTS[patient].expects)
    assert PATIENTS[patient].purpose.endswith(".")


@pytest.mark.parametrize("order", ORDERS)
def test_orders_get_the_answer_of_their_kind(order: str) -> None:
    """Esketamine, ketamine and referrals for them are checked; the plain one and the rest get no card."""
    found = topics(built(hook="order-sign", order=ORDERS[order]))
    group = ORDERS[order].group
    assert order not in AGENTS or "order-check" in found
    assert order != "referral-psychiatry" or found == []
    assert group != "Something else" or found == []


@pytest.mark.parametrize("choice", CHOICES)
def test_every_fact_can_be_changed(choice: str) -> None:
    """A changed fact gives a call that is answered; only without any data it is refused, with 412."""
    patient = "case-28" if LIMITED[choice] else "case-01"
    status, _ = answered(built(patient, choices=(CHOICES[choice],)))
    assert status == (412 if choice == "sent-nothing" else 200)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("pressure-normal", "recommend"),
        ("pressure-high", "caution"),
        ("pressure-none", "insufficient-data"),
        ("score-none", "insufficient-data"),
    ],
)
def test_a_fact_changes_the_card(choice: str, expected: str) -> None:
    """Of a patient with two trials: pressures and scores decide which card is shown."""
    assert topics(built(choices=(CHOICES[choice],))) == [expected]


def test_a_pregnancy_test_changes_the_card() -> None:
    """Of a woman: a positive test is a flag, a negative one is none."""
    told = {
        answer: json.dumps(answered(built("us-core-like", choices=(CHOICES[f"pregnancy-{answer}"],)))[1])
        for answer in ("yes", "no")
    }
    assert "**Pregnancy**" in told["yes"]
    assert "**Pregnancy**" not in told["no"]


def test_keys_are_sent_as_chosen() -> None:
    """A key can be null, left out, or have an error in its place."""
    prefetch = built(choices=(CHOICES["sent-partly"], CHOICES["dispenses-refused"]))["prefetch"]
    assert prefetch["observations"] is None
    assert "procedures" not in prefetch
    refused = built(choices=(CHOICES["dispenses-refused"],))["prefetch"]["medicationDispenses"]
    assert refused["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("years", [0, 1, 4, 25])
def test_a_record_is_as_old_on_every_day(years: int) -> None:
    """The conclusion of an assessment is the same whenever the record is used."""
    day = DAY + timedelta(days=365 * years)
    client = ehr()
    found = []
    for patient in ("case-01", "case-04", "case-27"):
        body = json.dumps(built(patient, day=day))
        answer = client.post(f"/assessments?asOf={day}", data=body, content_type="application/json")
        assert answer.json is not None
        found.append((answer.json["conclusion"], answer.json["counts"]["counted"]))
    assert found == [("recommend", 2), ("insufficient-data", 1), ("none", 2)]


def test_dates_move_and_nothing_else_does() -> None:
    """Days, times, months and years of dates move; codes and figures that look like a year stay."""
    record = {
        "birthDate": "1980-02-28",
        "authoredOn": "2026-11-02T09:30:00-05:00",
        "onsetDateTime": "2020",
        "period": [{"start": "2026-10"}],
        "code": "2337",
        "value": 2020,
        "text": "since 2026-01-01",
    }
    assert moved(record, 31) == record | {
        "birthDate": "1980-03-30",
        "authoredOn": "2026-12-03T09:30:00-05:00",
        "onsetDateTime": "2020",
        "period": [{"start": "2026-11"}],
    }


def test_what_is_offered_is_listed(client: FlaskClient) -> None:
    """The list has ids and words for people, no record; patients of a group stand beside each other."""
    listed = client.get("/sandbox/setups").json
    assert listed is not None
    assert [one["id"] for one in listed["hooks"]] == list(OFFERED)
    groups = [one["group"] for one in listed["patients"]]
    assert sum(a != b for a, b in pairwise(groups)) == len(set(groups)) - 1
    assert "resources" not in json.dumps(listed)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("patient=nobody", "http.patient"),
        ("patient=case-01&hook=order-sign", "http.order"),
        ("patient=case-01&hook=none", "http.hook"),
        ("patient=case-01&pressure=odd", "http.pressure"),
    ],
)
def test_a_choice_that_is_not_there_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    """The OperationOutcome names the parameter."""
    answer = client.get(f"/sandbox/request?{query}")
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["issue"][0]["expression"] == [parameter]


def test_the_codes_of_drafts_are_known() -> None:
    """Every drug code of an order stands in our tables, and is what its label says."""
    coded = [(order.id, one) for order in SETUPS.orders for one in _codings(order.resource)]
    assert len(coded) > 30
    for order, coding in coded:
        product = knowledge().terminology.product(coding["system"], coding["code"])
        assert product is not None
        assert order.split("-")[0] in product.ingredients


def _codings(resource: Json) -> list[Json]:
    found: list[Json] = resource.get("medicationCodeableConcept", {}).get("coding", [])
    return found


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """A client of the application as it is set up for development."""
    return usual()


def test_patients_are_read_as_they_are_written() -> None:
    """Every file is a patient with one Patient resource, whose references lead to nobody else."""
    for patient in PATIENTS.values():
        assert isinstance(patient, SandboxPatient)
        kinds = [resource["resourceType"] for resource in patient.resources]
        assert kinds.count("Patient") == 1
        mentioned = {
            resource["subject"]["reference"].rpartition(":")[2].rpartition("/")[2]
            for resource in patient.resources
            if "subject" in resource
        }
        assert mentioned <= {patient.person["id"]}

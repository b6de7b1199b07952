"""What an operator may enter for one EHR: its cards, its discovery, and templates that tell days."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import responses
from flask.testing import FlaskClient

from cds_hooks.crd import ASSOCIATED, CONFIGURATION, OPTIONS
from service.access.callers import asked_by_issuer
from service.access.issuers import IssuersError, read_issuers
from service.answer.services import OFFERED, SHARED_ID
from service.settings import Mode
from tests.hooks.chart import (
    CHART,
    DAY,
    FOR_DEPRESSION,
    PATIENT,
    SERVER,
    SPRAY,
    Json,
    ago,
    call,
    drug,
    item_9,
    prefetched,
)
from tests.hooks.ehr import ehr
from tests.hooks.situations import ESKETAMINE, KETAMINE
from tests.hooks.validator import complaints
from tests.hospital.callers import NORTH, PUBLIC, SOUTH, Ehr
from tests.house.test_check import knowledge
from tests.trust.minting import key_set

DISCOVERY = "/cds-services"
SHARED = f"/cds-services/{SHARED_ID}"
PATHS = {hook: f"/cds-services/{offered[0]}" for hook, offered in OFFERED.items()}
LABEL = "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid=d81a6a79-a74a-44b7-822c-0dfa3036eaed"
KETALAR = "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid=46dab560-8ecd-4d92-8c92-6baa2310b09b"
REMS = "https://www.spravatorems.com/"
ORDER = drug(SPRAY, **FOR_DEPRESSION)


def bearer(hospital: Ehr, path: str) -> dict[str, str]:
    """The header of one call."""
    return {"Authorization": f"Bearer {hospital.token(path)}"}


class Service:
    """A service that knows two hospitals, the northern one by an entry with wishes."""

    def __init__(self, folder: Path, wishes: Mapping[str, Any], **settings: str) -> None:
        entries = [{"iss": SOUTH.issuer, "jwks": json.loads(key_set(SOUTH.key))}]
        entries += [{"iss": NORTH.issuer, "jwks": json.loads(key_set(NORTH.key)), **wishes}]
        (folder / "issuers.json").write_text(json.dumps(entries))
        named = {"ISSUERS": str(folder / "issuers.json"), "PUBLIC_URL": PUBLIC, **settings}
        self.client: FlaskClient = ehr(**{f"KETAMINE_CDS_{name}": value for name, value in named.items()})

    def discovery(self, hospital: Ehr = NORTH) -> list[Json]:
        """The services that a hospital is told of."""
        answer = self.client.get(DISCOVERY, headers=bearer(hospital, DISCOVERY))
        assert answer.status_code == 200
        found: list[Json] = json.loads(answer.data)["services"]
        return found

    def cards(self, body: Json, hospital: Ehr = NORTH, path: str | None = None) -> list[Json]:
        """The cards that answer a call, in which no validator finds a fault."""
        called = path or PATHS[body["hook"]]
        answer = self.client.post(called, json=body, headers=bearer(hospital, called))
        assert answer.status_code == 200, answer.text
        assert complaints(answer.json) == []
        found: list[Json] = json.loads(answer.data)["cards"]
        return found


@pytest.fixture
def service(tmp_path: Path) -> Any:
    """What makes such a service."""

    def make(wishes: Mapping[str, Any] = {}, **settings: str) -> Service:
        return Service(tmp_path, wishes, **settings)

    return make


def viewed(**members: Any) -> Json:
    """A chart that gets a recommendation."""
    return call("patient-view", prefetched(*CHART)) | members


def signing(order: Json = ORDER, **members: Any) -> Json:
    """An order for esketamine at signing."""
    return call("order-sign", prefetched(*CHART), [order]) | members


def topics(cards: list[Json]) -> list[str]:
    """What cards are about."""
    return [card["source"]["topic"]["code"] for card in cards]


def urls(card: Json) -> list[str]:
    """Where a card links to."""
    return [link["url"] for link in card.get("links", [])]


def test_cards_link_to_rules_label_and_rems(service: Any) -> None:
    """Up to three absolute pages; those of the medicine that is ordered."""
    ours = service()
    (card,) = ours.cards(viewed())
    assert urls(card) == [f"{PUBLIC}/basis/recommend", LABEL, REMS]
    assert {link["type"] for link in card["links"]} == {"absolute"}
    (order,) = ours.cards(signing())
    assert urls(order) == [f"{PUBLIC}/basis/order-check", LABEL, REMS]
    (infusion,) = ours.cards(signing(KETAMINE))
    assert urls(infusion) == [f"{PUBLIC}/basis/order-check", KETALAR]


def test_a_card_about_a_danger_links_to_its_rules_alone(service: Any) -> None:
    """No label of a medicine stands beside suicide risk."""
    safety, *_ = service().cards(call("patient-view", prefetched(*CHART, item_9(3, 1))))
    assert urls(safety) == [f"{PUBLIC}/basis/safety"]


def test_the_page_of_each_card_is_there(service: Any) -> None:
    """The link leads somewhere, to whoever follows it."""
    ours = service()
    for card in [*ours.cards(viewed()), *ours.cards(signing())]:
        assert ours.client.get(urls(card)[0].removeprefix(PUBLIC)).status_code == 200


def test_a_site_turns_links_off(service: Any) -> None:
    """By its entry, or all sites by the setting, against which an entry stands."""
    ours = service({"links": False})
    assert "links" not in ours.cards(viewed())[0]
    assert urls(ours.cards(viewed(), SOUTH)[0])
    ours = service({"links": True}, LINKS="false")
    assert "links" not in ours.cards(viewed(), SOUTH)[0]
    assert urls(ours.cards(viewed())[0])


def test_one_service_for_all_hooks(service: Any) -> None:
    """Discovery lists it once for each hook under one id, and the body tells which is called."""
    ours = service({"sharedService": True})
    assert [(each["id"], each["hook"]) for each in ours.discovery()] == [
        (SHARED_ID, hook) for hook in OFFERED
    ]
    assert [each["id"] for each in ours.discovery(SOUTH)] == [offered[0] for offered in OFFERED.values()]
    assert topics(ours.cards(viewed(), path=SHARED)) == ["recommend"]
    assert topics(ours.cards(signing(), path=SHARED)) == ["order-check"]


def test_the_shared_service_refuses_what_no_hook_of_it_is(service: Any) -> None:
    """With the place that is wrong; its feedback is taken."""
    ours = service({"sharedService": True})
    for body in (viewed(hook="order-dispatch"), {}, viewed(hook=None)):
        answer = ours.client.post(SHARED, json=body, headers=bearer(NORTH, SHARED))
        assert answer.status_code == 400
        assert answer.json["issue"][0]["expression"] == ["hook"]
    (card,) = ours.cards(viewed(), path=SHARED)
    item = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-02T10:15:04Z"}
    path = f"{SHARED}/feedback"
    answer = ours.client.post(path, json={"feedback": [item]}, headers=bearer(NORTH, path))
    assert (answer.status_code, answer.json) == (200, {"received": 1})


@pytest.mark.parametrize("silent", [True, ["patient-view"]])
def test_hooks_may_be_silent_for_one_site(service: Any, silent: Any) -> None:
    """Its cards are recorded only; another site's come."""
    ours = service({"silent": silent})
    assert ours.cards(viewed()) == []
    assert topics(ours.cards(viewed(), SOUTH)) == ["recommend"]
    assert topics(ours.cards(call("patient-view", prefetched(*CHART, item_9(3, 1))))) == ["safety"]
    assert topics(ours.cards(signing())) == ([] if silent is True else ["order-check"])


def configured(**topics: Any) -> Json:
    """The extension of a call that configures kinds of card."""
    return {"extension": {CONFIGURATION: {name.replace("_", "-"): value for name, value in topics.items()}}}


def test_discovery_offers_to_turn_kinds_of_card_off(service: Any) -> None:
    """Six booleans, each with code, name, description and default, to who asked for them."""
    ours = service({"crd": True})
    for each in ours.discovery():
        offered = each["extension"][OPTIONS]
        assert {(one["type"], one["default"]) for one in offered} == {("boolean", True)}
        assert [one["code"] for one in offered] == [
            "safety",
            "recommend",
            "caution",
            "insufficient-data",
            "order-check",
            "not-assessed",
        ]
        for member in ("name", "description"):
            assert len({one[member] for one in offered}) == 6
    assert all("extension" not in each for each in ours.discovery(SOUTH))


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (configured(recommend=False), []),
        (configured(recommend=True), ["recommend"]),
        (configured(caution=False, order_check=False), ["recommend"]),
        (configured(recommend="false"), ["recommend"]),
        (configured(recommend=0), ["recommend"]),
        ({"extension": {CONFIGURATION: [False]}}, ["recommend"]),
        ({"extension": {CONFIGURATION: "recommend"}}, ["recommend"]),
        ({"extension": {CONFIGURATION: {}}}, ["recommend"]),
        ({"extension": {"com.example": {"recommend": False}}}, ["recommend"]),
        ({"extension": {}}, ["recommend"]),
    ],
)
def test_a_call_turns_a_kind_of_card_off(service: Any, sent: Json, shown: list[str]) -> None:
    """By `false` alone; whatever else is no configuration of ours."""
    assert topics(service({"crd": True}).cards(viewed(**sent))) == shown


def test_what_warns_of_a_danger_is_never_turned_off(service: Any) -> None:
    """Suicide risk, and an order that is contraindicated."""
    ours = service({"crd": True})
    off = configured(safety=False, recommend=False, caution=False, order_check=False)
    assert topics(ours.cards(call("patient-view", prefetched(*CHART, item_9(3, 1))) | off)) == ["safety"]
    assert ours.cards(signing() | off) == []


def test_a_card_names_the_order_that_it_is_about(service: Any) -> None:
    """By its reference in the call, where that was agreed; a card about a chart names none."""
    ours = service({"crd": True})
    (card,) = ours.cards(signing(ESKETAMINE))
    assert card["extension"] == {ASSOCIATED: [{"reference": f"MedicationRequest/{ESKETAMINE['id']}"}]}
    assert "extension" not in ours.cards(viewed())[0]
    assert "extension" not in ours.cards(signing(ESKETAMINE), SOUTH)[0]


def test_an_order_without_an_id_is_not_named(service: Any) -> None:
    """No reference would lead to it."""
    nameless = {name: value for name, value in ESKETAMINE.items() if name != "id"}
    (card,) = service({"crd": True}).cards(signing(nameless))
    assert "extension" not in card


def test_a_task_reminds_where_the_client_takes_one(service: Any) -> None:
    """A draft beside the referral; it names the patient and orders nothing."""
    ours = service({"tasks": True})
    (card,) = ours.cards(viewed())
    referral, later = card["suggestions"]
    (action,) = later["actions"]
    task = action["resource"]
    assert (action["type"], task["resourceType"], task["status"]) == ("create", "Task", "draft")
    assert task["for"] == {"reference": f"Patient/{PATIENT}"}
    assert task["intent"] == "proposal"
    assert UUID(later["uuid"]) != UUID(referral["uuid"])
    assert card["selectionBehavior"] == "at-most-one"
    assert len(ours.cards(viewed(), SOUTH)[0]["suggestions"]) == 1


DATED = "Procedure?patient={{context.patientId}}&date=ge{{today() - 90 days}}"


def test_templates_may_tell_days(service: Any) -> None:
    """To a client that fills them in they are told as they stand."""
    ours = service({"fhirpathTokens": True, "prefetch": {"procedures": DATED}})
    assert [each["prefetch"]["procedures"] for each in ours.discovery()] == [DATED] * 3
    assert all("today()" not in json.dumps(each) for each in ours.discovery(SOUTH))


@pytest.mark.parametrize(
    ("token", "days"),
    [
        ("today()", 0),
        ("today() - 90 days", 90),
        ("today()-2 weeks", 14),
        (" today() - 1 month ", 30),
        ("today() - 1 year", 365),
        ("today() + 1 day", -1),
    ],
)
def test_days_are_filled_in_where_the_service_reads(service: Any, token: str, days: int) -> None:
    """What was not sent is asked for as of today."""
    template = f"Procedure?patient={{{{context.patientId}}}}&date=ge{{{{{token}}}}}"
    wishes = {"fhirpathTokens": True, "prefetch": {"procedures": template}, "fhirServers": [SERVER]}
    ours = service(wishes)
    prefetch = {key: value for key, value in prefetched(*CHART).items() if key != "procedures"}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        asked = f"{SERVER}/Procedure?patient={PATIENT}&date=ge{ago(days)}"
        empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
        web.get(asked, json=empty, content_type="application/fhir+json")
        ours.cards(call("patient-view", prefetch) | {"fhirServer": SERVER})
        assert [each.request.url for each in web.calls if "Procedure" in str(each.request.url)] == [asked]


OF_DRAFTS = (
    "Medication?_id={{context.draftOrders.entry.resource.ofType(MedicationRequest).medication.resolve().id}}"
)
OF_ORDERS = (
    "Medication?_id={{%medicationRequests.entry.resource.ofType(MedicationRequest)"
    ".medication.ofType(Reference).resolve().id}}"
)


def test_templates_may_ask_for_what_orders_refer_to(service: Any) -> None:
    """They are told as they stand, one that starts from draft orders only where the hook brings some."""
    ours = service({"fhirpathTokens": True, "prefetch": {"drafted": OF_DRAFTS, "products": OF_ORDERS}})
    told = {each["hook"]: each["prefetch"] for each in ours.discovery()}
    assert [prefetch["products"] for prefetch in told.values()] == [OF_ORDERS] * 3
    assert {hook for hook, prefetch in told.items() if "drafted" in prefetch} == {
        "order-select",
        "order-sign",
    }
    assert all("resolve()" not in json.dumps(each) for each in ours.discovery(SOUTH))


def test_what_orders_refer_to_is_understood_where_it_was_sent(service: Any) -> None:
    """The medicine of an order that only refers to it, from an EHR that lets nobody read its server."""
    ours = service({"fhirpathTokens": True, "prefetch": {"products": OF_ORDERS}})
    product = {"resourceType": "Medication", "id": "m", "code": {"text": "esketamine 28 mg nasal spray"}}
    draft = {key: value for key, value in ESKETAMINE.items() if key != "medicationCodeableConcept"}
    draft |= {"medicationReference": {"reference": "Medication/m"}}
    sent = prefetched(*CHART) | {"products": {"resourceType": "Bundle", "entry": [{"resource": product}]}}
    (card, *_) = ours.cards(call("order-sign", sent, [draft]))
    assert "esketamine" in json.dumps(card).lower()


@pytest.mark.parametrize(
    ("encounter", "asked"), [("e1", [f"{SERVER}/Encounter/e1"]), (None, [])], ids=["with", "without"]
)
def test_the_encounter_is_filled_in_where_the_service_reads(
    service: Any, encounter: str | None, asked: list[str]
) -> None:
    """And where a call has none, nothing is asked for."""
    template = "Encounter/{{context.encounterId}}"
    ours = service({"prefetch": {"encounters": template}, "fhirServers": [SERVER]})
    prefetch = {key: value for key, value in prefetched(*CHART).items() if key != "encounters"}
    members: Json = {"encounterId": encounter} if encounter else {}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        found = {"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "AMB"}}
        web.get(f"{SERVER}/Encounter/e1", json=found, content_type="application/fhir+json")
        ours.cards(call("patient-view", prefetch, **members) | {"fhirServer": SERVER})
        assert [each.request.url for each in web.calls if "Encounter" in str(each.request.url)] == asked


def test_a_template_that_starts_from_nothing_stops_the_start(tmp_path: Path) -> None:
    """The key that it names is not asked for."""
    wishes = {"fhirpathTokens": True, "prefetch": {"x": OF_ORDERS.replace("medicationRequests", "orders")}}
    (tmp_path / "issuers.json").write_text(
        json.dumps([{"iss": NORTH.issuer, "jwks": json.loads(key_set(NORTH.key)), **wishes}])
    )
    known = read_issuers(tmp_path / "issuers.json", Mode.PRODUCTION)
    with pytest.raises(IssuersError, match="%orders"):
        asked_by_issuer(known, knowledge().prefetch)


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"prefetch": {"procedures": DATED}}, "prefetch: .*fhirpathTokens"),
        ({"fhirpathTokens": True, "prefetch": {"x": "Procedure?date={{today() - 1 century}}"}}, "prefetch: "),
        ({"fhirpathTokens": True, "prefetch": {"x": "Procedure?date={{now()}}"}}, "prefetch: "),
        ({"prefetch": {"x": OF_DRAFTS}}, "prefetch: .*fhirpathTokens"),
        (
            {"fhirpathTokens": True, "prefetch": {"x": OF_DRAFTS.replace(".id", ".where(true).id")}},
            "prefetch: ",
        ),
        (
            {"fhirpathTokens": True, "prefetch": {"x": OF_DRAFTS.replace("Medication?", "Group?")}},
            "prefetch: ",
        ),
        ({"fhirpathTokens": True, "prefetch": {"x": "Medication?_id=1"}}, "prefetch: "),
        ({"silent": "patient-view"}, "silent: "),
        ({"silent": ["chart-open"]}, "silent: "),
        ({"silent": [["patient-view"]]}, "silent: "),
        ({"crd": "true"}, "crd: "),
        ({"links": 1}, "links: "),
        ({"sharedService": "no"}, "sharedService: "),
        ({"tasks": []}, "tasks: "),
        ({"fhirpathTokens": 0}, "fhirpathTokens: "),
    ],
)
def test_an_entry_that_does_not_fit_stops_the_start(tmp_path: Path, entry: Json, place: str) -> None:
    """One line names the field."""
    (tmp_path / "issuers.json").write_text(
        json.dumps([{"iss": NORTH.issuer, "jwks": json.loads(key_set(NORTH.key)), **entry}])
    )
    with pytest.raises(IssuersError, match=f"entry 1, {place}"):
        read_issuers(tmp_path / "issuers.json", Mode.PRODUCTION)


def test_health_and_the_basis_tell_what_is_different(service: Any) -> None:
    """What was entered, and to clinicians that cards are not shown."""
    wishes = {"sharedService": True, "crd": True, "tasks": True, "links": False, "silent": ["order-sign"]}
    ours = service(wishes)
    assert ours.client.get("/health").json["issuers"] == [{"iss": NORTH.issuer, **wishes}]
    limits = ours.client.get("/basis").json["limits"]
    said = f"Cards of {NORTH.issuer} are recorded and not shown at: order-sign."
    assert any(limit.startswith(said) for limit in limits)


def test_the_day_is_that_of_the_service() -> None:
    """The chart of these tests is as of today."""
    assert ago(0) == str(DAY)

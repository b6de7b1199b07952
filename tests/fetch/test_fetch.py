"""What is read for a call, from which address, and what becomes of it."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
import responses

from service.answer.read import read_chart, read_record
from service.assess import assess
from service.clinical.facts import Completeness, FetchFailure
from service.fetch.missing import MOST_MEDICATIONS
from service.fetch.pages import MOST_PAGES
from service.fetch.server import AllowedServer, Refusal
from service.fhir.resources import find
from tests.asked import PREFETCH
from tests.fetch.calls import (
    BASE,
    KEYS,
    PATIENT,
    TOKEN,
    Json,
    call,
    condition,
    fetched,
    medication,
    order,
    outcome,
    record,
    searchset,
    sent_but,
)
from tests.hooks.ehr import knowledge

FHIR = "application/fhir+json"
CONDITIONS = f"{BASE}/Condition?patient={PATIENT}"
COMPLETE, FIRST_PAGE, NOT_RETRIEVABLE = (
    Completeness.COMPLETE,
    Completeness.FIRST_PAGE,
    Completeness.NOT_RETRIEVABLE,
)
NOT_OFFERED, INTERRUPTED = FetchFailure.NOT_OFFERED, FetchFailure.INTERRUPTED

DAY = date(2026, 11, 2)
PERSON = {"resourceType": "Patient", "id": PATIENT, "birthDate": "1980-01-01"}
DEPRESSION = condition("d") | {"code": {"text": "major depressive disorder, recurrent, severe"}}


@pytest.fixture(autouse=True)
def played() -> Iterable[None]:
    """Every server that is not played is away."""
    with responses.mock:
        yield


def plays(url: str, answer: Any, **how: Any) -> None:
    """Let `url` answer."""
    responses.get(url, json=answer, content_type=FHIR, **how)


def asked() -> list[str]:
    """The addresses that were read."""
    return [str(one.request.url) for one in responses.calls]


def ids(kind: str, rows: Iterable[Any]) -> list[str]:
    """The ids of resources in the record."""
    return [row.label.removeprefix(f"{kind}/") for row in rows]


class TestKeys:
    """What becomes of a prefetch key, by how it came."""

    def test_what_was_not_sent_is_read(self) -> None:
        """Each key by its own template, with the token."""
        for template in PREFETCH.values():
            kind = template.partition("?")[0].partition("/")[0]
            whole = {"resourceType": "Patient", "id": PATIENT}
            plays(
                f"{BASE}/{template.replace('{{context.patientId}}', PATIENT)}",
                whole if kind == "Patient" else searchset(),
            )
        came = fetched(call())
        assert came.completeness == dict.fromkeys(PREFETCH, "fetched")
        assert len(asked()) == len(PREFETCH)
        assert {one.request.headers["Authorization"] for one in responses.calls} == {f"Bearer {TOKEN}"}
        assert set(record(call(), came).lists.values()) == {COMPLETE}

    def test_what_was_sent_is_not_read(self) -> None:
        """Neither what is known to be none: as null, or as an empty Bundle."""
        sent = sent_but("conditions", "allergies", "patient") | {
            "conditions": searchset(condition("c")),
            "allergies": searchset(),
            "patient": {"resourceType": "Patient", "id": PATIENT},
        }
        came = fetched(call(sent))
        words = {key: word for key, word in came.completeness.items() if word != "empty"}
        assert words == {"conditions": "sent", "patient": "sent"}
        assert asked() == []

    def test_an_error_in_place_of_data_is_not_asked_again(self) -> None:
        """The sender has tried, and it stays unknown."""
        request = call(sent_but("conditions") | {"conditions": outcome()})
        came = fetched(request)
        assert came.completeness["conditions"] == "error"
        assert asked() == []
        assert record(request, came).lists["Condition"] is NOT_RETRIEVABLE

    def test_an_id_is_one_part_of_an_address(self) -> None:
        """Dots alone would be another folder: nothing is asked for them."""
        came = fetched(call(sent_but("patient"), patient_id=".."))
        assert came.completeness["patient"] == "failed:not-allowed"
        assert asked() == []

    @pytest.mark.parametrize(
        ("source", "word"),
        [
            (None, "not-sent"),
            (Refusal.NOT_ALLOWED, "failed:not-allowed"),
            (Refusal.OTHER_PATIENT, "failed:other-patient"),
        ],
    )
    def test_without_a_server_nothing_is_read(self, source: Refusal | None, word: str) -> None:
        """What came is all there is, and why is told."""
        request = call({"conditions": searchset(condition("c"))})
        came = fetched(request, source)
        assert came.completeness == {key: "sent" if key == "conditions" else word for key in KEYS}
        lists = record(request, came).lists
        assert (lists["Condition"], lists["Patient"]) == (COMPLETE, NOT_RETRIEVABLE)

    def test_a_server_that_wants_no_token_gets_none(self) -> None:
        """It is listed, so it may be open."""
        plays(CONDITIONS, searchset())
        came = fetched(call(sent_but("conditions")), AllowedServer(base=BASE, token=None))
        assert came.completeness["conditions"] == "fetched"
        assert "Authorization" not in responses.calls[0].request.headers

    def test_what_a_caller_sends_beside_is_kept(self) -> None:
        """Under a key of its own, whatever it holds."""
        request = call(sent_but() | {"more": searchset(condition("c"))})
        came = fetched(request)
        assert ids("Condition", record(request, came).conditions) == ["c"]
        assert came.completeness.keys() == KEYS


class TestAnswers:
    """What a server says instead of a list."""

    @pytest.mark.parametrize(
        ("answer", "status", "word"),
        [
            (outcome(), 200, "failed:unreadable"),
            (outcome(), 401, "failed:status-401"),
            (outcome(), 403, "failed:status-403"),
            (outcome(), 500, "failed:status-5xx"),
            (condition("c"), 200, "failed:unreadable"),
            ([], 200, "failed:unreadable"),
            (None, 200, "failed:unreadable"),
            ({}, 200, "failed:unreadable"),
            ({"resourceType": "Bundle", "entry": "none"}, 200, "failed:unreadable"),
            (searchset(outcome()), 200, "failed:unreadable"),
            (searchset(medication("m")), 200, "failed:unreadable"),
            (searchset(total=7), 200, "failed:unreadable"),
        ],
    )
    def test_what_is_no_list_is_a_failure(self, answer: Any, status: int, word: str) -> None:
        """Never an empty list: what could not be had is not retrievable."""
        plays(CONDITIONS, answer, status=status)
        request = call(sent_but("conditions"))
        came = fetched(request)
        assert came.completeness["conditions"] == word
        assert record(request, came).lists["Condition"] is NOT_RETRIEVABLE

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b'{"resourceType": "Bundle", "entry": [',
            b'{"resourceType": "Bundle", "entry": [\xff]}',
            b"[" * 100_000,
            b'{"resourceType": "Bundle", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
            b"NaN",
            b"\x00",
            b"<html>",
        ],
        ids=range(8),
    )
    def test_what_is_no_json_is_a_failure(self, body: bytes) -> None:
        """It costs this list and nothing else."""
        responses.get(CONDITIONS, body=body, content_type=FHIR)
        request = call(sent_but("conditions"))
        came = fetched(request)
        assert came.completeness["conditions"] == "failed:unreadable"
        assert record(request, came).lists["Condition"] is NOT_RETRIEVABLE

    def test_html_is_a_failure(self) -> None:
        """Whatever the status."""
        responses.get(CONDITIONS, body="<html>", content_type="text/html")
        assert fetched(call(sent_but("conditions"))).completeness["conditions"] == "failed:media"

    def test_a_bundle_in_place_of_the_patient_is_a_failure(self) -> None:
        """A read brings one resource of its type."""
        plays(f"{BASE}/Patient/{PATIENT}", searchset({"resourceType": "Patient", "id": PATIENT}))
        request = call(sent_but("patient"))
        came = fetched(request)
        assert came.completeness["patient"] == "failed:unreadable"
        assert record(request, came).patients == ()

    def test_a_failed_list_stays_failed_where_some_of_it_came_otherwise(self) -> None:
        """A problem beside something else is not the list of problems."""
        plays(CONDITIONS, outcome(), status=500)
        request = call(sent_but("conditions") | {"more": searchset(condition("c"))})
        found = record(request, fetched(request))
        assert ids("Condition", found.conditions) == ["c"]
        assert found.lists["Condition"] is NOT_RETRIEVABLE

    def test_a_warning_beside_data_is_no_failure(self) -> None:
        """Servers say so when they ignore a parameter."""
        plays(CONDITIONS, searchset(condition("c"), outcome("warning")))
        request = call(sent_but("conditions"))
        found = record(request, fetched(request))
        assert (ids("Condition", found.conditions), found.lists["Condition"]) == (["c"], COMPLETE)


class TestPages:
    """Lists that go on."""

    def test_pages_make_one_list(self) -> None:
        """Complete only when all have come; entries without an id stay different ones."""
        nameless = {key: value for key, value in condition("x").items() if key != "id"}
        plays(CONDITIONS, searchset(condition("a"), nameless, following="Condition?page=2", total=5))
        plays(
            f"{BASE}/Condition?page=2",
            searchset(condition("b"), nameless, following=f"{BASE}/Condition?page=3"),
        )
        plays(f"{BASE}/Condition?page=3", searchset(condition("c"), total=5))
        request = call(sent_but("conditions"))
        came = fetched(request)
        found = record(request, came)
        assert came.completeness["conditions"] == "fetched"
        assert found.lists["Condition"] is COMPLETE
        assert len(found.conditions) == 5

    def test_an_empty_last_page_is_the_end(self) -> None:
        """Though it repeats how many there are."""
        plays(CONDITIONS, searchset(condition("a"), following="Condition?page=2", total=1))
        plays(f"{BASE}/Condition?page=2", searchset(total=1))
        request = call(sent_but("conditions"))
        assert record(request, fetched(request)).lists["Condition"] is COMPLETE

    def test_a_sent_first_page_is_gone_on_from(self) -> None:
        """It is not read again."""
        plays(f"{BASE}/Condition?page=2", searchset(condition("b")))
        request = call(sent_but() | {"conditions": searchset(condition("a"), following="Condition?page=2")})
        came = fetched(request)
        found = record(request, came)
        assert asked() == [f"{BASE}/Condition?page=2"]
        assert came.completeness["conditions"] == "fetched"
        assert ids("Condition", found.conditions) == ["a", "b"]
        assert found.lists["Condition"] is COMPLETE

    @pytest.mark.parametrize(
        "following",
        [
            "https://evil.example.com/fhir/Condition?page=2",
            "http://ehr.example.org/fhir/Condition?page=2",
            "https://169.254.169.254/latest",
            "../admin?page=2",
            "https://ehr.example.org/fhir/../admin",
            "https://ehr.example.org/fhir/%2e%2e/admin",
            "https://u:p@ehr.example.org/fhir/x",
            "https://ehr.example.org/fhir/x#y",
            "https://ehr.example.org/fhir\\x",
            "file:///etc/passwd",
            "",
        ],
    )
    @pytest.mark.parametrize("is_sent", [True, False])
    def test_hostile_links_are_not_followed(self, following: str, is_sent: bool) -> None:
        """What came stays, as the first page that it is."""
        page = searchset(condition("a"), following=following)
        request = call(sent_but("conditions") | ({"conditions": page} if is_sent else {}))
        if not is_sent:
            plays(CONDITIONS, page)
        came = fetched(request)
        found = record(request, came)
        assert came.completeness["conditions"] == "fetched-partly"
        assert (ids("Condition", found.conditions), found.lists["Condition"]) == (["a"], FIRST_PAGE)
        assert [url for url in asked() if url != CONDITIONS] == []

    def test_other_paths_of_the_host_are_not_followed(self) -> None:
        """Another part of the same host may be another server: it is not asked, and that is told."""
        plays(CONDITIONS, searchset(condition("a"), following="/pages/2"))
        plays("https://ehr.example.org/pages/2", searchset(condition("b")))
        came = fetched(call(sent_but("conditions")))
        assert came.completeness["conditions"] == "fetched-partly"
        assert asked() == [CONDITIONS]

    @pytest.mark.parametrize("answer", [outcome(), condition("z"), searchset(medication("m"))])
    def test_a_page_that_is_none_ends_the_list_early(self, answer: Json) -> None:
        """What came before it is kept as a first page."""
        plays(CONDITIONS, searchset(condition("a"), following="Condition?page=2"))
        plays(f"{BASE}/Condition?page=2", answer)
        request = call(sent_but("conditions"))
        came = fetched(request)
        found = record(request, came)
        assert came.completeness["conditions"] == "fetched-partly"
        assert (ids("Condition", found.conditions), found.lists["Condition"]) == (["a"], FIRST_PAGE)

    def test_a_circle_of_pages_ends(self) -> None:
        """No page is read twice."""
        plays(CONDITIONS, searchset(condition("a"), following="Condition?page=2"))
        plays(f"{BASE}/Condition?page=2", searchset(condition("b"), following=CONDITIONS))
        came = fetched(call(sent_but("conditions")))
        assert came.completeness["conditions"] == "fetched-partly"
        assert len(asked()) == 2

    def test_endless_pages_end(self) -> None:
        """After so many as no record has."""

        def answer(request: Any) -> tuple[int, dict[str, str], str]:
            number = int(request.params.get("page", 1))
            page = searchset(condition(f"c{number}"), following=f"Condition?page={number + 1}")
            return 200, {}, json.dumps(page)

        responses.add_callback("GET", f"{BASE}/Condition", callback=answer, content_type=FHIR)
        request = call(sent_but("conditions"))
        came = fetched(request)
        found = record(request, came)
        assert (len(asked()), len(found.conditions)) == (MOST_PAGES, MOST_PAGES)
        assert found.lists["Condition"] is FIRST_PAGE


class TestMedications:
    """Products that orders refer to and no query brings."""

    @pytest.mark.parametrize("written", ["Medication/m", f"{BASE}/Medication/m", "Medication/m/_history/1"])
    def test_a_medication_that_an_order_refers_to_is_read(self, written: str) -> None:
        """Where the order was sent, and where it was read."""
        plays(f"{BASE}/Medication/m", medication("m"))
        plays(f"{BASE}/MedicationRequest?patient={PATIENT}&_sort=-authoredon", searchset(order("o", written)))
        sent = call(sent_but() | {"medicationRequests": searchset(order("o", written))})
        for request in (sent, call(sent_but("medicationRequests"))):
            came = fetched(request)
            found = record(request, came)
            assert came.completeness["medications"] == "fetched"
            assert find(found, written.partition("/_history")[0], "Medication") is not None
            assert asked().count(f"{BASE}/Medication/m") == 1
            responses.calls.reset()

    @pytest.mark.parametrize(
        "kind", ["MedicationDispense", "MedicationStatement", "MedicationAdministration"]
    )
    def test_so_are_those_of_dispenses_statements_and_administrations(self, kind: str) -> None:
        """All of them may name a product by reference alone."""
        plays(f"{BASE}/Medication/m", medication("m"))
        key = kind[0].lower() + kind[1:] + "s"
        came = fetched(
            call(sent_but() | {key: searchset(order("o", "Medication/m") | {"resourceType": kind})})
        )
        assert came.completeness["medications"] == "fetched"

    def test_so_are_those_of_draft_orders(self) -> None:
        """A draft may name what is ordered only by a reference to the formulary; it is still no record."""
        plays(f"{BASE}/Medication/m", medication("m"))
        request = call(sent_but(), draft_orders=searchset(order("draft", "Medication/m")))
        found = record(request, fetched(request))
        assert find(found, "Medication/m", "Medication") is not None
        assert found.requests == ()

    def test_what_was_sent_is_not_read(self) -> None:
        """Under any key, and inside the order."""
        inside = order("o", "#m") | {"contained": [medication("m")]}
        sent = searchset(order("a", "Medication/m"), inside, medication("m"))
        came = fetched(call(sent_but() | {"medicationRequests": sent}))
        assert asked() == []
        assert "medications" not in came.completeness

    @pytest.mark.parametrize(
        "reference",
        ["https://other.example.org/fhir/Medication/m", "urn:uuid:a-b", "Medication/..", "Substance/m"],
    )
    def test_references_elsewhere_are_not_followed(self, reference: str) -> None:
        """The order stays an order of an unknown medicine."""
        fetched(call(sent_but() | {"medicationRequests": searchset(order("o", reference))}))
        assert asked() == []

    def test_one_that_is_not_there_is_told(self) -> None:
        """The others are used."""
        plays(f"{BASE}/Medication/m", medication("m"))
        plays(f"{BASE}/Medication/n", outcome(), status=404)
        sent = searchset(order("a", "Medication/m"), order("b", "Medication/n"))
        came = fetched(call(sent_but() | {"medicationRequests": sent}))
        assert came.completeness["medications"] == "fetched-partly"

    def test_none_that_is_there_is_told(self) -> None:
        """With the reason."""
        plays(f"{BASE}/Medication/n", outcome(), status=403)
        came = fetched(call(sent_but() | {"medicationRequests": searchset(order("b", "Medication/n"))}))
        assert came.completeness["medications"] == "failed:status-403"

    @pytest.mark.parametrize(
        ("status", "display", "unread", "gaps", "verdict"),
        [
            (503, "", {"Medication": INTERRUPTED}, {"LIST-MEDICATION": True}, "insufficient-data"),
            (403, "", {"Medication": NOT_OFFERED}, {"LIST-OTHER": False}, "none"),
            (503, "amoxicillin 500 mg", {}, {}, "none"),
        ],
    )
    def test_a_medicine_that_stays_unknown_is_missing(
        self, status: int, display: str, unread: Json, gaps: Json, verdict: str
    ) -> None:
        """A read that broke off never looks like a record without trials; a name makes up for it."""
        plays(f"{BASE}/Medication/m", outcome(), status=status)
        unnamed = order("o", "Medication/m")
        unnamed["medicationReference"]["display"] = display
        chart = {"patient": PERSON, "conditions": searchset(DEPRESSION)}
        request = call(sent_but() | chart | {"medicationRequests": searchset(unnamed)})
        came = fetched(request)
        assert came.failures == unread
        found = read_record(read_chart(request, came), knowledge(), DAY)
        verdicts = assess(found.facts, knowledge(), "default", DAY)
        assert {gap.id: gap.blocking for gap in verdicts.missing if gap.id.startswith("LIST")} == gaps
        assert verdicts.conclusion == verdict

    def test_their_number_is_bounded(self) -> None:
        """A record cannot make a server be read a thousand times; what was left out is missing."""
        many = [order(f"o{n}", f"Medication/m{n}") for n in range(MOST_MEDICATIONS + 10)]
        for n in range(MOST_MEDICATIONS + 10):
            plays(f"{BASE}/Medication/m{n}", medication(f"m{n}"))
        came = fetched(call(sent_but() | {"medicationRequests": searchset(*many)}))
        assert len(asked()) == MOST_MEDICATIONS
        assert came.completeness["medications"] == "fetched-partly"
        assert came.failures == {"Medication": INTERRUPTED}

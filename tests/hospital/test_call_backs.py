"""What a call did not bring: read from the FHIR servers of its own hospital, in time, or named as lacking."""

import json
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.hooks.chart import (
    ASKED_FOR,
    CHART,
    FOR_DEPRESSION,
    SPRAY,
    Json,
    call,
    drug,
    prefetched,
    refused,
    without,
)
from tests.hospital.callers import (
    NORTH,
    PUBLIC,
    SIGN,
    SOUTH,
    VIEW,
    Ehr,
    cards,
    lasting,
    listed,
    topics,
)
from tests.hospital.kept import command, record_of
from tests.hospital.wards import MOODS, SECRET, Ward, ward
from tests.served import running

ESSENTIAL = ("patient", "conditions", "medicationRequests")
PATIENT_MS = 30_000
"""A server that is well answers within it, however busy the machine is."""

HURRIED_MS = 1000
SLACK = 3.0
"""Seconds that an answer may take beyond the budget on a machine that has much else to do."""

TOKEN = "token-that-nobody-may-see"
FULL = prefetched(*CHART)
SPRAY_ORDER = drug(SPRAY, **FOR_DEPRESSION)
ASPIRIN = drug("243670 aspirin 81 MG Oral Tablet", id="other")

NAMED = {
    "patient": "Patient: could not be read",
    "conditions": "Problem list: could not be read",
    "allergies": "Allergy list: could not be read",
    "medicationRequests": "Medication list",
    "medicationDispenses": "dispenses",
    "medicationStatements": "reported medicines",
    "medicationAdministrations": "hospital administrations",
    "questionnaireResponses": "questionnaires",
    "procedures": "procedures",
    "serviceRequests": "referrals and service orders",
    "deviceUses": "devices",
    "encounters": "hospital stays",
} | {key: "measurements and scores" for key, kind in ASKED_FOR.items() if kind == "Observation"}
"""By what words a card names a list that was not to be had."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hospitals:
    """A service and the servers that the two hospitals have had listed for themselves."""

    url: str
    north: Ward
    south: Ward
    settings: Mapping[str, str]
    budget_ms: int

    def answer(self, body: Json, ehr: Ehr = NORTH, path: str = "") -> requests.Response:
        """What the service answers, in time."""
        path = path or (VIEW if body["hook"] == "patient-view" else SIGN)
        began = time.monotonic()
        answer = ehr.post(self.url, path, body)
        assert time.monotonic() - began < self.budget_ms / 1000 + SLACK
        return answer

    def completeness(self, answer: requests.Response) -> Mapping[str, str]:
        """How the data of each key came, as the decision record has it."""
        return record_of(answer, self.settings["KETAMINE_CDS_DATABASE_URL"]).completeness


@contextmanager
def started(folder: Path, budget_ms: int) -> Iterator[Hospitals]:
    """A service with JWT that may read a server for each hospital, for so long."""
    with ward() as north, ward() as south:
        settings = {
            "KETAMINE_CDS_MODE": "development",
            "KETAMINE_CDS_ISSUERS": listed(folder, [north.base], [south.base]),
            "KETAMINE_CDS_PUBLIC_URL": PUBLIC,
            "KETAMINE_CDS_FETCH_BUDGET_MS": str(budget_ms),
            "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/kept.db",
        }
        with running(settings) as service:
            yield Hospitals(url=service.url, north=north, south=south, settings=settings, budget_ms=budget_ms)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospitals]:
    """A service that waits for servers that are well."""
    with started(tmp_path_factory.mktemp("patient"), PATIENT_MS) as found:
        yield found


@pytest.fixture(scope="module")
def hurrying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospitals]:
    """A service that soon gives up servers that stall."""
    with started(tmp_path_factory.mktemp("hurried"), HURRIED_MS) as found:
        yield found


@pytest.fixture
def hospitals(patient: Hospitals) -> Hospitals:
    """The patient service, with servers that are well and have heard nothing."""
    return rested(patient)


@pytest.fixture
def hurried(hurrying: Hospitals) -> Hospitals:
    """The hurried service, with servers that have heard nothing."""
    return rested(hurrying)


def rested(found: Hospitals) -> Hospitals:
    """The same with servers that are well and have heard nothing."""
    for each in (found.north, found.south):
        each.moods.clear()
        each.asked()
    return found


def bare(server: str, prefetch: Json | None = None, token: str | None = TOKEN, **leave: object) -> Json:
    """A chart is opened, and its EHR says where more is to be had."""
    return told(call("patient-view", prefetch), server, token, **leave)


def signed(server: str, prefetch: Json | None, *drafts: Json) -> Json:
    """Orders are signed, and the EHR says where more is to be had."""
    return told(call("order-sign", prefetch, drafts), server, TOKEN)


def told(body: Json, server: str, token: str | None, **leave: object) -> Json:
    """A call with an address and a token."""
    if token is None:
        return body | {"fhirServer": server}
    given = {"access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "y"}
    return body | {"fhirServer": server, "fhirAuthorization": given | leave}


def words(answer: requests.Response) -> str:
    """All that the cards say."""
    return "\n".join(f"{card['summary']}\n{card['detail']}" for card in cards(answer))


def test_the_assessment_is_the_same(hospitals: Hospitals) -> None:
    """Whether all was sent, or nothing and all was read with the token that came."""
    sent = hospitals.answer(bare(hospitals.north.base, FULL))
    assert topics(sent) == ["recommend"]
    assert hospitals.north.asked() == []
    read = hospitals.answer(bare(hospitals.north.base))
    assert lasting(cards(read)) == lasting(cards(sent))
    assert hospitals.north.tokens() == {f"Bearer {TOKEN}"}
    assert hospitals.north.asked() == sorted(ASKED_FOR)
    assert set(hospitals.completeness(read).values()) == {"fetched"}


@pytest.mark.parametrize("key", ASKED_FOR)
def test_a_key_that_is_absent_is_read_and_nothing_else(hospitals: Hospitals, key: str) -> None:
    """The cards are those of a call that brought it."""
    sent = hospitals.answer(bare(hospitals.north.base, FULL))
    read = hospitals.answer(bare(hospitals.north.base, without(key, FULL)))
    assert lasting(cards(read)) == lasting(cards(sent))
    assert hospitals.north.asked() == [key]


@pytest.mark.parametrize("key", ["conditions", "medicationDispenses", "observations"])
def test_a_first_page_is_read_on(hospitals: Hospitals, key: str) -> None:
    """One entry and a link to the others make the whole list."""
    whole = hospitals.answer(bare(hospitals.north.base, FULL))
    page = hospitals.north.first_page(key)
    read = hospitals.answer(bare(hospitals.north.base, FULL | {key: page}))
    assert lasting(cards(read)) == lasting(cards(whole))
    assert hospitals.north.asked() == [key]


@pytest.mark.parametrize("key", [key for key in ASKED_FOR if key != "patient"])
def test_none_is_none_however_it_is_said(hospitals: Hospitals, key: str) -> None:
    """Null and an empty Bundle are the same answer, and one that is believed without a read."""
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    said = [hospitals.answer(bare(hospitals.north.base, FULL | {key: none})) for none in (None, empty)]
    assert lasting(cards(said[0])) == lasting(cards(said[1]))
    assert {hospitals.completeness(answer)[key] for answer in said} == {"empty"}
    assert hospitals.north.asked() == []


@pytest.mark.parametrize("key", ASKED_FOR)
def test_an_error_in_its_place_is_a_known_failure(hospitals: Hospitals, key: str) -> None:
    """The EHR has tried: it is not tried again, and a card about an order names the list as unknown."""
    failed = FULL | {key: refused(ASKED_FOR[key])}
    answer = hospitals.answer(signed(hospitals.north.base, failed, SPRAY_ORDER))
    named = "Dispenses were not received" if key == "medicationDispenses" else NAMED[key]
    assert named in words(answer)
    assert hospitals.completeness(answer)[key] == "error"
    assert hospitals.north.asked() == []


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("key", ["patient", "conditions", "medicationRequests", "observations", "procedures"])
def test_what_could_not_be_had_is_named(hurried: Hospitals, key: str, mood: str) -> None:
    """However the server fails; nothing of what it said is passed on."""
    hurried.north.moods[key] = MOODS[mood]
    answer = hurried.answer(signed(hurried.north.base, without(key, FULL), SPRAY_ORDER))
    assert NAMED[key] in words(answer)
    assert hurried.completeness(answer)[key].startswith("failed:")
    assert not any(word in answer.text for word in (SECRET, TOKEN, hurried.north.base, "169.254"))


def test_all_that_is_late_is_named_at_once(hurried: Hospitals) -> None:
    """A server that stalls for every list but the essential ones costs one budget, not one for each."""
    late = [key for key in ASKED_FOR if key not in ESSENTIAL]
    hurried.north.moods.update(dict.fromkeys(late, MOODS["stalled"]))
    prefetch = {key: FULL[key] for key in ESSENTIAL}
    said = words(hurried.answer(signed(hurried.north.base, prefetch, SPRAY_ORDER)))
    assert [key for key in late if NAMED[key] not in said] == []


def test_with_nothing_to_be_had_a_chart_is_refused(hurried: Hospitals) -> None:
    """412 names what was needed, and no card says anything about a patient of whom nothing is known."""
    hurried.north.moods.update(dict.fromkeys(ASKED_FOR, MOODS["stalled"]))
    base = hurried.north.base
    answer = hurried.answer(bare(base))
    assert answer.status_code == 412
    (issue,) = answer.json()["issue"]
    assert all(key in issue["details"]["text"] for key in ESSENTIAL)
    assert all(f"{key}: failed:timeout" in issue["diagnostics"] for key in ESSENTIAL)
    assert issue["expression"] == ["prefetch"]
    assert TOKEN not in answer.text
    assert base not in answer.text


def test_with_nothing_to_be_had_an_agents_order_is_warned_about(hurried: Hospitals) -> None:
    """Exactly one card says that nothing could be assessed."""
    hurried.north.moods.update(dict.fromkeys(ASKED_FOR, MOODS["stalled"]))
    answer = hurried.answer(signed(hurried.north.base, None, SPRAY_ORDER))
    assert answer.status_code == 200
    (card,) = answer.json()["cards"]
    assert (card["source"]["topic"]["code"], card["indicator"]) == ("not-assessed", "warning")
    assert TOKEN not in answer.text


@pytest.mark.parametrize("key", ESSENTIAL)
@pytest.mark.parametrize("value", ["sent", "null", "error"])
def test_with_anything_essential_there_is_an_answer(hospitals: Hospitals, key: str, value: str) -> None:
    """One key that came, be it to say that there is none or that it failed, is no reason to refuse."""
    hospitals.north.moods.update(dict.fromkeys(ASKED_FOR, MOODS["refused"]))
    values = {"sent": FULL.get(key), "null": None, "error": refused(ASKED_FOR[key])}
    answer = hospitals.answer(signed(hospitals.north.base, {key: values[value]}, SPRAY_ORDER))
    assert cards(answer)


@pytest.mark.parametrize(
    ("token", "leave"), [("", {}), (None, {}), (TOKEN, {"expires_in": 0})], ids=["empty", "none", "ended"]
)
def test_an_empty_token_is_no_token(hospitals: Hospitals, token: str | None, leave: Json) -> None:
    """The server is asked as by anybody, and says itself whether it minds."""
    answer = hospitals.answer(bare(hospitals.north.base, token=token, **leave))
    assert topics(answer) == ["recommend"]
    assert hospitals.north.tokens() == {None}


def test_the_token_of_another_patient_reads_nothing(hospitals: Hospitals) -> None:
    """It is leave to read somebody else's chart."""
    answer = hospitals.answer(bare(hospitals.north.base, patient="another"))
    assert answer.status_code == 412
    assert hospitals.north.asked() == []


def test_a_hospital_reads_its_own_server_only(hospitals: Hospitals) -> None:
    """The server of the one is nobody to the other, though the service reads both."""
    for ehr, own, foreign in (
        (NORTH, hospitals.north, hospitals.south),
        (SOUTH, hospitals.south, hospitals.north),
    ):
        assert hospitals.answer(bare(foreign.base), ehr).status_code == 412
        assert foreign.asked() == []
        assert topics(hospitals.answer(bare(own.base), ehr)) == ["recommend"]
        assert own.asked() == sorted(ASKED_FOR)


@pytest.mark.parametrize(
    "written",
    [
        "{base}/more",
        "{base}//",
        "{base}/../fhir",
        "{base}?x=1",
        "{base}#x",
        "{upper}",
        "{shorter}",
        "http://localhost:{port}/fhir",
        "http://127.1:{port}/fhir",
        "http://0x7f000001:{port}/fhir",
        "http://[::ffff:127.0.0.1]:{port}/fhir",
        "https://127.0.0.1:{port}/fhir",
        "http://169.254.169.254/latest/meta-data",
        "http://metadata.google.internal/fhir",
        "https://evil.example/fhir",
    ],
)
def test_only_the_listed_address_is_read(hospitals: Hospitals, written: str) -> None:
    """Not what looks like it, leads there or to the machine's own keys; the refusal does not repeat it."""
    base = hospitals.north.base
    port = base.split(":")[2].split("/")[0]
    server = written.format(base=base, upper=base.upper(), shorter=base[:-1], port=port)
    answer = hospitals.answer(bare(server))
    assert answer.status_code == 412
    assert hospitals.north.asked() == []
    assert server not in answer.text
    assert "conditions: failed:not-allowed" in answer.text


def test_an_address_with_a_password_is_refused(hospitals: Hospitals) -> None:
    """It is no base URL, and is not repeated."""
    server = hospitals.north.base.replace("http://", "http://user:pass-word@")
    answer = hospitals.answer(bare(server))
    assert answer.status_code == 400
    assert "fhirServer" in answer.text
    assert "pass-word" not in answer.text


@pytest.mark.parametrize(
    "following",
    [
        "{south}/Condition?page=1",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "//evil.example/x",
        "",
    ],
)
def test_a_next_page_elsewhere_is_not_read(hospitals: Hospitals, following: str) -> None:
    """The list counts as not complete, and the card says so."""
    page = hospitals.north.first_page("conditions")
    page["link"][1]["url"] = following.format(south=hospitals.south.base)
    answer = hospitals.answer(signed(hospitals.north.base, FULL | {"conditions": page}, SPRAY_ORDER))
    assert "Problem list" in words(answer)
    assert hospitals.north.asked() == hospitals.south.asked() == []


def test_nothing_is_read_for_other_orders(hospitals: Hospitals) -> None:
    """What is none of our business gets no cards, and no look at the patient's record."""
    diet = {"resourceType": "NutritionOrder", "id": "n", "status": "draft"}
    for drafts in ((ASPIRIN,), (diet,), (), (ASPIRIN, diet)):
        answer = hospitals.answer(signed(hospitals.north.base, None, *drafts))
        assert answer.content == b'{"cards":[]}'
    assert hospitals.north.asked() == []


def test_the_record_of_another_patient_is_not_used(hospitals: Hospitals) -> None:
    """A server that answers with what belongs to somebody else changes nothing."""
    own = hospitals.answer(bare(hospitals.north.base))
    strange = [
        one | {"id": f"x{one['id']}", "subject": {"reference": "Patient/another"}}
        for one in CHART
        if one["resourceType"] == "MedicationDispense"
    ]
    hospitals.north.chart = (*CHART, *strange)
    try:
        mixed = hospitals.answer(bare(hospitals.north.base))
    finally:
        hospitals.north.chart = CHART
    assert [card["summary"] for card in cards(mixed)] == [card["summary"] for card in cards(own)]


STATES = ("sent", "null", "empty", "error", "first-page", "absent", "failing")


@pytest.mark.parametrize("seed", range(24))
def test_any_mixture_is_answered_for_what_it_is(hospitals: Hospitals, seed: int) -> None:
    """Each key is read if it did not come whole, and only then, and its record says how it came."""
    choose = random.Random(seed)
    mixture = {key: choose.choice(STATES) for key in ASKED_FOR}
    mixture["patient"] = choose.choice(("sent", "absent", "failing"))
    for key, state in mixture.items():
        if state == "failing":
            hospitals.north.moods[key] = MOODS["refused"]
    prefetch = {
        key: came(hospitals.north, key, state)
        for key, state in mixture.items()
        if state not in ("absent", "failing")
    }
    answer = hospitals.answer(signed(hospitals.north.base, prefetch, SPRAY_ORDER))
    assert answer.status_code == 200
    assert cards(answer)
    said = hospitals.completeness(answer)
    assert said == {key: recorded(key, state) for key, state in mixture.items()}
    read = [key for key, state in mixture.items() if state in ("absent", "failing", "first-page")]
    assert hospitals.north.asked() == sorted(read)


def came(hospital: Ward, key: str, state: str) -> Json | None:
    """The value of a key."""
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    first = FULL[key] if key == "patient" else hospital.first_page(key)
    values: dict[str, Json | None] = {
        "sent": FULL[key],
        "null": None,
        "empty": empty,
        "error": refused(ASKED_FOR[key]),
        "first-page": first,
    }
    return values[state]


def recorded(key: str, state: str) -> str:
    """The word of the record for it."""
    there = any(one["resourceType"] == ASKED_FOR[key] for one in CHART)
    return {
        "sent": "sent" if there else "empty",
        "null": "empty",
        "empty": "empty",
        "error": "error",
        "first-page": "fetched",
        "absent": "fetched",
        "failing": "failed:status-401",
    }[state]


def test_a_call_that_was_completed_is_not_replayable(hospitals: Hospitals, tmp_path: Path) -> None:
    """What the server answered is not kept, and the command says so."""
    body = bare(hospitals.north.base)
    answer = hospitals.answer(body)
    assert hospitals.completeness(answer)
    captured = tmp_path / "call.json"
    captured.write_text(json.dumps(body))
    done = command(hospitals.settings, "replay", str(captured), "--record", answer.headers["X-Request-Id"])
    assert done.returncode == 1
    assert done.stdout.startswith("not replayable: data were asked of the EHR")

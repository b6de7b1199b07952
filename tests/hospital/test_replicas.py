"""Two services with one PostgreSQL, as behind a load balancer: they trust, remember and count as one."""

import csv
import io
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

import pytest
import requests

from service.store.database import REST_SECONDS
from tests.hooks.chart import (
    ALCOHOL,
    ANEURYSM,
    CHART,
    FOR_DEPRESSION,
    SPRAY,
    Json,
    call,
    condition,
    dispense,
    drug,
    item_9,
    prefetched,
    score,
    state,
)
from tests.hospital.callers import (
    NORTH,
    NORTH_OTHER_WARD,
    PUBLIC,
    SECONDS,
    SIGN,
    SOUTH,
    VIEW,
    Ehr,
    accepted,
    cards,
    listed,
    overridden,
    topics,
    viewed,
)
from tests.hospital.kept import command, record_of
from tests.postgres import cluster
from tests.served import running

ORIGIN = "https://ehr.example"
CALLS = ("/cds-services", VIEW, SIGN, f"{VIEW}/feedback", f"{SIGN}/feedback", "/assessments")
ORDER = call("order-sign", prefetched(*CHART), [drug(SPRAY, **FOR_DEPRESSION)])
OTHER_CHART = json.loads(json.dumps(CHART).replace("p1", "p2"))
THIRD_TRIAL = (dispense("314111 mirtazapine 30 MG Oral Tablet", 190, 100), score(19, 95))

_numbers = count(1)

ATTEMPTS = 8


def lacking(identity: str) -> tuple[Json, ...]:
    """The chart without one resource."""
    return tuple(one for one in CHART if one["id"] != identity)


@dataclass(frozen=True, kw_only=True, slots=True)
class Replicas:
    """Where the two answer, and the settings that both have."""

    one: str
    other: str
    settings: Mapping[str, str]

    @property
    def database_url(self) -> str:
        """Where both keep what they know."""
        return self.settings["KETAMINE_CDS_DATABASE_URL"]


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    """Two services that trust both hospitals."""
    with cluster() as postgresql:
        settings = {
            "KETAMINE_CDS_ISSUERS": listed(tmp_path_factory.mktemp("replicas")),
            "KETAMINE_CDS_PUBLIC_URL": PUBLIC,
            "KETAMINE_CDS_CORS_ORIGINS": ORIGIN,
            "KETAMINE_CDS_DATABASE_URL": postgresql.new_database(),
            "KETAMINE_CDS_HASH_KEY": "0123456789abcdef" * 4,
        }
        with running(settings) as one, running(settings) as other:
            yield Replicas(one=one.url, other=other.url, settings=settings)


def new_user() -> str:
    """A user whom no other test knows."""
    return f"Practitioner/u{next(_numbers)}"


def in_time(replicas: Replicas, attempt: Callable[[], None]) -> None:
    """Make an attempt in which the database answered in time.

    Answers do not wait long for it: on a machine that is busy otherwise it may be late, which is counted,
    and then the services do not know of each other.
    """
    for _ in range(ATTEMPTS):
        before = late(replicas)
        try:
            attempt()
        except AssertionError:
            if late(replicas) == before:
                raise
            time.sleep(REST_SECONDS)
        else:
            return
    pytest.fail("the database was late every time")


def late(replicas: Replicas) -> float:
    """How often both were answering without the database."""
    texts = [requests.get(f"{url}/metrics", timeout=SECONDS).text for url in (replicas.one, replicas.other)]
    found = re.findall(r"^ketamine_cds_database_failures_total\{.*\} (\S+)$", "\n".join(texts), re.MULTILINE)
    return sum(map(float, found))


def override(replicas: Replicas, user: str, chart: tuple[Json, ...] = CHART) -> None:
    """Open a chart at one service as a user, and report there that the cards were overridden."""
    answer = NORTH.post(replicas.one, VIEW, viewed(chart, userId=user))
    assert cards(answer)
    record_of(answer, replicas.database_url)
    report(NORTH, replicas.one, VIEW, overridden(*cards(answer)))


def report(ehr: Ehr, url: str, path: str, feedback: Json) -> None:
    """Send feedback, which has to be taken."""
    answer = ehr.post(url, f"{path}/feedback", feedback)
    assert answer.json() == {"received": len(feedback["feedback"])}


@pytest.mark.parametrize("path", [VIEW, f"{VIEW}/feedback"])
def test_a_token_is_good_at_one_of_them(replicas: Replicas, path: str) -> None:
    """Used at one service it is refused at the other, whichever of the two came first."""
    body = viewed() if path == VIEW else overridden({"uuid": "4e0a3a1e-3f0a-4b0e-8f0a-0a6a35c1a001"})

    def attempt() -> None:
        for first, second in ((replicas.one, replicas.other), (replicas.other, replicas.one)):
            token = NORTH.token(path)
            assert NORTH.post(first, path, body, token).status_code == 200
            assert NORTH.post(second, path, body, token).status_code == 401

    in_time(replicas, attempt)


def test_every_call_without_a_token_is_refused_with_the_same_bytes(replicas: Replicas) -> None:
    """Discovery, services, feedback and assessments, whatever their body, type, or whether they exist."""
    answers = [
        requests.request("GET" if path == "/cds-services" else "POST", url + path, data=body, timeout=SECONDS)
        for url in (replicas.one, replicas.other)
        for path in (*CALLS, "/cds-services/none", "/cds-services/none/feedback")
        for body in ("", "{", json.dumps(viewed()))
    ]
    changing = {"x-request-id", "date"}
    seen = {
        (answer.status_code, answer.content, frozenset(lower(answer.headers) - changing))
        for answer in answers
    }
    assert len(seen) == 1
    assert answers[0].status_code == 401
    assert answers[0].headers["WWW-Authenticate"] == "Bearer"
    assert answers[0].json()["resourceType"] == "OperationOutcome"


def lower(headers: Mapping[str, str]) -> set[str]:
    """The names of headers."""
    return {name.lower() for name in headers}


@pytest.mark.parametrize("path", CALLS)
def test_a_preflight_needs_no_token(replicas: Replicas, path: str) -> None:
    """Browsers ask without one whether they may send one; other origins than ours are not told so."""
    method = "GET" if path == "/cds-services" else "POST"
    asked = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    allowed = requests.options(replicas.one + path, headers={"Origin": ORIGIN, **asked}, timeout=SECONDS)
    assert allowed.status_code == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "authorization" in allowed.headers["Access-Control-Allow-Headers"].lower()
    assert method in allowed.headers["Access-Control-Allow-Methods"]
    other = requests.options(
        replicas.one + path, headers={"Origin": "https://evil.example", **asked}, timeout=SECONDS
    )
    assert "Access-Control-Allow-Origin" not in other.headers


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/metrics", "/"])
def test_who_watches_needs_no_token(replicas: Replicas, path: str) -> None:
    """Probes and the collector of figures are not EHRs."""
    assert requests.get(replicas.one + path, timeout=SECONDS).status_code == 200


def test_an_overridden_card_stays_away_everywhere(replicas: Replicas) -> None:
    """The same user is not told the same of the same patient by either service; that is recorded."""

    def attempt() -> None:
        user = new_user()
        override(replicas, user)
        for url in (replicas.one, replicas.other):
            answer = NORTH.post(url, VIEW, viewed(userId=user))
            assert answer.json() == {"cards": []}
            (left_out,) = record_of(answer, replicas.database_url).cards
            assert (left_out.topic, left_out.suppressed) == ("recommend", True)

    in_time(replicas, attempt)


@pytest.mark.parametrize(
    ("ehr", "changed"),
    [
        pytest.param(NORTH, {"userId": "Practitioner/another"}, id="another user"),
        pytest.param(NORTH, {"patientId": "p2"}, id="another patient"),
        pytest.param(NORTH_OTHER_WARD, {}, id="another tenant"),
        pytest.param(SOUTH, {}, id="another issuer"),
    ],
)
def test_everyone_else_is_told(replicas: Replicas, ehr: Ehr, changed: Json) -> None:
    """An override speaks for one user and one patient of one hospital."""

    def attempt() -> None:
        user = new_user()
        override(replicas, user)
        assert topics(NORTH.post(replicas.other, VIEW, viewed(userId=user))) == []
        body = viewed(OTHER_CHART if "patientId" in changed else CHART, **{"userId": user, **changed})
        assert topics(ehr.post(replicas.other, VIEW, body)) == ["recommend"]

    in_time(replicas, attempt)


SUSPECTED = condition(ANEURYSM, verificationStatus=state("condition-ver-status", "provisional"))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(CHART, (*CHART, *THIRD_TRIAL), "recommend", id="one more counted ingredient"),
        pytest.param(CHART, (*CHART, condition(ALCOHOL)), "caution", id="a flag"),
        pytest.param((*CHART, SUSPECTED), (*CHART, condition(ANEURYSM)), "caution", id="the level of a flag"),
        pytest.param(CHART, lacking("observation-44261-6-5"), "insufficient-data", id="a gap"),
        pytest.param(lacking("observation-44261-6-5"), CHART, "recommend", id="no gap any more"),
    ],
)
def test_a_fact_that_changes_brings_the_card_back(
    replicas: Replicas, before: tuple[Json, ...], after: tuple[Json, ...], told: str
) -> None:
    """The other service tells the user what is new, and stays silent about what was overridden."""

    def attempt() -> None:
        user = new_user()
        override(replicas, user, before)
        assert topics(NORTH.post(replicas.other, VIEW, viewed(before, userId=user))) == []
        assert topics(NORTH.post(replicas.other, VIEW, viewed(after, userId=user))) == [told]

    in_time(replicas, attempt)


def test_who_accepts_later_is_told_again(replicas: Replicas) -> None:
    """What was done last counts, wherever it was reported."""

    def attempt() -> None:
        user = new_user()
        answer = NORTH.post(replicas.one, VIEW, viewed(userId=user))
        record_of(answer, replicas.database_url)
        report(NORTH, replicas.one, VIEW, overridden(*cards(answer)))
        assert topics(NORTH.post(replicas.other, VIEW, viewed(userId=user))) == []
        report(NORTH, replicas.other, VIEW, accepted(*cards(answer)))
        assert topics(NORTH.post(replicas.one, VIEW, viewed(userId=user))) == ["recommend"]

    in_time(replicas, attempt)


def test_another_hospital_cannot_hide_a_card(replicas: Replicas) -> None:
    """Feedback counts only from the hospital that was shown the card."""
    user = new_user()
    answer = NORTH.post(replicas.one, VIEW, viewed(userId=user))
    record_of(answer, replicas.database_url)
    report(SOUTH, replicas.other, VIEW, overridden(*cards(answer)))
    assert topics(NORTH.post(replicas.one, VIEW, viewed(userId=user))) == ["recommend"]


@pytest.mark.parametrize(
    ("path", "body", "always"),
    [
        pytest.param(
            VIEW, viewed((*lacking("observation-44260-8-5"), item_9(3, 5))), "safety", id="a danger"
        ),
        pytest.param(SIGN, ORDER, "order-check", id="an order"),
    ],
)
def test_what_must_be_seen_is_always_shown(replicas: Replicas, path: str, body: Json, always: str) -> None:
    """However often it is overridden, by the same user on the same facts."""
    mine = {**body, "context": {**body["context"], "userId": new_user()}}
    for url in (replicas.one, replicas.other, replicas.one):
        answer = NORTH.post(url, path, mine)
        assert always in topics(answer)
        record_of(answer, replicas.database_url)
        report(NORTH, url, path, overridden(*cards(answer)))


def test_the_report_counts_both(replicas: Replicas) -> None:
    """As text, for a spreadsheet and for programs: how often a type of card was shown, and what followed."""

    def attempt() -> None:
        before = reported(replicas)
        body = viewed(userId=new_user())
        shown = [NORTH.post(url, VIEW, body) for url in (replicas.one, replicas.other)]
        for answer in shown:
            record_of(answer, replicas.database_url)
        report(NORTH, replicas.one, VIEW, accepted(*cards(shown[0])))
        report(NORTH, replicas.other, VIEW, overridden(*cards(shown[1]), code="service-not-available"))
        left_out = NORTH.post(replicas.one, VIEW, body)
        record_of(left_out, replicas.database_url)
        grown = Counter(reported(replicas))
        grown.subtract(before)
        assert {name: number for name, number in grown.items() if number} == {
            "shown": 2,
            "accepted": 1,
            "overridden": 1,
            "suppressed": 1,
            "service-not-available": 1,
        }

    in_time(replicas, attempt)
    last = reported(replicas)
    text = command(replicas.settings, "feedback", "report").stdout
    assert f"service-not-available: {last['service-not-available']}" in text
    table = csv.DictReader(io.StringIO(command(replicas.settings, *REPORT, "csv").stdout))
    (row,) = (row for row in table if row["card"] == "recommend")
    assert int(row["shown"]) == last["shown"]
    assert int(row["overridden: service-not-available"]) == last["service-not-available"]


REPORT = ("feedback", "report", "--format")


def reported(replicas: Replicas) -> dict[str, int]:
    """The figures of recommendations that the report gives for programs, reasons by their codes."""
    made = json.loads(command(replicas.settings, *REPORT, "json").stdout)
    rows = [row for row in made["cards"] if row["card"] == "recommend"]
    numbers = {name: value for row in rows for name, value in row.items() if isinstance(value, int)}
    reasons: dict[str, int] = rows[0]["overriddenByReason"] if rows else {}
    return numbers | reasons

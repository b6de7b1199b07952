"""What the log and the figures of a started service tell of calls, and that they tell nothing of patients."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from cds_hooks.token_advice import advice
from cds_hooks.trust import Fault, UnauthorizedError
from tests.hooks.chart import CHART, PATIENT, call, condition, patient, prefetched, searchset
from tests.operations.watched import LATEST, PATH, PATIENT_VIEW, Watched, until, watched
from tests.trust.minting import EHR, RSA, STRANGER, claims, header, key_set, minted

PUBLIC = "https://cds.example.org"
MARKER = "Zzyzx"
ALLOWED = {
    "time",
    "level",
    "event",
    "request_id",
    "service",
    "status",
    "outcome",
    "ms",
    "cards",
    "fetched",
    "failed",
    "issuer",
    "reason",
    "change",
    "claimed",
    "trace_id",
}
OF_MODULES = {"time", "level", "event", "request_id", "logger", "message", "place", "error"}
CALLS = 40


def token(path: str = PATH, key: Any = RSA, **changes: Any) -> dict[str, str]:
    """The header of a caller that is trusted, unless something is changed."""
    now = int(time.time())
    stated = claims(f"{PUBLIC}{path}", **{"iat": now - 5, "exp": now + 200, **changes})
    return {"Authorization": f"Bearer {minted(header(), stated, key)}"}


def marked() -> dict[str, Any]:
    """A call in which everything that a caller may choose holds the marker."""
    person = patient(name=[{"family": MARKER}], address=[{"city": MARKER}])
    chart = [*CHART[1:], person, condition(f"X99.9 {MARKER}")]
    body = call(
        "patient-view",
        prefetched(*chart) | {MARKER: searchset(MARKER, ())},
        userId=f"Practitioner/{MARKER}",
        encounterId=MARKER,
    )
    of_marker: dict[str, Any] = json.loads(
        json.dumps(body)
        .replace(f'"{PATIENT}"', f'"{MARKER}"')
        .replace(f"Patient/{PATIENT}", f"Patient/{MARKER}")
    )
    return of_marker


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A service that trusts one EHR."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "keys.json").write_bytes(key_set(RSA))
    issuers = folder / "issuers.json"
    issuers.write_text(json.dumps([{"iss": EHR, "jwks": "keys.json"}]))
    settings = {
        "KETAMINE_CDS_ISSUERS": str(issuers),
        "KETAMINE_CDS_PUBLIC_URL": PUBLIC,
        "KETAMINE_CDS_CORS_ORIGINS": "https://ehr.example",
    }
    with watched(folder, settings) as started:
        yield started


@pytest.fixture(scope="module")
def answers(service: Watched) -> list[requests.Response]:
    """The answers to calls of many kinds, whose senders wrote the marker wherever they could."""
    body = json.dumps(marked())
    feedback = {
        "card": "7a8cff38-8b39-4d9a-ae4a-9d2b0a4bd3e0",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-21T12:00:00Z",
        "overrideReason": {"reason": {"code": MARKER, "system": MARKER}, "userComment": MARKER},
    }
    json_headers = {"Content-Type": "application/json", "X-Request-Id": MARKER, "User-Agent": MARKER}
    feedback_path = f"{PATH}/feedback"
    sent = [
        *[(PATH, body, token()) for _ in range(CALLS)],
        (f"{PATH}?patient={MARKER}", body, token()),
        (PATH, f'{{"{MARKER}": ', token()),
        (PATH, json.dumps({"hook": MARKER}), token()),
        (PATH, body, token() | {"Content-Type": f"text/{MARKER}"}),
        (PATH, body, {}),
        (PATH, body, {"Authorization": f"Bearer {MARKER}"}),
        (PATH, body, token(key=STRANGER, tenant=MARKER, iss=MARKER)),
        (PATH, body, token(key=STRANGER)),
        (f"/cds-services/{MARKER}", body, token(f"/cds-services/{MARKER}")),
        (f"/{MARKER}", body, {}),
        (feedback_path, json.dumps({"feedback": [feedback]}), token(feedback_path)),
        ("/assessments", json.dumps(marked()["prefetch"]["conditions"]), token("/assessments")),
    ]
    return [
        requests.post(f"{service.url}{path}", data=content, headers=json_headers | headers, timeout=LATEST)
        for path, content, headers in sent
    ]


def named(answers: list[requests.Response], service: Watched) -> dict[str, dict[str, Any]]:
    """The log lines of these answers, by the id of the request."""
    ids = {answer.headers["X-Request-Id"] for answer in answers}
    until(lambda: ids <= {line.get("request_id") for line in service.lines()})
    return {
        line["request_id"]: line
        for line in service.lines()
        if line["event"] != "log" and "request_id" in line
    }


def test_the_calls_are_of_many_kinds(answers: list[requests.Response]) -> None:
    """What the other tests look at: answers, and refusals of each kind."""
    assert {answer.status_code for answer in answers} == {200, 400, 401, 404, 415}


def test_each_call_has_one_line(service: Watched, answers: list[requests.Response]) -> None:
    """The id that an answer carries stands in exactly one line, with the status of that answer."""
    lines = named(answers, service)
    told = [lines[answer.headers["X-Request-Id"]]["status"] for answer in answers]
    assert told == [answer.status_code for answer in answers]
    ids = [line["request_id"] for line in service.lines() if line["event"] != "log"]
    assert len(ids) == len(set(ids))


def test_a_line_tells_of_an_answer(service: Watched, answers: list[requests.Response]) -> None:
    """The service, the outcome, the topics of the cards, who called, and how long it took."""
    line = named(answers, service)[answers[0].headers["X-Request-Id"]]
    assert line | {"time": "", "request_id": "", "ms": 0} == {
        "time": "",
        "level": "info",
        "event": "call",
        "request_id": "",
        "service": PATIENT_VIEW,
        "status": 200,
        "outcome": "answered",
        "ms": 0,
        "fetched": 0,
        "failed": 0,
        "issuer": EHR,
        "cards": [card["source"]["topic"]["code"] for card in answers[0].json()["cards"]],
    }


def test_the_lines_hold_listed_fields_only(service: Watched, answers: list[requests.Response]) -> None:
    """Every line is an object of fields from the list, whoever wrote it."""
    named(answers, service)
    for line in service.lines():
        assert set(line) <= (OF_MODULES if line["event"] == "log" else ALLOWED), line


def test_nothing_that_a_caller_chose_is_kept(service: Watched, answers: list[requests.Response]) -> None:
    """The marker is in no line, no figure, no header of an answer, and no body of a refusal."""
    named(answers, service)
    assert MARKER not in service.log.read_text()
    assert MARKER not in service.metrics()
    for answer in answers:
        assert MARKER not in str(answer.headers)
        assert answer.ok or MARKER not in answer.text


def test_tokens_and_addresses_are_in_no_line(service: Watched, answers: list[requests.Response]) -> None:
    """No part of a token that was sent is logged or counted."""
    named(answers, service)
    kept = service.log.read_text() + service.metrics()
    for answer in answers:
        for part in str(answer.request.headers.get("Authorization", "")).removeprefix("Bearer ").split("."):
            assert part not in kept or len(part) < len(MARKER)


def test_the_reason_of_a_401_is_for_the_operator(service: Watched, answers: list[requests.Response]) -> None:
    """Line and figure tell why a token was refused, the line what to change; the answers are all alike."""
    lines = named(answers, service)
    refused = [answer for answer in answers if answer.status_code == 401]
    reasons = [lines[answer.headers["X-Request-Id"]]["reason"] for answer in refused]
    assert reasons == ["none", "malformed", "issuer", "signature"]
    changes = [lines[answer.headers["X-Request-Id"]]["change"] for answer in refused]
    assert changes == [advice(UnauthorizedError(Fault(reason))) for reason in reasons]
    assert len({answer.content for answer in refused}) == 1
    for reason in reasons:
        assert service.figure("ketamine_cds_tokens_refused_total", reason=reason) == 1


def test_the_figures_are_those_of_all_workers(service: Watched, answers: list[requests.Response]) -> None:
    """However often it is asked, and whichever worker answers, the sum is the number of calls."""
    expected = (
        sum(PATIENT_VIEW in answer.request.path_url.partition("/feedback")[0] for answer in answers) - 1
    )
    of_service = {"service": PATIENT_VIEW}
    for _ in range(8):
        assert service.figure("ketamine_cds_calls_total", **of_service) == expected
        assert service.figure("ketamine_cds_call_seconds_count", **of_service) == expected
        assert service.figure("ketamine_cds_calls_total", outcome="answered", status="200") == CALLS + 1
    assert service.figure("ketamine_cds_calls_total", service="unknown") == 1


def test_the_figures_tell_of_cards(service: Watched, answers: list[requests.Response]) -> None:
    """Cards are counted by topic and indicator, as the answers have them."""
    shown = [
        card
        for answer in answers
        if answer.ok and isinstance(answer.json().get("cards"), list)
        for card in answer.json()["cards"]
    ]
    assert service.figure("ketamine_cds_cards_total") == len(shown) > 0
    first = {"topic": shown[0]["source"]["topic"]["code"], "indicator": shown[0]["indicator"]}
    assert service.figure("ketamine_cds_cards_total", **first) > 0
    assert service.figure("ketamine_cds_feedback_total", outcome="overridden") == 1


def test_the_figures_tell_of_records(service: Watched, answers: list[requests.Response]) -> None:
    """Every call whose body was read has a record, which is written soon."""
    assert answers
    read = CALLS + 3
    until(lambda: service.figure("ketamine_cds_records_written_total") == read)
    assert service.figure("ketamine_cds_records_queued") == 0
    assert service.figure("ketamine_cds_records_lost_total") == 0
    assert service.figure("ketamine_cds_database_up") == 1


def test_the_figures_tell_what_runs(service: Watched) -> None:
    """Version, rule set and trust are labels of one figure that is always 1."""
    assert service.figure("ketamine_cds_info", auth="jwt") == 1


@pytest.mark.parametrize(
    "path", ["/", "/health", "/health/live", "/health/ready", "/metrics", "/nothing", PATH]
)
def test_every_answer_is_secured(service: Watched, path: str) -> None:
    """No answer is guessed at, framed, or kept, and all say that there is TLS in front."""
    headers = requests.get(f"{service.url}{path}", timeout=LATEST).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(
        headers["Content-Security-Policy"].split("; ")
    )
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers.get("Cache-Control") == (None if path == "/" else "no-store")


def test_a_preflight_is_secured(service: Watched) -> None:
    """An answer that the application itself does not see has the headers as well."""
    asked = {"Origin": "https://ehr.example", "Access-Control-Request-Method": "POST"}
    answer = requests.options(f"{service.url}{PATH}", headers=asked, timeout=LATEST)
    assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (204, "nosniff")


def test_a_page_may_read_the_id_of_its_request(service: Watched) -> None:
    """A browser hands the header on to the page of a listed origin."""
    asked = {"Origin": "https://ehr.example"}
    headers = requests.get(f"{service.url}/cds-services", headers=asked, timeout=LATEST).headers
    assert "X-Request-Id" in headers["Access-Control-Expose-Headers"].split(", ")


def test_the_answers_do_not_tell_which_libraries_run(service: Watched) -> None:
    """The server's name comes without a version."""
    assert not any(map(str.isdigit, requests.get(service.url, timeout=LATEST).headers.get("Server", "")))


def test_the_folder_of_the_log_holds_nothing_else(service: Watched) -> None:
    """What is counted is kept in a folder of its own, which only its owner may read."""
    environment = Path(f"/proc/{service.workers()[0]}/maps").read_text()
    files = {Path(line.split()[-1]) for line in environment.splitlines() if line.endswith(".db")}
    folders = {file.parent for file in files if file.parent.name.startswith("ketamine-cds-")}
    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700]

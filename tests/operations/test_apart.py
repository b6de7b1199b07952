"""Work in a process of its own: what comes back of it, what ends it, and that nothing of it stays."""

import json
import logging
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Timer
from typing import Any

import pytest
import requests

from cds_hooks.errors import MissingDataError
from cds_hooks.service import StoppedError
from service.operations import apart
from service.operations.apart import ApartError, do_apart
from service.operations.bodies import LARGE
from service.operations.budget import GONE, MEMORY, SPENT
from tests.hooks.chart import CHART, call, prefetched
from tests.hooks.situations import ESKETAMINE
from tests.operations.watched import LATEST, Watched, lives, until, watched

PLENTY = 3600.0
LITTLE = 0.05
MEGABYTE = 1024 * 1024


def children() -> str:
    """The children of this process, dead ones that nobody asked about included."""
    return "".join(path.read_text() for path in Path("/proc/self/task").glob("*/children"))


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """No further child is left when the work is done."""
    before = children()
    yield
    assert children() == before


def endless() -> None:
    """Use the processor for ever."""
    while True:
        pass


def catastrophic() -> object:
    """Use the processor for ever in one step, in which no exception can be raised."""
    return re.fullmatch(r"(?:a|a)+", "a" * 100 + "b")


def test_what_is_returned_comes_back() -> None:
    """It was made by another process, which knows what this one knows."""
    known = {"sertraline": 50}
    pid, found = do_apart(lambda _: (os.getpid(), known["sertraline"]), seconds=PLENTY)
    assert (pid != os.getpid(), found) == (True, 50)


def test_questions_are_answered() -> None:
    """Where the worker has something that its child may not touch, it is asked."""
    asked = list[int]()

    def answer(question: int) -> int:
        asked.append(question)
        return question + 1

    assert do_apart(lambda ask: ask(ask(1)), seconds=PLENTY, answer=answer) == 3
    assert asked == [1, 2]


def test_a_refusal_comes_back_whole() -> None:
    """What the caller did wrong is told as if it had been found here."""

    def refuse(_: object) -> None:
        refusal = MissingDataError("expected data", expression="prefetch", diagnostics="none")
        refusal.trace = {"sent": 0}
        raise refusal

    with pytest.raises(MissingDataError) as raised:
        do_apart(refuse, seconds=PLENTY)
    assert (str(raised.value.issues[0].expression), raised.value.trace) == ("prefetch", {"sent": 0})


def test_an_error_is_told_by_its_place(caplog: pytest.LogCaptureFixture) -> None:
    """Its text may tell of the patient, and is left behind."""

    def fail(_: object) -> None:
        raise ValueError("Jane Roe")

    with caplog.at_level(logging.ERROR), pytest.raises(ApartError, match=r"ValueError in fail"):
        do_apart(fail, seconds=PLENTY)
    assert "ValueError in fail (test_apart.py:" in caplog.text
    assert "Jane" not in caplog.text


@pytest.mark.parametrize("work", [endless, catastrophic])
def test_work_that_uses_up_its_budget_is_given_up(
    work: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whatever language it is written."""
    monkeypatch.setattr(apart, "OVERTIME_SECONDS", 0.0)
    with pytest.raises(StoppedError, match=SPENT):
        do_apart(lambda _: work(), seconds=LITTLE)


def test_work_that_uses_up_its_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the limit it may take memory."""
    monkeypatch.setattr(apart, "MOST_BYTES", 64 * MEGABYTE)
    assert do_apart(lambda _: len(bytearray(32 * MEGABYTE)), seconds=PLENTY) == 32 * MEGABYTE
    with pytest.raises(StoppedError, match=MEMORY):
        do_apart(lambda _: len(bytearray(96 * MEGABYTE)), seconds=PLENTY)


def test_work_for_a_caller_who_has_hung_up_is_given_up() -> None:
    """However much of its budget is left."""
    gone = Event()
    Timer(0.2, gone.set).start()
    with pytest.raises(StoppedError, match=GONE):
        do_apart(lambda _: endless(), seconds=PLENTY, gone=gone)


def test_work_that_is_stuck_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting costs no processor time, yet nobody waits for ever."""
    monkeypatch.setattr(apart, "STUCK_SECONDS", 0.2)
    with pytest.raises(StoppedError, match=SPENT):
        do_apart(lambda _: time.sleep(PLENTY), seconds=LITTLE)


def test_work_whose_process_is_killed_is_given_up() -> None:
    """As the kernel does that runs out of memory."""
    with pytest.raises(StoppedError, match=SPENT):
        do_apart(lambda _: os.kill(os.getpid(), signal.SIGKILL), seconds=PLENTY)


def test_the_work_has_no_file_of_the_worker(tmp_path: Path) -> None:
    """A socket that stays open in a child would take calls that nobody answers."""
    with (tmp_path / "held").open("w") as held:

        def look(_: object) -> bool:
            try:
                os.fstat(held.fileno())
            except OSError:
                return False
            return True

        assert not do_apart(look, seconds=PLENTY)


def test_no_work_outlives_its_worker(tmp_path: Path) -> None:
    """A worker that is killed takes its children along."""
    told = tmp_path / "child"
    worker = os.fork()
    if not worker:

        def work(_: object) -> None:
            told.write_text(str(os.getpid()))
            endless()

        with suppress(BaseException):
            do_apart(work, seconds=PLENTY)
        os._exit(0)
    until(lambda: told.exists() and told.read_text())
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    until(lambda: not lives(int(told.read_text())))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A service of its own."""
    folder = tmp_path_factory.mktemp("apart")
    with watched(folder, {"KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/kept.db"}) as started:
        yield started


def answered(service: Watched, body: dict[str, Any], padding: int = 0) -> requests.Response:
    """The answer to a call, whose body ends in spaces."""
    path = f"{service.url}/cds-services/ketamine-referral-{body['hook']}"
    content = json.dumps(body) + " " * padding
    return requests.post(path, content, headers={"Content-Type": "application/json"}, timeout=LATEST)


def lasting(cards: list[dict[str, Any]]) -> str:
    """The cards without what is new in each answer."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", json.dumps(cards))


def digests(service: Watched, request_id: str) -> list[tuple[str, str]]:
    """The digests of what came and of its assessment, as the record of a call has them."""
    query = "select input_digest, assessment_digest from decision where id = ?"
    with closing(sqlite3.connect(service.log.parent / "kept.db")) as database:
        return database.execute(query, (request_id,)).fetchall()


@pytest.mark.parametrize(("hook", "drafts"), [("patient-view", []), ("order-sign", [ESKETAMINE])])
def test_a_large_call_is_answered_as_a_small_one(
    service: Watched, hook: str, drafts: list[dict[str, Any]]
) -> None:
    """Card for card, and with the same digests in its record."""
    body = call(hook, prefetched(*CHART), drafts)
    small, large = answered(service, body), answered(service, body, LARGE)
    assert small.json()["cards"]
    assert lasting(large.json()["cards"]) == lasting(small.json()["cards"])
    ids = [each.headers["X-Request-Id"] for each in (small, large)]
    until(lambda: all(digests(service, each) for each in ids))
    assert all(digests(service, ids[0])[0])
    assert digests(service, ids[0]) == digests(service, ids[1])


def test_a_card_that_was_overridden_is_not_shown_again(service: Watched) -> None:
    """Neither in the answer to a small call nor in that to a large one."""
    body = call("patient-view", prefetched(*CHART), userId="Practitioner/who-overrides")
    (card, *_) = answered(service, body).json()["cards"]
    item = {
        "card": card["uuid"],
        "outcome": "overridden",
        "outcomeTimestamp": datetime.now(UTC).isoformat(),
        "overrideReason": {"reason": {"code": "need-more-info"}},
    }
    path = f"{service.url}/cds-services/ketamine-referral-patient-view/feedback"
    assert requests.post(path, json={"feedback": [item]}, timeout=LATEST).status_code == 200
    until(lambda: len(answered(service, body).json()["cards"]) == 0)
    until(lambda: answered(service, body, LARGE).json()["cards"] == [])


def test_a_large_call_without_data_is_refused(service: Watched) -> None:
    """As a small one is, and recorded."""
    refused = answered(service, call("patient-view", {}), LARGE)
    assert (refused.status_code, refused.json()["resourceType"]) == (412, "OperationOutcome")
    until(lambda: digests(service, refused.headers["X-Request-Id"]) != [])


def test_a_large_record_is_assessed_as_a_small_one(service: Watched) -> None:
    """By whoever asks for the whole assessment."""
    body = json.dumps(call("patient-view", prefetched(*CHART)))
    headers = {"Content-Type": "application/json"}
    small, large = (
        requests.post(f"{service.url}/assessments", content, headers=headers, timeout=LATEST)
        for content in (body, body + " " * LARGE)
    )
    assert small.status_code == large.status_code == 200
    assert large.json() == small.json()

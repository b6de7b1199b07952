"""How the service ends: nothing that is in flight or noted is lost, whichever process is ended and how."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests

from service.operations.pulse import LOOK_SECONDS, MOST_STARTING, MOST_STILL
from service.operations.supervisor import MOST_DEATHS
from tests.hooks.chart import CHART, call, prefetched
from tests.operations.watched import LATEST, PATH, Watched, lives, until, watched

BODY = json.dumps(call("patient-view", prefetched(*CHART))).encode()
HEAD = (
    f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n"
).encode()
CALLS = 30


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Watched]:
    """A service of its own with a database of its own."""
    with watched(tmp_path, {"KETAMINE_CDS_DATABASE_URL": f"sqlite:///{tmp_path}/kept.db"}) as service:
        until(lambda: len(service.workers()) == 2)
        yield service


def connected(service: Watched) -> socket.socket:
    """A new connection to the service."""
    return socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), LATEST)


def is_taken(connection: socket.socket) -> bool:
    """Whether a worker has read all that was sent on this connection."""
    (_, here), (_, there) = connection.getsockname(), connection.getpeername()
    ends = [f"0100007F:{port:04X}" for port in (there, here)]
    lines = map(str.split, Path("/proc/net/tcp").read_text().splitlines())
    (waiting,) = {
        queues.split(":")[1] for _, *others, _, queues in (line[:5] for line in lines) if others == ends
    }
    return int(waiting, 16) == 0


def is_closed(service: Watched) -> bool:
    """Whether nothing accepts connections there."""
    try:
        connected(service).close()
    except ConnectionError:
        return True
    return False


def is_dead(pid: int) -> bool:
    """Whether the process has ended."""
    return not lives(pid)


def living(service: Watched) -> list[int]:
    """The workers, without those that have ended and were not yet replaced."""
    try:
        return list(filter(lives, service.workers()))
    except OSError:  # the service has ended
        return []


def records(folder: Path) -> int:
    """How many calls the database has a record of."""
    database = sqlite3.connect(folder / "kept.db")
    try:
        (number,) = database.execute("select count(*) from decision").fetchone()
    finally:
        database.close()
    return int(number)


def ask(service: Watched) -> requests.Response:
    """A call over a connection of its own."""
    return requests.post(
        f"{service.url}{PATH}", BODY, headers={"Content-Type": "application/json"}, timeout=LATEST
    )


def test_a_stop_answers_what_is_in_flight(started: Watched, tmp_path: Path) -> None:
    """A request that has begun to come is answered; new ones find nobody; all have a record."""
    for _ in range(CALLS):
        assert ask(started).ok
    with connected(started) as begun:
        begun.sendall(HEAD + BODY[:100])
        until(partial(is_taken, begun))
        started.process.terminate()
        until(lambda: is_closed(started))
        begun.sendall(BODY[100:])
        answer = http.client.HTTPResponse(begun)
        answer.begin()
        assert (answer.status, bool(json.loads(answer.read())["cards"])) == (200, True)
    assert started.process.wait(LATEST) == 0
    assert records(tmp_path) == CALLS + 1
    assert sum(line.get("status") == 200 for line in started.lines("call")) == CALLS + 1


def test_a_stop_during_calls_loses_no_record(started: Watched, tmp_path: Path) -> None:
    """However many are calling at that moment, each call that was answered has its record."""
    statuses: list[int] = []

    def keep_calling() -> None:
        while True:
            try:
                statuses.append(ask(started).status_code)
            except requests.RequestException:
                return

    callers = [threading.Thread(target=keep_calling) for _ in range(4)]
    for caller in callers:
        caller.start()
    until(lambda: len(statuses) >= CALLS)
    started.process.terminate()
    for caller in callers:
        caller.join(LATEST)
    assert started.process.wait(LATEST) == 0
    assert set(statuses) == {200}
    assert records(tmp_path) >= len(statuses)


def test_a_stop_leaves_no_files(started: Watched) -> None:
    """The folder in which the workers counted is gone."""
    folder = figures(started)
    assert folder.is_dir()
    started.process.terminate()
    started.process.wait(LATEST)
    assert not folder.exists()


def test_a_killed_service_leaves_no_files(started: Watched) -> None:
    """Its workers outlive it for a moment, and the last thing that they do is to remove them."""
    folder = figures(started)
    started.process.kill()
    until(lambda: not folder.exists())


def test_what_is_left_by_processes_that_were_all_killed_is_removed(started: Watched, tmp_path: Path) -> None:
    """The next service that starts does it, and leaves alone what belongs to one that runs."""
    for name in ("killed", "next"):
        (tmp_path / name).mkdir()
    with watched(tmp_path / "killed", {}) as other:
        folder, running = figures(other), figures(started)
        for pid in (other.process.pid, *other.workers()):
            os.kill(pid, signal.SIGSTOP)  # so that none of them gets to do anything in the end
        workers = other.workers()
        for pid in (other.process.pid, *workers):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not any(map(lives, workers)))
        assert folder.is_dir()
    with watched(tmp_path / "next", {}):
        assert not folder.exists()
        assert running.is_dir()


def test_the_figures_need_no_disk(started: Watched) -> None:
    """A full disk under the files that the workers have mapped would kill them at the next count."""
    assert figures(started).is_relative_to("/dev/shm")  # memory, on Linux


def figures(service: Watched) -> Path:
    """The folder in which the workers count; only its owner may look into it."""
    maps = Path(f"/proc/{service.workers()[0]}/maps").read_text().splitlines()
    (folder,) = {
        Path(line.split()[-1]).parent for line in maps if line.rpartition("/")[2].startswith("gauge_")
    }
    assert folder.stat().st_mode & 0o777 == 0o700
    return folder


def test_a_worker_that_is_killed_is_replaced(started: Watched) -> None:
    """The other one answers meanwhile, and what both counted stays counted."""
    for _ in range(CALLS):
        assert ask(started).ok
    until(lambda: started.figure("ketamine_cds_records_written_total") == CALLS)
    killed, other = started.workers()
    os.kill(killed, signal.SIGKILL)
    until(lambda: not lives(killed) and len(started.workers()) == 2)
    assert other in started.workers()
    for _ in range(CALLS):
        until(lambda: answers(started))
    assert started.figure("ketamine_cds_calls_total", status="200") == 2 * CALLS
    assert any("worker" in line.get("message", "") for line in started.lines("log"))


def test_a_worker_that_is_frozen_is_replaced(started: Watched) -> None:
    """It is alive and does not move; the service kills it, says so, and counts the one in its place."""
    until(lambda: started.figure("ketamine_cds_worker_starts_total") == 2)
    frozen, other = started.workers()
    os.kill(frozen, signal.SIGSTOP)
    until(partial(is_dead, frozen), MOST_STARTING * LOOK_SECONDS + LATEST)  # it may not have begun
    until(lambda: len(living(started)) == 2)
    assert other in living(started)
    for _ in range(CALLS):
        until(lambda: answers(started))
    assert any("has not moved" in line.get("message", "") for line in started.lines("log"))
    assert started.figure("ketamine_cds_worker_starts_total") == 3


def test_a_worker_that_is_frozen_for_a_moment_goes_on(started: Watched) -> None:
    """As one does whose machine was busy, or was suspended."""
    workers = started.workers()
    os.kill(workers[0], signal.SIGSTOP)
    time.sleep(MOST_STILL / 2 * LOOK_SECONDS)
    os.kill(workers[0], signal.SIGCONT)
    time.sleep(MOST_STILL * LOOK_SECONDS)
    assert started.workers() == workers
    assert answers(started)


def test_a_worker_that_is_killed_again_and_again_is_replaced(started: Watched) -> None:
    """Kills in a row, of one worker and of both at once, do not end the service."""
    for kills in (1, 1, 2, 1):
        for pid in living(started)[:kills]:
            os.kill(pid, signal.SIGKILL)
            until(partial(is_dead, pid))
        until(lambda: len(living(started)) == 2)
    until(lambda: answers(started))
    assert started.process.poll() is None


def test_workers_that_die_all_the_time_end_the_service(started: Watched) -> None:
    """Starting another one is of no use then: whoever runs the service learns of it by its exit code."""
    for _ in range(MOST_DEATHS):
        pid, _ = living(started)
        os.kill(pid, signal.SIGKILL)
        until(partial(is_dead, pid))
        until(lambda: started.process.poll() is not None or len(living(started)) == 2)
    assert started.process.wait(LATEST) == 1
    assert any("within a minute" in line.get("message", "") for line in started.lines("log"))


def answers(service: Watched) -> bool:
    """Whether a call is answered: a connection that the killed worker had not yet accepted is lost."""
    try:
        return ask(service).ok
    except requests.ConnectionError:
        return False


def test_no_worker_outlives_the_service(started: Watched, tmp_path: Path) -> None:
    """Even if the service is killed its workers end, the port is free, and what was noted is kept."""
    for _ in range(CALLS):
        assert ask(started).ok
    workers = started.workers()
    started.process.kill()
    until(lambda: not any(map(lives, workers)))
    assert is_closed(started)
    assert records(tmp_path) == CALLS


@pytest.mark.parametrize("log", [">/dev/full 2>&1", "2> >(exec true)"], ids=["full-disk", "closed-pipe"])
def test_a_log_that_cannot_be_written_breaks_nothing(tmp_path: Path, log: str) -> None:
    """Lines that nobody takes are lost, and nothing else."""
    with watched(tmp_path, {}, f'exec "$0" serve {log}') as service:
        assert all(ask(service).ok for _ in range(CALLS))

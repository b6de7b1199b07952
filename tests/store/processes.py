"""Other processes that use the same database: `python -m tests.store.processes WHAT URL [MORE]`."""

import multiprocessing
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from time import sleep

from service.store import engines
from service.store.database import open_database
from service.store.recorder import Recorder
from service.store.tokens import use_once
from tests.served import REPOSITORY, environment
from tests.store.making import NOW, card, record

READY = "ready"


def started(what: str, *arguments: str) -> subprocess.Popen[str]:
    """Start another process."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.store.processes", what, *arguments],
        cwd=REPOSITORY,
        env=environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def at_once(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Let processes that are all ready do their work at the same time; return what each printed."""
    for process in processes:
        assert process.stdout is not None, "it is a pipe"
        assert process.stdout.readline() == READY + "\n"
    for process in processes:
        assert process.stdin is not None, "it is a pipe"
        process.stdin.write("go\n")
        process.stdin.flush()
    return [said(process) for process in processes]


def said(process: subprocess.Popen[str]) -> str:
    """Wait for the end of a process and return what it printed."""
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 0, "the other process failed"
    return printed.strip()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _ready() -> None:
    """Wait until all are there to begin at once."""
    _say(READY)
    sys.stdin.readline()


def _migrate(url: str) -> None:
    engines.BUSY_SECONDS = 60  # on a busy machine the first may take longer than a service would wait
    database = open_database(url)
    _ready()
    database.migrate()
    database.close()
    _say("migrated")


def _use(url: str, digests: str) -> None:
    """Use the tokens one after the other; print 1 for each that was new."""
    database = open_database(url)
    database.migrate()
    _ready()
    expires = NOW + timedelta(minutes=5)
    uses = [use_once(database, "ehr", f"digest-{n}", expires, unsure=False) for n in range(int(digests))]
    database.close()
    _say("".join(str(int(used)) for used in uses))


def _write_on(url: str) -> None:
    """Write records until somebody kills this process."""
    database = open_database(url)
    recorder = Recorder(database, now=lambda: NOW)
    while True:
        recorder.put(record(card()))
        if recorder.depth() > 100:
            sleep(0.01)


def _forked(url: str, records: str) -> None:
    """Hand over records in a forked process, as a worker of the server does, and end it without a word."""
    recorder = Recorder(open_database(url), now=lambda: NOW)

    def serve() -> None:
        for _ in range(int(records)):
            recorder.put(record(card()))

    worker = multiprocessing.get_context("fork").Process(target=serve)
    worker.start()
    worker.join()


_WHAT: Mapping[str, Callable[..., None]] = {
    "migrate": _migrate,
    "use": _use,
    "write-on": _write_on,
    "forked": _forked,
}

if __name__ == "__main__":
    _WHAT[sys.argv[1]](*sys.argv[2:])

"""What each thread of a process takes for a call: the one that answers, and those beside it.

`python -m bench.threads [RESOURCES]` answers calls one after the other by the WSGI application, whose records
are written, and prints the processor milliseconds of each thread a call.
"""

import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import clock_gettime, pthread_getcpuclockid, sleep

from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.calls import Shapes
from bench.inprocess import Bench
from service.operations.rules import read_rules
from service.settings import read_settings

CALLS, FIRST = 200, 30
WRITTEN_SECONDS = 2.0  # in which what the last calls left behind is done
VIEW = "/cds-services/ketamine-referral-patient-view"


def spent(resources: int) -> Iterator[tuple[str, float]]:
    """Yield the threads by name, and the processor milliseconds that each takes a call."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = read_settings({"KETAMINE_CDS_DATABASE_URL": f"sqlite:///{Path(folder)}/bench.db"})
        app = Bench(settings, read_rules(settings)).app
        app.extensions["start"]()
        body = Shapes(datetime.now(UTC).date()).opened(resources).body

        def after(calls: int) -> Mapping[str, float]:
            for _ in range(calls):
                made = EnvironBuilder(path=VIEW, method="POST", data=body, content_type="application/json")
                _, status, _ = run_wsgi_app(app, made.get_environ(), buffered=True)
                if status != "200 OK":
                    raise RuntimeError(f"a call was answered with status {status}")
            sleep(WRITTEN_SECONDS)
            return _clocks()

        before = after(FIRST)
        for name, seconds in after(CALLS).items():
            yield name, (seconds - before.get(name, 0.0)) * 1000 / CALLS
        app.extensions["close"]()


def _clocks() -> Mapping[str, float]:
    """Return the processor seconds of the threads that run, by name; those of one name together."""
    found: dict[str, float] = defaultdict(float)
    for thread in threading.enumerate():
        if thread.ident is not None:
            found[thread.name] += clock_gettime(pthread_getcpuclockid(thread.ident))
    return found


if __name__ == "__main__":
    for name, milliseconds in spent(int(sys.argv[1]) if len(sys.argv) > 1 else 100):
        print(f"{milliseconds:7.2f} ms  {name}")

"""The figures of the service, as Prometheus reads them.

Worker processes share their figures through files in the folder that PROMETHEUS_MULTIPROC_DIR names; the
library looks at that variable when it is imported, so it has to be set before this module is. Without it the
figures are those of this process. No label holds anything that a request chose: services, topics, keys and
words all come from lists of our own.
"""

import os
from importlib.metadata import version
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
    values,
)

from service.settings import Settings

_SHARED = values.ValueClass is not values.MutexValue
_OF_THIS_PROCESS = CollectorRegistry()
disable_created_metrics()  # type: ignore[no-untyped-call]  # when a figure began tells nothing that a restart does not


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(f"ketamine_cds_{name}", meaning, labels, registry=_OF_THIS_PROCESS)


def _gauge(name: str, meaning: str, *labels: str, of_workers: str) -> Gauge:
    return Gauge(
        f"ketamine_cds_{name}",
        meaning,
        labels,
        registry=_OF_THIS_PROCESS,
        multiprocess_mode=of_workers,  # type: ignore[arg-type]  # one of the words that Gauge lists
    )


REQUESTS = _counter("requests", "HTTP requests, preflights left out", "route", "status")
CALLS = _counter("calls", "calls of hook services", "service", "outcome", "status")
CALLS_STOPPED = _counter(
    "calls_stopped",
    "calls that were given up: over their budget of time or memory, or their caller gone",
    "reason",
)
CALL_SECONDS = Histogram(
    "ketamine_cds_call_seconds",
    "time from the whole request to its answer, calls of hook services",
    ("service",),
    registry=_OF_THIS_PROCESS,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
CARDS = _counter("cards", "cards shown", "topic", "indicator")
CARDS_BY_SERVICE = _counter(
    "service_cards", "cards by what became of them: shown, suppressed, silent", "service", "topic", "fate"
)
SUPPRESSED = _counter("suppressed", "cards not shown because they were overridden before", "topic")
FETCHES = _counter("fetches", "prefetch keys read from FHIR servers", "key", "result")
TOKENS_REFUSED = _counter("tokens_refused", "calls answered with 401", "reason")
FEEDBACK = _counter("feedback", "feedback on cards", "outcome")
RECORDS_QUEUED = _gauge("records_queued", "decision records not yet written", of_workers="livesum")
RECORDS_WRITTEN = _counter("records_written", "decision records written to the database")
RECORDS_LOST = _counter("records_lost", "decision records that could not be kept", "reason")
DATABASE_UP = _gauge("database_up", "whether the database answered last time", of_workers="livemostrecent")
WORKER_STARTS = _counter("worker_starts", "workers started, those in place of dead or frozen ones included")
DATABASE_FAILURES = _counter("database_failures", "uses of the database that failed", "what")
INFO = _gauge(
    "info", "version, rules and trust of the service", "version", "rule_set", "auth", of_workers="max"
)


def describe(settings: Settings, rule_set: str) -> None:
    """Publish the version, the rules and the trust of this service."""
    INFO.labels(version=version("ketamine-cds"), rule_set=rule_set, auth=settings.auth.value).set(1)


def exposition() -> tuple[bytes, str]:
    """Return all figures, those of all workers summed up, and the media type of that text."""
    registry = _OF_THIS_PROCESS
    if _SHARED:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # as the library has it
    return generate_latest(registry), CONTENT_TYPE_LATEST


def forget_dead_workers(folder: Path) -> None:
    """Take what dead workers had in hand out of the sums; what they counted stays counted."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("*.db")}:
        if not _lives(pid):
            multiprocess.mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # likewise


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""The connections of one process: who calls, the EHRs that may be read, and the database.

They are opened in the process that serves, after it was forked, and closed when it ends. Time and counting
come in here, so that few parts look at a clock and none knows who measures it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from time import monotonic

from cds_hooks.request import HookRequest
from cds_hooks.trust import CdsClient
from mappings.prefetch import PrefetchTable
from service.access.callers import Callers, open_callers
from service.clock import now
from service.fetch.fetching import Fetching
from service.fetch.http_client import Outbound
from service.fetch.server import allowed_server
from service.fhir.received import Fetched
from service.operations.backlog import Backlog
from service.operations.limiting import CallLimit
from service.operations.metrics import (
    DATABASE_FAILURES,
    DATABASE_UP,
    RECORDS_LOST,
    RECORDS_QUEUED,
    RECORDS_WRITTEN,
)
from service.settings import Mode, Settings
from service.store.database import Database, open_database
from service.store.overrides import overridden
from service.store.recorder import CLOSE_SECONDS, MOST_QUEUED, RecordCounts, Recorder
from service.store.tokens import use_once

READY_SECONDS = 1.0  # that a look at the database may take
FULL = 0.8  # of the queue of records, from where on no calls should come


@dataclass(frozen=True, kw_only=True, slots=True)
class Connections:
    """What one process holds open."""

    callers: Callers
    limit: CallLimit
    outbound: Outbound
    fetching: Fetching
    database: Database
    recorder: Recorder
    backlog: Backlog

    def close(self) -> None:
        """Write what is still to be written, and let go of the database and of other servers."""
        self.backlog.close()
        self.recorder.close(CLOSE_SECONDS)
        self.fetching.close()
        self.database.close()


def open_connections(settings: Settings, asking: PrefetchTable) -> Connections:
    """Open what the settings name; raise SettingsError. A database that is away does not matter yet."""
    database = open_database(settings.database_url, on_failure=_count_failure)
    outbound = _outbound(settings)
    return Connections(
        callers=open_callers(settings, outbound, partial(use_once, database), asking),
        limit=CallLimit(settings.rate_limit),
        outbound=outbound,
        fetching=Fetching(outbound),
        database=database,
        recorder=Recorder(database, now=now, counts=_counts()),
        backlog=Backlog(),
    )


def readiness(connections: Connections) -> tuple[Callable[[], str | None], ...]:
    """Return checks of readiness, each of which returns a reason against sending calls here, or None."""

    def database() -> str | None:
        reason = connections.recorder.fault or connections.database.ping(READY_SECONDS)
        return f"the database cannot be used: {reason}" if reason else None

    def queue() -> str | None:
        full = connections.recorder.depth() > FULL * MOST_QUEUED
        return "decision records pile up, the database does not take them" if full else None

    return (database, queue)


def completing(
    settings: Settings, connections: Connections
) -> Callable[[HookRequest, CdsClient, Fetched], Fetched]:
    """Return a function that completes the data of a call from its FHIR server, if that may be read."""

    def complete(request: HookRequest, caller: CdsClient, sent: Fetched) -> Fetched:
        if not settings.fetch_budget_ms:
            return sent
        deadline = monotonic() + settings.fetch_budget_ms / 1000
        source = allowed_server(request, connections.callers.fhir_servers(caller))
        return connections.fetching.fetch(request, sent, source, deadline)

    return complete


def reading_anew(settings: Settings, connections: Connections) -> Connections:
    """Return the connections for a process forked while others read, with a new client for reading."""
    outbound = _outbound(settings)
    return replace(connections, outbound=outbound, fetching=Fetching(outbound))


def _outbound(settings: Settings) -> Outbound:
    return Outbound(allow_http_loopback=settings.mode is Mode.DEVELOPMENT)


def remembered(settings: Settings, database: Database) -> Callable[[Collection[str]], Collection[str]]:
    """Return a function that finds the cards overridden within the days for which that counts."""

    def of(suppression_keys: Collection[str]) -> Collection[str]:
        if not settings.suppression_days:
            return ()
        return overridden(database, suppression_keys, now() - timedelta(days=settings.suppression_days))

    return of


def _counts() -> RecordCounts:
    return RecordCounts(
        queued=RECORDS_QUEUED.set,
        written=RECORDS_WRITTEN.inc,
        lost=lambda number, reason: RECORDS_LOST.labels(reason=reason).inc(number),
        up=lambda up: DATABASE_UP.set(int(up)),
    )


def _count_failure(what: str) -> None:
    DATABASE_FAILURES.labels(what=what).inc()

"""Reads missing data from the caller's FHIR server, within the time of the call.

Missing data is read all at once, each list page by page, and every Medication as soon as an order that
came refers to it. When time is up the call goes on with what has come; what has not is missing data, and
named as such. A read that is given up ends by its own time-out, in a thread that no other server needs.
"""

import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from threading import BoundedSemaphore, Lock

from cds_hooks.request import HookRequest
from service.fetch.http_client import CONNECTIONS, Failure, Outbound, OutboundError
from service.fetch.missing import MissingData
from service.fetch.pages import PagedQuery
from service.fetch.server import AllowedServer, Refusal
from service.fhir.received import Fetched, as_sent
from service.operations.tracing import traceparent

SLOTS = 24
"""Reads of one server at a time: more than one call makes, and a third server has room beside two."""

MOST_BYTES = 33_554_432
"""Of one call, unpacked: as large as a request may be that brings the same."""

MOST_BYTES_OF_A_PAGE = 8_388_608

ACCEPT = "application/fhir+json, application/json;q=0.9"


class Fetching:
    """Reads for all calls of a process; its threads start with the first of them."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="fetch")
        self._slots: dict[str, BoundedSemaphore] = {}

    def fetch(
        self, request: HookRequest, sent: Fetched, source: AllowedServer | Refusal | None, deadline: float
    ) -> Fetched:
        """Return what `source` adds to what was `sent`, until `deadline`, a time of `time.monotonic()`.

        It is `sent` itself where no server is named or nothing is missing.
        """
        if source is None:
            return sent
        if not isinstance(source, AllowedServer):
            return as_sent(sent.replies, sent.asked, f"failed:{source}")
        wanted = MissingData(request, sent, source.base)
        first = wanted.at_first()
        if not first:
            return sent
        get = _Get(self._outbound, source, deadline, traceparent())
        pending = self._started(first, get)
        while pending and (left := deadline - time.monotonic()) > 0:
            done, running = wait(pending, left, FIRST_COMPLETED)
            came = [reply for each in done if (reply := each.result().result()[0])]
            pending = running | self._started(wanted.medications(came), get)
        return wanted.fetched()

    def close(self) -> None:
        """Wait for the current reads; nothing can be read afterwards."""
        self._threads.shutdown()

    def _started(self, readings: Iterable[PagedQuery], get: "_Get") -> set[Future[PagedQuery]]:
        """Return the started reads that found a slot in time."""
        slots = self._slots.setdefault(get.source.base, BoundedSemaphore(SLOTS))
        started = set()
        for reading in readings:
            if not slots.acquire(timeout=max(0, get.deadline - time.monotonic())):
                break
            future = self._threads.submit(_read, reading, get)
            future.add_done_callback(partial(_free, slots))
            started.add(future)
        return started


class _Get:
    """Reads one server for one call: with its token, until its deadline, and so many bytes in all."""

    def __init__(self, outbound: Outbound, source: AllowedServer, deadline: float, trace: str | None) -> None:
        self.source = source
        self._trace = trace
        self.deadline = deadline
        self._outbound = outbound
        self._left = MOST_BYTES
        self._lock = Lock()

    def __call__(self, url: str) -> bytes:
        body = self._outbound.get(
            url,
            deadline=self.deadline,
            max_bytes=min(MOST_BYTES_OF_A_PAGE, self._left),
            accept=ACCEPT,
            token=self.source.token,
            traceparent=self._trace,
        )
        with self._lock:
            self._left -= len(body)
            if self._left < 0:  # others have brought as much in the meantime
                raise OutboundError(Failure.TOO_LARGE)
        return body


def _read(reading: PagedQuery, get: _Get) -> PagedQuery:
    reading.read(get)
    return reading


def _free(slots: BoundedSemaphore, _: Future[PagedQuery]) -> None:
    slots.release()

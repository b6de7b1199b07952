"""Asking something that may never answer, without waiting for it."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import BoundedSemaphore, Lock, Thread
from time import monotonic
from typing import TypeVar

from service.store.errors import StoreError

T = TypeVar("T")
BUSY, TIMEOUT = "busy", "timeout"
"""Reasons of a StoreError of a database that is slow, as far as anyone can tell."""


class Askers:
    """At most `most` questions at a time, each in a thread of its own.

    A thread that is stuck with a stalled database cannot be ended. It is left alone: as a daemon it does not
    hold up the end of the process, and there are never more than `most` of them.
    """

    def __init__(self, most: int) -> None:
        self._free = BoundedSemaphore(most)

    def within(self, ask: Callable[[], T], timeout: float) -> T:
        """What `ask` returns or raises; raise StoreError when that takes longer than `timeout` seconds."""
        if not self._free.acquire(blocking=False):
            raise StoreError(BUSY)
        answer: Future[T] = Future()
        try:
            Thread(target=self._settle, args=(answer, ask), name="database", daemon=True).start()
        except RuntimeError:  # no thread to be had
            self._free.release()
            raise StoreError(BUSY) from None
        try:
            return answer.result(timeout)
        except TimeoutError:
            raise StoreError(TIMEOUT) from None

    def _settle(self, answer: Future[T], ask: Callable[[], T]) -> None:
        try:
            answer.set_result(ask())
        except Exception as error:  # it is raised again where the answer is waited for
            answer.set_exception(error)
        finally:
            self._free.release()


class Breaker:
    """Lets nobody through for `rest` seconds after a failure, and then one to see whether it still fails.

    A database that was only slow gets more tries: `patience` in a row.
    """

    def __init__(self, rest: float, patience: int) -> None:
        self._rest = rest
        self._patience = patience
        self._lock = Lock()
        self._slow = 0
        self._broken = False
        self._closed_until = 0.0

    def lets_through(self) -> bool:
        """Tell whether to try."""
        with self._lock:
            if not self._broken:
                return True
            if monotonic() < self._closed_until:
                return False
            self._closed_until = monotonic() + self._rest
            return True

    def failed(self, *, slow: bool) -> None:
        """A try failed, or was only too slow."""
        with self._lock:
            self._slow += 1
            if self._broken or not slow or self._slow >= self._patience:
                self._broken, self._closed_until = True, monotonic() + self._rest

    def worked(self) -> None:
        """A try did not fail."""
        with self._lock:
            self._broken, self._slow = False, 0

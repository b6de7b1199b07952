"""Asking something that may never answer, without waiting for it."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import BoundedSemaphore, Lock, Thread
from time import monotonic
from typing import Any, TypeVar

from service.store.errors import StoreError

T = TypeVar("T")
_Question = tuple[Future[Any], Callable[[], Any]]
BUSY, TIMEOUT = "busy", "timeout"
"""Reasons of a StoreError of a database that is slow, as far as anyone can tell."""


class Askers:
    """At most `most` questions at a time, each in a thread that waits for the next one when it is done.

    A thread that is stuck with a stalled database cannot be ended. It is left alone: as a daemon it does not
    hold up the end of the process, and there are never more than `most` of them. To start a thread for each
    question would take as long as the question itself.
    """

    def __init__(self, most: int) -> None:
        self._free = BoundedSemaphore(most)
        self._idle: list[SimpleQueue[_Question | None]] = []
        self._closed = False

    def within(self, ask: Callable[[], T], timeout: float) -> T:
        """Return what `ask` returns or raises.

        Raise StoreError when that takes longer than `timeout` seconds.
        """
        if not self._free.acquire(blocking=False):
            raise StoreError(BUSY)
        answer: Future[T] = Future()
        try:
            self._asker().put((answer, ask))
        except RuntimeError:  # no thread to be had
            self._free.release()
            raise StoreError(BUSY) from None
        try:
            return answer.result(timeout)
        except TimeoutError:
            raise StoreError(TIMEOUT) from None

    def close(self) -> None:
        """Let the threads end; a later question starts a new one."""
        self._closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().put(None)

    def _asker(self) -> "SimpleQueue[_Question | None]":
        """Return the queue of an idle thread, else that of a new thread."""
        with suppress(IndexError):
            return self._idle.pop()
        questions: SimpleQueue[_Question | None] = SimpleQueue()
        Thread(target=self._answer, args=(questions,), name="database", daemon=True).start()
        return questions

    def _answer(self, questions: "SimpleQueue[_Question | None]") -> None:
        while question := questions.get():
            answer, ask = question
            try:
                found = ask()
            except Exception as error:  # it is raised again where the answer is waited for
                tell = partial(answer.set_exception, error)
            else:
                tell = partial(answer.set_result, found)
            self._rest(questions)
            tell()
            del question, answer, ask, tell  # nothing of it is kept until the next one

    def _rest(self, questions: "SimpleQueue[_Question | None]") -> None:
        """Mark the thread idle before its answer is out, so that whoever asks again finds it."""
        self._idle.append(questions)
        self._free.release()
        if self._closed:
            self.close()


class Breaker:
    """Blocks questions for `rest` seconds after a failure, then lets one through to see if it still fails.

    A database that is merely slow may fail `patience` times in a row.
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
        """Note that a try failed, or was only too slow."""
        with self._lock:
            self._slow += 1
            if self._broken or not slow or self._slow >= self._patience:
                self._broken, self._closed_until = True, monotonic() + self._rest

    def worked(self) -> None:
        """Note that a try did not fail."""
        with self._lock:
            self._broken, self._slow = False, 0

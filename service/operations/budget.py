"""How much one call may cost: what takes too long, or is for a caller who has hung up, is given up.

What reads and judges a record is pure and knows no clock, so nothing in it can ask whether to go on. A thread
beside it looks at the processor time of each call, and raises an exception in the thread of one that has used
up what it may. That is safe for pure work alone: it holds no lock, no place and no connection that would stay
taken. So reading from FHIR servers, the database and all else that waits runs outside of a budget, and costs
no processor time anyway.
"""

import ctypes
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Condition, Event, Thread, get_ident
from typing import TypeVar

from cds_hooks.service import StoppedError

TICK_SECONDS = 0.05  # how late a budget that is used up may be noticed
AGAIN_SECONDS = 1.0  # after which it is tried again: some code of Python's own swallows every exception
SPENT, GONE, MEMORY = "budget", "gone", "memory"
"""Why a call was given up: it used up its budget or the memory it may, or nobody waits for its answer."""

T = TypeVar("T")
_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = (ctypes.c_ulong, ctypes.py_object)


class _Stop(BaseException):
    """Raised in the midst of work; no handler of ordinary exceptions catches it."""


@dataclass(eq=False, kw_only=True, slots=True)
class _Work:
    """Work under way in `thread`, which may go on until `ends` on the processor clock of that thread."""

    thread: int
    clock: int
    ends: float
    gone: Event | None
    runs: bool = True
    next_try: float = 0.0

    def to_stop(self) -> bool:
        """Tell whether it has to be given up now."""
        if not self.runs or time.monotonic() < self.next_try:
            return False
        return self.is_for_nobody() or time.clock_gettime(self.clock) > self.ends

    def is_for_nobody(self) -> bool:
        """Tell whether the caller has hung up."""
        return self.gone is not None and self.gone.is_set()


class Watch:
    """Watches the budgets of all calls of a process; its thread starts with the first of them."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._under_way: set[_Work] = set()
        self._process = 0

    def run(self, work: Callable[[], T], seconds: float, gone: Event | None = None) -> T:
        """Return what `work` returns or raises.

        Raise StoppedError when it takes longer, or its caller is `gone`.

        `seconds` are of processor time. An exception comes at any place in `work`, which has to be pure.
        """
        clock = time.pthread_getcpuclockid(get_ident())
        piece = _Work(thread=get_ident(), clock=clock, ends=time.clock_gettime(clock) + seconds, gone=gone)
        try:
            self._begin(piece)
            try:
                return work()
            finally:
                self._end(piece)
        except _Stop:
            self._end(piece)
            raise StoppedError(GONE if piece.is_for_nobody() else SPENT) from None

    def _begin(self, piece: _Work) -> None:
        with self._changed:
            self._under_way.add(piece)
            if self._process != os.getpid():
                self._process = os.getpid()
                Thread(target=self._look, name="budget", daemon=True).start()
            elif len(self._under_way) == 1:
                self._changed.notify()

    def _end(self, piece: _Work) -> None:
        """Stop raising exceptions for `piece`, and catch one that is still on its way."""
        while True:
            try:
                piece.runs = False
                with self._changed:
                    self._under_way.discard(piece)
                if piece.next_try:
                    _catch_what_comes(piece.thread)
            except _Stop:
                continue
            else:
                return

    def _look(self) -> None:
        while True:
            with self._changed:
                while not self._under_way:
                    self._changed.wait()
                for work in self._under_way:
                    if work.to_stop():
                        work.next_try = time.monotonic() + AGAIN_SECONDS
                        _raise_in(work.thread, _Stop)
            time.sleep(TICK_SECONDS)


def _catch_what_comes(thread: int) -> None:
    """Return once no exception is on its way to this `thread`.

    Taking an exception back would leave the interpreter looking for it at every step from then on, at a cost
    for all threads. So one is sent, in place of one that may be on its way, and waited for.
    """
    try:
        _raise_in(thread, _Stop)
        while True:
            pass
    except _Stop:
        return


class Budget:
    """What is left of one call's budget: several pieces of pure work share it.

    Each piece waits for its `turn`, if there is one: of the calls that share it one computes at a time.
    """

    def __init__(
        self,
        watch: Watch,
        seconds: float,
        gone: Event | None = None,
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        self._watch, self._left, self._gone = watch, seconds, gone
        self._turn = nullcontext() if turn is None else turn

    def __call__(self, work: Callable[[], T]) -> T:
        """Return what `work` returns or raises; raise StoppedError if it exceeds the budget."""
        with self._turn:
            began = time.thread_time()
            try:
                return self._watch.run(work, self._left, self._gone)
            finally:
                self._left = max(0.0, self._left - (time.thread_time() - began))

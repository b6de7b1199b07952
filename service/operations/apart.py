"""Work for one large call, done in a separate process that ends with the call.

A large body unfolds to many times its size. In a thread of the worker it would keep all others from going on,
what is left of it would lie scattered over the memory and hold it for good, and what is not written in Python
could not be given up. A process that is forked for the call has the tables at once, can be killed, and gives
everything back.

Only the thread that forked goes on in it, so that it may take nothing that another thread may have held:
no log, no figures, no database, no connection. What it needs of them it asks the worker for.
"""

import logging
import os
import pickle
import resource
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from ctypes import CDLL
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from typing import Any, NoReturn, TypeVar

from cds_hooks.errors import CallerError
from cds_hooks.service import StoppedError
from service.operations.budget import GONE, MEMORY, SPENT, Watch

MOST_BYTES = 512 * 1024 * 1024  # of memory that the work may take
OVERTIME_SECONDS = 5.0  # of processor time beyond the budget, for what cannot be given up by raising
STUCK_SECONDS = 60.0  # on the clock of the wall, after which it does not end any more
TICK_SECONDS = 0.05  # how late it may be noticed that a caller has hung up
NICENESS = 10  # small calls go first

_PR_SET_PDEATHSIG = 1  # of prctl: what to get when whoever forked dies
_KEPT_OPEN = 3  # standard input, output and error
_DONE, _RAISED, _ASKS = range(3)

T = TypeVar("T")
_log = logging.getLogger(__name__)
Ask = Callable[[Any], Any]
"""What the worker answers to a question of its child."""


class ApartError(Exception):
    """Work failed in a separate process; the text is the type and the place of the error."""


def do_apart(
    work: Callable[[Ask], T], *, seconds: float, gone: Event | None = None, answer: Ask | None = None
) -> T:
    """Run `work` in a separate process; return or raise what it does. `answer` answers its questions.

    Raise StoppedError when it takes more than `seconds` of processor time, or more than MOST_BYTES, or its
    caller is `gone`. What it returns should be small: it comes back as a pickle.
    """
    ours, theirs = Pipe()
    child = os.fork()
    if not child:
        _be_child(work, theirs, seconds)
    theirs.close()
    try:
        return _followed(ours, gone, time.monotonic() + seconds + STUCK_SECONDS, answer)  # type: ignore[no-any-return]
    finally:
        ours.close()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _followed(link: Connection, gone: Event | None, until: float, answer: Ask | None) -> Any:
    """Answer the child's questions until it has done its work."""
    while time.monotonic() < until:
        if gone is not None and gone.is_set():
            raise StoppedError(GONE)
        if not link.poll(TICK_SECONDS):
            continue
        try:
            kind, value = link.recv()
        except (EOFError, OSError):  # killed, by the limits or from outside
            break
        if kind == _DONE:
            return value
        if kind == _RAISED:
            if isinstance(value, ApartError):
                _log.error("work in a process of its own failed: %s", value)
            raise value
        assert answer is not None, "asked by who was not told whom to ask"
        link.send(answer(value))
    raise StoppedError(SPENT)


def _be_child(work: Callable[[Ask], object], link: Connection, seconds: float) -> NoReturn:
    """Do the work, send its result, and exit without touching anything that belongs to the worker."""
    with suppress(BaseException):
        _confine(link, seconds)

        def ask(question: Any) -> Any:
            link.send((_ASKS, question))
            return link.recv()

        try:
            told = _pickled(_DONE, Watch().run(lambda: work(ask), seconds))
        except BaseException as error:
            told = _failure(error)
        link.send_bytes(told)
    os._exit(0)


def _confine(link: Connection, seconds: float) -> None:
    """Close the worker's sockets and files, and set resource limits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker is told as well, and ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(AttributeError, OSError):  # another system: the limits end it
        CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.closerange(_KEPT_OPEN, link.fileno())
    os.closerange(link.fileno() + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.nice(NICENESS)
    processor = int(seconds + OVERTIME_SECONDS) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    if (taken := _taken_bytes()) is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (taken + MOST_BYTES, taken + MOST_BYTES))


def _taken_bytes() -> int | None:
    """Return the bytes of private memory of this process, as the limit counts them."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmData:")).split()[1]) * 1024
    return None


def _pickled(kind: int, value: object) -> bytes:
    return pickle.dumps((kind, value), pickle.HIGHEST_PROTOCOL)


def _failure(error: BaseException) -> bytes:
    if isinstance(error, MemoryError):
        return _pickled(_RAISED, StoppedError(MEMORY))
    with suppress(Exception):
        if isinstance(error, (CallerError, StoppedError)):
            return _pickled(_RAISED, error)
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" in {frame.name} ({Path(frame.filename).name}:{frame.lineno})" for frame in last)
    return _pickled(_RAISED, ApartError(f"{type(error).__name__}{place}"))

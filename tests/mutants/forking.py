"""Work in a process of its own: forked from a warm one, unseen, and ended with all that it started."""

import gc
import os
import resource
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from select import select

MOST_BYTES = 6 << 30  # of addresses: a mutant that never stops to collect must not take the machine


def forked(work: Callable[[], str], patience: float) -> bytes:
    """Return what `work` tells in a process of its own; nothing when it takes too long or breaks."""
    reading, writing = os.pipe()
    gc.freeze()  # what is there already is shared with the child as long as nobody counts it
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    heard = _heard(reading, time.monotonic() + patience)
    os.close(reading)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # and the servers that its tests may have started
    os.waitpid(child, 0)
    return heard


def _work(work: Callable[[], str], writing: int) -> None:
    """Do it, unseen, and end."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        told = work()
    except BaseException as error:
        told = f"broken: {error!r}"
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(told.encode())
    os._exit(0)


def _heard(reading: int, deadline: float) -> bytes:
    heard = b""
    while select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(reading, 65536)
        if not part:
            return heard
        heard += part
    return b""

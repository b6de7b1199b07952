"""Whether a worker still moves: each touches a file of its own every second, and the supervisor looks.

A process that is stopped, or whose interpreter is held for good, dies of nothing, and keeps the connections
that the kernel gives it. What counts are looks without a change, not the clock: a machine that was suspended
wakes up with all its workers, and none of them has missed a look.
"""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

BEAT_SECONDS = 1.0
LOOK_SECONDS = 1.0
MOST_STILL = 10  # looks in a row at which a worker may not have moved
MOST_STARTING = 120  # looks in a row at which a worker may not have begun, on a machine that is busy

_PREFIX = "pulse."
_NOT_BEGUN = 0


class Pulse:
    """The pulse of this process, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{_PREFIX}{os.getpid()}"

    def beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Touch the file at intervals for as long as the loop runs."""
        with suppress(OSError):  # the folder has been removed: the service ends
            self._file.touch()
        loop.call_later(BEAT_SECONDS, self.beat, loop)


class Looks:
    """Observations of the pulses in `folder`, look by look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[int, tuple[int, int]] = {}

    def is_frozen(self, pid: int) -> bool:
        """Look at a worker once more; tell whether it has stood still for too many looks."""
        try:
            beat = (self._folder / f"{_PREFIX}{pid}").stat().st_mtime_ns
        except OSError:
            beat = _NOT_BEGUN
        before, still = self._seen.get(pid, (_NOT_BEGUN, 0))
        still = still + 1 if beat == before else 0
        self._seen[pid] = (beat, still)
        return still >= (MOST_STARTING if beat == _NOT_BEGUN else MOST_STILL)

    def forget(self, pid: int) -> None:
        """Forget a worker that has ended."""
        self._seen.pop(pid, None)
        (self._folder / f"{_PREFIX}{pid}").unlink(missing_ok=True)

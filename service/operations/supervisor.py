"""Keeps the workers running: granian, but for when it gives up, and for workers that live and do not move.

By itself granian ends the whole service when one worker dies twice within six seconds. Two kills say nothing
about the next worker: here the service goes on until so many have died in a minute that starting another one
is of no use. Then it ends with exit code 1, and whoever runs it starts it again. A worker without a pulse is
killed, and replaced like one that died.
"""

import logging
import os
import signal
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from granian.server import MPServer

from service.operations.pulse import LOOK_SECONDS, Looks

MOST_DEATHS = 10
MINUTE = 60.0

_log = logging.getLogger(__name__)


class Supervisor(MPServer):
    """Starts a worker anew whenever one has died, unless they die all the time."""

    looks: Looks
    """At the pulses of the workers; set before the service starts."""

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        deaths: deque[float] = deque(maxlen=MOST_DEATHS)
        while not self.interrupt_signal:
            if not self.main_loop_interrupt.wait(LOOK_SECONDS):
                self._kill_frozen()
            self.main_loop_interrupt.clear()
            while self.interrupt_children and not self.interrupt_signal:
                deaths.append(monotonic())
                if len(deaths) == MOST_DEATHS and deaths[-1] - deaths[0] < MINUTE:
                    _log.error("%d workers have died within a minute: the service ends", MOST_DEATHS)
                    return
                self._respawn_workers([self.interrupt_children.pop(0)], spawn_target, target_loader)
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]  # as granian has it

    def _kill_frozen(self) -> None:
        for pid in (worker.inner.pid for worker in self.wrks):
            if pid and self.looks.is_frozen(pid):
                _log.error("a worker has not moved for too long and is killed")
                self.looks.forget(pid)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

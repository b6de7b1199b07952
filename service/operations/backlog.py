"""Work that a call leaves behind and nobody waits for: done in its order by a thread of its own.

The digest of what a call brought takes about a quarter of the time of its answer. It is made when the answer
is on its way. What waits holds the data of its call, so there is room for a number of bytes; without room the
work is done at once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

MOST_BYTES = 8 * 1024 * 1024  # of the bodies of calls whose work waits; what is read of them takes more


class Backlog:
    """Runs pieces of work one after the other, in a thread beside those that answer."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._thread = ThreadPoolExecutor(1, "backlog")
        self._most_bytes = most_bytes
        self._waiting = 0
        self._lock = Lock()

    def add(self, work: Callable[[], None], size: int) -> None:
        """Queue `work`, which must not raise; do it at once if there is no room for `size` bytes more."""
        with self._lock:
            fits = self._waiting + size <= self._most_bytes
            if fits:
                self._waiting += size
        if not fits:
            work()
            return
        try:
            self._thread.submit(self._done, work, size)
        except RuntimeError:  # it has been closed, or no thread is to be had
            self._done(work, size)

    def close(self) -> None:
        """Do the queued work, and end."""
        self._thread.shutdown()

    def _done(self, work: Callable[[], None], size: int) -> None:
        try:
            work()
        finally:
            with self._lock:
                self._waiting -= size
